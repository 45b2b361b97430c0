"""Why: what belongs to a private team exists for its members and for administrators only, whatever way is asked; somebody with restricted_access sees the own
teams only. Everything of each team carries a mark in its name or text; every operation that reads is asked by everybody, and no answer may hold a mark that its
asker must not see. So a new operation is judged without a new line here."""
import http.client
import itertools
import json

TEAMS = ("private", "public", "teamless")
MARKS = {"private": "Zq7private", "public": "Zq7public", "teamless": "Zq7teamless"}
ROLES = ("admin", "user", "limited_user", "observer", "restricted_access", "read_only_user", "read_only_limited_user")
READS = {("POST", "/analytics/metrics/incidents/all"), ("POST", "/analytics/raw/incidents")}
STREAMS = {"/muster/stream"}
# What must answer with the mark to whoever may see it, so that a test which finds nothing finds it.
MUST_SHOW = ("/services", "/services/{id}", "/escalation_policies", "/escalation_policies/{id}", "/schedules", "/schedules/{id}", "/incidents", "/incidents/{id}",
             "/incidents/{id}/alerts", "/incidents/{id}/log_entries", "/incidents/{id}/notes", "/log_entries", "/log_entries/{id}", "/oncalls", "/analytics/raw/incidents",
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
        if (method == "GET" or (method, path) in READS) and path not in STREAMS and not path.startswith(("/act/", "/muster/sign-in", "/app", "/twilio", "/test/")):
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
        if method == "GET" or "{id}" not in path or named not in organisation.objects["private"] or (method, path) in READS:
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


def called(judge, organisation):
    """Who is called for an incident sees it, whatever team it is of."""
    api = organisation.api
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


def streams(judge, organisation):
    """Whoever may not see everything hears that something changed; an administrator hears what."""
    incident = organisation.objects["private"]["incidents"]
    for person in organisation.people:
        if person["role"] not in ("admin", "observer") or person["member"]:
            continue
        connection = http.client.HTTPConnection("127.0.0.1", judge.server.port, timeout=10)
        connection.request("GET", "/muster/stream", headers=person["headers"])
        stream, heard = connection.getresponse(), ""
        organisation.api.post("/incidents/%s/notes" % incident, {"note": {"content": "Heard"}}, {"From": organisation.target["email"]})
        while "event: change" not in heard or not heard.endswith("\n\n"):
            heard += stream.read1().decode()
        connection.close()
        judge.combinations += 1
        if (incident in heard) != (person["role"] == "admin"):
            judge.complaints.append("the stream tells %s: %s" % (person["name"], heard))
