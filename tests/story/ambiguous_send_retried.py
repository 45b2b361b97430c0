"""A repeat in doubt that is refused is tried again later, and the later copy says too that it may be one too many."""

crash = False  # the doubt must come from the provider


def story(world):
    ana, = world.people("Ana")
    checkout = world.service("checkout", [[ana]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    for provider in (world.sms_a, world.sms_b):
        provider.answers_lookups = False
    world.sms_a.will("drop", "ok")
    world.sms_b.will(500, "ok")
    checkout.breaks("Checkout is down")
    world.advance(minutes=1)
    world.advance(seconds=40)
    heard = ana.heard("sms")
    assert len(heard) == 2, heard
    assert [ana.is_repeat(sent) for sent in heard] == [False, True], [sent.text for sent in heard]
