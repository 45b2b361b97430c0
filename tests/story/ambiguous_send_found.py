"""The connection broke after the message was handed over: the provider is asked, it has the message, and nobody is disturbed twice."""


def story(world):
    ana, = world.people("Ana")
    checkout = world.service("checkout", [[ana]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    world.sms_a.will("drop", "ok")
    incident = checkout.breaks("Checkout is down")
    world.advance(minutes=1)
    ana.expect(email=1, sms=1)
    copies = ana.heard("sms")
    assert len(copies) == 1 or world.crash, "it had arrived: %s" % copies
    texts = [n for n in world.notifications(incident) if n["channel"] == "sms"]
    if not world.crash:
        assert world.sms_a.lookups, "nobody asked"
        assert [(n["state"], n["cause"]) for n in texts] == [("unknown", "first"), ("accepted", "doubt")], texts
        assert "not sent again" in texts[1]["error"], texts[1]
    # The copy that is there can be answered.
    ana.replies("4", copies[0])
    assert incident.status == "acknowledged"
