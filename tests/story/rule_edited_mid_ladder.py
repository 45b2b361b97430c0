"""A person who changes how they are called is called the new way from that moment, also for what is open already."""


def story(world):
    ana, = world.people("Ana")
    checkout = world.service("checkout", [[ana]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    checkout.breaks("Checkout is down")
    world.advance(seconds=90)
    ana.expect(email=1, sms=1)

    # No calls any more, another SMS after five minutes instead.
    ana.set_ladder("high", [(0, "email"), (1, "sms"), (5, "sms")])
    world.step()
    world.advance(minutes=3)
    ana.expect(email=1, sms=1)
    world.advance(minutes=2)
    ana.expect(email=1, sms=2)
    world.advance(minutes=20)
    ana.expect(email=1, sms=2)
