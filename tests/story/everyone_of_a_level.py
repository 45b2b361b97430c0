"""Two people at one level are called side by side; the first answer stops both."""


def story(world):
    ana, ben, cleo = world.people("Ana", "Ben", "Cleo")
    checkout = world.service("checkout", [[ana, ben], [cleo]], minutes=5)
    world.begin("2026-02-10T02:00:00Z")
    incident = checkout.breaks("Checkout is down")
    assert incident.assignees == ["Ana", "Ben"]
    world.advance(minutes=1)
    ana.expect(email=1, sms=1)
    ben.expect(email=1, sms=1)
    ben.replies("4")
    world.advance(hours=1)
    ana.expect(email=1, sms=1)
    ben.expect(email=1, sms=1)
    cleo.expect_nothing()
