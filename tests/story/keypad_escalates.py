"""Key 8 hands over to the next level at once: asking for help takes one key."""


def story(world):
    ana, ben = world.people("Ana", "Ben")
    checkout = world.service("checkout", [[ana], [ben]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    incident = checkout.breaks("Checkout is down")
    world.advance(minutes=2)
    ana.presses("8")
    assert incident.assignees == ["Ben"] and incident.status == "triggered"
    ben.expect(email=1)
    world.advance(minutes=3)
    ana.expect(email=1, sms=1, phone=1)
    ben.presses("6")
    assert incident.status == "resolved"
    assert incident.log("resolve")[0]["agent"]["summary"] == "Ben"
    world.advance(hours=1)
    ben.expect(email=1, sms=1, phone=2)
