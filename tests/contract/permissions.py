#!/usr/bin/python3
"""Why: who may do what. Every operation that the running server describes, asked as every role with its own objects and with those of others: what is
allowed is not refused, what is refused is answered with 401 or 403 in the documented form and changes nothing.

FACTS is the one table; tests/contract/permissions.py --docs writes it and the operations into docs/permissions.md, a run without it fails when
the page is out of date. The table is proven to bite: with one wrong row the run must report exactly that row."""
import copy
import http.client
import json
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness.client import Client
from harness.operations import QUESTIONS
from harness.server import Server
from reference import ROOT
import private_teams
import team_permissions

DOCS = os.path.join(ROOT, "docs", "permissions.md")
ARGUMENTS = ["--test-clock", "--sample", "--practice"]
ROLES = ("owner", "admin", "user", "limited_user", "observer", "restricted_access", "read_only_user", "read_only_limited_user")
READERS = ("limited_user", "observer", "restricted_access", "read_only_user", "read_only_limited_user")
ALL = frozenset(ROLES)

# Permission -> (roles that have it everywhere, in words). "nobody": without credentials, or with wrong ones.
FACTS = {
    "anyone": (ALL | {"nobody"}, "no credentials needed, or others than a token prove the sender"),
    "read": (ALL, "any user or token"),
    "respond": (ALL - frozenset(READERS[1:]), "change incidents, maintenance and overrides"),
    "manage": (frozenset(("owner", "admin", "user")), "change the configuration"),
    "self_or_manage": (frozenset(("owner", "admin", "user")), "change a person: oneself; others who manage, but administrators only by administrators"),
    "administer": (frozenset(("owner", "admin")), "accounts, roles, priorities, incident types, the record of changes"),
    "self_or_administer": (frozenset(("owner", "admin")), "a password: one's own; others only administrators"),
}
# The handler knows more than its row.
DECIDED = {("PUT", "/muster/users/{id}/password"): "self_or_administer", ("GET", "/metrics"): "read"}  # /metrics: as `metrics_access` says; here: a token
# Changes that any user may ask for: the handler keeps them to the asker's own (tests/contract/session.py, tests/security).
OWN_ONLY = {("POST", "/muster/tokens"), ("DELETE", "/muster/tokens/{id}"), ("POST", "/muster/contact-methods/{id}/send-code"),
            ("POST", "/muster/contact-methods/{id}/verify"), ("PUT", "/muster/users/{id}/password")} | {
                (method, "/muster/session/second_factor") for method in ("POST", "PUT", "DELETE")}
# The clock stays where it is; a stream does not end.
UNASKED = {("PUT", "/test/clock")}
STREAMS = {("GET", "/muster/events")}


class Judge:
    def __init__(self, server, facts=FACTS):
        self.server, self.facts = server, facts
        self.combinations = self.refusals = 0
        self.complaints = []
        self.api = server.client()

    def send(self, method, path, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            connection.request(method, path, body=json.dumps(body) if body is not None else None, headers=headers)
            answer = connection.getresponse()
            endless = answer.getheader("content-type", "").startswith("text/event-stream")
            return answer.status, answer.getheader("content-type", ""), b"" if endless else answer.read()
        finally:
            connection.close()

    def state(self):
        """What a change would leave behind."""
        newest = self.api.get("/audit/records", limit=1)["records"]
        incidents = self.api.get("/incidents", date_range="all")["incidents"]
        ledger = self.api.get("/log_entries", limit=1)["log_entries"]
        return json.dumps([newest, incidents, ledger, self.api.get("/webhook_subscriptions")])

    def ask(self, operation, asker, where, allowed, template):
        method, _ = operation
        body = None if method in ("GET", "DELETE") else template
        status, kind, answer = self.send(method, where, body, asker["headers"])
        self.combinations += 1
        what = "%s %s as %s (%s)" % (method, where, asker["name"], "allowed" if allowed else "refused")
        if allowed:
            if status in (401, 403, 429) or status >= 500:
                self.complaints.append("%s is answered %d %s" % (what, status, answer[:200]))
            return
        self.refusals += 1
        wanted = 401 if asker["role"] == "nobody" else 403
        if status != wanted:
            self.complaints.append("%s is answered %d" % (what, status))
            return
        error = json.loads(answer).get("error", {}) if kind.startswith("application/json") else {}
        if error.get("code") != (2006 if wanted == 401 else 2010) or not error.get("message") or not isinstance(error.get("errors"), list) or not error["errors"]:
            self.complaints.append("%s: the refusal has the wrong form: %s" % (what, answer[:200]))

    def same_for_all(self, operation, asker):
        """Nothing about the asker matters where nobody has to say who they are."""
        status, _, _ = self.send(operation[0], nobody_at(operation[1]), {} if operation[0] != "GET" else None, asker["headers"])
        stranger, _, _ = self.send(operation[0], nobody_at(operation[1]), {} if operation[0] != "GET" else None, {})
        self.combinations += 1
        if status != stranger and 429 not in (status, stranger):
            self.complaints.append("%s %s is answered %d to %s and %d to a stranger" % (*operation, status, asker["name"], stranger))


def nobody_at(path):
    return re.sub(r"{\w+}", "PNOBODY", path)


class Real:
    """One object of every kind, for requests that must not reach it."""

    def __init__(self, api, routing_key):
        api.post("/v2/enqueue", {"routing_key": routing_key, "event_action": "trigger", "dedup_key": "permissions",
                                 "payload": {"summary": "Disk full", "source": "db1", "severity": "critical"}}, status=202)
        self.user = api.get("/users")["users"][0]["id"]
        incident = api.get("/incidents")["incidents"][0]["id"]
        noted = api.post("/incidents/%s/notes" % incident, {"note": {"content": "Seen"}}, {"From": api.get("/users")["users"][0]["email"]})["note"]["id"]
        service = api.get("/services")["services"][0]["id"]
        priority = api.get("/priorities")["priorities"] or [api.post("/priorities", {"priority": {"name": "P9", "description": "Later"}})["priority"]]
        integrations = api.get("/services/%s/integrations" % service)["integrations"]
        self.at = {"users": self.user, "teams": api.get("/teams")["teams"][0]["id"], "services": service, "incidents": incident,
                   "escalation_policies": api.get("/escalation_policies")["escalation_policies"][0]["id"],
                   "schedules": api.get("/schedules")["schedules"][0]["id"], "priorities": priority[0]["id"],
                   "log_entries": api.get("/log_entries")["log_entries"][0]["id"]}
        self.named = {"entity_type": "users", "note_id": noted, "user_id": self.user, "escalation_policy_id": self.at["escalation_policies"], "integration_id": integrations[0]["id"],
                      "alert_id": api.get("/incidents/%s/alerts" % incident)["alerts"][0]["id"],
                      "contact_method_id": api.get("/users/%s/contact_methods" % self.user)["contact_methods"][0]["id"]}

    def fill(self, path):
        parts = path.split("/")
        for i, part in enumerate(parts):
            if part == "{id}":
                parts[i] = self.at.get(parts[i - 1], "PNOBODY")
            elif part.startswith("{"):
                parts[i] = self.named.get(part[1:-1], "PNOBODY")
        return "/".join(parts)

    @staticmethod
    def body(path):
        """Would rename, resolve or add something."""
        noun = [part for part in path.split("/") if part and not part.startswith("{")][-1]
        single = {"escalation_policies": "escalation_policy", "priorities": "priority"}.get(noun, noun.rstrip("s"))
        return {single: {"type": single, "name": "Taken over", "summary": "Taken over", "content": "Taken over", "status": "resolved", "title": "Taken over"},
                "role": "manager", "password": "a password of mine"}


def askers_of(server):
    """Everybody: a person of each role, a token of the account of each role, nobody, and credentials that are no longer any."""
    api = server.client()
    found = []
    for role in ROLES:
        user = api.post("/users", {"user": {"type": "user", "name": "Role " + role, "email": role + "@roles.example", "role": role, "time_zone": "Etc/UTC"}}, status=201)["user"]
        token = api.post("/muster/tokens", {"token": {"name": role, "user": {"id": user["id"], "type": "user_reference"}}}, status=201)["token"]["token"]
        found.append({"name": "a person, " + role, "role": role, "user": user["id"], "headers": {"Authorization": "Token token=" + token}})
        token = api.post("/muster/tokens", {"token": {"name": "account " + role, "role": role}}, status=201)["token"]["token"]
        found.append({"name": "a token of the account, " + role, "role": role, "headers": {"Authorization": "Bearer " + token}})
    clock = api.get("/test/clock")["now"]
    year, rest = clock[:4], clock[4:]
    expired = api.post("/muster/tokens", {"token": {"name": "expires", "role": "admin", "expires_at": "%d%s" % (int(year) + 1, "-01-01T00:00:00Z")}}, status=201)["token"]
    revoked = api.post("/muster/tokens", {"token": {"name": "revoked", "role": "admin"}}, status=201)["token"]
    for token in (expired, revoked):
        assert Client(server.url, token["token"]).get("/users"), "the token was never good"
    api.delete("/muster/tokens/" + revoked["id"])
    api.put("/test/clock", {"now": "%d-01-02T00:00:00Z" % (int(year) + 1)})
    for name, headers in (("nobody", {}), ("an expired token", {"Authorization": "Token token=" + expired["token"]}),
                          ("a revoked token", {"Authorization": "Token token=" + revoked["token"]}), ("an invented token", {"Authorization": "Token token=" + "x" * 32})):
        found.append({"name": name, "role": "nobody", "headers": headers})
    return found


def operations_of(document):
    for path, row in sorted(document["paths"].items()):
        for method, operation in sorted(row.items()):
            key = (method.upper(), path)
            yield key, DECIDED.get(key, operation["x-muster-permission"]), operation["summary"]


def refused_first(judge, operation, permission, askers, real):
    """Who is refused asks first, so that what is found changed was changed by them."""
    roles = judge.facts[permission][0]
    refused, allowed = [a for a in askers if a["role"] not in roles], [a for a in askers if a["role"] in roles]
    before = judge.state() if refused and operation[0] != "GET" else None
    for asker in refused:
        judge.ask(operation, asker, real.fill(operation[1]), False, real.body(operation[1]))
    if before and judge.state() != before:
        judge.complaints.append("%s %s changed something for somebody who was refused" % operation)
    for asker in allowed:
        judge.ask(operation, asker, nobody_at(operation[1]), True, {})
    for asker in askers if permission.startswith("self_or_") else ():
        if asker.get("user"):
            judge.ask(operation, asker, nobody_at(operation[1].replace("{id}", asker["user"], 1)), True, {})


def fill_team(path, thing):
    return nobody_at(path.replace("{id}", thing, 1))


def team_operations(document):
    return [(operation, permission, document["paths"][operation[1]][operation[0].lower()]["x-muster-team-of"])
            for operation, permission, _ in operations_of(document) if "x-muster-team-of" in document["paths"][operation[1]][operation[0].lower()]]


def judge_all(server, document, askers, real, facts=FACTS, only=None):
    judge = Judge(server, facts)
    for operation, permission, _ in operations_of(document):
        if operation in UNASKED or only and operation not in only:
            continue
        if permission == "anyone":
            for asker in askers:
                judge.same_for_all(operation, asker)
            continue
        refused_first(judge, operation, permission, askers, real)
        if operation[0] != "GET" and permission == "read" and operation not in OWN_ONLY | QUESTIONS:
            judge.complaints.append("%s %s changes something and is open to all roles" % operation)
    return judge


def planted(server, document, askers, real):
    """One wrong row of each kind must be reported, and nothing else."""
    findings = []
    wrong = dict(FACTS, manage=(FACTS["manage"][0] | {"observer"}, ""))
    found = judge_all(server, document, askers, real, wrong, {("POST", "/teams")}).complaints
    findings.append(len(found) == 2 and all("observer" in line and "403" in line for line in found) or "an observer who may manage: %s" % found)
    doctored = copy.deepcopy(document)
    doctored["paths"]["/teams"]["post"]["x-muster-permission"] = "administer"
    found = judge_all(server, doctored, askers, real, FACTS, {("POST", "/teams")}).complaints
    findings.append(any("as a person, user (refused)" in line for line in found) and any("changed something" in line for line in found) or "a door that is too open: %s" % found)
    return [line for line in findings if line is not True]


def planted_in_teams(server, document, organisation):
    judge = Judge(server)
    only = [row for row in team_operations(document) if row[0] == ("PUT", "/services/{id}")]
    team_permissions.check(judge, only, organisation, fill_team, Real.body, dict(team_permissions.TEAM_FACTS, manage=("manager", "responder")))
    found = judge.complaints
    right = len(found) == len(team_permissions.RAISED) and all("responder, own team" in line and "403" in line for line in found)
    return [] if right else ["planted, not caught: a team's responder who may manage: %s" % found]


def check_private(server, judge, operations):
    organisation = private_teams.Organisation(server.client(), server.facts["routing_key"])
    private_teams.check(judge, operations, organisation)
    private_teams.changes(judge, operations, organisation)
    private_teams.named(judge, organisation)
    private_teams.written_back(judge, organisation)
    private_teams.called(judge, organisation)
    private_teams.alarms(judge, organisation)
    private_teams.loses_sight(judge, organisation)
    private_teams.streams(judge, organisation)
    wrong = Judge(server)
    private_teams.check(wrong, [("GET", "/services")], organisation, lambda role, member, side: role == "admin")
    caught = any(line.startswith("GET /services") and "tells user in no team" in line for line in wrong.complaints)
    return [] if caught else ["planted, not caught: a list that shows too much"]


HEAD = """# Who may do what

Written by `tests/contract/permissions.py --docs` from the table that the test of permissions uses and from the operations of the running server
(`x-muster-permission` in `/openapi.json`). That test asks every operation as every role, as a token of the account of each role, without credentials and
with expired, revoked and invented ones. What is refused is answered 401 (no credentials) or 403, and changes nothing.

| may | %s | what |
|---|%s|---|
"""


TEAMS = """
## In a team

Somebody whose account is `limited_user`, `observer` or `restricted_access` may more about what belongs to a team they are in. A service and its incidents belong
to the teams of their escalation policy.

| operation | teams of the | their |
|---|---|---|
"""


PRIVATE = """
## Private teams

A team with `default_role` `none` is private: the team, its escalation policies and schedules, their services and those services' incidents, alerts, entries, notes, windows, heartbeats and
webhooks are there for its members and for `owner` and `admin` only. Others are answered 404, lists and figures leave them out, and where an object that is seen names one of
them only its id and type stay. A request that names one, in its body or query, is answered as if nobody had that id;
what was named there before may be written back. What belongs to several teams is there for the members of each. Somebody with `restricted_access` sees in this way nothing but what belongs to the own teams.
Webhooks of the whole account are then for who sees everything; the stream says that something changed, not what, and
after a change of the configuration it ends, so that its reader is looked at again. Whoever is or was called for an incident, or asked to join,
sees it, and everybody sees the schedules they are on: paging looks at no team. The test gives everything of a private, a public and no team a mark, asks every operation that
reads as every role, inside and outside, and looks for the marks.
"""


def page(document):
    lines = HEAD % (" | ".join("`%s`" % role for role in ROLES), "|".join("---" for _ in ROLES))
    for permission, (roles, words) in FACTS.items():
        lines += "| %s | %s | %s |\n" % (permission, " | ".join("yes" if role in roles else "own" if permission.startswith("self_or_") else "" for role in ROLES), words)
    lines += TEAMS + "".join("| `%s %s` | %s | %s |\n" % (*operation, kind.replace("_", " "), " or ".join(team_permissions.TEAM_FACTS[permission]))
                             for operation, permission, kind in team_operations(document))
    lines += PRIVATE
    for permission in FACTS:
        rows = ["| `%s %s` | %s |\n" % (*operation, summary) for operation, granted, summary in operations_of(document) if granted == permission]
        lines += "\n## %s\n\n| operation | what |\n|---|---|\n%s" % (permission, "".join(rows)) if rows else ""
    return lines


def docs(document, write):
    wanted = page(document)
    if write:
        with open(DOCS, "w", encoding="utf-8") as file:
            file.write(wanted)
    with open(DOCS, encoding="utf-8") as file:
        return file.read() == wanted


def run(write):
    """(passed, failed)"""
    with tempfile.TemporaryDirectory(prefix="muster-permissions-") as directory:
        server = Server(directory, ARGUMENTS).start()
        try:
            document = server.client().get("/openapi.json")
            real = Real(server.client(), server.facts["routing_key"])
            askers = askers_of(server)
            judge = judge_all(server, document, askers, real)
            organisation = team_permissions.Organisation(server.client(), server.facts["routing_key"])
            team_permissions.check(judge, team_operations(document), organisation, fill_team, Real.body)
            complaints = planted_in_teams(server, document, organisation) + ["planted, not caught: " + line for line in planted(server, document, askers, real)]
            complaints += check_private(server, judge, [operation for operation, _, _ in operations_of(document)]) + judge.complaints
        finally:
            server.stop()
    for line in complaints:
        print("FAILED: " + line)
    if not docs(document, write):
        complaints.append("docs")
        print("FAILED: docs/permissions.md is out of date: run tests/contract/permissions.py --docs")
    print("%d operations, %d askers, %d combinations asked, %d of them must be refused; 4 planted mistakes" % (
        len(list(operations_of(document))), len(askers), judge.combinations, judge.refusals))
    return judge.combinations - len(judge.complaints), len(complaints)


def main(write):
    passed, failed = run(write)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main("--docs" in sys.argv[1:]))
