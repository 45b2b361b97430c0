"""The sender process hangs: the canary does not come back, /health and the alarms say so, the pings to the outside stop, nobody is called about it; it goes on and all
is well. A dead_man_url in a private network is not called unless that is allowed. The self-check goes its rounds and pages what it finds."""
import contextlib
import http.server
import os
import signal
import sqlite3
import subprocess
import threading

from harness.server import eventually
from harness.world import World


class Outside:
    def __init__(self):
        outside, self.pings = self, 0

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outside.pings += 1
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.settings = "canary_interval_s = 1\ndead_man_url = http://127.0.0.1:%d/alive\n" % self.server.server_address[1]


def measure(world, name):
    return [float(line.split()[-1]) for line in world.api.send("GET", "/metrics").text.splitlines() if line.startswith(name + " ")][0]


def children(pid):
    return [int(child) for child in subprocess.run(["pgrep", "-P", str(pid)], stdout=subprocess.PIPE, text=True, check=False).stdout.split()]


def sender_of(core):
    """The server's spawner starts it."""
    sender, = [pid for spawner in children(core) for pid in children(spawner)]
    with open("/proc/%d/cmdline" % sender, "rb") as file:
        assert b"sender" in file.read()
    return sender


def hangs(folder):
    outside = Outside()
    world = World(folder, test_clock=False, settings=outside.settings + "dead_man_private = yes\n")
    try:
        ana = world.person("Ana", methods=("sms",), ladder=[(0, "sms")])
        world.service("checkout", [[ana]])
        health = lambda: world.browser().send("GET", "/health")
        alarms = lambda: [alarm["kind"] for alarm in world.api.get("/muster/alarms")["alarms"]]
        eventually("pings", lambda: outside.pings >= 2)
        assert health().status == 200, health().text
        sender = sender_of(world.server.process.pid)
        os.kill(sender, signal.SIGSTOP)
        try:
            eventually("health says that the canary is missing", lambda: health().status == 503 and any("canary" in reason for reason in health().json["reasons"]))
            silent = outside.pings
            assert "canary" in alarms(), alarms()
            eventually("rounds are missed", lambda: measure(world, "muster_canary_missed_total") >= 3)
            assert outside.pings == silent, "it says it is alive and is not"
            assert not world.incidents() and not ana.heard("sms")
        finally:
            with contextlib.suppress(ProcessLookupError):  # one that stands still is replaced after a while
                os.kill(sender, signal.SIGCONT)
        eventually("the pings go on", lambda: outside.pings > silent)
        eventually("it is well again", lambda: health().status == 200 and "canary" not in alarms())
    finally:
        world.close()


def guarded(folder):
    outside = Outside()
    world = World(folder, test_clock=False, settings=outside.settings)
    try:
        eventually("a ping was refused", lambda: 'muster_dead_man_pings_total{outcome="failed"} 0' not in world.api.send("GET", "/metrics").text)
        assert outside.pings == 0
        eventually("it says why", lambda: "private address" in world.server.log_tail())
    finally:
        world.close()


def patrolled(folder):
    """By itself, on its own thread: a state that may never be pages the catch-all."""
    world = World(folder, test_clock=False, settings="self_check_interval_s = 1\n", catch_all="Ana")
    try:
        ana = world.person("Ana", methods=("sms",), ladder=[(0, "sms")])
        schedule = world.schedule("nights", "Europe/Berlin", [{"start": "2026-02-02T00:00:00+01:00", "users": [ana]}])
        stored = sqlite3.connect(os.path.join(world.server.data, "muster.db"), timeout=60)
        stored.execute("INSERT INTO schedule_overrides (schedule_id, start_at, end_at, user_id, created_at) VALUES (?, 2000000, 1000000, ?, 0)", (schedule.id, ana.id))
        stored.commit()
        eventually("she is called", lambda: ana.heard("sms"))
        incident, = world.incidents()
        assert incident["service"]["summary"] == "Muster itself" and "(S1)" in incident["title"], incident["title"]
        stored.execute("DELETE FROM schedule_overrides WHERE end_at < start_at")
        stored.commit()
        stored.close()
        eventually("it is over", lambda: world.incidents()[0]["status"] == "resolved")
        assert len(world.incidents()) == 1
        eventually("nothing is found any more", lambda: measure(world, "muster_audit_findings") == 0)
        assert measure(world, "muster_audit_duration_seconds") < 60
    finally:
        world.close()


def run(folder):
    for part in (hangs, guarded, patrolled):
        os.makedirs(os.path.join(folder, part.__name__))
        part(os.path.join(folder, part.__name__))
