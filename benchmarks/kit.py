"""Why: what the figures share: a folder that goes away, the programs, Muster, Alertmanager and the receiver as processes, medians. Everything runs on
loopback and on free ports, and whatever a figure started is stopped when it ends, however it ends."""
import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
BUILD = os.path.join(ROOT, "build")
sys.path.insert(0, os.path.join(ROOT, "tests"))
os.environ["MUSTER_BINARY"] = os.path.join(BUILD, "muster")
from harness import databases  # noqa: E402
from harness.server import Server, eventually, free_port  # noqa: E402

CONNECTIONS = 64


class Row:
    """One line of the table. `ratio` is measured / reference of the same run; `met` None: nothing was promised."""

    def __init__(self, figure, goal, measured, ratio="", met=None):
        self.figure, self.goal, self.measured, self.ratio, self.met = figure, goal, measured, ratio, met

    def cells(self):
        return [self.figure, self.goal, self.measured, self.ratio, {True: "met", False: "MISSED", None: ""}[self.met]]


class Series:
    """Repeated measurements of one thing: the median speaks, the extremes show how far to trust it."""

    def __init__(self, values):
        self.values = sorted(values)
        self.median = statistics.median(self.values)

    def text(self, unit="", digits=0):
        number = lambda value: "{:,.{}f}".format(value, digits)
        spread = "" if len(self.values) == 1 else " (%s..%s)" % (number(self.values[0]), number(self.values[-1]))
        return "%s%s%s" % (number(self.median), unit, spread)


class Kit:
    def __init__(self, quick):
        self.quick, self.folder, self.facts = quick, tempfile.mkdtemp(prefix="muster-bench-", dir=os.environ.get("BENCH_FOLDER")), {}
        self.runs = 1 if quick else 3

    def seconds(self, full):
        """How long one measurement of `full` seconds lasts in this run."""
        return max(1.0, full / 6) if self.quick else full

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def room(self, name):
        """A folder for one measurement; databases of gigabytes do not pile up."""
        path = tempfile.mkdtemp(prefix=name + "-", dir=self.folder)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def repeat(self, measure):
        """{name: Series} of what `measure()` answers as {name: value}, one after another."""
        results = [measure() for _ in range(self.runs)]
        return {name: Series([result[name] for result in results]) for name in results[0]}


def program(name):
    return os.path.join(BUILD, "bench-" + name)


def run(*command):
    """A program of ours to its end; its last line is JSON."""
    ended = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = ended.stdout.strip().splitlines()
    if not lines or not lines[-1].startswith("{"):
        raise AssertionError("%s ended with %d: %s" % (" ".join(map(str, command))[:300], ended.returncode, ended.stderr[-2000:]))
    return json.loads(lines[-1])


def load(port, path, seconds, keys, rate=0, new_percent=5, batch=1, connections=CONNECTIONS, errors_allowed=False):
    result = run(program("load"), "127.0.0.1", port, path, connections, seconds, rate, new_percent, batch, ",".join(keys))
    if result["errors"] and not errors_allowed:
        raise AssertionError("%d of the requests were refused" % result["errors"])
    return result


def start_load(port, path, seconds, keys, rate=0, new_percent=5, batch=1, connections=CONNECTIONS):
    command = [program("load"), "127.0.0.1", port, path, connections, seconds, rate, new_percent, batch, ",".join(keys)]
    return subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)


def result_of(process):
    return json.loads(process.communicate()[0].strip().splitlines()[-1])


@contextlib.contextmanager
def listening(*command):
    """A program that prints its port first and ends with its standard input. `.result()` stops it and reads its last line."""
    process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process.port = int(process.stdout.readline())

    def result():
        out = process.communicate()[0]
        return json.loads(out.strip().splitlines()[-1])
    process.result = result
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


PROVIDER = """
[provider hooks]
type = webhook
channels = webhook
allow_private_addresses = yes
in_flight_max = %d
"""


class Muster:
    """The binary as ./run starts it, on an organisation of its own; people are called on the receiver at `hook_port`."""

    def __init__(self, folder, services=20, people=80, schedules=0, hook_port=9, database=None, keys=None, in_flight=100):
        self.folder, self.data = folder, os.path.join(folder, "data")
        os.makedirs(self.data, mode=0o700, exist_ok=True)
        self.url = database or os.path.join(self.data, "muster.db")
        self.config = os.path.join(folder, "muster.conf")
        with open(self.config, "w") as config:
            config.write(PROVIDER % in_flight)
        self.keys = keys
        if not keys:
            seeded = subprocess.run([program("seed"), self.url, str(services), str(people), str(max(schedules, services)),
                                     "http://127.0.0.1:%d/hook" % hook_port], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.keys = seeded.stdout.split()
            if seeded.returncode != 0 or len(self.keys) < services:
                raise AssertionError("no organisation: " + seeded.stderr[-2000:])
        arguments = ["--no-sample", "--config", self.config] + (["--database", database] if database else [])
        self.server = Server(folder, arguments, ready_within_s=120)

    def __enter__(self):
        self.server.start()
        return self

    def __exit__(self, *failure):
        ended = self.server.process.poll()
        code = self.server.stop()
        if failure[0]:
            print("muster (exit code by then: %s) said:\n%s" % (ended, self.server.log_tail()), file=sys.stderr)
        elif code != 0:
            raise AssertionError("muster ended with %s\n%s" % (code, self.server.log_tail()))

    @property
    def port(self):
        return self.server.port

    def pids(self):
        """The server (the first) and its sender."""
        main = self.server.process.pid
        children = subprocess.run(["pgrep", "-P", str(main)], stdout=subprocess.PIPE, text=True).stdout.split()
        return [main] + [int(child) for child in children]

    def memory_mb(self, field="VmRSS"):
        return sum(memory_mb(pid, field) for pid in self.pids())


    def distinct_memory_mb(self):
        """Resident memory with what server and sender share (the binary, libraries) counted once: the private pages of both and the shared ones of the larger."""
        private, shared = 0, 0
        for pid in self.pids():
            with open("/proc/%d/smaps_rollup" % pid) as rollup:
                sizes = {line.split(":")[0]: int(line.split()[1]) for line in rollup if line.endswith("kB\n")}
            private += sizes["Private_Clean"] + sizes["Private_Dirty"]
            shared = max(shared, sizes["Shared_Clean"] + sizes["Shared_Dirty"])
        return (private + shared) / 1024


def memory_mb(pid, field="VmRSS"):
    with open("/proc/%d/status" % pid) as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
    return 0.0


ALERTMANAGER = """
route:
  receiver: people
  group_by: [%s]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 24h
receivers:
- name: people
%s"""
ALERTMANAGER_HOOK = """  webhook_configs:
  - url: http://127.0.0.1:%d/hook/0
    send_resolved: false
"""


class Alertmanager:
    """Debian's, with one webhook receiver that is called for each alert by itself and without waiting. Without `hook_port`: one group, and nobody to call."""

    def __init__(self, folder, hook_port=None):
        self.port, path = free_port(), os.path.join(folder, "alertmanager.yml")
        with open(path, "w") as file:
            file.write(ALERTMANAGER % (("'...'", ALERTMANAGER_HOOK % hook_port) if hook_port else ("component", "")))
        self.log = open(os.path.join(folder, "alertmanager.log"), "w")
        self.process = subprocess.Popen(["prometheus-alertmanager", "--config.file=" + path, "--storage.path=" + os.path.join(folder, "am"),
                                         "--web.listen-address=127.0.0.1:%d" % self.port, "--cluster.listen-address=", "--log.level=error"],
                                        stdout=self.log, stderr=self.log)

    def __enter__(self):
        import urllib.request

        def is_ready():
            try:
                return urllib.request.urlopen("http://127.0.0.1:%d/-/ready" % self.port, timeout=2).status == 200
            except OSError:
                return False
        eventually("Alertmanager answers", is_ready, within_s=20)
        return self

    def __exit__(self, *failure):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()


def postgres(kit):
    """One PostgreSQL per run of ./bench, as shipped (fsync and synchronous_commit on); None when it is not installed."""
    if "postgres" not in kit.facts:
        server = databases.Postgres()
        kit.facts["postgres"] = server if server.available else None
    return kit.facts["postgres"]


def sleep(seconds):
    time.sleep(seconds)
