"""Planned work that ends early ends the silence early; a window that is taken back silences nothing."""


def story(world):
    ana, = world.people("Ana")
    checkout = world.service("checkout", [[ana]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    window = world.maintenance(checkout, "2026-02-10T02:00:00Z", "2026-02-10T06:00:00Z", ana)
    checkout.breaks("Checkout is down", key="a")
    world.advance(minutes=30)
    ana.expect_nothing()
    # A running window that is deleted ends now.
    world.api.delete("/maintenance_windows/" + window["id"])
    world.step()
    ana.expect(email=1)
    checkout.resolve_event("a")

    planned = world.maintenance(checkout, "2026-02-11T02:00:00Z", "2026-02-11T06:00:00Z", ana)
    world.api.delete("/maintenance_windows/" + planned["id"])
    world.step()
    world.until("2026-02-11T03:00:00Z")
    checkout.breaks("Checkout is down", key="b")
    ana.expect(email=2)
