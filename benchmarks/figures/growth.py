"""A long past. One database with 1,000,000 incidents and 5,000,000 events with everything the engine wrote for them (history.py), 500 services, 2,000 people and 10,000 schedules.

Growth: events per second as in `throughput`, on it and on a database of the same organisation without a past, one after the other.
Reading: while load.c sends at half of the rate reached here, one client after another asks for the lists that people and the browser app ask for (QUESTIONS), round robin over
one kept-alive connection; then the rate is compared with the same load without readers. The processor time of one question is taken before, without any load.
Reading against full ingest: the same at full speed, for the share of throughput that readers cost.
Start: `muster serve` on this database, from exec to the first event answered 202 (asked every millisecond); memory as in `start`,
ten seconds after a start, idle. The page cache is warm: the file was just used."""
import glob
import http.client
import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import time

from history import multiply
from kit import Muster, Row, Series, listening, load, program, result_of, run, sleep, start_load

NAME = "growth"
SERVICES, PEOPLE = 500, 2000


def ask(database, sql):
    rows = sqlite3.connect("file:%s?mode=ro" % database, uri=True)
    try:
        return rows.execute(sql).fetchall()
    finally:
        rows.close()


QUESTIONS = {
    "list": "list of 25 incidents, no filter", "newest": "25 newest incidents", "open": "100 open incidents by urgency (the app's first page)",
    "resolved": "100 incidents by time of resolution (the app)", "service": "incidents of one service", "search": "search by key", "page": "one incident", "log": "its log",
    "log of a day": "log entries of a day long ago", "on call": "on call, 10 of 10,000 schedules", "all on call": "on call, first page of all"}


def processor_ms(pid):
    """Of all threads, by the kernel's nanoseconds."""
    total = 0
    for path in glob.glob("/proc/%d/task/*/schedstat" % pid):
        with open(path) as spent:
            total += int(spent.read().split()[0])
    return total / 1e6


class Reader:
    def __init__(self, server, database):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self.headers = {"Authorization": "Token token=" + server.server.facts["token"], "Accept": "application/json"}
        self.schedules = [row[0] for row in ask(database, "SELECT id FROM schedules LIMIT 10000")]
        self.services = [row[0] for row in ask(database, "SELECT id FROM services WHERE name LIKE 'service-%'")]
        self.keys = [row[0] for row in ask(database, "SELECT incident_key FROM incidents WHERE number % 997 = 0 LIMIT 100")]
        newest = self.get("/incidents?limit=25")["incidents"]
        self.incidents = [incident["id"] for incident in newest]
        self.random = random.Random(7)

    def get(self, path):
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise AssertionError("GET %s answered %d: %s" % (path, answer.status, body[:300]))
        return json.loads(body)

    def paths(self):
        """{kind: path}, each time about something else."""
        incident = self.random.choice(self.incidents)
        return {"list": "/incidents?limit=25", "newest": "/incidents?limit=25&sort_by=created_at:desc",
                "open": "/incidents?limit=100&statuses[]=triggered&statuses[]=acknowledged&date_range=all&sort_by=urgency:desc,created_at:asc",
                "resolved": "/incidents?limit=100&statuses[]=resolved&date_range=all&sort_by=resolved_at:desc",
                "service": "/incidents?limit=25&service_ids[]=%s" % self.random.choice(self.services),
                "search": "/incidents?incident_key=%s" % self.random.choice(self.keys), "page": "/incidents/%s" % incident,
                "log": "/incidents/%s/log_entries?limit=100" % incident, "log of a day": "/log_entries?limit=25&since=%s&until=%s" % self.day(),
                "on call": "/oncalls?limit=25&" + "&".join("schedule_ids[]=" + schedule for schedule in self.random.sample(self.schedules, 10)),
                "all on call": "/oncalls?limit=25"}

    def day(self):
        since = time.time() - self.random.randrange(30, 600) * 86400
        return tuple(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)) for moment in (since, since + 86400))

    def cost(self, pid, times):
        """Milliseconds of the server's processor for each kind of question, asked `times` times without any load."""
        spent = {}
        for kind in self.paths():
            self.get(self.paths()[kind])
            before = processor_ms(pid)
            for _ in range(times):
                self.get(self.paths()[kind])
            spent[kind] = (processor_ms(pid) - before) / times
        return spent

    def read(self, seconds, pause_s=0.002):
        """Milliseconds of each kind of question."""
        took, end = {}, time.monotonic() + seconds
        while time.monotonic() < end:
            for kind, path in self.paths().items():
                began = time.monotonic()
                self.connection.request("GET", path, headers=self.headers)
                answer = self.connection.getresponse()
                answer.read()
                took.setdefault(kind, []).append((time.monotonic() - began) * 1000)
                if answer.status != 200:
                    raise AssertionError("GET %s answered %d" % (path, answer.status))
                time.sleep(pause_s)
        return took


def make_past(kit, folder, hook_port, incidents, services, people, schedules):
    """A folder whose database has the past; made once."""
    with Muster(folder, services=services, people=people, schedules=schedules, hook_port=hook_port) as server:
        # 1,000 incidents with five events each; then 990 of them end.
        load(server.port, "/v2/enqueue", 2, server.keys[::max(1, services // 1000)], rate=500, new_percent=20, connections=8)
        ended = ask(os.path.join(server.data, "muster.db"),
                    "SELECT n.integration_key, a.dedup_key FROM alerts a JOIN integrations n ON n.id = a.integration_id WHERE a.number % 100 <> 0")
        client = server.server.client()
        for key, dedup_key in ended:
            client.post("/v2/enqueue", {"routing_key": key, "event_action": "resolve", "dedup_key": dedup_key}, status=202)
        sleep(1)
    return multiply(os.path.join(folder, "data", "muster.db"), incidents)


def opened(kit, folder, keys, hook_port, use):
    """Muster on that folder's database, which is as large as it is: later runs find some thousand events more."""
    with Muster(folder, keys=keys, hook_port=hook_port) as server:
        return use(server)


def first_event_ms(kit, folder, keys, hook_port):
    server = Muster(folder, keys=keys, hook_port=hook_port)
    body = ('{"routing_key":"%s","event_action":"trigger","dedup_key":"start-%d","payload":{"summary":"first","source":"bench","severity":"critical"}}'
            % (keys[0], random.randrange(10**9)))
    began = time.monotonic()
    process = subprocess.Popen([os.environ["MUSTER_BINARY"], "serve", "--data", server.data, "--listen", "127.0.0.1:%d" % server.port, "--config", server.config],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
            connection.request("POST", "/v2/enqueue", body, {"Content-Type": "application/json"})
            status = connection.getresponse().status
            break
        except OSError:
            time.sleep(0.001)
            if time.monotonic() - began > 60:
                raise
    took = (time.monotonic() - began) * 1000
    connection.close()
    process.terminate()
    process.wait(30)
    if status != 202:
        raise AssertionError("the first event was answered %d" % status)
    return took


def p99(values):
    return statistics.quantiles(values, n=100)[98] if len(values) > 1 else values[0]


def measure(kit):
    seconds = kit.seconds(8)
    with kit.room("past") as past, kit.room("empty") as empty, listening(program("receiver"), 0) as hook:
        incidents, events = make_past(kit, past, hook.port, incidents=2000 if kit.quick else 1000000, services=SERVICES, people=PEOPLE, schedules=1000 if kit.quick else 10000)
        size_gb = os.path.getsize(os.path.join(past, "data", "muster.db")) / 1e9
        database = os.path.join(past, "data", "muster.db")
        keys = [row[0] for row in ask(database, "SELECT i.integration_key FROM integrations i JOIN services s ON s.id = i.service_id WHERE s.name LIKE 'service-%'")]
        full = lambda server: {"per_s": load(server.port, "/v2/enqueue", seconds, keys)["events_per_s"]}
        fresh = lambda server: {"per_s": load(server.port, "/v2/enqueue", seconds, server.keys)["events_per_s"]}

        def fresh_run():
            shutil.rmtree(empty, ignore_errors=True)
            os.makedirs(empty)
            with Muster(empty, services=SERVICES, people=PEOPLE, schedules=1000 if kit.quick else 10000, hook_port=hook.port) as server:
                return fresh(server)
        start = Series([first_event_ms(kit, past, keys, hook.port) for _ in range(kit.runs)])
        without = kit.repeat(fresh_run)["per_s"]
        grown = kit.repeat(lambda: opened(kit, past, keys, hook.port, full))["per_s"]

        def reading(server):
            reader = Reader(server, database)
            cost = reader.cost(server.pids()[0], 5 if kit.quick else 40)
            background = start_load(server.port, "/v2/enqueue", seconds, keys)
            took = reader.read(seconds - 0.5)
            per_s = result_of(background)["events_per_s"]
            background = start_load(server.port, "/v2/enqueue", seconds, keys, rate=per_s / 2)
            half = reader.read(seconds - 0.5)
            result_of(background)
            return {"per_s": per_s, **{kind + " cost": spent for kind, spent in cost.items()}, **{kind + " full": p99(values) for kind, values in took.items()}, **{kind: p99(values) for kind, values in half.items()}}
        read = kit.repeat(lambda: opened(kit, past, keys, hook.port, reading))

        def idle_memory(server):
            sleep(2 if kit.quick else 10)
            return server.distinct_memory_mb()
        memory = opened(kit, past, keys, hook.port, idle_memory)
    ratio, cost = grown.median / without.median, 1 - read["per_s"].median / grown.median
    rows = [Row("events/s with %s incidents, %s events (%.1f GB)" % (format(incidents, ","), format(events, ","), size_gb), ">= 0.7 x empty", grown.text(),
                "%.2f of %s" % (ratio, without.text()), ratio >= 0.7)]
    for kind, what in QUESTIONS.items():
        rows.append(Row("  %s, p99 at half / full ingest (processor time alone)" % what, "<= 10 ms", "%s / %s" % (read[kind].text(" ms", 1), read[kind + " full"].text(" ms", 1)),
                        read[kind + " cost"].text(" ms", 2), read[kind + " full"].median <= 10))
    rows += [
        Row("  ingest lost to a reader asking without pause", "< 10 %", "%.0f %%" % (100 * cost), "", cost < 0.10),
        Row("start with that past to the first accepted event", "<= 200 ms", start.text(" ms"), "", start.median <= 200),
        Row("idle memory with that past, server and sender", "<= 20 MB", "%.1f MB" % memory, "", memory <= 20),
    ]
    return rows
