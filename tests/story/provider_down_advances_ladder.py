"""Every SMS provider is down: the call that was due a minute later is made at once; escalation keeps its own pace."""


def story(world):
    ana, ben = world.people("Ana", "Ben")
    checkout = world.service("checkout", [[ana], [ben]], minutes=5)
    world.begin("2026-02-10T02:00:00Z")
    world.sms_a.will(500)
    world.sms_b.will(503)
    incident = checkout.breaks("Checkout is down")
    world.advance(minutes=1, seconds=15)
    assert world.sms_a.sent and world.sms_b.sent, "the fault must have happened"
    ana.expect_calls(1)  # it is pulled forward
    world.until("2026-02-10T02:04:59Z")
    ana.expect_calls(3)  # the later steps keep their times
    ben.expect_nothing()
    world.until("2026-02-10T02:05:00Z")
    assert incident.assignees == ["Ben"]
    ben.expect(email=1)
    assert any(n.get("advanced") for n in world.notifications(incident)), world.notifications(incident)
