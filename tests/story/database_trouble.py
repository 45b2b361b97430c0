"""The disk is full or the database is gone: nothing is accepted, everybody is told so at once, and it mends itself."""
from harness.server import eventually

crash = False


def event(world, service, key):
    return world.browser().send("POST", "/v2/enqueue", {"routing_key": service.key, "event_action": "trigger", "dedup_key": key,
                                                        "payload": {"summary": "Trouble " + key, "source": "x", "severity": "critical"}}).status


def story(world):
    ana, = world.people("Ana")
    checkout = world.service("checkout", [[ana]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    assert event(world, checkout, "before") == 202

    world.database.fail()
    answers = [event(world, checkout, "during-%d" % number) for number in range(5)]
    assert all(500 <= answer <= 599 for answer in answers), answers
    # Whoever asks is answered at once, be it with an error: nothing hangs.
    assert world.api.send("POST", "/teams", {"team": {"type": "team", "name": "Nobody"}}).status >= 500
    eventually("trouble with the database is loud", lambda: "error" in world.server.log_since_last_start())

    world.database.heal()
    eventually("an event is accepted again", lambda: event(world, checkout, "after") == 202)
    keys = sorted(incident["incident_key"] for incident in world.incidents(checkout))
    assert keys == ["after", "before"], keys
    # The sender's own retry of what was refused opens exactly one.
    assert event(world, checkout, "during-0") == 202
    world.restart()
    assert len(world.incidents(checkout)) == 3
    world.advance(minutes=1)
    assert len(ana.got("sms")) >= 1
