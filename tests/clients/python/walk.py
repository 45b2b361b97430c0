"""Why: what users of the python package `pagerduty` do, with the package as it is published. It speaks HTTPS only."""
import os
import ssl
import warnings
from datetime import datetime, timedelta, timezone

import pagerduty

URL, DIRECTLY, TOKEN, ACCOUNT_TOKEN = (os.environ[name] for name in ("MUSTER", "MUSTER_DIRECTLY", "TOKEN", "ACCOUNT_TOKEN"))
ME, ANA, KEY, MARK = (os.environ[name] for name in ("ME", "ANA", "ROUTING_KEY", "MARK"))
TRUST = ssl.create_default_context(cafile=os.environ["CERTIFICATE"])
ME_TOO = {"id": ANA, "type": "user_reference"}


def check(what, good, why=""):
    print("ok " + what if good else "not ok %s: %s" % (what, why), flush=True)


def rest(token=TOKEN, url=URL, **more):
    return pagerduty.RestApiV2Client(token, base_url=url, verify=TRUST, **more)


def name(what):
    return "%s %s" % (MARK, what)


def soon(hours):
    return (datetime.now(timezone.utc) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def refused(what, status, code, ask):
    try:
        ask()
    except pagerduty.HttpError as error:
        told = error.response.json().get("error", {})
        check(what, error.response.status_code == status and told.get("code") == code and told.get("errors"), (error.msg, told))
        return
    check(what, False, "it was not refused")


def users(client):
    user = client.rpost("users", json={"type": "user", "name": name("User"), "email": "python@halden.example"})
    check("create a user", user["name"] == name("User"), user)
    check("its own address can be read", client.rget(user["self"])["id"] == user["id"])
    changed = client.rput(user["self"], json={**user, "job_title": "Engineer"})
    check("change a user", changed["job_title"] == "Engineer", changed)
    check("find a user", client.find("users", "python@halden.example", attribute="email")["id"] == user["id"])
    kept = client.persist("users", "email", {"type": "user", "email": "python@halden.example", "name": name("Kept")}, update=True)
    check("persist changes what is there", kept["id"] == user["id"] and kept["name"] == name("Kept"), kept)
    method = client.rpost("/users/%s/contact_methods" % user["id"], json={"type": "sms_contact_method", "label": "Mobile", "address": "5550199", "country_code": 1})
    rule = client.rpost("/users/%s/notification_rules" % user["id"], json={
        "type": "assignment_notification_rule", "start_delay_in_minutes": 4, "urgency": "high", "contact_method": {"id": method["id"], "type": method["type"]}})
    rules = client.rget("/users/%s/notification_rules" % user["id"])
    check("notification rules", rule["id"] in [one["id"] for one in rules], rules)
    client.rdelete("/users/%s/contact_methods/%s" % (user["id"], method["id"]))
    team = client.rpost("teams", json={"type": "team", "name": name("Members")})
    client.rput("/teams/%s/users/%s" % (team["id"], user["id"]), json={"role": "responder"})
    members = list(client.iter_all("/teams/%s/members" % team["id"]))
    check("members of a team", [member["user"]["id"] for member in members] == [user["id"]], members)
    client.rdelete("/teams/%s/users/%s" % (team["id"], user["id"]))
    client.rdelete(team["self"])
    client.rdelete("/users/" + user["id"])
    check("me", client.rget("users/me")["email"] == ME)
    check("abilities", client.account_has_ability("teams") and not client.account_has_ability("no_such_ability"))
    check("kind of key", client.api_key_access in ("user", "account"), client.api_key_access)


def paging(client):
    made = [client.rpost("teams", json={"type": "team", "name": name("Team %d" % number)}) for number in range(7)]
    found = list(client.iter_all("teams", params={"query": name("Team")}, page_size=3, total=True))
    check("iter_all goes through all pages", sorted(team["id"] for team in found) == sorted(team["id"] for team in made), [team["name"] for team in found])
    check("list_all", len(client.list_all("teams", params={"query": name("Team")})) == 7)
    check("dict_all", set(client.dict_all("teams", params={"query": name("Team")})) == {team["id"] for team in made})
    for team in made:
        client.rdelete("/teams/" + team["id"])


def configuration(client):
    policy = client.rpost("escalation_policies", json={"type": "escalation_policy", "name": name("Policy"), "escalation_rules": [{"escalation_delay_in_minutes": 30, "targets": [ME_TOO]}]})
    policy = client.rput(policy["self"], json={**policy, "num_loops": 2})
    check("change an escalation policy", policy["num_loops"] == 2, policy)
    service = client.rpost("services", json={"type": "service", "name": name("Service"), "escalation_policy": {"id": policy["id"], "type": "escalation_policy_reference"}})
    service = client.rput("/services/" + service["id"], json={**service, "description": "changed"})
    check("change a service", service["description"] == "changed", service)
    integration = client.rpost("/services/%s/integrations" % service["id"], json={"type": "events_api_v2_inbound_integration", "name": name("Integration")})
    check("read an integration", client.rget("/services/%s/integrations/%s" % (service["id"], integration["id"]))["integration_key"] == integration["integration_key"])
    schedule = client.rpost("schedules", json={"type": "schedule", "name": name("Schedule"), "time_zone": "Europe/Berlin", "schedule_layers": [
        {"name": "Weekly", "start": "2026-01-05T09:00:00Z", "rotation_virtual_start": "2026-01-05T09:00:00Z", "rotation_turn_length_seconds": 604800, "users": [{"user": ME_TOO}]}]})
    made = client.rpost("/schedules/%s/overrides" % schedule["id"], json=[{"start": soon(1), "end": soon(3), "user": ME_TOO}])
    check("create an override", made[0]["status"] == 201, made)
    listed = client.rget("/schedules/%s/overrides" % schedule["id"], params={"since": soon(0), "until": soon(24)})
    check("list overrides", [one["id"] for one in listed] == [made[0]["override"]["id"]], listed)
    client.rdelete("/schedules/%s/overrides/%s" % (schedule["id"], listed[0]["id"]))
    check("users of a schedule", [user["id"] for user in client.rget("/schedules/%s/users" % schedule["id"], params={"since": soon(0), "until": soon(24)})] == [ANA])
    client.rdelete("/schedules/" + schedule["id"])
    window = client.rpost("maintenance_windows", headers={"From": ME}, json={"type": "maintenance_window", "start_time": soon(2), "end_time": soon(3), "services": [
        {"id": service["id"], "type": "service_reference"}]})
    check("list maintenance windows", window["id"] in [one["id"] for one in client.iter_all("maintenance_windows", params={"filter": "future"})])
    client.rdelete("/maintenance_windows/" + window["id"])
    check("priorities, vendors", len(client.rget("priorities")) > 0 and next(client.iter_all("vendors"))["id"])
    check("on call", any(row["user"]["id"] == ANA for row in client.iter_all("oncalls", params={"escalation_policy_ids[]": [policy["id"]]})))
    return service, policy


def incidents(client, service):
    reference = {"id": service["id"], "type": "service_reference"}
    client.default_from = ME
    mine = {"From": ME}
    one, two = (client.rpost("incidents", headers=mine, json={"type": "incident", "title": name(title), "service": reference}) for title in ("one", "two"))
    found = list(client.iter_all("incidents", params={"service_ids[]": [service["id"]], "statuses[]": ["triggered", "acknowledged"]}, page_size=1))
    check("list incidents page by page", {incident["id"] for incident in found} == {one["id"], two["id"]}, found)
    changed = client.rput("incidents", headers=mine, json=[{"id": one["id"], "type": "incident_reference", "status": "acknowledged"}])
    check("acknowledge", changed[0]["status"] == "acknowledged", changed)
    changed = client.rput("/incidents/" + one["id"], headers=mine, json={"type": "incident_reference", "assignments": [{"assignee": ME_TOO}], "urgency": "low"})
    check("reassign", [given["assignee"]["id"] for given in changed["assignments"]] == [ANA], changed["assignments"])
    snoozed = client.post("/incidents/%s/snooze" % one["id"], headers=mine, json={"duration": 3600})
    check("snooze", snoozed.status_code == 201 and snoozed.json()["incident"]["pending_actions"], snoozed.text)
    note = client.rpost("/incidents/%s/notes" % one["id"], headers=mine, json={"content": "Looking"})
    written = [entry["channel"]["summary"] for entry in client.iter_incident_notes(one["id"])]
    check("notes", note["content"] == "Looking" and written == ["Looking"], written)
    merged = client.rput("/incidents/%s/merge" % one["id"], headers=mine, json=[{"id": two["id"], "type": "incident_reference"}])
    check("merge", merged["id"] == one["id"], merged)
    client.rput("incidents", headers=mine, json=[{"id": one["id"], "type": "incident_reference", "status": "resolved"}])
    check("resolve", client.rget("/incidents/" + one["id"])["status"] == "resolved")
    kinds = [entry["type"] for entry in client.iter_all("/incidents/%s/log_entries" % one["id"])]
    check("log entries of an incident", {"trigger_log_entry", "acknowledge_log_entry", "annotate_log_entry", "resolve_log_entry"} <= set(kinds), kinds)
    since, until = datetime.now(timezone.utc) - timedelta(hours=2), datetime.now(timezone.utc) + timedelta(minutes=1)
    history = list(client.iter_history("log_entries", since, until))
    check("iter_history", len(history) >= len(kinds), len(history))
    calls = list(client.iter_all("notifications", params={"since": soon(-2), "until": soon(1)}))
    check("notifications", all(call["type"].endswith("_notification") for call in calls))


def service_fields(client, service):
    below, values = "/services/custom_fields", "/services/%s/custom_fields/values" % service["id"]
    made = client.post(below, json={"field": {"name": "%s_tier" % MARK, "display_name": name("Tier"), "data_type": "string", "field_type": "single_value_fixed",
                                              "field_options": [{"data": {"data_type": "string", "value": value}} for value in ("gold", "bronze")]}})
    check("create a custom field of services", made.status_code == 201, made.text)  # rpost looks for a list here
    tier = made.json()["field"]
    check("read it", client.rget("%s/%s" % (below, tier["id"])) == tier, tier)
    listed = client.get(below, params={"include[]": ["field_options"]}).json()["fields"]
    check("list it", tier in listed, listed)
    client.rput(values, json=[{"id": tier["id"], "value": "gold"}])
    check("set a value of a service", {one["name"]: one["value"] for one in client.rget(values)}[tier["name"]] == "gold")
    refused("a value that is no option of the field", 400, 2001, lambda: client.rput(values, json=[{"name": tier["name"], "value": "tin"}]))
    client.rdelete("%s/%s" % (below, tier["id"]))


def incident_types(client, service):
    kind = client.post("/incidents/types", json={"incident_type": {"name": "%s_outage" % MARK, "display_name": name("Outage"), "parent_type": "incident_default"}})
    check("create an incident type", kind.status_code == 201, kind.text)  # rpost looks for a list here
    kind = kind.json()["incident_type"]
    path = "/incidents/types/" + kind["name"]
    check("read it by name", client.get(path).json()["incident_type"] == kind)
    check("list incident types", [one["name"] for one in client.get("/incidents/types").json()["incident_types"]][:2] == ["incident_default", kind["name"]])
    incident = client.rpost("incidents", headers={"From": ME}, json={"type": "incident", "title": name("typed"), "service": {"id": service["id"], "type": "service_reference"},
                                                                     "incident_type": {"name": kind["name"]}})
    check("an incident of that type", incident["incident_type"] == {"name": kind["name"]}, incident["incident_type"])
    changed = client.rput("incidents", headers={"From": ME}, json=[{"id": incident["id"], "type": "incident_reference", "incident_type": {"name": "incident_default"}, "status": "resolved"}])
    check("its type changes", changed[0]["incident_type"] == {"name": "incident_default"}, changed)
    check("disable a type", client.put(path, json={"incident_type": {"enabled": False}}).json()["incident_type"]["enabled"] is False)
    check("disabled ones are asked for", [one["name"] for one in client.get("/incidents/types", params={"filter": "disabled"}).json()["incident_types"]] == [kind["name"]])


def custom_fields(client, service):
    below = "/incidents/types/incident_default/custom_fields"
    region = client.rpost(below, json={"name": "%s_region" % MARK, "display_name": name("Region"), "data_type": "string", "field_type": "single_value_fixed", "default_value": "EU",
                                       "field_options": [{"data": {"data_type": "string", "value": value}} for value in ("EU", "US")]})
    check("create a custom field", sorted(option["data"]["value"] for option in region["field_options"]) == ["EU", "US"] and region["default_value"] == "EU", region)
    older = client.post("/incidents/custom_fields", json={"field": {"name": "%s_customers" % MARK, "display_name": name("Customers"), "data_type": "integer", "field_type": "single_value"}})
    check("create a custom field in the older path", older.status_code == 201, older.text)  # rpost looks for a list here
    customers = older.json()["field"]
    check("list custom fields", {region["id"], customers["id"]} <= {one["id"] for one in client.rget(below)} & {one["id"] for one in client.rget("/incidents/custom_fields")})
    check("read a custom field", client.rget("/incidents/custom_fields/" + customers["id"])["name"] == customers["name"])
    renamed = client.rput("%s/%s" % (below, region["id"]), json={"display_name": name("Where")})
    check("change a custom field", renamed["display_name"] == name("Where") and renamed["default_value"] == "EU", renamed)
    options = "%s/%s/field_options" % (below, region["id"])
    asia = client.rpost(options, json={"data": {"data_type": "string", "value": "Asia"}})
    asia = client.rput("%s/%s" % (options, asia["id"]), json={"data": {"data_type": "string", "value": "APAC"}})
    check("options", "APAC" in [option["data"]["value"] for option in client.rget(options)] and client.rget("%s/%s" % (options, asia["id"])) == asia, asia)
    incident = client.rpost("incidents", headers={"From": ME}, json={"type": "incident", "title": name("fields"), "service": {"id": service["id"], "type": "service_reference"}})
    values = "/incidents/%s/custom_fields/values" % incident["id"]
    check("an incident has the default", {one["name"]: one["value"] for one in client.rget(values)}[region["name"]] == "EU")
    client.rput(values, headers={"From": ME}, json=[{"id": region["id"], "value": "APAC"}, {"name": customers["name"], "value": 12}])
    shown = {one["name"]: one["value"] for one in client.rget(values)}
    check("set values", (shown[region["name"]], shown[customers["name"]]) == ("APAC", 12), shown)
    whole = client.rget("/incidents/" + incident["id"], params={"include[]": ["custom_fields"]})
    check("the incident shows its values", "APAC" in [one["value"] for one in whole["custom_fields"]], whole["custom_fields"])
    refused("a value that is no option", 400, 2001, lambda: client.rput(values, headers={"From": ME}, json=[{"id": region["id"], "value": "Mars"}]))
    client.rput("incidents", headers={"From": ME}, json=[{"id": incident["id"], "type": "incident_reference", "status": "resolved"}])
    client.rdelete("%s/%s" % (options, asia["id"]))
    for one in (region, customers):
        client.rdelete("%s/%s" % (below, one["id"]))
    refused("a deleted field", 404, 2100, lambda: client.rget("%s/%s" % (below, region["id"])))


def grouping(client, service):
    reference = {"id": service["id"], "type": "service_reference"}
    made = client.rpost("alert_grouping_settings", json={"name": name("Grouping"), "type": "content_based", "services": [reference],
                                                         "config": {"aggregate": "all", "fields": ["component", "class"], "time_window": 3600}})
    path = "/alert_grouping_settings/" + made["id"]
    check("create a grouping setting", made["config"]["fields"] == ["component", "class"] and [one["id"] for one in made["services"]] == [service["id"]], made)
    check("the service shows it", client.rget("/services/" + service["id"])["alert_grouping_parameters"]["type"] == "content_based")
    changed = client.rput(path, json={**made, "type": "time", "config": {"timeout": 600}})
    check("change a grouping setting", (changed["type"], changed["config"]["timeout"]) == ("time", 600) and client.rget(path) == changed, changed)
    listed = list(client.iter_alert_grouping_settings(service_ids=[service["id"]]))
    check("found by its service", [one["id"] for one in listed] == [made["id"]], listed)
    listed = list(client.iter_alert_grouping_settings(limit=1))
    check("listed page by page", made["id"] in [one["id"] for one in listed], listed)
    refused("a window that is too short", 400, 2001, lambda: client.rput(path, json={"type": "time", "config": {"timeout": 1}}))
    client.rdelete(path)
    check("no grouping setting left", list(client.iter_alert_grouping_settings(service_ids=[service["id"]])) == [])


def shifts(client):
    """Shift-based schedules, /v3."""
    mine, nobody = {"type": "user_member", "user_id": ANA}, {"type": "empty_member"}
    schedule = client.rpost("/v3/schedules", json={"name": name("Shifts"), "time_zone": "Europe/Berlin", "description": "Around the clock"})
    path = "/v3/schedules/" + schedule["id"]
    check("its own address can be read", client.rget(schedule["self"])["id"] == schedule["id"], schedule)
    check("change a shift-based schedule", client.rput(path, json={"description": "By day"})["description"] == "By day")
    found = list(client.iter_all("/v3/schedules", params={"query": name("Shifts")}, page_size=1, total=True))
    check("search shift-based schedules", [one["id"] for one in found] == [schedule["id"]], found)
    rotation = client.rpost(path + "/rotations", json={})
    events_path = "%s/rotations/%s/events" % (path, rotation["id"])
    first = soon(1)
    event = client.rpost(events_path, json={"name": "Daily", "effective_since": first, "recurrence": ["RRULE:FREQ=DAILY"], "start_time": {"date_time": first, "time_zone": "Europe/Berlin"},
                                            "end_time": {"date_time": soon(9), "time_zone": "Europe/Berlin"},
                                            "assignment_strategy": {"type": "rotating_member_assignment_strategy", "shifts_per_member": 1, "members": [mine, nobody]}})
    check("create an event", event["recurrence"] == ["RRULE:FREQ=DAILY"] and event["assignment_strategy"]["members"][0]["user_id"] == ANA, event)
    event = client.rput("%s/%s" % (events_path, event["id"]), json={"name": "Every day"})
    check("change an event", event["name"] == "Every day" and client.rget("%s/%s" % (events_path, event["id"])) == event, event)
    check("list events", [one["id"] for one in client.iter_all(events_path)] == [event["id"]])
    check("list rotations", [one["id"] for one in client.iter_all(path + "/rotations")] == [rotation["id"]])
    check("read a rotation", [one["id"] for one in client.rget("%s/rotations/%s" % (path, rotation["id"]))["events"]] == [event["id"]])
    window = {"since": soon(0), "until": soon(72)}
    shift = client.rpost(path + "/custom_shifts", json=[{"type": "custom_shift", "start_time": soon(10), "end_time": soon(14), "assignments": [{"type": "shift_assignment", "member": mine}]}])[0]
    shift = client.rput("%s/custom_shifts/%s" % (path, shift["id"]), json={"end_time": soon(15)})
    check("custom shifts", [one["id"] for one in client.iter_all(path + "/custom_shifts", params=window)] == [shift["id"]] and
          client.rget("%s/custom_shifts/%s" % (path, shift["id"])) == shift, shift)
    override = client.rpost(path + "/overrides", json=[{"type": "override_shift", "rotation_id": rotation["id"], "start_time": soon(2), "end_time": soon(4), "overridden_member": mine,
                                                        "overriding_member": nobody}])[0]
    override = client.rput("%s/overrides/%s" % (path, override["id"]), json={"end_time": soon(5)})
    check("overrides of shifts", [one["id"] for one in client.iter_all(path + "/overrides", params=window)] == [override["id"]] and
          client.rget("%s/overrides/%s" % (path, override["id"])) == override, override)
    final = client.rget(path, params={**window, "include[]": ["final_schedule"]})["final_schedule"]["computed_shift_assignments"]
    check("the final schedule", {one["source"]["type"] for one in final} >= {"schedule_rotation", "custom_shift"}, final)
    records = list(client.iter_cursor(path + "/audit/records"))
    check("its audit records", len(records) >= 2, records)
    refused("an event without an end", 400, 2001, lambda: client.rpost(events_path, json={"name": "Endless"}))
    client.rdelete("%s/overrides/%s" % (path, override["id"]))
    client.rdelete("%s/custom_shifts/%s" % (path, shift["id"]))
    client.rdelete("%s/%s" % (events_path, event["id"]))
    client.rdelete("%s/rotations/%s" % (path, rotation["id"]))
    client.rdelete(path)
    refused("a deleted schedule", 404, 2100, lambda: client.rget(path))


def events(integration_key):
    sender = pagerduty.EventsApiV2Client(integration_key, base_url=URL, verify=TRUST)
    key = sender.trigger(name("event"), "web-1", severity="critical", custom_details={"disk": "full"}, links=[{"href": "https://halden.example", "text": "graph"}])
    check("trigger", bool(key), key)
    check("acknowledge by event", sender.acknowledge(key) == key)
    check("resolve by event", sender.resolve(key) == key)
    check("change event", sender.submit("Deployed", source="ci") is None)
    try:
        sender.trigger("", "web-1")
        check("a wrong event", False, "it was taken")
    except pagerduty.HttpError as error:
        check("a wrong event", error.response.status_code == 400 and error.response.json()["status"] == "invalid event", error.msg)


def refusals(client):
    refused("400", 400, 2001, lambda: client.rpost("services", json={"type": "service", "name": ""}))
    refused("404", 404, 2100, lambda: client.rget("/users/PNOBODY"))
    refused("401", 401, 2006, lambda: rest("x" * 20).rget("users"))
    refused("offset too far", 400, 2001, lambda: client.rget("users", params={"offset": 9990, "limit": 100}))
    nowhere = client.get("/response_plays_of_old")
    check("an unknown noun", nowhere.status_code == 404 and nowhere.json()["error"]["code"] == 2100, nowhere.text)


def directly():
    """Without anything between: Muster's own TLS."""
    client = rest(ACCOUNT_TOKEN, DIRECTLY)
    client.default_from = ME
    check("over Muster's own TLS", len(client.rget("users", params={"limit": 1})) == 1)


def over_the_limit():
    """The server allows 20 requests a minute. By itself this library would try again for ever: here it may do so once."""
    client = rest()
    client.retry, client.sleep_timer = {429: 1}, 0.01
    for _ in range(25):
        answer = client.get("users", params={"limit": 1})
        if answer.status_code == 429:
            break
    check("429", answer.status_code == 429 and answer.json()["error"]["code"] == 2020, answer.text)
    check("another token goes on", rest(ACCOUNT_TOKEN).get("users").status_code == 200)
    print("done")


def main():
    warnings.simplefilter("error", UserWarning)
    if os.environ.get("OVER_THE_LIMIT"):
        return over_the_limit()
    client = rest()
    users(client)
    paging(client)
    service, _ = configuration(client)
    incidents(client, service)
    incident_types(client, service)
    custom_fields(client, service)
    service_fields(client, service)
    grouping(client, service)
    shifts(client)
    events(KEY)
    refusals(client)
    directly()
    print("done")


main()
