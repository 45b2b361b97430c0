"""Whatever arrives malformed, too big, too deep or incomplete is answered with every mistake and its place; nothing of it is stored."""
import json


def send(world, body, path="/v2/enqueue", headers=None):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return world.browser().send("POST", path, raw, {"Content-Type": "application/json", **(headers or {})})


def story(world):
    ana, = world.people("Ana")
    checkout = world.service("checkout", [[ana]], minutes=30)
    services_before = len(world.everything("/services", "services"))
    world.begin("2026-02-10T02:00:00Z")
    good = {"routing_key": checkout.key, "event_action": "trigger", "dedup_key": "k", "payload": {"summary": "s", "source": "x", "severity": "critical"}}

    def wrong(**changes):
        document = json.loads(json.dumps(good))
        for path, value in changes.items():
            target, *rest = path.split("__")
            place = document if not rest else document[target]
            place[rest[0] if rest else target] = value
        return document

    table = [
        (b"", "nothing"), (b"{", "half a document"), (b"[1,2]", "a list"), (b'"text"', "a text"), (b"{}" * 2, "two documents"),
        (b'{"routing_key": "\xff\xfe"}', "not UTF-8"), (b'{"a":' * 200 + b"1" + b"}" * 200, "too deep"),
        (json.dumps(good).encode().replace(b'"k"', b'"k","dedup_key":"l"'), "a key twice"),
        (wrong(routing_key="short"), "short key"), (wrong(routing_key=7), "key of a wrong type"), (wrong(event_action="explode"), "unknown action"),
        (wrong(payload={}), "no payload fields"), (wrong(payload="text"), "payload of a wrong type"), (wrong(payload__severity="purple"), "unknown severity"),
        (wrong(payload__summary=""), "empty summary"), (wrong(payload__summary=None), "no summary"), (wrong(dedup_key="k" * 256), "long dedup key"),
        (wrong(payload__timestamp="yesterday"), "no time"), (wrong(links="none"), "links of a wrong type"),
        ({"routing_key": checkout.key, "event_action": "resolve"}, "resolve without a key"),
        (wrong(routing_key="0" * 32), "unknown routing key"),
    ]
    for body, what in table:
        answer = send(world, body)
        assert answer.status == 400, "%s: answered %d %s" % (what, answer.status, answer.text)
        assert answer.json["status"] and answer.json["message"] and answer.json["errors"], (what, answer.text)

    # Every mistake at once, each with its place.
    answer = send(world, {"routing_key": checkout.key, "event_action": "trigger", "payload": {"severity": "purple", "source": 5}})
    text = " ".join(answer.json["errors"])
    assert "summary" in text and "severity" in text and "source" in text, answer.json

    big = wrong(payload__custom_details={"text": "x" * 524288})
    assert send(world, big).status == 413
    fits = wrong(payload__custom_details={"text": "x" * 500000})

    for path, body in (("/users", {"user": {"type": "user", "name": "", "email": "no address", "time_zone": "Mars/Olympus"}}),
                       ("/services", {"service": {"type": "service"}}),
                       ("/escalation_policies", {"escalation_policy": {"type": "escalation_policy", "name": "x", "escalation_rules": [
                           {"escalation_delay_in_minutes": 0, "targets": [{"id": "PNOBODY", "type": "user_reference"}]}]}}),
                       ("/schedules", {"schedule": {"type": "schedule", "name": "x", "time_zone": "Mars/Olympus", "schedule_layers": []}})):
        answer = world.api.send("POST", path, body)
        assert answer.status == 400, (path, answer.status, answer.text)
        error = answer.json["error"]
        assert error["code"] == 2001 and error["errors"], (path, error)
        if path == "/users":
            assert len(error["errors"]) >= 3, error
    assert world.api.send("POST", "/users", b"{", {"Content-Type": "application/json"}).status == 400
    assert world.browser().send("GET", "/users").status == 401
    assert world.api.send("GET", "/users/PNOBODY").status == 404
    assert world.api.send("GET", "/no/such/thing").status == 404
    assert world.api.send("GET", "/no/such/thing").json["error"]["code"] == 2100

    # Nothing of all this was stored.
    assert world.incidents() == []
    assert len(world.everything("/services", "services")) == services_before
    names = [user["name"] for user in world.everything("/users", "users")]
    assert "" not in names
    world.step()
    ana.expect_nothing()
    # And the good one is still good; unknown fields do no harm.
    assert send(world, {**fits, "unknown": 1}).status == 202
    assert len(world.incidents()) == 1
