"""Who acknowledged and fell silent is asked again: after the service's timeout the incident is open again and calls."""


def story(world):
    ana, ben = world.people("Ana", "Ben")
    checkout = world.service("checkout", [[ana], [ben]], minutes=5, acknowledgement_timeout=1800)
    world.begin("2026-02-10T02:00:00Z")
    incident = checkout.breaks("Checkout is down")
    ana.expect(email=1)
    world.advance(minutes=1)
    incident.acknowledge(ana)
    world.advance(minutes=29, seconds=59)
    assert incident.status == "acknowledged"
    ana.expect(email=1, sms=1)

    world.advance(seconds=1)
    assert incident.status == "triggered"
    assert incident.assignees == ["Ana"]
    ana.expect(email=2, sms=1)
    assert len(incident.log("unacknowledge")) == 1
    world.advance(minutes=5)
    ana.expect(email=2, sms=2, phone=3)
    ben.expect(email=1)

    # A resolved incident has no timeout any more.
    incident.acknowledge(ben)
    incident.resolve(ben)
    world.advance(hours=3)
    assert incident.status == "resolved"
    ben.expect(email=1)
