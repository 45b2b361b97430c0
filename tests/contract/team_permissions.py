"""Why: what the teams of an object add to the role of the account. Every operation with `x-muster-team-of`, asked by every role as manager, responder,
observer and stranger of a team, about an object of that team and about one of another team."""
import itertools

BASES = ("limited_user", "observer", "restricted_access", "read_only_user", "read_only_limited_user")
RAISED = ("limited_user", "observer", "restricted_access")  # stakeholders stay what they are
TEAM_ROLES = ("manager", "responder", "observer", None)
# Permission -> the roles in the object's team that have it there.
TEAM_FACTS = {"manage": ("manager",), "respond": ("manager", "responder")}


class Organisation:
    """Two teams, each with one object of every kind, and somebody for each pair of roles."""

    def __init__(self, api, routing_key):
        self.api, self.count = api, itertools.count(1)
        self.target = api.get("/users")["users"][0]
        self.teams = {side: api.post("/teams", {"team": {"type": "team", "name": "Team " + side}}, status=201)["team"]["id"] for side in ("own", "foreign")}
        self.objects = {side: self.objects_of(side) for side in self.teams}
        self.people = [self.person(base, role) for base in BASES for role in TEAM_ROLES]

    def person(self, base, role):
        name = "%s %s" % (base, role or "stranger")
        user = self.api.post("/users", {"user": {"type": "user", "name": name, "email": "team%d@roles.example" % next(self.count), "role": base, "time_zone": "Etc/UTC"}},
                             status=201)["user"]["id"]
        if role:
            self.api.put("/teams/%s/users/%s" % (self.teams["own"], user), {"role": role}, status=204)
        token = self.api.post("/muster/tokens", {"token": {"name": name, "user": {"id": user, "type": "user_reference"}}}, status=201)["token"]["token"]
        return {"name": name, "role": base, "team_role": role, "headers": {"Authorization": "Token token=" + token}}

    def make(self, kind, side):
        name, team = "%s %d" % (kind, next(self.count)), {"id": self.teams[side], "type": "team_reference"}
        person = {"id": self.target["id"], "type": "user_reference"}
        if kind == "team":
            return self.teams[side]
        if kind == "escalation_policy":
            return self.api.post("/escalation_policies", {"escalation_policy": {"type": kind, "name": name, "teams": [team], "escalation_rules": [
                {"escalation_delay_in_minutes": 30, "targets": [person]}]}}, status=201)[kind]["id"]
        if kind == "service":
            policy = {"id": self.make("escalation_policy", side), "type": "escalation_policy_reference"}
            return self.api.post("/services", {"service": {"type": kind, "name": name, "escalation_policy": policy}}, status=201)[kind]["id"]
        if kind == "schedule":
            start = self.api.get("/test/clock")["now"]
            return self.api.post("/schedules", {"schedule": {"type": kind, "name": name, "time_zone": "Etc/UTC", "teams": [team], "schedule_layers": [
                {"start": start, "rotation_virtual_start": start, "rotation_turn_length_seconds": 86400, "users": [{"user": person}]}]}}, status=201)[kind]["id"]
        service = {"id": self.make("service", side), "type": "service_reference"}
        return self.api.post("/incidents", {"incident": {"type": "incident", "title": name, "service": service}}, {"From": self.target["email"]}, status=201)[kind]["id"]

    def objects_of(self, side):
        return {kind: self.make(kind, side) for kind in ("team", "escalation_policy", "service", "schedule", "incident")}


def expected(permission, person, side, facts=TEAM_FACTS):
    """Beside what the role of the account allows everywhere."""
    return side == "own" and person["role"] in RAISED and person["team_role"] in facts[permission]


def check(judge, operations, organisation, fill, body, facts=TEAM_FACTS):
    """`operations`: [(operation, permission, team_of)]. Who is allowed to delete gets a thing made for that."""
    for operation, permission, kind in operations:
        method, path = operation
        everywhere = judge.facts[permission][0]
        for side in organisation.teams:
            cases = [(person, person["role"] in everywhere or expected(permission, person, side, facts)) for person in organisation.people]
            before = judge.state()
            for person, allowed in cases:
                if not allowed:
                    judge.ask(operation, named(person, side), fill(path, organisation.objects[side][kind]), False, body(path))
            if judge.state() != before:
                judge.complaints.append("%s %s changed something for somebody who was refused" % operation)
            for person, allowed in cases:
                if allowed:
                    thing = organisation.make(kind, side) if path.endswith("{id}") and method == "DELETE" else organisation.objects[side][kind]
                    judge.ask(operation, named(person, side), fill(path, thing), True, {})


def named(person, side):
    return dict(person, name="%s, %s team" % (person["name"], side))
