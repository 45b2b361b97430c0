"""Why: every operation of the configuration nouns is used once the way clients use it; shape and keys are judged by the suite."""
import urllib.parse

from seed import reference


def walk(suite, seed):
    for part in (users, contact_methods, rules, teams, policies, services, windows, heartbeats, small_nouns, lists):
        part(suite, seed)


def same(suite, what, found, wanted):
    suite.check(found == wanted, "%s: %r, not %r" % (what, found, wanted))


def users(suite, seed):
    user = seed.new_user(job_title="Engineer")
    path = "/users/" + user["id"]
    changed = suite.ask("PUT", path, {"user": {"type": "user", "description": "On loan"}})["user"]
    same(suite, "an omitted field", changed["job_title"], "Engineer")
    same(suite, "a changed field", suite.ask("GET", path)["user"]["description"], "On loan")
    cleared = suite.ask("PUT", path, {"user": {"job_title": None}})["user"]
    same(suite, "a cleared field", cleared["job_title"], None)
    whole = suite.ask("GET", path + "?include[]=contact_methods&include[]=notification_rules&include[]=teams")["user"]
    same(suite, "included contact method", whole["contact_methods"][0].get("address"), user["email"])
    same(suite, "default rules", sorted(rule["urgency"] for rule in whole["notification_rules"]), ["high", "low"])
    suite.ask("PUT", path, {"user": whole})
    suite.ask("DELETE", path, status=204)
    suite.error("GET", path, None, 404, 2100)
    again = seed.new_user(email=user["email"])
    suite.check(again["id"] != user["id"], "an id was used twice")


def contact_methods(suite, seed):
    path = "/users/%s/contact_methods" % seed.user["id"]
    sms = suite.ask("POST", path, {"contact_method": {"type": "sms_contact_method", "label": "Mobile", "address": "+49 151 000 77 88"}}, 201)["contact_method"]
    same(suite, "country code", (sms["country_code"], sms["address"]), (49, "1510007788"))
    same(suite, "unproved number", sms["verified"], False)
    phone = suite.ask("POST", path, {"contact_method": {"type": "phone_contact_method", "label": "Mobile", "address": "1510007788", "country_code": 49,
                                                        "verified": True}}, 201)["contact_method"]
    same(suite, "vouched number", phone["verified"], True)
    kept = suite.ask("PUT", path + "/" + phone["id"], {"contact_method": {**phone, "label": "Desk"}})["contact_method"]
    same(suite, "renamed number stays proved", (kept["label"], kept["verified"]), ("Desk", True))
    changed = suite.ask("PUT", path + "/" + phone["id"], {"contact_method": {"address": "1510007789"}})["contact_method"]
    same(suite, "new number has to be proved", (changed["verified"], changed["country_code"]), (False, 49))
    hook = suite.ask("POST", path, {"contact_method": {"type": "webhook_contact_method", "label": "Bot", "address": "https://bot.example/hook"}}, 201)
    suite.ask("DELETE", path + "/" + hook["contact_method"]["id"], status=204)
    rule = suite.ask("POST", "/users/%s/notification_rules" % seed.user["id"], {"notification_rule": {
        "type": "assignment_notification_rule", "start_delay_in_minutes": 7, "urgency": "high", "contact_method": reference(sms)}}, 201)["notification_rule"]
    suite.ask("GET", path)
    suite.ask("GET", path + "/" + sms["id"])
    suite.ask("DELETE", path + "/" + sms["id"], status=204)
    suite.error("GET", "/users/%s/notification_rules/%s" % (seed.user["id"], rule["id"]), None, 404, 2100)
    suite.error("GET", "/users/%s/contact_methods/%s" % (seed.other["id"], phone["id"]), None, 404, 2100)


def rules(suite, seed):
    path = "/users/%s/notification_rules" % seed.user["id"]
    body = {"type": "assignment_notification_rule", "start_delay_in_minutes": 3, "urgency": "low", "contact_method": reference(seed.method)}
    rule = suite.ask("POST", path, {"notification_rule": body}, 201)["notification_rule"]
    suite.error("POST", path, {"notification_rule": body}, 400, 2001, mention="already")
    exact = suite.ask("PUT", path + "/" + rule["id"], {"notification_rule": {"start_delay_in_seconds": 200}})["notification_rule"]
    same(suite, "seconds", (exact["start_delay_in_seconds"], exact["start_delay_in_minutes"]), (200, 3))
    kept = suite.ask("PUT", path + "/" + rule["id"], {"notification_rule": {**body, "urgency": "high"}})["notification_rule"]
    same(suite, "a client of minutes does not round", kept["start_delay_in_seconds"], 200)
    whole = suite.ask("GET", path + "?include[]=contact_methods&urgency=high")["notification_rules"]
    same(suite, "only high ones", {r["urgency"] for r in whole}, {"high"})
    suite.ask("GET", path + "/" + rule["id"] + "?include[]=contact_methods")
    other = suite.ask("GET", "/users/%s/contact_methods" % seed.other["id"])["contact_methods"][0]
    suite.error("POST", path, {"notification_rule": {**body, "contact_method": reference(other)}}, 400, 2001, mention="contact_method.id")
    suite.ask("DELETE", path + "/" + rule["id"], status=204)
    handoffs = "/users/%s/oncall_handoff_notification_rules" % seed.user["id"]
    suite.ask("GET", handoffs)
    suite.ask("GET", handoffs + "/" + seed.handoff["id"])
    changed = suite.ask("PUT", handoffs + "/" + seed.handoff["id"], {"oncall_handoff_notification_rule": {"handoff_type": "offcall"}})
    same(suite, "omitted advance", changed["oncall_handoff_notification_rule"]["notify_advance_in_minutes"], 60)
    gone = suite.ask("POST", handoffs, {"oncall_handoff_notification_rule": {"handoff_type": "oncall", "contact_method": reference(seed.method)}}, 201)
    suite.ask("DELETE", handoffs + "/" + gone["oncall_handoff_notification_rule"]["id"], status=204)


def teams(suite, seed):
    team, policy = seed.new_team(), seed.new_policy(teams=[])
    path = "/teams/" + team["id"]
    same(suite, "renamed team", suite.ask("PUT", path, {"team": {"name": seed.name("Renamed")}})["team"]["description"], None)
    suite.ask("GET", path)
    suite.ask("PUT", "%s/users/%s" % (path, seed.user["id"]), {"role": "observer"}, 204)
    suite.ask("PUT", "%s/users/%s" % (path, seed.user["id"]), {"role": "manager"}, 204)
    suite.ask("PUT", "%s/users/%s" % (path, seed.other["id"]), status=204)
    members = suite.ask("GET", path + "/members?include[]=users")["members"]
    same(suite, "roles", {m["user"]["id"]: m["role"] for m in members}, {seed.user["id"]: "manager", seed.other["id"]: "manager"})
    same(suite, "a member's page", suite.ask("GET", path + "/members?limit=1&total=true")["total"], 2)
    same(suite, "users of a team", len(suite.ask("GET", "/users?team_ids[]=" + team["id"])["users"]), 2)
    suite.ask("DELETE", "%s/users/%s" % (path, seed.other["id"]), status=204)
    suite.error("DELETE", "%s/users/%s" % (path, seed.other["id"]), None, 404, 2100)
    suite.ask("PUT", "%s/escalation_policies/%s" % (path, policy["id"]), status=204)
    same(suite, "policies of a team", [p["id"] for p in suite.ask("GET", "/escalation_policies?team_ids[]=" + team["id"])["escalation_policies"]], [policy["id"]])
    suite.error("DELETE", path, None, 400, 2001, mention=policy["name"])
    suite.ask("DELETE", "%s/escalation_policies/%s" % (path, policy["id"]), status=204)
    suite.ask("DELETE", path, status=204)
    suite.error("GET", path, None, 404, 2100)
    bare = suite.ask("POST", "/teams", {"name": seed.name("Bare"), "type": "team"}, 201)["team"]  # as go-pagerduty sends it
    same(suite, "a team without its wrapper", suite.ask("PUT", "/teams/" + bare["id"], {"description": "Bare"})["team"]["description"], "Bare")


def policies(suite, seed):
    policy = seed.new_policy(num_loops=2, catch_all=reference(seed.other), description="First")
    path = "/escalation_policies/" + policy["id"]
    first = policy["escalation_rules"][0]
    two = suite.ask("PUT", path, {"escalation_policy": {"escalation_rules": [
        {"escalation_delay_in_seconds": 90, "targets": [reference(seed.other)], "escalation_rule_assignment_strategy": {"type": "round_robin"}}, first]}})
    rules_now = two["escalation_policy"]["escalation_rules"]
    same(suite, "rules keep their ids", (rules_now[1]["id"], rules_now[0]["id"] != first["id"]), (first["id"], True))
    same(suite, "omitted loops", two["escalation_policy"]["num_loops"], 2)
    same(suite, "catch-all", two["escalation_policy"]["catch_all"]["id"], seed.other["id"])
    suite.ask("PUT", path, {"escalation_policy": two["escalation_policy"]})
    whole = suite.ask("GET", path + "?include[]=escalation_rule_assignment_strategies&include[]=targets&include[]=teams&include[]=services")["escalation_policy"]
    same(suite, "strategy and delay survive a client that does not know them",
         (whole["escalation_rules"][0]["escalation_rule_assignment_strategy"]["type"], whole["escalation_rules"][0]["escalation_delay_in_seconds"]), ("round_robin", 90))
    same(suite, "included target", whole["escalation_rules"][0]["targets"][0].get("email"), seed.other["email"])
    same(suite, "policies of a user", policy["id"] in [p["id"] for p in suite.ask("GET", "/escalation_policies?user_ids[]=" + seed.other["id"])["escalation_policies"]], True)
    service = seed.new_service(escalation_policy=reference(policy))
    suite.error("DELETE", path, None, 400, 2001, mention=service["name"])
    suite.ask("DELETE", "/services/" + service["id"], status=204)
    suite.ask("DELETE", path, status=204)
    suite.error("GET", path, None, 404, 2100)


def services(suite, seed):
    hours = {"type": "fixed_time_per_day", "time_zone": "America/Lima", "start_time": "09:00:00", "end_time": "17:00:00", "days_of_week": [1, 2, 5]}
    service = seed.new_service(support_hours=hours, incident_urgency_rule={
        "type": "use_support_hours", "during_support_hours": {"type": "constant", "urgency": "high"},
        "outside_support_hours": {"type": "constant", "urgency": "low"}}, auto_resolve_timeout=None,
        alert_grouping_parameters={"type": "content_based", "config": {"aggregate": "any", "fields": ["class"], "time_window": 600}})
    path = "/services/" + service["id"]
    same(suite, "support hours", service["support_hours"], hours)
    same(suite, "grouping", service["alert_grouping_parameters"], {"type": "content_based", "config": {"aggregate": "any", "fields": ["class"], "time_window": 600,
                                                                                                                "recommended_time_window": 300}})
    again = suite.ask("PUT", path, {"service": service})["service"]
    same(suite, "a service sent back as it was read", {k: v for k, v in again.items() if k != "updated_at"}, {k: v for k, v in service.items() if k != "updated_at"})
    same(suite, "disabled", suite.ask("PUT", path, {"service": {"status": "disabled"}})["service"]["status"], "disabled")
    same(suite, "enabled", suite.ask("PUT", path, {"service": {"status": "active"}})["service"]["status"], "active")
    plain = suite.ask("PUT", path, {"service": {"incident_urgency_rule": {"type": "constant", "urgency": "severity_based"}, "support_hours": None}})["service"]
    same(suite, "urgency rule", (plain["incident_urgency_rule"], plain["support_hours"]), ({"type": "constant", "urgency": "severity_based"}, None))
    integrations = path + "/integrations"
    made = suite.ask("POST", integrations, {"integration": {"type": "events_api_v2_inbound_integration", "vendor": reference(seed.vendor)}}, 201)["integration"]
    same(suite, "key", (len(made["integration_key"]), made["name"]), (32, seed.vendor["name"]))
    renamed = suite.ask("PUT", integrations + "/" + made["id"], {"integration": {"name": "Other"}})["integration"]
    same(suite, "key after renaming", (renamed["integration_key"], renamed["vendor"]["id"]), (made["integration_key"], seed.vendor["id"]))
    suite.ask("GET", integrations + "/" + made["id"] + "?include[]=services")
    whole = suite.ask("GET", path + "?include[]=integrations&include[]=escalation_policies&include[]=teams")["service"]
    same(suite, "included", (whole["integrations"][0].get("name"), "escalation_rules" in whole["escalation_policy"]), ("Other", True))
    suite.ask("DELETE", integrations + "/" + made["id"], status=204)
    suite.error("GET", integrations + "/" + made["id"], None, 404, 2100)
    suite.ask("DELETE", path, status=204)
    suite.error("GET", path, None, 404, 2100)


def windows(suite, seed):
    service = seed.new_service()
    window = seed.new_window(start="2015-01-01T00:00:00Z", services=[service])
    path = "/maintenance_windows/" + window["id"]
    same(suite, "service under maintenance", suite.ask("GET", "/services/" + service["id"])["service"]["status"], "maintenance")
    same(suite, "a start in the past is now", window["start_time"] > "2020", True)
    changed = suite.ask("PUT", path, {"maintenance_window": {"start_time": "2034-01-01T00:00:00Z", "end_time": "2035-06-01T00:00:00Z"}})["maintenance_window"]
    same(suite, "what has begun has begun", (changed["start_time"], changed["end_time"]), (window["start_time"], "2035-06-01T00:00:00Z"))
    ongoing = suite.ask("GET", "/maintenance_windows?filter=ongoing&include[]=services&include[]=users&service_ids[]=" + service["id"])["maintenance_windows"]
    same(suite, "ongoing", [w["id"] for w in ongoing], [window["id"]])
    same(suite, "future", window["id"] in [w["id"] for w in suite.ask("GET", "/maintenance_windows?filter=future")["maintenance_windows"]], False)
    suite.ask("GET", path)
    suite.ask("DELETE", path, status=204)
    same(suite, "maintenance is over", suite.ask("GET", "/services/" + service["id"])["service"]["status"], "active")
    suite.error("PUT", path, {"maintenance_window": {"description": "x"}}, 400, 5003)
    suite.error("DELETE", path, None, 405, 5003)
    future = seed.new_window()
    suite.ask("DELETE", "/maintenance_windows/" + future["id"], status=204)
    suite.error("GET", "/maintenance_windows/" + future["id"], None, 404, 2100)
    body = {"type": "maintenance_window", "start_time": "2035-01-02T00:00:00Z", "end_time": "2035-01-01T00:00:00Z", "services": [reference(service)]}
    suite.error("POST", "/maintenance_windows", {"maintenance_window": body}, 400, 2001, mention="end_time")


def heartbeats(suite, seed):
    path = "/muster/heartbeats"
    for mention in ("heartbeat.name", "heartbeat.service", "heartbeat.interval_in_seconds"):
        suite.error("POST", path, {"heartbeat": {"grace_in_seconds": 1}}, 400, 2001, mention=mention)
    suite.error("POST", path, {"heartbeat": {"name": "x", "service": {"id": "PNONE00", "type": "service_reference"}, "interval_in_seconds": 60}}, 400, 2001, mention="heartbeat.service")
    made = suite.ask("POST", path, {"heartbeat": {"name": "Nightly", "service": reference(seed.service), "interval_in_seconds": 3600}}, 201)["heartbeat"]
    same(suite, "a new heartbeat", (made["status"], made["grace_in_seconds"], made["last_beat_at"]), ("waiting", 60, None))
    key = urllib.parse.urlsplit(made["ping_url"]).path
    suite.check(suite.client.send("POST", key, None, {"Authorization": ""}).status == 202, "a beat without a token")
    suite.check(suite.client.send("GET", key, None, {"Authorization": ""}).status in (401, 404), "a GET is no beat")
    beaten = suite.ask("GET", path + "/" + made["id"])["heartbeat"]
    same(suite, "after a beat", (beaten["status"], beaten["last_beat_at"] is not None), ("beating", True))
    same(suite, "renamed", suite.ask("PUT", path + "/" + made["id"], {"heartbeat": {"name": "Hourly"}})["heartbeat"]["name"], "Hourly")
    same(suite, "found", [h["id"] for h in suite.ask("GET", path + "?query=hour&service_ids[]=" + seed.service["id"])["heartbeats"]], [made["id"]])
    suite.ask("DELETE", path + "/" + made["id"], status=204)
    suite.error("GET", path + "/" + made["id"], None, 404, 2100)
    suite.check(suite.client.send("POST", key, None, {"Authorization": ""}).status == 404, "a beat of one that was deleted")


def small_nouns(suite, seed):
    suite.ask("GET", "/priorities")
    priority = suite.ask("POST", "/priorities", {"priority": {"name": "P9"}}, 201)["priority"]
    suite.ask("PUT", "/priorities/" + priority["id"], {"priority": {"description": "Later"}})
    suite.ask("DELETE", "/priorities/" + priority["id"], status=204)
    suite.ask("GET", "/vendors?query=" + urllib.parse.quote(seed.vendor["name"][:4]))
    suite.ask("GET", "/vendors/" + seed.vendor["id"])
    first = suite.ask("GET", "/abilities")["abilities"][0]
    suite.ask("GET", "/abilities/" + first, status=204)
    suite.error("GET", "/abilities/flying", None, 402, 2014)


def lists(suite, seed):
    seed.new_team()
    for noun in ("users", "teams", "services", "escalation_policies", "maintenance_windows"):
        page = suite.ask("GET", "/%s?limit=1&offset=1&total=true" % noun)
        same(suite, noun + " page", (page["limit"], page["offset"], len(page[noun]), page["total"] >= 2, page["more"]), (1, 1, 1, True, page["total"] > 2))
        beyond = suite.ask("GET", "/%s?limit=5&offset=900&total=true" % noun)
        same(suite, noun + " beyond the end", (beyond[noun], beyond["more"], beyond["total"]), ([], False, page["total"]))
        default = suite.ask("GET", "/" + noun)
        same(suite, noun + " default page", (default["limit"], default["offset"], default["total"]), (25, 0, None))
        same(suite, noun + " largest page", suite.ask("GET", "/%s?limit=500" % noun)["limit"], 100)
        suite.error("GET", "/%s?limit=100&offset=9901" % noun, None, 400, 2001)
        suite.error("GET", "/%s?limit=x" % noun, None, 400, 2001, mention="limit")
        suite.ask("GET", "/%s?rand=1&nonsense[]=2" % noun)
    for noun in ("services", "escalation_policies"):
        names = [thing["name"].lower() for thing in suite.ask("GET", "/%s?sort_by=name:desc&limit=100" % noun)[noun]]
        same(suite, noun + " sorted", names, sorted(names, reverse=True))
        suite.error("GET", "/%s?sort_by=colour" % noun, None, 400, 2001, mention="sort_by")
    found = suite.ask("GET", "/users?query=" + seed.user["name"].upper().replace(" ", "%20"))["users"]
    same(suite, "query ignores case", seed.user["id"] in [user["id"] for user in found], True)
    encoded = suite.ask("GET", "/users?team_ids%5B%5D=" + seed.team["id"])["users"]
    same(suite, "encoded brackets", [user["id"] for user in encoded], [seed.user["id"]])
