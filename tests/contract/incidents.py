"""Why: incidents, their alerts, notes and log entries, and the calls that went out, asked for the way PagerDuty's clients do.

Runs on the sample organisation with the practice phone and a clock that is moved: events come in, people are paged, answers
follow. Every answer is judged by shape and keys (suite.py); what is checked here is what happened."""

import analytics
import change_events
import related_incidents
import status_updates

ARGUMENTS = ["--test-clock", "--sample", "--practice"]
# The first tier of these nouns, and responder requests.
OPERATIONS = {
    "/incidents": ("GET", "POST", "PUT"), "/incidents/{id}": ("GET", "PUT"), "/incidents/{id}/snooze": ("POST",), "/incidents/{id}/merge": ("PUT",),
    "/incidents/{id}/alerts": ("GET", "PUT"), "/incidents/{id}/alerts/{alert_id}": ("GET", "PUT"), "/incidents/{id}/log_entries": ("GET",),
    "/incidents/{id}/notes": ("GET", "POST"), "/incidents/{id}/notes/{note_id}": ("PUT", "DELETE"), "/incidents/{id}/responder_requests": ("POST",),
    **status_updates.OPERATIONS, **analytics.OPERATIONS, **change_events.OPERATIONS, **related_incidents.OPERATIONS, "/log_entries": ("GET",), "/log_entries/{id}": ("GET",), "/log_entries/{id}/channel": ("PUT",), "/notifications": ("GET",),
}
NOUNS = tuple(OPERATIONS)
START = "2026-02-10T02:00:00Z"
DETAILS = {"customKey": "Server is on fire!", "customKey2": 0}
ME = {"From": "ana@halden.example"}


class Stage:
    def __init__(self, suite, routing_key):
        self.suite, self.key = suite, routing_key
        self.clock(START)
        self.users = {user["name"].split()[0]: user for user in suite.ask("GET", "/users?limit=100")["users"]}
        self.services = {service["name"]: service for service in suite.ask("GET", "/services?limit=100")["services"]}
        self.policies = {policy["name"]: policy for policy in suite.ask("GET", "/escalation_policies?limit=100")["escalation_policies"]}

    def clock(self, now):
        self.suite.client.ask("PUT", "/test/clock", {"now": now})

    def event(self, key, action="trigger", summary="Checkout is down", **payload):
        body = {"routing_key": self.key, "event_action": action, "dedup_key": key}
        if action == "trigger":
            body["payload"] = {"summary": summary, "source": "web-1", "severity": "critical", "custom_details": DETAILS, **payload}
            body["links"] = [{"href": "https://example.org/graph", "text": "graph"}]
        self.suite.client.ask("POST", "/v2/enqueue", body, status=202)

    def reference(self, noun, name):
        found = {"user": self.users, "service": self.services, "escalation_policy": self.policies}[noun][name]
        return {"id": found["id"], "type": noun + "_reference"}

    def incident(self, title="The server is on fire", **fields):
        body = {"incident": {"type": "incident", "title": title, "service": self.reference("service", "checkout"), **fields}}
        return self.suite.ask("POST", "/incidents", body, 201, headers=ME)["incident"]

    def change(self, incident, **fields):
        return self.suite.ask("PUT", "/incidents/" + incident["id"], {"incident": {"type": "incident_reference", **fields}}, 200, headers=ME)["incident"]

    def first_level(self, service):
        """Who is called first if the service breaks now."""
        levels = self.suite.client.ask("GET", "/muster/resolve?service=" + service)["levels"]
        return sorted(c["name"].split()[0] for c in levels[0]["candidates"] if c["chosen"])

    def look(self, incident):
        return self.suite.ask("GET", "/incidents/" + incident["id"])["incident"]


def names(assignments, role="assignee"):
    return sorted(entry[role]["summary"].split()[0] for entry in assignments)


def check(suite, routing_key):
    stage = Stage(suite, routing_key)
    for part in (life, creation, listing, including, managing, people, merging, alerts, notes, log_entries, notifications, status_updates.check, mistakes, reasons, practice, analytics.check, change_events.check, related_incidents.check):
        part(suite, stage)
    if suite.reference:
        suite.table(NOUNS, [(method, template) for template, methods in OPERATIONS.items() for method in methods])


def life(suite, stage):
    stage.event("life")
    listed = suite.ask("GET", "/incidents?statuses[]=triggered")["incidents"]
    suite.check(len(listed) == 1, "one event makes one incident: %s" % [i["title"] for i in listed])
    incident = listed[0]
    suite.check(incident["alert_counts"] == {"all": 1, "triggered": 1, "resolved": 0}, "alert counts: %s" % incident["alert_counts"])
    suite.check(names(incident["assignments"]) == ["Cleo"], "whoever is on call is assigned: %s" % incident["assignments"])
    suite.check([a["type"] for a in incident["pending_actions"]].count("escalate") == 1, "the escalation is pending: %s" % incident["pending_actions"])
    stage.clock("2026-02-10T02:01:00Z")
    changed = stage.change(incident, status="acknowledged")
    suite.check(changed["status"] == "acknowledged" and names(changed["acknowledgements"], "acknowledger") == ["Ana"], "acknowledged by Ana: %s" % changed["acknowledgements"])
    suite.check(changed["last_status_change_by"]["summary"].startswith("Ana"), "changed by Ana")
    again = stage.change(incident, status="acknowledged")
    suite.check(again["updated_at"] == changed["updated_at"], "acknowledging twice changes nothing")
    back = stage.change(incident, status="triggered")
    suite.check(back["status"] == "triggered" and not back["acknowledgements"], "back to triggered")
    snoozed = suite.ask("POST", "/incidents/%s/snooze" % incident["id"], {"duration": 3600}, 201, headers=ME)["incident"]
    suite.check([a["at"] for a in snoozed["pending_actions"] if a["type"] == "unacknowledge"] == ["2026-02-10T03:01:00Z"], "the end of the snooze is pending: %s" % snoozed["pending_actions"])
    by_number = suite.ask("GET", "/incidents/%d" % incident["incident_number"])["incident"]
    suite.check(by_number["id"] == incident["id"], "the number names it too")
    resolved = stage.change(incident, status="resolved", resolution="restarted")
    suite.check(resolved["status"] == "resolved" and resolved["resolved_at"] == "2026-02-10T02:01:00Z" and not resolved["assignments"], "resolved and released")
    suite.check(not resolved["pending_actions"], "nothing is pending any more: %s" % resolved["pending_actions"])
    suite.error("PUT", "/incidents/" + incident["id"], {"incident": {"type": "incident", "status": "acknowledged"}}, 400, 1001, headers=ME)
    zoned = suite.ask("GET", "/incidents/%s?time_zone=Asia/Kolkata" % incident["id"])["incident"]
    suite.check(zoned["created_at"] == "2026-02-10T07:30:00+05:30", "times in the zone asked for: " + zoned["created_at"])


def creation(suite, stage):
    incident = stage.incident("Disk is full", urgency="low", incident_key="disk-1", body={"type": "incident_body", "details": "A disk is full."})
    suite.check(incident["urgency"] == "low" and incident["incident_key"] == "disk-1", "as asked: %s" % incident["incident_key"])
    suite.check((incident["body"] or {}).get("details") == "A disk is full.", "the body is kept: %s" % incident["body"])
    suite.error("POST", "/incidents", {"incident": {"type": "incident", "title": "Again", "service": stage.reference("service", "checkout"), "incident_key": "disk-1"}}, 400, 2002, headers=ME)
    direct = stage.incident("For Dan", assignments=[{"assignee": stage.reference("user", "Dan")}])
    suite.check(names(direct["assignments"]) == ["Dan"] and direct["assigned_via"] == "direct_assignment", "assigned by hand: %s" % direct["assignments"])
    by_policy = stage.incident("For the database people", escalation_policy=stage.reference("escalation_policy", "DBPlatform"))
    suite.check(by_policy["escalation_policy"]["summary"] == "DBPlatform", "another policy")
    for incident in (incident, direct, by_policy):
        stage.change(incident, status="resolved")


def listing(suite, stage):
    first, second = stage.incident("One"), stage.incident("Two", urgency="low")
    ids = lambda query: [i["id"] for i in suite.ask("GET", "/incidents?" + query)["incidents"]]
    suite.check(ids("statuses[]=triggered&sort_by=created_at:desc,incident_number:desc") == [second["id"], first["id"]], "newest first")
    suite.check(ids("statuses[]=triggered&urgencies[]=low") == [second["id"]], "by urgency")
    suite.check(ids("statuses%5B%5D=triggered&service_ids%5B%5D=PNOSUCH") == [], "by service, brackets encoded")
    suite.check(ids("statuses[]=triggered&user_ids[]=" + stage.users["Cleo"]["id"]) == [first["id"], second["id"]], "by assignee")
    suite.check(ids("incident_key=life") != [], "by the key of an alert")
    suite.check(ids("since=2026-03-01&until=2026-04-01") == [], "by date")
    page = suite.ask("GET", "/incidents?date_range=all&limit=1&total=true")
    suite.check(page["limit"] == 1 and page["more"] is True and page["total"] > 1, "paging: %s" % {k: v for k, v in page.items() if k != "incidents"})
    suite.error("GET", "/incidents?statuses[]=open&since=yesterday", None, 400, 2001, mention="since")
    suite.error("GET", "/incidents?offset=9999&limit=100", None, 400, 2001)
    suite.error("GET", "/incidents/QNOSUCHINCIDEN", None, 404, 2100)
    for incident in (first, second):
        stage.change(incident, status="resolved")


def including(suite, stage):
    """include[] puts the whole object where a reference stood; every such answer is judged by its shape as well."""
    incident = stage.change(stage.incident("Whole"), status="acknowledged")
    everything = "&".join("include[]=" + what for what in ("services", "escalation_policies", "teams", "users", "assignees", "acknowledgers", "agents",
                                                           "priorities", "first_trigger_log_entries", "conference_bridge", "body"))
    for whole in (suite.ask("GET", "/incidents/%s?%s" % (incident["id"], everything))["incident"],
                  suite.ask("GET", "/incidents?statuses[]=acknowledged&" + everything)["incidents"][0]):
        kinds = [whole[key]["type"] for key in ("service", "escalation_policy", "last_status_change_by", "first_trigger_log_entry")]
        kinds += [whole["teams"][0]["type"], whole["assignments"][0]["assignee"]["type"], whole["acknowledgements"][0]["acknowledger"]["type"]]
        suite.check(kinds == ["service", "escalation_policy", "user", "trigger_log_entry", "team", "user", "user"], "whole objects: %s" % kinds)
        suite.check(whole["acknowledgements"][0]["acknowledger"]["email"] == "ana@halden.example", "with their fields")
    entry = suite.ask("GET", "/incidents/%s/log_entries?include[]=incidents&include[]=services&include[]=teams" % incident["id"])["log_entries"][0]
    suite.check(entry["incident"]["type"] == "incident" and entry["service"]["type"] == "service", "whole in log entries")
    calls = suite.ask("GET", "/notifications?include[]=users&since=2026-02-10&until=2026-02-11")["notifications"]
    suite.check(calls[0]["user"]["type"] == "user", "whole in notifications")
    stage.change(incident, status="resolved")


def managing(suite, stage):
    many = [stage.incident("Many %d" % number) for number in range(3)]
    priority = suite.ask("GET", "/priorities")["priorities"][0]
    answer = suite.ask("PUT", "/incidents", {"incidents": [
        {"id": many[0]["id"], "type": "incident_reference", "status": "acknowledged"},
        {"id": many[1]["id"], "type": "incident_reference", "priority": {"id": priority["id"], "type": "priority_reference"}},
        {"id": many[2]["id"], "type": "incident_reference", "assignments": [{"assignee": stage.reference("user", "Ben")}]}]}, headers=ME)["incidents"]
    suite.check([i["id"] for i in answer] == [i["id"] for i in many], "in the order asked for")
    suite.check(answer[0]["status"] == "acknowledged", "one acknowledged")
    suite.check((answer[1]["priority"] or {}).get("id") == priority["id"], "one has a priority")
    suite.check(names(answer[2]["assignments"]) == ["Ben"], "one reassigned")
    wrong = {"incidents": [{"id": many[0]["id"], "type": "incident_reference", "status": "resolved"},
                           {"id": "QNOSUCHINCIDEN", "type": "incident_reference", "status": "resolved"},
                           {"id": many[1]["id"], "type": "incident_reference", "status": "closed", "urgency": "huge"},
                           {"id": many[2]["id"], "type": "incident_reference", "assignments": [{"assignee": {"id": "PNOBODY", "type": "user_reference"}}]}]}
    refused = suite.error("PUT", "/incidents", wrong, 400, 2001, mention="incidents[1].id", headers=ME)
    lines = " ".join(refused.json["error"]["errors"])
    suite.check(all(path in lines for path in ("incidents[2].status", "incidents[2].urgency", "incidents[3].assignments[0].assignee.id")), "every mistake with its place: " + lines)
    suite.check(stage.look(many[0])["status"] == "acknowledged", "all or nothing")
    too_many = {"incidents": [{"id": many[0]["id"], "type": "incident_reference", "status": "acknowledged"}] * 251}
    suite.error("PUT", "/incidents", too_many, 413, 2001, headers=ME)
    suite.ask("PUT", "/incidents", {"incidents": [{"id": i["id"], "type": "incident", "status": "resolved"} for i in many]}, headers=ME)


def people(suite, stage):
    incident = stage.incident("People")
    escalated = stage.change(incident, escalation_level=2)
    suite.check(names(escalated["assignments"]) == ["Ben"], "level two: %s" % escalated["assignments"])
    suite.error("PUT", "/incidents/" + incident["id"], {"incident": {"type": "incident", "escalation_level": 19}}, 400, 2001, headers=ME)
    first_of_database = stage.first_level("ledger-db")
    moved = stage.change(incident, escalation_policy=stage.reference("escalation_policy", "DBPlatform"))
    suite.check(names(moved["assignments"]) == first_of_database, "the other policy's first level: %s" % moved["assignments"])
    ours = suite.client.ask("POST", "/incidents/%s/escalate" % incident["id"], {"level": 1}, headers=ME)["incident"]
    suite.check(names(ours["assignments"]) == first_of_database, "escalated by our own operation")
    asked = suite.ask("POST", "/incidents/%s/responder_requests" % incident["id"], {
        "requester_id": stage.users["Ana"]["id"], "message": "Please help", "responder_request_targets": [
            {"responder_request_target": stage.reference("user", "Nia")},
            {"responder_request_target": stage.reference("escalation_policy", "Payments")}]}, headers=ME)["responder_request"]
    suite.check(len(asked["responder_request_targets"]) == 2, "two people asked: %s" % asked["responder_request_targets"])
    look = stage.look(incident)
    suite.check(names(look["incidents_responders"], "user") == ["Cleo", "Nia"], "both are responders: %s" % look["incidents_responders"])
    titled = stage.change(incident, title="People, and many of them", urgency="low", priority=None)
    suite.check(titled["title"].startswith("People, and") and titled["urgency"] == "low" and titled["priority"] is None, "title, urgency, priority")
    met = stage.change(incident, conference_bridge={"conference_number": "+49 30 1,,2#", "conference_url": "https://meet.example.org/1"})
    suite.check(met["conference_bridge"]["conference_url"] == "https://meet.example.org/1", "where people meet: %s" % met["conference_bridge"])
    suite.check(stage.change(incident, conference_bridge=None)["conference_bridge"] is None, "no bridge any more")
    stage.change(incident, status="resolved")


def merging(suite, stage):
    stage.clock("2026-02-10T04:00:00Z")  # what went out before is no reason any more to bundle
    stage.event("merge-1", summary="Trouble one")
    stage.event("merge-2", summary="Trouble two")  # the service groups by time: it joins the incident of the first
    source = suite.ask("GET", "/incidents?statuses[]=triggered")["incidents"][0]
    suite.check(source["alert_counts"]["all"] == 2 and (source["alert_grouping"] or {}).get("alert_grouping_active"), "grouped: %s" % source["alert_grouping"])
    target = stage.incident("Merge one")
    merged = suite.ask("PUT", "/incidents/%s/merge" % target["id"], {"source_incidents": [{"id": source["id"], "type": "incident_reference"}]}, headers=ME)["incident"]
    suite.check(merged["alert_counts"]["all"] == 2, "its alerts came along: %s" % merged["alert_counts"])
    ended = stage.look(source)
    suite.check(ended["status"] == "resolved" and ended["resolve_reason"]["incident"]["id"] == target["id"], "the source says where it went: %s" % ended["resolve_reason"])
    suite.error("PUT", "/incidents/%s/merge" % target["id"], {"source_incidents": [{"id": target["id"], "type": "incident_reference"}]}, 400, 2001, mention="source_incidents[0]", headers=ME)
    stage.merged = target


def alerts(suite, stage):
    path = "/incidents/%s/alerts" % stage.merged["id"]
    listed = suite.ask("GET", path + "?sort_by=created_at:desc&total=true")
    suite.check(listed["total"] == 2, "two alerts: %s" % listed["total"])
    one, two = listed["alerts"]
    suite.check(one["body"]["details"] == DETAILS, "the sender's details: %s" % one["body"])
    suite.check(one["body"]["contexts"][0]["href"] == "https://example.org/graph", "the sender's links")
    suite.ask("GET", path + "/" + one["id"])
    suite.check(len(suite.ask("GET", path + "?alert_key=merge-1")["alerts"]) == 1, "by key")
    # incident: {} is what go-pagerduty sends with every alert.
    resolved = suite.ask("PUT", path + "/" + one["id"], {"alert": {"type": "alert", "status": "resolved", "incident": {}}}, headers=ME)["alert"]
    suite.check(resolved["status"] == "resolved", "one resolved")
    other = stage.incident("Other")
    moved = suite.ask("PUT", path, {"alerts": [{"id": two["id"], "type": "alert", "incident": {"id": other["id"], "type": "incident_reference"}}]}, headers=ME)["alerts"]
    suite.check(moved[0]["incident"]["id"] == other["id"], "one moved")
    suite.check(stage.look(other)["alert_counts"]["triggered"] == 1, "it counts there")
    suite.error("PUT", path, {"alerts": [{"id": two["id"], "type": "alert", "status": "resolved"}, {"id": one["id"], "status": "open"}]}, 400, 2001, mention="alerts[0].id", headers=ME)
    suite.error("GET", path + "/QNOSUCHALERT00", None, 404, 2100)
    for incident in (other, stage.merged):
        if stage.look(incident)["status"] != "resolved":
            stage.change(incident, status="resolved")


def notes(suite, stage):
    path = "/incidents/%s/notes" % stage.merged["id"]
    note = suite.ask("POST", path, {"note": {"content": "Firefighters are on the scene."}}, headers=ME)["note"]
    suite.check(note["user"]["summary"].startswith("Ana") and note["content"].startswith("Fire"), "written by Ana: %s" % note)
    corrected = suite.ask("PUT", path + "/" + note["id"], {"note": {"content": "They have left."}}, headers=ME)["note"]
    suite.check(corrected["content"] == "They have left.", "corrected")
    suite.check(len(suite.ask("GET", path)["notes"]) == 1, "one note")
    suite.error("POST", path, {"note": {"content": " "}}, 400, 2001, mention="note.content", headers=ME)
    suite.ask("DELETE", path + "/" + note["id"], status=204, headers=ME)
    suite.check(suite.ask("GET", path)["notes"] == [], "withdrawn")
    suite.error("PUT", path + "/" + note["id"], {"note": {"content": "x"}}, 404, 2100, headers=ME)


def log_entries(suite, stage):
    path = "/incidents/%s/log_entries" % stage.merged["id"]
    entries = suite.ask("GET", path + "?limit=100")["log_entries"]
    kinds = [entry["type"] for entry in entries]
    for kind in ("trigger", "assign", "notify", "annotate", "resolve"):
        suite.check(kind + "_log_entry" in kinds, "%s is in the log: %s" % (kind, kinds))
    suite.check(kinds[-1] == "trigger_log_entry", "newest first: %s" % kinds)
    overview = suite.ask("GET", path + "?is_overview=true&limit=100")["log_entries"]
    suite.check("notify_log_entry" not in [entry["type"] for entry in overview], "the overview leaves the calls out")
    trigger = entries[-1]
    one = suite.ask("GET", "/log_entries/" + trigger["id"])["log_entry"]
    suite.check(one["event_details"]["description"] == "Merge one", "what it was about: %s" % one["event_details"])
    suite.ask("PUT", "/log_entries/%s/channel" % trigger["id"], {"channel": {"type": "web_trigger", "details": "New channel details"}}, 202, headers=ME)
    suite.check(suite.ask("GET", "/log_entries/" + trigger["id"])["log_entry"]["channel"].get("details") == "New channel details", "the added words are shown")
    suite.error("PUT", "/log_entries/%s/channel" % entries[0]["id"], {"channel": {"type": "web_trigger", "details": "x"}}, 400, 2001, headers=ME)
    everything = suite.ask("GET", "/log_entries?limit=1&total=true&since=2026-02-01&until=2026-03-01")
    suite.check(everything["total"] > len(entries), "all incidents' entries: %s" % everything["total"])
    suite.error("GET", "/log_entries/QNOSUCHENTRY00", None, 404, 2100)


def notifications(suite, stage):
    span = "since=2026-02-10T00:00:00Z&until=2026-02-11T00:00:00Z"
    calls = suite.ask("GET", "/notifications?limit=100&" + span)["notifications"]
    suite.check({call["type"] for call in calls} >= {"email_notification", "push_notification"}, "calls of several kinds: %s" % {call["type"] for call in calls})
    mails = suite.ask("GET", "/notifications?filter=email_notification&" + span)["notifications"]
    suite.check(mails and {call["type"] for call in mails} == {"email_notification"}, "only mails")
    suite.error("GET", "/notifications?since=2026-02-10", None, 400, 2001, mention="until")


def mistakes(suite, stage):
    refused = suite.error("POST", "/incidents", {"incident": {"type": "incident", "urgency": "huge"}}, 400, 2001, mention="incident.title", headers=ME)
    lines = " ".join(refused.json["error"]["errors"])
    suite.check("incident.service" in lines and "incident.urgency" in lines, "every mistake at once: " + lines)
    suite.error("POST", "/incidents", None, 400, 2001, headers=ME)
    suite.error("PUT", "/incidents/1/merge", {"source_incidents": []}, 400, 2001, mention="source_incidents", headers=ME)
    suite.error("POST", "/incidents/1/snooze", {"duration": 0}, 400, 2001, mention="duration", headers=ME)
    suite.error("POST", "/incidents/1/snooze", {"duration": 604801}, 400, 2001, mention="duration", headers=ME)
    suite.error("GET", "/incidents", None, 401, 2006, token="")
    suite.error("POST", "/incidents/1/responder_requests", {}, 400, 2001, mention="responder_request_targets", headers=ME)


def reasons(suite, stage):
    ask = lambda path: suite.ask("GET", path)
    incident = stage.incident("Why")
    why = ask("/muster/why?incident=" + incident["id"])
    chosen = [c for d in why["decisions"] for c in d["candidates"] if c["chosen"]]
    suite.check(len(chosen) == 1 and "Payments primary" in chosen[0]["text"] and "level 1" in chosen[0]["text"], "why: %s" % [c["text"] for c in chosen])
    page = chosen[0]["page"]["id"]
    suite.check(ask("/muster/why?page=" + page)["decisions"][0]["level"] == 1, "by page")
    later = ask("/muster/why-not?user=ben@halden.example&incident=" + incident["id"])
    suite.check(later["paged"] is False and "level 2 is reached only after" in later["answer"], "why not yet: " + later["answer"])
    nobody = ask("/muster/why-not?user=omar@halden.example&incident=" + incident["id"])
    suite.check(nobody["paged"] is False and "no level" in nobody["answer"], "why not at all: " + nobody["answer"])
    stage.change(incident, status="acknowledged")
    stopped = ask("/muster/why-not?user=ben@halden.example&incident=" + incident["id"])
    suite.check("Ana" in stopped["answer"] and "acknowledged before" in stopped["answer"], "why not any more: " + stopped["answer"])
    stage.change(incident, status="resolved")
    future = ask("/muster/resolve?service=checkout&at=2027-03-28T02:30:00&time_zone=Europe/Berlin&severity=critical")
    suite.check(future["at"].startswith("2027-03-28T03:00:00+02:00"), "a local time that is skipped means the end of the gap: " + future["at"])
    suite.check(len(future["levels"]) >= 2 and future["sentences"] and "would be paged because" in future["sentences"][0], "who then: %s" % future["sentences"])
    then = ask("/muster/why-not?user=omar@halden.example&service=checkout&at=2027-03-28T02:30:00&time_zone=Europe/Berlin")
    suite.check(then["recorded"] is False and then["paged"] is False, "why not then: " + then["answer"])
    suite.check(suite.client.send("GET", "/muster/resolve?service=nothing").status == 404, "an unknown service")
    suite.check(suite.client.send("GET", "/muster/resolve?service=checkout&at=soon").status == 400, "a wrong time")


def practice(suite, stage):
    client = suite.client
    stage.clock("2026-02-10T09:00:00Z")
    incident = stage.incident("Practice")
    stage.clock("2026-02-10T09:04:00Z")
    messages = client.ask("GET", "/muster/practice/messages?user=" + stage.users["Cleo"]["id"])["messages"]
    mine = [m for m in messages if (m["incident"] or {}).get("id") == incident["id"]]
    suite.check({m["channel"] for m in mine} >= {"email", "sms", "phone"}, "the phone has mail, messages and calls: %s" % [m["channel"] for m in mine])
    sms = [m for m in mine if m["channel"] == "sms"][0]
    suite.check("Practice" in sms["text"], "the text as it would be read: " + sms["text"])
    confused = client.ask("POST", "/muster/practice/messages/%s/answer" % sms["id"], {"text": "what is this"})
    suite.check(confused["outcome"] == "unclear" and stage.look(incident)["status"] == "triggered", "not understood: %s" % confused["reply"])
    done = client.ask("POST", "/muster/practice/messages/%s/answer" % sms["id"], {"text": [a["text"] for a in sms["answers"] if a["action"] == "acknowledge"][0]})
    suite.check(done["outcome"] == "done" and stage.look(incident)["status"] == "acknowledged", "acknowledged by SMS: %s" % done["reply"])
    calls = [m for m in mine if m["channel"] == "phone"]
    client.ask("POST", "/muster/practice/messages/%s/answer" % calls[0]["id"], {"hang_up": True})
    suite.check(stage.look(incident)["status"] == "acknowledged", "hanging up answers nothing")
    ended = client.ask("POST", "/muster/practice/messages/%s/answer" % calls[0]["id"], {"digits": "6"})
    suite.check(ended["outcome"] == "done" and stage.look(incident)["status"] == "resolved", "resolved by keypad: %s" % ended["reply"])
    lines = client.ask("GET", "/muster/incidents/%s/timeline" % incident["id"])["timeline"]
    suite.check(any("Acknowledged by Cleo" in line["text"] and "SMS" in line["text"] for line in lines), "the story: %s" % [line["text"] for line in lines])
    tries = client.ask("GET", "/muster/incidents/%s/notifications" % incident["id"])["notifications"]
    suite.check(tries and all(one["state"] == "delivered" for one in tries), "each attempt with its fate: %s" % [one["state"] for one in tries])
    summary = client.ask("GET", "/muster/summary")
    suite.check(summary["incidents"]["triggered"] == 0 and isinstance(summary["alarms"], list), "the summary: %s" % summary["incidents"])
    suite.check(client.send("GET", "/health", headers={"Authorization": ""}).status == 200, "health without a token")
    suite.check(client.send("PUT", "/test/clock", {"now": "2020-01-01T00:00:00Z"}).status == 400, "the clock never goes back")
