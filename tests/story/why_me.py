"""Why me? Each page says the service, the policy and its version, the level, the schedule, the layer or override, and the notification rule."""


def story(world):
    ana, ben, cleo = world.people("Ana", "Ben", "Cleo")
    primary = world.schedule("pay-primary", "Europe/Berlin", [{"name": "Weekly", "start": "2026-02-09T09:00:00+01:00", "users": [ana, ben]}])
    policy = world.policy([[primary], [cleo]], name="Payments", minutes=5)
    checkout = world.service("checkout", policy=policy)
    world.begin("2026-02-10T02:00:00Z")

    first = checkout.breaks("Checkout is down", key="a")
    [(decision, candidate)] = world.why(first.id, ana)
    assert decision["service"]["name"] == "checkout" and decision["policy"]["id"] == policy["id"] and decision["policy"]["version"] == 1
    assert (decision["level"], decision["cause"], candidate["reason"]) == (1, "trigger", "on_call")
    assert candidate["via"]["schedule"]["summary"] == "pay-primary" and candidate["via"]["layer_name"] == "Weekly", candidate["via"]
    assert candidate["via"]["from"] <= "2026-02-10" < candidate["via"]["until"], candidate["via"]
    for word in ("Ana", "checkout", "Payments", "level 1", "pay-primary", "e-mail"):
        assert word in candidate["text"], (word, candidate["text"])
    world.advance(minutes=1)
    rules = {rule["id"]: rule for rule in world.api.get("/users/%s/notification_rules" % ana.id)["notification_rules"]}
    calls = world.why(first.id, ana)[0][1]["page"]["calls"]
    assert [(call["channel"], rules[call["rule_id"]]["start_delay_in_minutes"]) for call in calls] == [("email", 0), ("sms", 1)], calls
    # The message itself says it too.
    assert "pay-primary" in ana.last("sms").text and "level 1" in ana.last("sms").text
    first.resolve(ana)

    # An override, and the record of what was stays as it was when the policy changes.
    primary.override(ben, "2026-02-10T03:00:00Z", "2026-02-10T05:00:00Z")
    world.until("2026-02-10T04:00:00Z")
    second = checkout.breaks("Checkout is down", key="b")
    [(decision, candidate)] = world.why(second.id, ben)
    assert candidate["via"]["override_id"] and not candidate["via"]["layer_id"], candidate["via"]
    assert "override" in candidate["text"], candidate["text"]
    world.api.put("/escalation_policies/" + policy["id"], {"escalation_policy": {
        "type": "escalation_policy", "name": policy["name"], "escalation_rules": [{"escalation_delay_in_minutes": 5, "targets": [cleo.target]}]}})
    world.step()
    assert world.why(second.id, ben)[0][0]["policy"]["version"] == 1
    third = checkout.breaks("Checkout is down", key="c")
    assert world.why(third.id, cleo)[0][0]["policy"]["version"] == 2
