"""An incident nobody closed ends by itself after the service's time, and says that nobody did it."""


def story(world):
    ana, = world.people("Ana")
    checkout = world.service("checkout", [[ana]], minutes=30, auto_resolve_timeout=14400)
    world.begin("2026-02-10T02:00:00Z")
    incident = checkout.breaks("Checkout is down", key="a")
    world.advance(hours=3, minutes=59, seconds=59)
    assert incident.status == "triggered"
    world.advance(seconds=1)
    assert incident.status == "resolved"
    assert [alert["status"] for alert in incident.alerts()] == ["resolved"]
    assert incident.log("resolve")[0]["agent"]["type"] == "service_reference", incident.log("resolve")[0]["agent"]
    # What comes afterwards is a new incident.
    assert checkout.breaks("Checkout is down", key="a").id != incident.id
