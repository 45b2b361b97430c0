"""The connection broke after the message was handed over: nobody knows whether it left, so it is repeated exactly once and says so."""

crash = "step"  # killed while it is sent, the doubt comes from the server and the provider's fault may never happen


def story(world):
    ana, = world.people("Ana")
    checkout = world.service("checkout", [[ana]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    for provider in (world.sms_a, world.sms_b):
        provider.answers_lookups = False  # asking the provider does not help either
    world.sms_a.will("drop", "ok")
    incident = checkout.breaks("Checkout is down")
    world.advance(minutes=1)
    heard = ana.heard("sms")
    assert len(heard) == 2, "once, and once more: %s" % heard
    assert not ana.is_repeat(heard[0]) and ana.is_repeat(heard[1]), [sent.text for sent in heard]
    world.advance(seconds=59)
    assert len(ana.heard("sms")) == 2
    states = [(n["state"], n["cause"]) for n in world.notifications(incident) if n["channel"] == "sms"]
    assert states[0][0] == "unknown", states
    # Either copy can be answered.
    ana.replies("4", heard[0])
    assert incident.status == "acknowledged"
