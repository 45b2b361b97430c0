"""A provider that takes the request and never answers delays no other provider, and its message is repeated once, labelled, elsewhere."""

timeout_s = 3
crash = "step"  # killed while it is sent, the repeat goes to the other provider, and nobody ever hangs


def story(world):
    ana, ben = world.people("Ana", "Ben")
    checkout = world.service("checkout", [[ana], [ben]], minutes=5)
    world.begin("2026-02-10T02:00:00Z")
    world.sms_a.will("hang")
    incident = checkout.breaks("Checkout is down")
    world.advance(minutes=1)
    world.advance(minutes=4)
    assert world.sms_a.sent, "the fault must have happened"
    ana.expect_calls(3)  # by another provider, at their times
    assert incident.assignees == ["Ben"]
    repeated = [sent for sent in ana.heard("sms") if sent.provider is world.sms_b]
    assert len(repeated) == 1 and ana.is_repeat(repeated[0]), "one repeat, labelled: %s" % ana.heard("sms")
    world.sms_a.will("ok")
