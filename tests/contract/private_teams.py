"""Why: what belongs to a private team exists for its members and for administrators only, whatever way is asked; somebody with restricted_access sees the own
teams only. Everything of each team carries a mark in its name or text; every operation that reads is asked by everybody, and no answer may hold a mark that its
asker must not see. So a new operation is judged without a new line here."""
import contextlib
import http.client
import itertools
import json
import os
import sqlite3

from harness.operations import QUESTIONS

TEAMS = ("private", "public", "teamless")
MARKS = {"private": "Zq7private", "public": "Zq7public", "teamless": "Zq7teamless"}
ROLES = ("admin", "user", "limited_user", "observer", "restricted_access", "read_only_user", "read_only_limited_user")
STREAMS = {"/muster/stream"}
# What must answer with the mark to whoever may see it, so that a test which finds nothing finds it.
MUST_SHOW = ("/services", "/services/{id}", "/escalation_policies", "/escalation_policies/{id}", "/schedules", "/schedules/{id}", "/incidents", "/incidents/{id}",
             "/incidents/{id}/alerts", "/incidents/{id}/log_entries", "/incidents/{id}/notes", "/log_entries", "/log_entries/{id}", "/oncalls", "/analytics/raw/incidents",
             "/analytics/metrics/incidents/services", "/analytics/metrics/incidents/escalation_policies",
             "/change_events", "/change_events/{id}", "/services/{id}/change_events", "/incidents/{id}/related_change_events",
             "/muster/incidents/{id}/timeline", "/muster/heartbeats/{id}", "/maintenance_windows/{id}", "/webhook_subscriptions", "/webhook_subscriptions/{id}")


def sees(role, member, side):
    """The rule, once: everything for who administers; else private teams for members; restricted_access nothing but the own teams."""
    if role == "admin":
        return True
    if role == "restricted_access":
        return side in member
    return side != "private" or side in member


class Organisation:
    def __init__(self, api, routing_key):
        self.api, self.count, self.objects, self.year = api, itertools.count(1), {}, api.get("/test/clock")["now"][:4]
        self.target = api.get("/users")["users"][0]
        for side in TEAMS:
            self.objects[side] = self.team_of(side)
        self.of_two()
        self.people = [self.person(role, member) for role in ROLES for member in ((), ("private",), ("public",))]

    def named(self, side, what):
        return "%s %s %d" % (MARKS[side], what, next(self.count))

    def team_of(self, side):
        api, found = self.api, {}
        teams = []
        if side != "teamless":
            body = {"type": "team", "name": self.named(side, "team"), "default_role": "none" if side == "private" else "manager"}
            found["teams"] = api.post("/teams", {"team": body}, status=201)["team"]["id"]
            teams = [{"id": found["teams"], "type": "team_reference"}]
        start = api.get("/test/clock")["now"]
        person = {"id": self.target["id"], "type": "user_reference"}
        found["schedules"] = api.post("/schedules", {"schedule": {"type": "schedule", "name": self.named(side, "schedule"), "time_zone": "Etc/UTC", "teams": teams, "schedule_layers": [
            {"start": start, "rotation_virtual_start": start, "rotation_turn_length_seconds": 86400, "users": [{"user": person}]}]}}, status=201)["schedule"]["id"]
        targets = [{"id": found["schedules"], "type": "schedule_reference"}]
        found["escalation_policies"] = api.post("/escalation_policies", {"escalation_policy": {
            "type": "escalation_policy", "name": self.named(side, "policy"), "teams": teams,
            "escalation_rules": [{"escalation_delay_in_minutes": 30, "targets": targets}]}}, status=201)["escalation_policy"]["id"]
        policy = {"id": found["escalation_policies"], "type": "escalation_policy_reference"}
        found["services"] = api.post("/services", {"service": {"type": "service", "name": self.named(side, "service"), "escalation_policy": policy}}, status=201)["service"]["id"]
        made = api.post("/services/%s/integrations" % found["services"], {"integration": {"type": "events_api_v2_inbound_integration", "name": self.named(side, "integration")}}, status=201)
        found["integration_id"] = made["integration"]["id"]
        api.post("/v2/enqueue", {"routing_key": made["integration"]["integration_key"], "event_action": "trigger", "dedup_key": side,
                                 "payload": {"summary": self.named(side, "event"), "source": MARKS[side], "severity": "critical"}}, status=202)
        change = {"routing_key": made["integration"]["integration_key"], "payload": {"summary": self.named(side, "change")}}
        api.post("/v2/change/enqueue", change, status=202)
        found["change_events"] = api.get("/services/%s/change_events" % found["services"])["change_events"][0]["id"]
        incident = api.get("/incidents", **{"service_ids[]": found["services"]})["incidents"][0]["id"]
        found["incidents"] = incident
        found["alert_id"] = api.get("/incidents/%s/alerts" % incident)["alerts"][0]["id"]
        found["note_id"] = api.post("/incidents/%s/notes" % incident, {"note": {"content": self.named(side, "note")}}, {"From": self.target["email"]})["note"]["id"]
        service = {"id": found["services"], "type": "service_reference"}
        found["heartbeats"] = api.post("/muster/heartbeats", {"heartbeat": {"name": self.named(side, "heartbeat"), "service": service, "interval_in_seconds": 3600}}, status=201)["heartbeat"]["id"]
        found["maintenance_windows"] = api.post("/maintenance_windows", {"maintenance_window": {
            "type": "maintenance_window", "description": self.named(side, "window"), "start_time": start, "end_time": "2050-01-01T00:00:00Z", "services": [service]}},
            {"From": self.target["email"]}, status=201)["maintenance_window"]["id"]
        found["webhook_subscriptions"] = api.post("/webhook_subscriptions", {"webhook_subscription": {
            "type": "webhook_subscription", "description": self.named(side, "webhook"), "delivery_method": {"type": "http_delivery_method", "url": "https://hooks.example/in"},
            "events": ["incident.acknowledged"], "filter": service}})["webhook_subscription"]["id"]
        found["log_entries"] = api.get("/incidents/%s/log_entries" % incident)["log_entries"][0]["id"]
        return found

    def of_two(self):
        """An incident that a private and a public team share, and a public service that rests on a private one: who sees the one does not hear of the other."""
        sides = {"supporting_service": {"id": self.objects["private"]["services"], "type": "service"}, "dependent_service": {"id": self.objects["public"]["services"], "type": "service"}}
        self.api.post("/service_dependencies/associate", {"relationships": [sides]})
        teams = [{"id": self.objects[side]["teams"], "type": "team_reference"} for side in ("private", "public")]
        policy = self.api.post("/escalation_policies", {"escalation_policy": {"type": "escalation_policy", "name": "Policy of two", "teams": teams, "escalation_rules": [
            {"escalation_delay_in_minutes": 30, "targets": [{"id": self.target["id"], "type": "user_reference"}]}]}}, status=201)["escalation_policy"]["id"]
        service = self.api.post("/services", {"service": {"type": "service", "name": "Service of two", "escalation_policy": {"id": policy, "type": "escalation_policy_reference"}}}, status=201)
        about = {"id": service["service"]["id"], "type": "service_reference"}
        self.api.post("/incidents", {"incident": {"type": "incident", "title": "Incident of two", "service": about}}, {"From": self.target["email"]}, status=201)

    def person(self, role, member):
        name = "Reader %d" % next(self.count)
        user = self.api.post("/users", {"user": {"type": "user", "name": name, "email": "reader%d@roles.example" % next(self.count), "role": role}}, status=201)["user"]["id"]
        for side in member:
            self.api.put("/teams/%s/users/%s" % (self.objects[side]["teams"], user), {"role": "observer"}, status=204)
        token = self.api.post("/muster/tokens", {"token": {"name": name, "user": {"id": user, "type": "user_reference"}}}, status=201)["token"]["token"]
        return {"name": "%s in %s" % (role, " and ".join(member) or "no team"), "role": role, "member": member, "headers": {"Authorization": "Token token=" + token}}


def fill(path, objects):
    parts = path.split("/")
    for i, part in enumerate(parts):
        if part.startswith("{"):
            parts[i] = objects.get(parts[i - 1] if part == "{id}" else part[1:-1], "PNOBODY")
    return "/".join(parts)


def body_of(path, year):
    span = {"created_at_start": year + "-01-01T00:00:00Z", "created_at_end": year + "-12-31T00:00:00Z"}
    return {"filters": span, "limit": 100} if path.endswith("raw/incidents") else {"filters": span}


def questions(operations):
    """(method, path) of everything that reads."""
    for method, path in sorted(operations):
        if (method == "GET" or (method, path) in QUESTIONS) and path not in STREAMS and not path.startswith(("/act/", "/muster/sign-in", "/app", "/twilio", "/test/")):
            yield method, path


def check(judge, operations, organisation, rule=sees):
    shown = set()
    for method, path in questions(operations):
        asked_of = TEAMS if "{" in path else ("private",)
        for person, side in itertools.product(organisation.people, asked_of):
            where = fill(path, organisation.objects[side]) + ("?limit=100&include[]=services&include[]=teams&include[]=escalation_policies" if method == "GET" else "")
            status, _, answer = judge.send(method, where, body_of(path, organisation.year) if method == "POST" else None, person["headers"])
            judge.combinations += 1
            text = answer.decode("utf-8", "replace")
            for mark in TEAMS:
                if MARKS[mark] not in text:
                    continue
                shown.add((path, mark, person["role"]))
                if not rule(person["role"], person["member"], mark):
                    judge.complaints.append("%s %s tells %s of what is %s: %s" % (method, where, person["name"], mark, excerpt(text, MARKS[mark])))
            hidden = "{id}" in path and fill(path, {}) != fill(path, organisation.objects[side]) and not rule(person["role"], person["member"], side)
            named = path.split("/{id}")[0].rsplit("/", 1)[-1] in organisation.objects[side]
            if hidden and named and status not in (403, 404):
                judge.complaints.append("%s %s is answered %d to %s" % (method, where, status, person["name"]))
    for path, mark in itertools.product(MUST_SHOW, TEAMS):
        if (path, mark, "admin") not in shown or (mark == "private" and (path, mark, "user") not in shown):
            judge.complaints.append("%s does not show what is %s to those who may see it" % (path, mark))
    return shown


def excerpt(text, mark):
    at = text.index(mark)
    return json.dumps(text[max(0, at - 120):at + 60])


def changes(judge, operations, organisation):
    """What is out of sight is not changed either: 404 or 403, and nothing happens."""
    before = judge.state()
    for method, path in sorted(operations):
        named = path.split("/{id}")[0].rsplit("/", 1)[-1]
        if method == "GET" or "{id}" not in path or named not in organisation.objects["private"] or (method, path) in QUESTIONS:
            continue
        for person in organisation.people:
            if sees(person["role"], person["member"], "private"):
                continue
            status, _, answer = judge.send(method, fill(path, organisation.objects["private"]), {"incident": {"type": "incident", "status": "resolved"}}, person["headers"])
            judge.combinations += 1
            judge.refusals += 1
            if status not in (403, 404):
                judge.complaints.append("%s %s is answered %d %s to %s" % (method, path, status, answer[:100], person["name"]))
    for person in organisation.people:
        for kind, side in (("account", None), ("service", "private")):
            target = {"type": "account_reference"} if side is None else {"type": "service_reference", "id": organisation.objects[side]["services"]}
            if person["role"] != "user" or "private" in person["member"]:
                continue
            status, _, answer = judge.send("POST", "/webhook_subscriptions", {"webhook_subscription": {
                "type": "webhook_subscription", "delivery_method": {"type": "http_delivery_method", "url": "https://mine.example/in"}, "events": ["incident.triggered"],
                "filter": target}}, person["headers"])
            if status not in (400, 403, 404):
                judge.complaints.append("%s subscribes to what is out of sight (%s): %d %s" % (person["name"], kind, status, answer[:100]))
    if judge.state() != before:
        judge.complaints.append("something private was changed by somebody who must not see it")


def unknown(request, hidden):
    """The same request about things that nobody has."""
    text = json.dumps(request)
    for kind in ("escalation_policies", "schedules", "services", "teams", "incidents"):
        text = text.replace(hidden[kind], "999999" if kind == "incidents" else "PNOBODY")
    return json.loads(text)


def naming(side, ours, public_incident):
    """(method, path, body) of requests that name what belongs to `side` beside the path, or in their query."""
    def to(kind, noun):
        return {"id": side[kind], "type": noun + "_reference"}
    policy, schedule, service, team = to("escalation_policies", "escalation_policy"), to("schedules", "schedule"), to("services", "service"), to("teams", "team")
    incident, person = to("incidents", "incident"), {"id": ours["user"], "type": "user_reference"}
    rules = [{"escalation_delay_in_minutes": 30, "targets": [person]}]
    layer = {"start": "2026-01-01T00:00:00Z", "rotation_virtual_start": "2026-01-01T00:00:00Z", "rotation_turn_length_seconds": 86400, "users": [{"user": person}]}
    relation = [{"supporting_service": {"id": side["services"], "type": "service"}, "dependent_service": {"id": ours["services"], "type": "service"}}]
    window = {"type": "maintenance_window", "start_time": "2049-01-01T00:00:00Z", "end_time": "2050-01-01T00:00:00Z", "services": [service]}
    yield "POST", "/services", {"service": {"type": "service", "name": "Named service", "escalation_policy": policy}}
    yield "PUT", "/services/" + ours["services"], {"service": {"type": "service", "escalation_policy": policy}}
    yield "POST", "/escalation_policies", {"escalation_policy": {"type": "escalation_policy", "name": "Named policy", "escalation_rules": [{"escalation_delay_in_minutes": 30, "targets": [schedule]}]}}
    yield "POST", "/escalation_policies", {"escalation_policy": {"type": "escalation_policy", "name": "Named policy", "escalation_rules": rules, "teams": [team]}}
    yield "PUT", "/escalation_policies/" + ours["escalation_policies"], {"escalation_policy": {"type": "escalation_policy", "escalation_rules": [{"escalation_delay_in_minutes": 30, "targets": [schedule]}]}}
    yield "POST", "/schedules", {"schedule": {"type": "schedule", "name": "Named schedule", "time_zone": "Etc/UTC", "teams": [team], "schedule_layers": [layer]}}
    yield "POST", "/v3/schedules", {"schedule": {"name": "Named shifts", "time_zone": "Etc/UTC", "teams": [team]}}
    yield "PUT", "/teams/%s/escalation_policies/%s" % (ours["teams"], side["escalation_policies"]), None
    yield "POST", "/incidents", {"incident": {"type": "incident", "title": "Named", "service": service}}
    yield "POST", "/incidents", {"incident": {"type": "incident", "title": "Named", "service": {"id": ours["services"], "type": "service_reference"}, "escalation_policy": policy}}
    yield "PUT", "/incidents/" + public_incident, {"incident": {"type": "incident", "escalation_policy": policy}}
    yield "PUT", "/incidents", {"incidents": [dict(incident, status="resolved")]}
    yield "PUT", "/incidents/%s/merge" % public_incident, {"source_incidents": [incident]}
    yield "PUT", "/incidents/%s/alerts" % public_incident, {"alerts": [{"id": ours["alert_id"], "type": "alert", "incident": incident}]}
    yield "POST", "/incidents/%s/responder_requests" % public_incident, {"requester_id": ours["user"], "message": "Join", "responder_request_targets": [{"responder_request_target": policy}]}
    yield "POST", "/incidents/%s/status_updates/subscribers" % public_incident, {"subscribers": [{"subscriber_id": side["teams"], "subscriber_type": "team"}]}
    yield "POST", "/maintenance_windows", {"maintenance_window": window}
    yield "POST", "/muster/heartbeats", {"heartbeat": {"name": "Named heartbeat", "service": service, "interval_in_seconds": 3600}}
    yield "POST", "/alert_grouping_settings", {"alert_grouping_setting": {"name": "Named", "type": "time", "config": {"timeout": 300}, "services": [service]}}
    yield "POST", "/business_services", {"business_service": {"name": "Named", "team": team}}
    yield "POST", "/service_dependencies/associate", {"relationships": relation}
    yield "POST", "/webhook_subscriptions", {"webhook_subscription": {"type": "webhook_subscription", "events": ["incident.triggered"], "filter": service,
                                                                      "delivery_method": {"type": "http_delivery_method", "url": "https://mine.example/in"}}}
    yield "POST", "/teams/%s/change_tags" % side["teams"], {"add": [{"type": "tag", "label": "named"}]}
    yield "GET", "/muster/resolve?service=" + side["services"], None
    yield "GET", "/muster/why-not?user=%s&service=%s" % (ours["user"], side["services"]), None
    yield "GET", "/muster/why-not?user=%s&incident=%s" % (ours["user"], side["incidents"]), None


def named(judge, organisation):
    """What is out of sight cannot be named: such a request is answered, to the letter, as one about ids that nobody has, and changes nothing."""
    hidden, ours = organisation.objects["private"], dict(organisation.objects["public"], user=organisation.target["id"])
    asker = next(p for p in organisation.people if p["role"] == "user" and not p["member"])
    headers = dict(asker["headers"], From=organisation.target["email"])
    before = judge.state()
    for method, path, body in naming(hidden, ours, ours["incidents"]):
        wanted = judge.send(method, *unknown([path, body], hidden), headers)
        got = judge.send(method, path, body, headers)
        judge.combinations += 1
        judge.refusals += 1
        if wanted[0] not in (400, 404) or got != wanted:
            judge.complaints.append("%s %s naming what is hidden is answered %s %s, an unknown id %s %s" % (method, path, got[0], got[2][:200], wanted[0], wanted[2][:200]))
    if judge.state() != before:
        judge.complaints.append("something was changed by a request that names what is hidden")


def written_back(judge, organisation):
    """Who sees a policy or schedule that also names what they do not see writes it back and loses nothing of it."""
    api, hidden = organisation.api, organisation.objects["private"]
    team = {"id": hidden["teams"], "type": "team_reference"}
    target = {"id": hidden["schedules"], "type": "schedule_reference"}
    asker = next(p for p in organisation.people if p["role"] == "user" and p["member"] == ("public",))
    own = {"id": organisation.objects["public"]["teams"], "type": "team_reference"}
    policy = api.post("/escalation_policies", {"escalation_policy": {"type": "escalation_policy", "name": "Shared policy", "teams": [team, own], "escalation_rules": [
        {"escalation_delay_in_minutes": 30, "targets": [target]}]}}, status=201)["escalation_policy"]["id"]
    start = api.get("/test/clock")["now"]
    person = {"id": organisation.target["id"], "type": "user_reference"}
    schedule = api.post("/schedules", {"schedule": {"type": "schedule", "name": "Shared schedule", "time_zone": "Etc/UTC", "teams": [team, own], "schedule_layers": [
        {"start": start, "rotation_virtual_start": start, "rotation_turn_length_seconds": 86400, "users": [{"user": person}]}]}}, status=201)["schedule"]["id"]
    for path, noun in (("/escalation_policies/" + policy, "escalation_policy"), ("/schedules/" + schedule, "schedule")):
        kept = api.get(path)[noun]
        read = json.loads(judge.send("GET", path, None, asker["headers"])[2])
        status, _, answer = judge.send("PUT", path, read, asker["headers"])
        judge.combinations += 1
        now = api.get(path)[noun]
        if status != 200 or any(kept.get(key) != now.get(key) for key in ("teams", "escalation_rules")):
            judge.complaints.append("PUT %s of what was read is answered %d %s and leaves %s" % (path, status, answer[:300], now))


def writes_back(judge, organisation):
    api, hidden = organisation.api, organisation.objects["private"]
    user = api.post("/users", {"user": {"type": "user", "name": "Called Writer", "email": "writer@roles.example", "role": "user"}}, status=201)["user"]["id"]
    token = api.post("/muster/tokens", {"token": {"name": "writer", "user": {"id": user, "type": "user_reference"}}}, status=201)["token"]["token"]
    api.put("/incidents/" + hidden["incidents"], {"incident": {"type": "incident", "assignments": [{"assignee": {"id": user, "type": "user_reference"}}]}}, {"From": organisation.target["email"]})
    body = {"type": "incident", "escalation_policy": {"id": hidden["escalation_policies"], "type": "escalation_policy_reference"}}
    for path, whole in (("/incidents/" + hidden["incidents"], {"incident": body}), ("/incidents", {"incidents": [dict(body, id=hidden["incidents"])]})):
        status, _, answer = judge.send("PUT", path, whole, {"Authorization": "Token token=" + token})
        judge.combinations += 1
        if status != 200:
            judge.complaints.append("PUT %s with the policy it has is answered %d %s to who is called for it" % (path, status, answer[:200]))


def called(judge, organisation):
    """Who is called for an incident sees it, whatever team it is of, and may write it back with the policy it has."""
    api = organisation.api
    writes_back(judge, organisation)
    user = api.post("/users", {"user": {"type": "user", "name": "Called Person", "email": "called@roles.example", "role": "restricted_access"}}, status=201)["user"]["id"]
    token = api.post("/muster/tokens", {"token": {"name": "called", "user": {"id": user, "type": "user_reference"}}}, status=201)["token"]["token"]
    mine, incident = {"Authorization": "Token token=" + token}, organisation.objects["private"]["incidents"]
    paths = ("/incidents/" + incident, "/incidents?limit=100", "/incidents/%s/log_entries" % incident, "/muster/incidents/%s/timeline" % incident, "/log_entries?limit=100")
    for path in paths:
        if MARKS["private"] in judge.send("GET", path, None, mine)[2].decode():
            judge.complaints.append("%s is shown to somebody who is not called yet" % path)
    api.put("/incidents/" + incident, {"incident": {"type": "incident", "assignments": [{"assignee": {"id": user, "type": "user_reference"}}]}}, {"From": organisation.target["email"]})
    for path in paths:
        judge.combinations += 1
        status, _, answer = judge.send("GET", path, None, mine)
        if status != 200 or MARKS["private"] not in answer.decode():
            judge.complaints.append("%s is answered %d to who is called for it, without a word of it" % (path, status))
    if MARKS["private"] in judge.send("GET", "/services?limit=100", None, mine)[2].decode():
        judge.complaints.append("who is called for one incident sees the team's services")


def alarms(judge, organisation):
    """An alarm names things by its text: who is not to see them does not hear of it."""
    api = organisation.api
    for side in TEAMS:
        teams = [] if side == "teamless" else [{"id": organisation.objects[side]["teams"], "type": "team_reference"}]
        lost = api.post("/users", {"user": {"type": "user", "name": "Lost " + MARKS[side], "email": "lost-%s@roles.example" % side, "role": "observer"}}, status=201)["user"]
        for method in api.get("/users/%s/contact_methods" % lost["id"])["contact_methods"]:
            api.delete("/users/%s/contact_methods/%s" % (lost["id"], method["id"]))
        empty = api.post("/schedules", {"schedule": {"type": "schedule", "name": "Empty " + MARKS[side], "time_zone": "Etc/UTC", "teams": teams, "schedule_layers": [
            {"start": "2049-01-01T00:00:00Z", "rotation_virtual_start": "2049-01-01T00:00:00Z", "rotation_turn_length_seconds": 86400,
             "users": [{"user": {"id": lost["id"], "type": "user_reference"}}]}]}}, status=201)["schedule"]
        targets = [{"id": lost["id"], "type": "user_reference"}, {"id": empty["id"], "type": "schedule_reference"}]
        policy = api.post("/escalation_policies", {"escalation_policy": {"type": "escalation_policy", "name": "Alarms " + side, "teams": teams, "escalation_rules": [
            {"escalation_delay_in_minutes": 30, "targets": targets}]}}, status=201)["escalation_policy"]["id"]
        api.post("/services", {"service": {"type": "service", "name": "Alarms " + side, "escalation_policy": {"id": policy, "type": "escalation_policy_reference"}}}, status=201)
        with contextlib.closing(sqlite3.connect(os.path.join(judge.server.data, "muster.db"), timeout=60)) as database:  # as three refusals would
            database.execute("UPDATE webhook_subscriptions SET disabled_at = 1, disabled_reason = 'it is gone' WHERE id = ?", (organisation.objects[side]["webhook_subscriptions"],))
            database.commit()
    for path, person in itertools.product(("/muster/alarms", "/muster/summary"), organisation.people):
        told = [alarm["text"] for alarm in json.loads(judge.send("GET", path, None, person["headers"])[2])["alarms"]]
        judge.combinations += 1
        for side, word in itertools.product(TEAMS, ("Lost", "Empty", "webhook")):
            heard = any(word + " " + MARKS[side] in text or word == "webhook" and MARKS[side] + " webhook" in text for text in told)
            if heard != sees(person["role"], person["member"], side):
                judge.complaints.append("%s %s %s of %s, which is %s: %s" % (path, "tells" if heard else "does not tell", person["name"], word, side, told))


class Stream:
    def __init__(self, judge, person):
        self.connection = http.client.HTTPConnection("127.0.0.1", judge.server.port, timeout=60)
        self.connection.request("GET", "/muster/stream", headers=person["headers"])
        self.answer, self.heard = self.connection.getresponse(), ""

    def until(self, words):
        """What was said up to `words`, to the end or to the second beat, whichever comes first."""
        while (words not in self.heard or not self.heard.endswith("\n\n")) and self.heard.count("event: beat") < 2:
            more = self.answer.read1().decode()
            if not more:
                break
            self.heard += more
        said, self.heard = self.heard, ""
        return said


def loses_sight(judge, organisation):
    """An open stream tells nothing more to whoever was taken out of the team, and ends, so that its reader is looked at again. A webhook subscription belongs to what
    it is about, not to who made it: it stays, for those who see the team; its maker finds it no more."""
    api, private = organisation.api, organisation.objects["private"]
    person = next(p for p in organisation.people if p["role"] == "user" and p["member"] == ("private",))
    user = json.loads(judge.send("GET", "/users/me", None, person["headers"])[2])["user"]["id"]
    made = json.loads(judge.send("POST", "/webhook_subscriptions", {"webhook_subscription": {
        "type": "webhook_subscription", "delivery_method": {"type": "http_delivery_method", "url": "https://mine.example/in"}, "events": ["incident.annotated"],
        "filter": {"type": "team_reference", "id": private["teams"]}}}, person["headers"])[2])["webhook_subscription"]["id"]
    note = {"note": {"content": "After"}}
    stream = Stream(judge, person)
    stream.until("event: hello")
    api.post("/incidents/%s/notes" % private["incidents"], note, {"From": organisation.target["email"]})
    if private["incidents"] not in stream.until(private["incidents"]):
        judge.complaints.append("the stream does not tell a member of the team which incident changed")
    api.delete("/teams/%s/users/%s" % (private["teams"], user))
    api.post("/incidents/%s/notes" % private["incidents"], note, {"From": organisation.target["email"]})
    said = stream.until("the end")
    judge.combinations += 3
    if private["incidents"] in said or said.count("event: change") < 2 or said.count("event: beat") > 1:
        judge.complaints.append("the stream tells somebody who has left the team: %s" % said)
    if judge.send("GET", "/webhook_subscriptions/" + made, None, person["headers"])[0] != 404:
        judge.complaints.append("who has left the team still finds its webhook subscription")
    if not api.get("/webhook_subscriptions/" + made)["webhook_subscription"]["active"]:
        judge.complaints.append("a team's webhook subscription went with its maker")
    api.delete("/webhook_subscriptions/" + made, status=204)
    api.put("/teams/%s/users/%s" % (private["teams"], user), {"role": "observer"}, status=204)


def streams(judge, organisation):
    """Whoever may not see everything hears that something changed; an administrator hears what."""
    incident = organisation.objects["private"]["incidents"]
    for person in organisation.people:
        if person["role"] not in ("admin", "observer") or person["member"]:
            continue
        stream = Stream(judge, person)
        stream.until("event: hello")  # what happens before it is told as "look at everything"
        organisation.api.post("/incidents/%s/notes" % incident, {"note": {"content": "Heard"}}, {"From": organisation.target["email"]})
        heard = stream.until(incident if person["role"] == "admin" else "event: change")
        stream.connection.close()
        judge.combinations += 1
        if (incident in heard) != (person["role"] == "admin"):
            judge.complaints.append("the stream tells %s: %s" % (person["name"], heard))
