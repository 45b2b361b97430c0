"""Whoever subscribes hears everything that happens to an incident, in order, signed, exactly as it stood at that moment; nothing is lost or made up by a crash."""
import re

from harness.webhooks import Subscriber, is_signed

settings = "webhook_private = yes\nwebhook_timeout_s = 30"

INCIDENT = {"id", "type", "self", "html_url", "number", "status", "incident_key", "created_at", "title", "service", "assignees", "escalation_policy", "teams", "priority",
            "urgency", "conference_bridge", "resolve_reason", "incident_type"}
KEYS = {"incident": INCIDENT, "incident_note": {"incident", "id", "content", "trimmed", "type"}, "incident_status_update": {"incident", "id", "message", "trimmed", "type"},
        "incident_responder": {"incident", "user", "escalation_policy", "message", "state", "type"},
        "incident_field_values": {"incident", "custom_fields", "changed_custom_fields", "type"},
        "service_field_values": {"service", "custom_fields", "changed_custom_fields", "type"},
        "incident_conference_bridge": {"incident", "conference_numbers", "conference_url", "type"},
        "ping": {"message", "type"}, "service": {"html_url", "id", "self", "summary", "alert_creation", "teams", "type"}}
REFERENCE = {"html_url", "id", "self", "summary", "type"}


def check_shape(world, received):
    event = received.event
    assert set(event) == {"id", "event_type", "resource_type", "occurred_at", "agent", "client", "data"}, event
    assert event["event_type"].startswith(event["resource_type"] + "."), event
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["occurred_at"]), event["occurred_at"]
    assert event["agent"] is None or set(event["agent"]) == REFERENCE, event["agent"]
    assert event["client"] is None or event["client"]["name"], event["client"]
    assert set(event["data"]) == KEYS[event["data"]["type"]], (event["data"]["type"], set(event["data"]) ^ KEYS[event["data"]["type"]])
    for key in ("service", "escalation_policy", "priority", "incident", "user"):
        inner = event["data"].get(key)
        assert inner is None or (set(inner) == REFERENCE and inner["type"] == key + "_reference"), (key, inner)
        assert inner is None or inner["self"].startswith(world.server.url), inner


def story(world):
    ana, ben, cleo = world.people("Ana", "Ben", "Cleo", ladder=[(0, "email")])
    shop = world.service("shop", [[ana], [ben]])
    bakery = world.service("bakery", [[cleo]])
    other_policy = world.policy([[cleo]], "Cleo's")
    team = world.api.post("/teams", {"team": {"type": "team", "name": "Bakers"}}, status=201)["team"]
    world.api.put("/teams/%s/escalation_policies/%s" % (team["id"], bakery.policy_id))
    receiver = Subscriber(world)
    try:
        tell(world, receiver, ana, ben, cleo, shop, bakery, other_policy, team)
    finally:
        receiver.stop()


def tell(world, receiver, ana, ben, cleo, shop, bakery, other_policy, team):
    every = receiver.subscribe(path="/all", headers=[("X-Own", "quite secret")])
    shops = receiver.subscribe(filter={"type": "service_reference", "id": shop.id}, path="/shop")
    bakers = receiver.subscribe(filter={"type": "team_reference", "id": team["id"]}, path="/bakers")
    receiver.subscribe(["incident.resolved"], path="/resolved")
    receiver.subscribe(path="/off", active=False)
    receiver.subscribe(["service.created", "service.updated", "service.custom_field_values.updated", "service.deleted"], path="/services")
    assert re.fullmatch("[0-9a-z]{64}", every["delivery_method"]["secret"]), every
    shown = world.api.get("/webhook_subscriptions/" + every["id"])["webhook_subscription"]
    assert shown["delivery_method"] == {**every["delivery_method"], "secret": None}, shown
    assert shown["delivery_method"]["custom_headers"] == [{"name": "X-Own", "value": "-- redacted --"}], shown
    priority = world.api.get("/priorities")["priorities"][0]
    region = world.api.post("/incidents/types/incident_default/custom_fields", {"field": {"name": "region", "display_name": "Region", "data_type": "string",
                            "field_type": "single_value"}}, status=201)["field"]
    tier = world.api.post("/services/custom_fields", {"field": {"name": "tier", "display_name": "Tier", "data_type": "integer", "field_type": "single_value"}}, status=201)["field"]
    world.api.post("/incidents/types", {"incident_type": {"name": "outage", "display_name": "Outage", "parent_type": "incident_default"}}, status=201)
    world.begin("2026-02-10T02:00:00Z")

    incident = shop.breaks("The shop is shut")
    world.advance(minutes=6)  # nobody answers: level 2
    incident.acknowledge(ana)
    incident.note(ana, "Looking")
    incident.change(ana, priority={"id": priority["id"], "type": "priority_reference"})
    incident.change(ana, incident_type={"name": "outage"})
    world.api.put("/incidents/" + incident.id, {"incident": {"type": "incident_reference", "conference_bridge": {
        "conference_number": "+1 555,,42#", "conference_url": "https://meet.example/1"}}}, headers={"From": ana.email})
    world.step()
    world.api.post("/incidents/%s/responder_requests" % incident.id, {"requester_id": ana.id, "message": "Come and help", "responder_request_targets": [
        {"responder_request_target": {"id": cleo.id, "type": "user_reference"}}]}, headers={"From": ana.email})
    world.step()
    world.api.post("/incidents/%s/status_updates" % incident.id, {"message": "We know"}, headers={"From": ana.email})
    world.step()
    world.api.put("/incidents/%s/custom_fields/values" % incident.id, {"custom_fields": [{"id": region["id"], "value": "EU"}]}, headers={"From": ana.email})
    world.step()
    incident.acknowledge(cleo)
    incident.reassign(ana, ben)
    incident.change(ana, escalation_policy={"id": other_policy["id"], "type": "escalation_policy_reference"})
    incident.resolve(ana)
    bread = bakery.breaks("No bread")
    second = bakery.breaks("No bread at all")
    bread.merge(cleo, second)
    made = world.service("late", [[ana]])
    world.api.put("/services/" + made.id, {"service": {"name": "later"}})
    world.api.put("/services/%s/custom_fields/values" % made.id, {"custom_fields": [{"id": tier["id"], "value": 1}]}, headers={"From": ana.email})
    world.api.delete("/services/" + made.id)
    world.step()
    world.settle()

    tale = ["triggered", "escalated", "acknowledged", "annotated", "priority_updated", "incident_type.changed", "conference_bridge.updated", "responder.added", "status_update_published", "custom_field_values.updated", "acknowledged", "responder.replied",
            "reassigned", "unacknowledged", "delegated", "resolved"]
    first = [received for received in receiver.once("/all") if received.resource == incident.id]
    told = [received.type.removeprefix("incident.") for received in first]
    unordered = sorted(told), sorted(tale)
    assert unordered[0] == unordered[1] or "unacknowledged" in tale, (told, tale)
    assert [t for t in told if t != "unacknowledged"] == [t for t in tale if t != "unacknowledged"], told
    assert [r.type for r in receiver.once("/shop")] == ["incident." + t for t in told], receiver.types("/shop")
    assert receiver.types("/bakers") == ["incident.triggered", "incident.triggered", "incident.resolved"], receiver.types("/bakers")
    assert receiver.types("/resolved") == ["incident.resolved"] * 2, receiver.types("/resolved")
    assert receiver.types("/off") == []
    assert sorted(set(receiver.types("/services"))) == ["service.created", "service.custom_field_values.updated", "service.deleted", "service.updated"], receiver.types("/services")

    for received in receiver.attempts:
        check_shape(world, received)
    for received in receiver.once("/all"):
        assert is_signed(received, every["delivery_method"]["secret"]) and not is_signed(received, shops["delivery_method"]["secret"])
        assert received.headers["x-own"] == "quite secret" and received.headers["content-type"] == "application/json"
        assert received.headers["user-agent"].startswith("Muster/"), received.headers
    assert all(is_signed(received, bakers["delivery_method"]["secret"]) for received in receiver.once("/bakers"))

    facts = {received.type.removeprefix("incident."): received for received in reversed(first)}
    triggered, escalated = facts["triggered"], facts["escalated"]
    assert triggered.data["status"] == "triggered" and [who["id"] for who in triggered.data["assignees"]] == [ana.id], triggered.data
    assert triggered.data["number"] == incident.number and triggered.data["title"] == "The shop is shut"
    assert triggered.event["agent"]["type"] == "inbound_integration_reference" and triggered.event["client"] is None, triggered.event
    assert triggered.event["occurred_at"] == "2026-02-10T02:00:00.000Z" or world.crash
    assert [who["id"] for who in escalated.data["assignees"]] == [ben.id] and escalated.event["agent"] is None, escalated.event
    assert facts["acknowledged"].event["agent"]["id"] == ana.id and facts["acknowledged"].data["status"] == "acknowledged"
    assert facts["annotated"].data["content"] == "Looking" and facts["annotated"].data["trimmed"] is False
    assert facts["priority_updated"].data["priority"]["id"] == priority["id"]
    assert facts["priority_updated"].data["incident_type"] == {"name": "incident_default"} and facts["incident_type.changed"].data["incident_type"] == {"name": "outage"}
    assert facts["conference_bridge.updated"].data["conference_numbers"] == [{"label": "", "number": "+1 555,,42#"}]
    assert facts["responder.added"].data["user"]["id"] == cleo.id and facts["responder.added"].data["message"] == "Come and help"
    assert facts["status_update_published"].data["message"] == "We know"
    values = facts["custom_field_values.updated"]
    assert [(one["name"], one["value"], one["type"]) for one in values.data["changed_custom_fields"]] == [("region", "EU", "field_value")], values.data
    assert values.data["custom_fields"] == values.data["changed_custom_fields"] and values.event["agent"]["id"] == ana.id, values.event
    tiers = next(received for received in receiver.once("/services") if received.type == "service.custom_field_values.updated")
    assert tiers.data["service"]["id"] == made.id and [(one["name"], one["value"]) for one in tiers.data["changed_custom_fields"]] == [("tier", 1)], tiers.data
    assert tiers.event["agent"]["id"] == ana.id, tiers.event
    assert (facts["responder.added"].data["state"], facts["responder.replied"].data["state"]) == ("pending", "accepted")
    assert [who["id"] for who in facts["reassigned"].data["assignees"]] == [ben.id]
    assert facts["delegated"].data["escalation_policy"]["id"] == other_policy["id"]
    assert facts["resolved"].data["status"] == "resolved" and facts["resolved"].data["assignees"] == []
    merged = [received for received in receiver.once("/bakers") if received.type == "incident.resolved"][0]
    assert merged.data["id"] == second.id and merged.data["resolve_reason"]["incident"]["id"] == bread.id, merged.data
    log = receiver.deliveries(every, limit=100)
    assert {entry["state"] for entry in log} == {"delivered"} and {entry["status_code"] for entry in log} == {200}, log
    assert len(log) == len(receiver.once("/all"))
