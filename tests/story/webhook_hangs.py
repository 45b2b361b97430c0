"""Subscribers that hang, or answer without end, delay nobody: pages go out at once, and other subscribers hear of it."""
import time

from harness.server import eventually
from harness.webhooks import Subscriber

settings = "webhook_private = yes\nwebhook_timeout_s = 30"
crash = False  # after a crash the harness waits for what hangs


def story(world):
    people = world.people(*["Ana", "Ben", "Cleo", "Dora", "Eva", "Finn", "Gus", "Hal", "Ida", "Jon", "Kim", "Leo"], methods=("sms",), ladder=[(0, "sms")])
    services = [world.service("service of " + person.name, [[person]]) for person in people]
    receiver = Subscriber(world)
    try:
        for number in range(30):
            receiver.subscribe(path="/hang%d" % number)
            receiver.be(("hang", "endless")[number % 2], "/hang%d" % number)
        receiver.subscribe(path="/fine")
        world.begin("2026-02-10T02:00:00Z")
        slowest = 0
        for number, service in enumerate(services):
            started = time.monotonic()
            service.event("Trouble %d" % number)
            while len(world.sms_a.sent) <= number:
                assert time.monotonic() - started < 20, "page %d is behind webhooks" % number
                time.sleep(0.02)
            slowest = max(slowest, time.monotonic() - started)
        assert slowest < 15, "a page took %.1f s while subscribers hung" % slowest
        hanging = eventually("the fault fires thirty times", lambda: len(found := {received.path for received in list(receiver.attempts)} - {"/fine"}) == 30 and found)
        started = time.monotonic()
        while len(receiver.types("/fine")) < 12:
            assert time.monotonic() - started < 20, "who answers waits for who does not: %s" % receiver.types("/fine")
            time.sleep(0.05)
        per_subscriber = max([sum(received.path == path for received in receiver.attempts) for path in hanging])
        assert per_subscriber <= 2, "a subscriber has more than its share under way: %d" % per_subscriber
    finally:
        receiver.stop()
