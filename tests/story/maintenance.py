"""Planned work: alerts are recorded and nobody is called; what is still broken at the end calls then, once."""


def story(world):
    ana, ben = world.people("Ana", "Ben")
    checkout = world.service("checkout", [[ana], [ben]], minutes=5)
    ledger = world.service("ledger", [[ben]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")

    # Open before the window starts: its later steps and levels are held too.
    early = checkout.breaks("Checkout is slow", key="early")
    world.advance(minutes=1)
    ana.expect(email=1, sms=1)
    world.maintenance(checkout, "2026-02-10T02:02:00Z", "2026-02-10T04:00:00Z", ana)
    world.until("2026-02-10T02:01:59Z")
    assert world.api.get("/services/" + checkout.id)["service"]["status"] != "maintenance"
    world.until("2026-02-10T02:02:00Z")
    assert world.api.get("/services/" + checkout.id)["service"]["status"] == "maintenance"
    world.until("2026-02-10T02:30:00Z")
    during = checkout.breaks("Checkout is down", key="during")
    mended = checkout.breaks("Checkout is odd", key="mended")
    world.until("2026-02-10T03:00:00Z")
    checkout.resolve_event("mended")
    world.until("2026-02-10T03:59:59Z")
    assert [alert["alert_key"] for alert in during.alerts()] == ["during"]
    assert (early.status, during.status, mended.status) == ("triggered", "triggered", "resolved")
    held = [entry for entry in ana.got() if entry.channel == "phone"]
    ana.expect(email=1, sms=1, phone=len(held))
    assert len(held) <= 1, "the call at minute two falls on the very start of the window"
    ben.expect_nothing()

    # Another service is not in the window.
    ledger.breaks("Ledger is down", key="other")
    ben.expect(email=1)

    world.until("2026-02-10T04:00:00Z")
    before = len(ana.got())
    world.settle()
    assert "Checkout is down" in " ".join(sent.text for sent in ana.got("email")[1:])
    assert "Checkout is odd" not in " ".join(sent.text for sent in ana.got())
    assert before > 2
    world.until("2026-02-10T04:05:00Z")
    assert during.assignees == ["Ben"] or ben.got("email"), "after the window the policy climbs again"
