"""Why: one object of every noun to refer to, and new ones to change and delete."""
import itertools

COUNT = itertools.count(1)


class Seed:
    def __init__(self, suite):
        self.suite = suite
        self.user = self.new_user()
        self.other = self.new_user()
        self.team = self.new_team()
        self.method = suite.ask("GET", "/users/%s/contact_methods" % self.user["id"])["contact_methods"][0]
        self.rule = suite.ask("GET", "/users/%s/notification_rules" % self.user["id"])["notification_rules"][0]
        self.handoff = suite.ask("POST", "/users/%s/oncall_handoff_notification_rules" % self.user["id"], {"oncall_handoff_notification_rule": {
            "handoff_type": "both", "notify_advance_in_minutes": 60, "contact_method": reference(self.method)}}, 201)["oncall_handoff_notification_rule"]
        self.policy = self.new_policy()
        self.service = self.new_service()
        self.integration = self.new_integration()
        self.vendor = suite.ask("GET", "/vendors")["vendors"][0]
        suite.ask("PUT", "/teams/%s/users/%s" % (self.team["id"], self.user["id"]), {"role": "responder"}, 204)
        self.window = self.new_window()
        self.priority = suite.ask("POST", "/priorities", {"priority": {"name": "P1", "description": "Everything stops"}}, 201)["priority"]

    def name(self, what):
        return "%s %d of the contract" % (what, next(COUNT))

    def new_user(self, **more):
        number = next(COUNT)
        body = {"type": "user", "name": "Nia %d" % number, "email": "nia%d@halden.example" % number, "role": "limited_user", "time_zone": "Europe/Berlin"}
        return self.suite.ask("POST", "/users", {"user": {**body, **more}}, 201)["user"]

    def new_team(self):
        return self.suite.ask("POST", "/teams", {"team": {"type": "team", "name": self.name("Team")}}, 201)["team"]

    def new_policy(self, **more):
        body = {"type": "escalation_policy", "name": self.name("Policy"), "teams": [reference(self.team)],
                "escalation_rules": [{"escalation_delay_in_minutes": 30, "targets": [reference(self.user)]}]}
        return self.suite.ask("POST", "/escalation_policies", {"escalation_policy": {**body, **more}}, 201)["escalation_policy"]

    def new_service(self, **more):
        body = {"type": "service", "name": self.name("Service"), "escalation_policy": reference(self.policy)}
        return self.suite.ask("POST", "/services", {"service": {**body, **more}}, 201)["service"]

    def new_integration(self):
        return self.suite.ask("POST", "/services/%s/integrations" % self.service["id"], {"integration": {
            "type": "events_api_v2_inbound_integration", "name": self.name("Events")}}, 201)["integration"]

    def new_window(self, start="2035-01-01T00:00:00Z", end="2035-01-01T02:00:00Z", services=None):
        return self.suite.ask("POST", "/maintenance_windows", {"maintenance_window": {
            "type": "maintenance_window", "start_time": start, "end_time": end, "description": self.name("Window"),
            "services": [reference(service) for service in services or [self.service]]}}, 201)["maintenance_window"]


def reference(thing):
    kind = thing["type"]
    return {"id": thing["id"], "type": kind if kind.endswith("_reference") else kind + "_reference"}
