"""Why: what the outside world was told. Sends events as monitoring does, people act on some of them, and every answer (accepted, refused,
none) goes into an append-only file. The judge reads that file, not this process's memory."""
import heapq
import json
import os
import random
import re
import threading
import time

from harness.client import Client

DEADLINE_S = 5  # what a provider may take: one that is only slow, on a busy machine, must not look like one that hangs
ACCEPTED, REFUSED, UNKNOWN = "accepted", "refused", "unknown"
# What becomes of a key: after its trigger is accepted, what follows and how many seconds later.
PLANS = ((40, ()), (15, (("trigger", 0.2), ("trigger", 1.0))), (20, (("resolve", 1.2),)), (8, (("acknowledge", 0.8),)), (8, (("api", 1.5),)), (9, (("reply", 1.5),)))
KEY = re.compile(r"event-\d{5}")


class Ledger:
    def __init__(self, path):
        self.path, self.lock = path, threading.Lock()
        self.file = open(path, "a", buffering=1)
        self.counts = {ACCEPTED: 0, REFUSED: 0, UNKNOWN: 0}

    def note(self, kind, key, deed, answer, began, **more):
        with self.lock:
            self.counts[answer] += 1
            self.file.write(json.dumps({"kind": kind, "key": key, "deed": deed, "answer": answer, "began": began, "ended": time.monotonic(), **more}) + "\n")

    def close(self):
        self.file.close()

    def entries(self):
        with open(self.path) as file:
            return [json.loads(line) for line in file]


class Load(threading.Thread):
    """One stream of events. The deeds of a key are done in order; most that got no 2xx are tried again as senders do, some never."""

    def __init__(self, world, services, ledger, seed, number, per_second):
        super().__init__(daemon=True)
        self.world, self.services, self.ledger, self.pause_s = world, services, ledger, 1 / per_second
        self.chance, self.number, self.count, self.followups, self.running = random.Random("%s/%d" % (seed, number)), number, 0, [], True
        self.client = Client(world.server.url, timeout_s=4)

    def run(self):
        due = time.monotonic()
        while self.running:
            # Chance between them: events that come in step with the faults would never meet one.
            due = max(due + self.chance.expovariate(1 / self.pause_s), time.monotonic() - 1)
            time.sleep(max(0, due - time.monotonic()))
            while self.followups and self.followups[0][0] <= time.monotonic():
                _, _, key, plan = heapq.heappop(self.followups)
                self.go_on(key, plan)
            self.count += 1
            key = "event-%05d" % (self.number * 10000 + self.count)
            if self.until_accepted("trigger", key, give_up=self.chance.random() < 0.3):
                plan = self.chance.choices([plan for _, plan in PLANS], [weight for weight, _ in PLANS])[0]
                self.plan(key, plan)
        for _, _, key, plan in sorted(self.followups):  # what was planned is still done: people do not stop
            self.go_on(key, plan)

    def plan(self, key, plan):
        if plan:
            heapq.heappush(self.followups, (time.monotonic() + plan[0][1], self.chance.random(), key, plan))

    def go_on(self, key, plan):
        self.until_accepted(plan[0][0], key, give_up=self.chance.random() < 0.1)
        self.plan(key, plan[1:])

    def until_accepted(self, deed, key, give_up):
        end = time.monotonic() + 90
        while time.monotonic() < end:
            answer = self.do(deed, key)
            if answer == ACCEPTED or answer is None or give_up:
                return answer == ACCEPTED
            time.sleep(0.05)
        return False

    def do(self, deed, key):
        """None: there is nothing to do it to (the page has not come), which is no answer of Muster's."""
        began = time.monotonic()
        try:
            answer = {"api": self.by_api, "reply": self.by_reply}.get(deed, lambda key: self.by_event(deed, key))(key)
        except Exception as error:  # no connection, a broken one, half an answer, nothing in time
            self.ledger.note("event" if deed in ("trigger", "resolve", "acknowledge") else "person", key, deed, UNKNOWN, began, why=type(error).__name__)
            return UNKNOWN
        if answer is None:
            return None
        status, good = answer
        verdict = ACCEPTED if good else REFUSED
        self.ledger.note("event" if deed in ("trigger", "resolve", "acknowledge") else "person", key, deed, verdict, began, status=status)
        return verdict

    def by_event(self, action, key):
        service = self.services[int(key[-5:]) % len(self.services)]
        body = {"routing_key": service.key, "event_action": action, "dedup_key": key}
        if action == "trigger":
            body["payload"] = {"summary": "Trouble <%s>" % key, "source": "fire", "severity": "critical"}
        answer = self.client.send("POST", "/v2/enqueue", body)
        return answer.status, answer.status == 202

    def by_api(self, key):
        """Somebody takes the incident in the app."""
        asked = Client(self.world.server.url, self.world.server.facts["token"], timeout_s=4)
        found = asked.send("GET", "/incidents?incident_key=%s&date_range=all" % key)
        incidents = found.json["incidents"] if found.status == 200 else []
        if not incidents:
            return found.status, False
        person = next(iter(self.world.people_by_name.values()))
        answer = asked.send("PUT", "/incidents/" + incidents[0]["id"], {"incident": {"type": "incident_reference", "status": "acknowledged"}}, {"From": person.email})
        return answer.status, answer.status == 200

    def by_reply(self, key):
        """The person answers the text message that names this event, if it came alone."""
        for sent in list(self.world.sms_a.sent) + list(self.world.sms_b.sent):
            code = re.search(r"Reply 4 (\d+) ack,", sent.text)
            if sent.accepted and code and KEY.findall(sent.text) == [key]:
                provider = sent.provider
                fields = {"AccountSid": provider.account, "MessageSid": "SM%032x" % self.chance.getrandbits(120), "From": sent.to, "To": provider.number, "Body": "4 " + code.group(1), "NumMedia": "0"}
                answer = self.world.callback("%s/twilio/%s/sms" % (self.world.server.url, provider.name), fields, provider.secret)
                if answer is None:
                    raise OSError("no connection")
                return answer.status, answer.status == 200 and "cknowledged" in answer.text
        return None


class Weather:
    """Decides what providers do with each request. Bad luck is bounded per text (two misfortunes), so that what must arrive can."""

    def __init__(self, seed, bad=0.0):
        self.chance, self.bad, self.lock, self.misfortunes, self.counts = random.Random("%s/weather" % seed), bad, threading.Lock(), {}, {}

    def over_phones(self, fields):
        keys = tuple(KEY.findall(fields.get("Body", ""))) or fields.get("To")
        with self.lock:
            mode = "ok"
            if self.chance.random() < self.bad and all(self.misfortunes.get(key, 0) < 2 for key in keys):
                mode = self.chance.choice(("500", "429", "503", "502", "drop", "swallow", "hang", "noisy", "noisy", "silent"))
                if mode not in ("noisy", "silent"):
                    for key in keys:
                        self.misfortunes[key] = self.misfortunes.get(key, 0) + 1
            self.counts[mode] = self.counts.get(mode, 0) + 1
            return mode

    def over_mail(self):
        with self.lock:
            return self.chance.choice(("451", "drop", "ok", "ok")) if self.chance.random() < self.bad else "ok"


def start_load(world, services, folder, seed, streams, per_second):
    ledger = Ledger(os.path.join(folder, "ledger.jsonl"))
    loads = [Load(world, services, ledger, seed, number, per_second / streams) for number in range(streams)]
    for load in loads:
        load.start()
    return ledger, loads
