"""The connection broke after a call was ordered: it may be ringing already, so the second call says that it is possibly the second."""

crash = False  # the doubt must come from the provider, not from a server that died before the call was ordered


def story(world):
    ana, = world.people("Ana", ladder=[(0, "phone")], methods=("phone",))
    checkout = world.service("checkout", [[ana]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    for provider in (world.voice_a, world.voice_b):
        provider.answers_lookups = False
    world.voice_a.will("drop", "ok")
    incident = checkout.breaks("Checkout is down")
    world.settle()
    heard = ana.heard("phone")
    assert len(heard) >= 2, "once, and once more: %s" % heard
    assert not ana.is_repeat(heard[0]) and ana.is_repeat(heard[1]), [ana.words_of_call(call) for call in heard]
    ana.presses("4", heard[0])
    assert incident.status == "acknowledged"
