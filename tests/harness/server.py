"""Why: starts, kills and restarts the real binary the way ./run and an operator do."""
import fcntl
import os
import random
import signal
import socket
import subprocess
import tempfile
import threading
import time

from .client import Client

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def binary():
    return os.environ.get("MUSTER_BINARY") or os.path.join(ROOT, "build", "muster")


reserved = []  # files whose locks hold our ports


def bindable(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return probe.getsockname()[1]


def free_port():
    """A port that stays ours until this process ends, also while nobody listens there (a server is being started again). So it is none of those that the kernel gives to
    whoever asks for any, and no other test of this machine chooses it: a lock says that it is taken."""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        given_out_from = int(file.read().split()[0])
    folder = os.path.join(tempfile.gettempdir(), "muster-ports-%d" % os.getuid())
    os.makedirs(folder, exist_ok=True)
    for _ in range(1000 if given_out_from > 12000 else 0):
        port = random.SystemRandom().randrange(11000, given_out_from)
        lock = open(os.path.join(folder, str(port)), "w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        if bindable(port):
            reserved.append(lock)
            return port
        lock.close()
    return bindable(0)  # the kernel gives out nearly all of them here


class Server:
    """Keeps its port over restarts, so that callbacks and links stay valid."""

    def __init__(self, directory, arguments=(), environment=None, ready_within_s=180, data=None, program=None):
        self.directory, self.arguments, self.environment = directory, list(arguments), environment or {}
        self.data = data or os.path.join(directory, "data")
        self.log_path = os.path.join(directory, "muster.log")
        self.port, self.ready_within_s = free_port(), ready_within_s
        self.url = "http://127.0.0.1:%d" % self.port
        self.process, self.facts, self.starts, self.log_keeper = None, {}, 0, None
        self.program, self.prefix = program, []  # another binary than the usual one; a command that runs it (strace ...)

    def start(self):
        lines, ready = self.start_unready()
        ready.wait(self.ready_within_s)
        if "ready" not in lines:
            self.kill()
            raise AssertionError("muster did not become ready; it printed %s\n%s" % (lines, self.log_tail()))
        return self

    def start_unready(self):
        """Starts it and does not wait. Answers the lines it will print, and an event: it is ready, or over."""
        command = self.prefix + [self.program or binary(), "serve", "--data", self.data, "--listen", "127.0.0.1:%d" % self.port] + self.arguments
        self.starts += 1
        # A session of its own: a kill then takes the sender child along, as a power cut would. XFSZ is ignored, so that a story can
        # make the disk full with a limit on file sizes; the log goes through a pipe, which has none.
        self.process = subprocess.Popen(["/bin/sh", "-c", 'trap "" XFSZ; exec "$@"', "sh"] + command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        stdin=subprocess.DEVNULL, start_new_session=True, env={**self.outside(), **self.environment})
        self.finish_log()
        self.log_keeper = threading.Thread(target=self.keep_log, args=(self.process.stderr, self.starts), daemon=True)
        self.log_keeper.start()
        lines, ready = [], threading.Event()

        def read(pipe):
            for line in pipe:
                text = line.decode("utf-8", "replace").strip()
                lines.append(text)
                name, _, value = text.partition("=")
                if value and name in ("url", "token", "routing_key"):
                    self.facts[name] = value
                if text == "ready":
                    ready.set()
            ready.set()
        threading.Thread(target=read, args=(self.process.stdout,), daemon=True).start()
        return lines, ready

    @staticmethod
    def outside():
        """The environment without what the tests themselves are told by (MUSTER_BINARY, ...): an unknown setting stops the server."""
        return {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}

    def keep_log(self, pipe, start):
        with open(self.log_path, "ab", buffering=0) as log:
            log.write(b"---- start %d\n" % start)
            for line in pipe:
                log.write(line)

    def finish_log(self):
        """What an ended server said last is in the file before anybody looks there, and before the next one's first word."""
        if self.log_keeper:
            self.log_keeper.join(10)

    def client(self):
        return Client(self.facts.get("url", self.url), self.facts["token"])

    def kill(self):
        """SIGKILL to all of its processes at once."""
        if self.process and self.process.poll() is None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if self.process:
            self.process.wait(60)
            self.finish_log()

    def stop(self):
        """As an operator stops it. Returns the exit code; one that ignores the signal is killed and answers None."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.kill()
                return None
        self.finish_log()
        return self.process.returncode

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def log_tail(self, lines=40):
        if not self.is_running():
            self.finish_log()
        try:
            with open(self.log_path, errors="replace") as log:
                return "".join(log.readlines()[-lines:])
        except OSError:
            return ""

    def log_since_last_start(self):
        if not self.is_running():
            self.finish_log()
        with open(self.log_path, errors="replace") as log:
            return log.read().rsplit("---- start ", 1)[-1]


def eventually(what, condition, within_s=60):
    """Waits in real time for something another process does; the clock of the story stands still meanwhile."""
    end = time.monotonic() + within_s
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError("did not happen within %g s: %s" % (within_s, what))
        time.sleep(0.01)
