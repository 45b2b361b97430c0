"""Why: one stretch of fire: the real binary under load in a stormy world, faults made one after the other, each seen to happen with events
accepted before and after it; then everything heals, the dust settles, and the judge speaks."""
import contextlib
import http.client
import os
import random
import resource
import subprocess
import time

from harness.client import Client
from harness.server import binary, eventually
from harness.world import World

import faults
from judge import Judge
from ledger import ACCEPTED, DEADLINE_S, Weather, start_load

LADDER = [(0, "sms"), (120, "email")]  # mail only when SMS is in trouble: the ladder is then pulled forward


class Fire:
    """`people` and `per_second`: how big and how busy; more than three pages a minute to one person are bundled, and the bundle waits a minute. `bad`: how often a provider misbehaves. `prepare(server)`: before the first start."""

    burning = []  # those to be put out, also when a case ends half-way

    def __init__(self, folder, seed, bad=0.15, people=60, per_second=12, streams=3, environment=None, settings="", data=None):
        self.folder, self.seed, self.chance, self.faults, self.made = folder, seed, random.Random(str(seed)), [], {}
        self.world, self.loads = World(folder, test_clock=False, timeout_s=DEADLINE_S, settings=settings, environment=environment, data=data), []
        self.burning.append(self)
        self.server, self.weather = self.world.server, Weather(seed)
        for phone in self.world.phones:
            phone.weather, phone.patience_s = self.weather.over_phones, 3 * DEADLINE_S
        self.world.mail.weather, self.world.mail.patience_s = self.weather.over_mail, 3 * DEADLINE_S
        crew = [self.world.person("Person%02d" % number, methods=("sms", "email"), ladder=LADDER, low_ladder=[]) for number in range(people)]
        services = [self.world.service("service-%02d" % number, [[person]], minutes=600) for number, person in enumerate(crew)]
        for provider in self.world.providers():
            provider.sent.clear()
        self.weather.bad, self.excused = bad, ()
        self.ledger, self.loads = start_load(self.world, services, folder, seed, streams, per_second)

    # Faults -----------------------------------------------------------------------------------------------------

    def accepted(self):
        return self.ledger.counts[ACCEPTED]

    @contextlib.contextmanager
    def fault(self, name):
        """Events were accepted before it and are accepted after it, and `yield`ed notes say that it happened; otherwise it proves nothing."""
        seen = self.accepted()
        eventually("events are accepted before '%s'" % name, lambda: self.accepted() >= seen + 3, within_s=180)
        evidence, start = [], time.monotonic()
        window = [name, start, start + 3600]
        self.faults.append(window)
        try:
            yield evidence
        finally:
            window[2] = time.monotonic()
        assert evidence and all(evidence), "the fault '%s' did not happen: %s" % (name, evidence)
        seen = self.accepted()
        eventually("events are accepted after '%s'" % name, lambda: self.accepted() >= seen + 3, within_s=180)
        window[2] = time.monotonic()
        self.made[name] = self.made.get(name, 0) + 1

    def pause(self, least_s, most_s):
        time.sleep(self.chance.uniform(least_s, most_s))

    def restart_after_death(self):
        self.server.kill()
        self.server.start()

    def restart(self):
        self.server.start()

    @contextlib.contextmanager
    def injected(self, call, effect, pid=None):
        injection = faults.Injection(pid or faults.roles(self.server)[0], call, effect, self.folder)
        try:
            yield injection
        finally:
            injection.end()

    def health(self):
        try:
            return Client(self.server.url, timeout_s=10).send("GET", "/health").status
        except (OSError, http.client.HTTPException):
            return None

    # The end ----------------------------------------------------------------------------------------------------

    def settle_and_judge(self, within_s=300):
        """Everything heals; what was promised must now come to pass, in bounded time."""
        healing = ["healing", time.monotonic(), time.monotonic() + 1]
        self.faults.append(healing)
        self.weather.bad = 0
        for load in self.loads:
            load.running = False
        for load in self.loads:
            load.join(120)
            assert not load.is_alive(), "a stream of events does not end"
        eventually("it says that it is healthy", lambda: self.health() == 200, within_s=120)
        judge = Judge(self.world, self.ledger, self.faults)
        end = time.monotonic() + within_s
        judge.look()
        while judge.untold() and time.monotonic() < end:
            time.sleep(0.5)
            judge.look()
        verdict = judge.judge()
        code = self.world.close()
        verdict.demand("stop", code == 0, "the server stopped with %s" % code)
        audit = subprocess.run([binary(), "audit", "--data", self.server.data], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self.server.outside())
        broken = [line.split()[1] for line in audit.stdout.splitlines() if line.startswith("BROKEN")]
        verdict.demand("audit", audit.returncode in (0, 1) and set(broken) <= set(self.excused) and "checks, " in audit.stdout, audit.stdout[-3000:])
        complaints = [line for line in self.log().splitlines() if "AddressSanitizer" in line or "runtime error" in line or "assertion" in line.lower()]
        verdict.demand("memory", not complaints, "; ".join(complaints[:5]))
        return verdict, self.figures(judge)

    def log(self):
        with open(self.server.log_path, errors="replace") as file:
            return file.read()

    def figures(self, judge):
        latencies = sorted(judge.latencies)
        return {"accepted": self.ledger.counts["accepted"], "refused": self.ledger.counts["refused"], "unknown": self.ledger.counts["unknown"],
                "incidents": sum(map(len, judge.incidents.values())), "messages": len(judge.sent), "starts": self.server.starts, "faults": self.made,
                "weather": {mode: count for mode, count in sorted(self.weather.counts.items()) if mode != "ok"},
                "forged": sum(phone.forged for phone in self.world.phones),
                "page_p50_s": round(latencies[len(latencies) // 2], 3) if latencies else None, "page_max_s": round(latencies[-1], 3) if latencies else None}

    def abandon(self):
        for load in self.loads:
            load.running = False
        self.server.kill()
        for provider in self.world.providers():
            provider.stop()
