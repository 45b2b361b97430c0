"""A snoozed incident is silent until its time, then calls whoever holds it as if it were new."""


def story(world):
    ana, ben = world.people("Ana", "Ben")
    checkout = world.service("checkout", [[ana], [ben]], minutes=5)
    world.begin("2026-02-10T02:00:00Z")
    incident = checkout.breaks("Checkout is down")
    world.advance(minutes=1)
    incident.snooze(ana, minutes=120)
    assert incident.status == "acknowledged"
    world.advance(minutes=119, seconds=59)
    ana.expect(email=1, sms=1)
    ben.expect_nothing()

    world.advance(seconds=1)
    assert incident.status == "triggered"
    ana.expect(email=2, sms=1)
    world.advance(minutes=5)
    ana.expect(email=2, sms=2, phone=3)
    ben.expect(email=1)

    # Resolved while it sleeps: it never wakes.
    incident.snooze(ben, minutes=60)
    incident.resolve(ben)
    world.advance(hours=2)
    assert incident.status == "resolved"
    ben.expect(email=1)
