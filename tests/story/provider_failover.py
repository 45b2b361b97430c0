"""The first SMS provider is down: the second delivers the same step at once, and both attempts are on record."""

crash = "step"  # killed while an attempt is under way, the repeat may try the other provider first, or the fault is never met


def story(world):
    ana, = world.people("Ana")
    checkout = world.service("checkout", [[ana]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    world.sms_a.will(500)
    incident = checkout.breaks("Checkout is down")
    world.advance(minutes=1)
    ana.expect(email=1, sms=1)
    assert ana.got("sms")[0].provider is world.sms_b
    assert len(world.sms_a.sent) >= 1, "the fault must have happened"
    tries = [n for n in world.notifications(incident) if n["channel"] == "sms"]
    assert tries[0]["provider"] == "sms-a" and tries[0]["state"] in ("temporary", "unknown"), tries  # unknown: a crash came in between
    assert tries[-1]["provider"] == "sms-b" and tries[-1]["state"] in ("accepted", "delivered"), tries

    # The answer may come through either.
    ana.replies("4", ana.last("sms"))
    assert incident.status == "acknowledged"
