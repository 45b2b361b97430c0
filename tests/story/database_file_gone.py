"""The database file is moved away under the running server: nothing is accepted into a file without a name, and it works again when it is back."""
import os

from harness.server import eventually

crash = False


def event(world, service, key):
    return world.browser().send("POST", "/v2/enqueue", {"routing_key": service.key, "event_action": "trigger", "dedup_key": key,
                                                        "payload": {"summary": "Gone " + key, "source": "x", "severity": "critical"}}).status


def story(world):
    path = os.path.join(world.server.data, "muster.db")
    if not os.path.exists(path):
        return  # PostgreSQL looks after its own files
    ana, = world.people("Ana")
    checkout = world.service("checkout", [[ana]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    assert event(world, checkout, "before") == 202

    os.rename(path, path + ".away")
    answers = [event(world, checkout, "away-%d" % number) for number in range(5)]
    assert all(500 <= answer <= 599 for answer in answers), answers
    assert world.browser().send("GET", "/health").status == 503
    with open(path, "wb"):
        pass  # something else in its place is no database of this server
    answers = [event(world, checkout, "other-%d" % number) for number in range(5)]
    assert all(500 <= answer <= 599 for answer in answers), answers
    told = "was moved, deleted or replaced"
    eventually("the log says so", lambda: told in world.server.log_since_last_start())
    assert world.server.log_since_last_start().count(told) < 5, "one line says it, not one for each event"

    os.rename(path + ".away", path)
    eventually("an event is accepted again", lambda: event(world, checkout, "after") == 202)
    assert world.browser().send("GET", "/health").status == 200
    world.restart()
    keys = sorted(incident["incident_key"] for incident in world.incidents(checkout))
    assert keys == ["after", "before"], keys
