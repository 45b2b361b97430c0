"""The same trouble told ten times is one alert and one call; told again after it was resolved it is a new one."""


def story(world):
    ana = world.person("Ana")
    checkout = world.service("checkout", [[ana]], minutes=30)
    world.begin("2026-02-10T09:00:00Z")

    incident = checkout.breaks("Payments fail", key="payments")
    for _ in range(9):
        assert checkout.event("Payments fail", key="payments") == "payments"
    assert len(world.incidents(checkout)) == 1
    assert [alert["alert_key"] for alert in incident.alerts()] == ["payments"]
    world.advance(minutes=1)
    ana.expect(email=1, sms=1)

    checkout.resolve_event("payments")
    assert incident.status == "resolved"
    world.advance(minutes=30)
    ana.expect(email=1, sms=1)  # resolved: the rest of the ladder is not climbed

    again = checkout.breaks("Payments fail", key="payments")
    assert again.id != incident.id
    assert again.status == "triggered" and incident.status == "resolved"
    world.advance(minutes=1)
    ana.expect(email=2, sms=2)

    # Another integration's key of the same name is another alert; a resolve for something unknown changes nothing.
    ledger = world.service("ledger", [[ana]], minutes=30)
    checkout.resolve_event("never-seen")
    assert again.status == "triggered"
    other = ledger.breaks("Ledger fails", key="payments")
    checkout.resolve_event("payments")
    assert (again.status, other.status) == ("resolved", "triggered")

    # An alert without a key of its own gets one from Muster.
    first, second = ledger.event("Disk is slow"), ledger.event("Disk is slow")
    assert first and second and first != second
