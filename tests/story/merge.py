"""Two incidents with one cause become one: the alerts move over, the other ends resolved, its people are not called any more."""


def story(world):
    ana, ben = world.people("Ana", "Ben")
    checkout = world.service("checkout", [[ana]], minutes=30)
    ledger = world.service("ledger", [[ben]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    one = checkout.breaks("Checkout is down", key="checkout-1")
    two = ledger.breaks("Ledger is down", key="ledger-1")
    world.advance(minutes=1)
    ana.expect(email=1, sms=1)
    ben.expect(email=1, sms=1)

    two.merge(ben, one)
    assert (one.status, two.status) == ("resolved", "triggered")
    assert sorted(alert["alert_key"] for alert in two.alerts()) == ["checkout-1", "ledger-1"]
    assert one.alerts() == []
    world.advance(minutes=1)
    ana.expect(email=1, sms=1)
    ben.expect(email=1, sms=1, phone=1)

    # The merged alert still belongs to its own sender: more of it is a duplicate, its resolve closes it there.
    checkout.event("Checkout is down", key="checkout-1")
    assert len(world.incidents()) == 2
    checkout.resolve_event("checkout-1")
    assert two.status == "triggered"
    ledger.resolve_event("ledger-1")
    assert two.status == "resolved"
    world.advance(hours=1)
    ana.expect(email=1, sms=1)
    ben.expect(email=1, sms=1, phone=1)
