"""A rung of a person's ladder that cannot be used any more does not cost the time until the next one: that one is taken in its place."""


def story(world):
    ana = world.person("Ana", ladder=[(0, "sms"), (60, "email")])
    ben = world.person("Ben", ladder=[(0, "phone"), (2, "sms"), (60, "email")])
    checkout, search = world.service("checkout", [[ana]], minutes=300), world.service("search", [[ben]], minutes=300)
    world.begin("2026-02-10T02:00:00Z")
    for provider in (world.sms_a, world.sms_b):
        provider.will(400)  # there is no such number
    checkout.breaks("Checkout is down")
    search.breaks("Search is down")
    world.advance(minutes=3)
    ana.expect(email=1)
    ben.expect(email=1, phone=1)
    # The number is known to be bad now.
    checkout.breaks("Checkout is down again")
    second = search.breaks("Search is down again")
    ana.expect(email=2)
    ben.expect(email=1, phone=2)
    world.advance(minutes=2)
    ben.expect(email=2, phone=2)
    # Nothing comes twice when its own time has come.
    world.advance(minutes=70)
    ana.expect(email=2)
    ben.expect(email=2, phone=2)
    assert second.status == "triggered"
