"""kill -9 again and again under load, judged from outside: every accepted event has its effect, every due page goes out once, and a
message in doubt is repeated at most once, labelled."""
import json
import random
import re
import threading
import time

from harness.client import Client
from harness.server import eventually
from harness.world import World

CYCLES = 50
PEOPLE = 40
LADDER = [(0, "sms")]


class Load(threading.Thread):
    """Sends events without a pause and writes down which of them were accepted. What got no answer is sent again, as senders do."""

    def __init__(self, world, services):
        super().__init__(daemon=True)
        self.world, self.services, self.accepted, self.unanswered, self.refused = world, services, set(), 0, []
        self.running, self.number = True, 0

    def run(self):
        client = Client(self.world.server.url, timeout_s=60)
        while self.running:
            self.number += 1
            key = "event-%05d" % self.number
            service = self.services[self.number % len(self.services)]
            body = json.dumps({"routing_key": service.key, "event_action": "trigger", "dedup_key": key,
                               "payload": {"summary": "Trouble <%s>" % key, "source": "loop", "severity": "critical"}}).encode()
            while self.running:
                try:
                    answer = client.send("POST", "/v2/enqueue", body)
                except OSError:
                    self.unanswered += 1
                    time.sleep(0.02)
                    continue
                except Exception:  # half an answer is none
                    self.unanswered += 1
                    continue
                if answer.status == 202:
                    self.accepted.add(key)
                    break
                if answer.status < 500:
                    self.refused.append((key, answer.status, answer.text))
                    break
                time.sleep(0.02)
            time.sleep(0.04)


def run(folder):
    chance = random.Random(7)
    world = World(folder, test_clock=False)
    try:
        people = [world.person("Person%02d" % number, methods=("sms",), ladder=LADDER, low_ladder=[]) for number in range(PEOPLE)]
        services = [world.service("service-%02d" % number, [[person]], minutes=600) for number, person in enumerate(people)]
        for provider in world.providers():
            provider.sent.clear()
        load = Load(world, services)
        load.start()
        for cycle in range(CYCLES):
            time.sleep(chance.uniform(0.05, 0.5))
            world.restart()
        load.running = False
        load.join(120)
        print("%d events accepted, %d attempts without an answer, %d restarts" % (len(load.accepted), load.unanswered, world.server.starts - 1))
        assert len(load.accepted) > CYCLES * 2 and load.unanswered > 0, "the loop must have met the server dying"
        assert not load.refused, load.refused[:3]

        alerts = {}
        for incident in world.incidents():
            alerts.setdefault(incident["incident_key"], []).append(incident)
        missing = sorted(load.accepted - set(alerts))
        assert not missing, "accepted, but without effect: %s" % missing[:10]
        twice = [key for key, incidents in alerts.items() if len(incidents) != 1]
        assert not twice, "one event, two incidents: %s" % twice[:10]

        # Every incident was told, in a message of its own or in a bundle.
        told = set()

        def everything_told():
            for incident in world.incidents():
                if incident["incident_key"] in load.accepted and incident["incident_key"] not in told:
                    states = [n["state"] for n in world.notifications_by_id(incident["id"])]
                    if any(state in ("accepted", "delivered") for state in states):
                        told.add(incident["incident_key"])
            return told >= load.accepted
        eventually("every due page went out", everything_told, within_s=300)

        copies = {}
        for sent in world.all_sent():
            for key in re.findall(r"event-\d{5}", sent.text):
                copies.setdefault(key, []).append("possible repeat" in sent.text.lower())
        wrong = {key: labels for key, labels in copies.items() if labels.count(False) > 1 or len(labels) > 2}
        assert not wrong, "sent more than once without a label, or more than twice: %s" % list(wrong.items())[:10]
        print("%d named in messages, %d of them repeated with a label" % (len(copies), sum(len(labels) == 2 for labels in copies.values())))
        assert world.close() == 0
    except Exception:
        print(world.server.log_tail())
        raise
    finally:
        world.server.kill()
