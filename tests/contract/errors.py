"""Why: clients decide by the error envelope; every operation is provoked (layer 4)."""
import copy

from seed import reference

# Fields the description requires and Muster fills by itself.
FILLED = {"type", "id", "handoff_type"}


def good_bodies(seed):
    method = reference(seed.method)
    return {
        "/users": ("user", {"name": "Ana", "email": "mutant@halden.example", "type": "user"}),
        "/users/%s/contact_methods" % seed.user["id"]: ("contact_method", {"type": "sms_contact_method", "label": "x", "address": "15100099"}),
        "/users/%s/notification_rules" % seed.user["id"]: ("notification_rule", {"start_delay_in_minutes": 55, "urgency": "high", "contact_method": method, "type": "assignment_notification_rule"}),
        "/users/%s/oncall_handoff_notification_rules" % seed.user["id"]: ("oncall_handoff_notification_rule", {"handoff_type": "both", "contact_method": method}),
        "/teams": ("team", {"name": "Mutants", "type": "team"}),
        "/escalation_policies": ("escalation_policy", {"name": "Mutant", "type": "escalation_policy", "escalation_rules": [
            {"escalation_delay_in_minutes": 5, "targets": [reference(seed.user)]}]}),
        "/services": ("service", {"name": "Mutant", "type": "service", "escalation_policy": reference(seed.policy)}),
        "/services/%s/integrations" % seed.service["id"]: ("integration", {"type": "events_api_v2_inbound_integration", "name": "Mutant"}),
        "/maintenance_windows": ("maintenance_window", {"type": "maintenance_window", "start_time": "2036-01-01T00:00:00Z", "end_time": "2036-01-02T00:00:00Z",
                                                        "services": [reference(seed.service)]}),
        "/priorities": ("priority", {"name": "Mutant"}),
    }


def errors(suite, seed):
    reader = suite.ask("POST", "/muster/tokens", {"token": {"name": "reader", "role": "read_only_user"}}, 201)["token"]["token"]
    for path, (wrapper, body) in good_bodies(seed).items():
        bodies(suite, path, wrapper, body)
        suite.error("POST", path, {wrapper: body}, 403, 2010, token=reader)
        suite.error("POST", path, {wrapper: body}, 401, 2006, token="")
        suite.error("GET", path, None, 401, 2006, token="wrong" * 6)
        suite.ask("GET", path, token=reader)
        answer = suite.error("PATCH", path, {}, 405, 2001)
        suite.check("GET" in answer.headers.get("allow", "") and "POST" in answer.headers.get("allow", ""), "%s: Allow is %s" % (path, answer.headers.get("allow")))
        for method in ("GET", "PUT", "DELETE"):
            suite.error(method, path + "/PNOBODY", {wrapper: body} if method == "PUT" else None, 404, 2100)
    unknown_parents(suite, seed)
    conventions(suite)
    wrong_values(suite, seed)


def bodies(suite, path, wrapper, body):
    for key in sorted(set(body) - FILLED):
        if wrapper == "integration" and key == "name":
            continue
        without = copy.deepcopy(body)
        del without[key]
        suite.error("POST", path, {wrapper: without}, 400, 2001, mention="%s.%s" % (wrapper, key))
        wrong = {**body, key: {"wrong": []} if not isinstance(body[key], (dict, list)) else "wrong"}
        suite.error("POST", path, {wrapper: wrong}, 400, 2001, mention="%s.%s" % (wrapper, key))
    suite.error("POST", path, {}, 400, 2001, mention=wrapper)
    suite.error("POST", path, None, 400, 2001, mention=wrapper)
    suite.error("POST", path, b"{", 400, 2001, mention="JSON")
    suite.error("POST", path, b"[]", 400, 2001)
    suite.error("POST", path, b'{"%s":{"name":"\xff"}}' % wrapper.encode(), 400, 2001)
    suite.error("POST", path, b"[" * 100 + b"]" * 100, 400, 2001, mention="nested")
    suite.error("POST", path, b'{"a":"' + b"x" * (1 << 20) + b'"}', 413, 2001)


def unknown_parents(suite, seed):
    for path in ("/users/PNOBODY/contact_methods", "/users/PNOBODY/notification_rules", "/users/PNOBODY/oncall_handoff_notification_rules", "/teams/PNOBODY/members",
                 "/services/PNOBODY/integrations", "/vendors/PNOBODY", "/users/PNOBODY"):
        suite.error("GET", path, None, 404, 2100)
    suite.error("PUT", "/teams/%s/users/PNOBODY" % seed.team["id"], {}, 404, 2100)
    suite.error("PUT", "/teams/PNOBODY/escalation_policies/" + seed.policy["id"], {}, 404, 2100)
    suite.error("PUT", "/teams/%s/users/%s" % (seed.team["id"], seed.user["id"]), {"role": "king"}, 400, 2001, mention="role")


def conventions(suite):
    for header in ("Token abc", "Basic abc", "Token token=", "Bearer", "x"):
        suite.error("GET", "/users", None, 401, 2006, headers={"Authorization": header})
    for header in ("Token token=" + suite.token, 'Token token="%s"' % suite.token, "Bearer " + suite.token, "token token=" + suite.token):
        suite.ask("GET", "/users", headers={"Authorization": header})
    suite.ask("GET", "/users/", headers={"Accept": "*/*"})
    suite.ask("GET", "/users", body={"ignored": True})
    suite.error("GET", "/no/such/thing", None, 404, 2100)
    from_header(suite)


def from_header(suite):
    """A token of the account acts for the user that From names; unknown ones are refused, none is fine for configuration."""
    account = suite.ask("POST", "/muster/tokens", {"token": {"name": "account", "role": "admin"}}, 201)["token"]["token"]
    body = {"team": {"name": "Made from afar"}}
    suite.error("POST", "/teams", body, 400, 1008, token=account, mention="From", headers={"From": "nobody@nowhere.example"})
    suite.ask("POST", "/teams", body, 201, token=account)
    suite.error("GET", "/users/me", None, 400, 2001, token=account)


def wrong_values(suite, seed):
    everything = {"name": " ", "email": "a b@c", "time_zone": "Mars/Base", "role": "king", "job_title": 7, "description": []}
    answer = suite.error("POST", "/users", {"user": everything}, 400, 2001)
    suite.check(len(answer.json["error"]["errors"]) == 6, "not every mistake is listed: %s" % answer.text)
    suite.error("POST", "/users", {"user": {"name": "Nia", "email": seed.user["email"].upper()}}, 400, 2001, mention="user.email has already been taken")
    suite.error("POST", "/services", {"service": {"name": seed.service["name"], "escalation_policy": reference(seed.policy)}}, 400, 2001, mention="service.name")
    rules = [{"escalation_delay_in_minutes": 5, "targets": [{"id": "", "type": "user_reference"}, {"id": "PNOBODY", "type": "user_reference"}]}]
    suite.error("POST", "/escalation_policies", {"escalation_policy": {"name": "x", "escalation_rules": rules}}, 400, 2001,
                mention="escalation_policy.escalation_rules[0].targets[0].id cannot be empty")
    suite.error("POST", "/maintenance_windows", {"maintenance_window": {"start_time": "2036-01-01", "end_time": "2036-01-02", "services": [{"id": "PNOBODY"}]}}, 400, 2001,
                mention="maintenance_window.services[0].id does not exist")
