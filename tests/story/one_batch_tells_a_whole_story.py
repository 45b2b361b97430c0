"""One batch opens an alert, repeats it, resolves it and opens it again: each event finds what the one before it left, as if they had come one by one."""


def story(world):
    (ana,) = world.people("Ana")
    checkout = world.service("checkout", [[ana]], minutes=30)
    world.begin("2026-02-10T09:00:00Z")

    def event(action, key):
        return {"routing_key": checkout.key, "event_action": action, "dedup_key": key,
                "payload": {"summary": "Disk of %s is full" % key, "source": key, "severity": "critical"}}

    def batch(*events):
        answer = world.api.post("/muster/events/batch", {"events": [event(*one) for one in events]})
        assert answer["status"] == "success", answer
        world.step()

    def alerts():
        listed = [alert for incident in world.incidents(checkout) for alert in world.api.get("/incidents/%s/alerts" % incident["id"])["alerts"]]
        return sorted((alert["alert_key"], alert["status"]) for alert in listed)

    batch(("trigger", "db1"), ("trigger", "db1"), ("resolve", "db1"), ("trigger", "db2"), ("trigger", "db1"), ("acknowledge", "db2"), ("trigger", "db1"))
    assert alerts() == [("db1", "resolved"), ("db1", "triggered"), ("db2", "triggered")], alerts()
    states = sorted(incident["status"] for incident in world.incidents(checkout))
    assert states == ["acknowledged", "resolved", "triggered"], states
    batch(("resolve", "db1"), ("resolve", "db1"), ("trigger", "db2"), ("resolve", "db2"), ("resolve", "db3"))
    assert {status for _, status in alerts()} == {"resolved"}, alerts()
    assert len(alerts()) == 3
    batch(("trigger", "db2"), ("trigger", "db2"))
    assert alerts().count(("db2", "triggered")) == 1 and len(alerts()) == 4, alerts()
