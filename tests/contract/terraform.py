"""Why: PagerDuty's Terraform provider compares what it reads with what it wrote, so a plan that should be empty is not when the two differ by one letter. It cannot
be had everywhere (tests/clients/terraform); here is what it asks, with its two decoders' bodies, and what it must find."""


def check(suite, seed):
    licenses(suite, seed)
    methods_of_rules(suite, seed)
    nobodys_policy(suite, seed)
    integration_by_vendor(suite, seed)
    renamed_business(suite, seed)
    field_of_named_type(suite, seed)


def licenses(suite, seed):
    """Without a license the user that it has just made counts as gone."""
    one = suite.ask("GET", "/users/%s/license" % seed.user["id"])["license"]
    listed = suite.ask("GET", "/licenses")["licenses"]
    suite.check([other["id"] for other in listed] == [one["id"]] and "limited_user" in one["valid_roles"], "the license of a user is among the licenses")
    suite.check(listed[0]["allocations_available"] is None and listed[0]["current_value"] > 1, "its use is counted, and not limited")
    allocations = suite.ask("GET", "/license_allocations?limit=100&total=true")
    users = suite.ask("GET", "/users?limit=100&total=true")
    suite.check({given["user"]["id"] for given in allocations["license_allocations"]} == {user["id"] for user in users["users"]}, "everybody has it")
    suite.check(allocations["total"] == users["total"], "as many as there are users")
    suite.error("GET", "/users/PNOBODY/license", None, 404, 2100)


def methods_of_rules(suite, seed):
    """The description says a reference; the provider wants the word that it wrote, and PagerDuty gives it the method itself."""
    user = "/users/%s/" % seed.user["id"]
    method = {"id": seed.method["id"], "type": "email_contact_method"}
    whole = suite.ask("GET", user + "contact_methods/" + method["id"])["contact_method"]
    for noun, wanted in (("notification_rule", {"type": "assignment_notification_rule", "start_delay_in_minutes": 9, "urgency": "high"}),
                         ("oncall_handoff_notification_rule", {"handoff_type": "both", "notify_advance_in_minutes": 180})):
        made = suite.ask("POST", user + noun + "s", {noun: {**wanted, "contact_method": method}}, 201)[noun]
        path = user + noun + "s/" + made["id"]
        changed = suite.ask("PUT", path, {noun: {**wanted, "contact_method": method}})[noun]
        for when, shown in (("made", made), ("changed", changed), ("read", suite.ask("GET", path)[noun]), ("read by its reference", suite.ask("PUT", path, {noun: {
                **wanted, "contact_method": {**method, "type": "email_contact_method_reference"}}})[noun])):
            suite.check(shown["contact_method"] == whole, "a %s shows its contact method when %s: %s" % (noun, when, shown["contact_method"]))
        suite.ask("DELETE", path, status=204)


def nobodys_policy(suite, seed):
    """The provider's first decoder writes a list that nobody filled as null."""
    rules = [{"escalation_delay_in_minutes": 30, "targets": [{"id": seed.user["id"], "type": "user_reference"}]}]
    body = {"name": seed.name("Nobody's"), "type": "escalation_policy", "escalation_rules": rules, "teams": [{"id": seed.team["id"], "type": "team_reference"}]}
    made = suite.ask("POST", "/escalation_policies", {"escalation_policy": body}, 201)["escalation_policy"]
    path = "/escalation_policies/" + made["id"]
    suite.check(len(made["teams"]) == 1, "the policy has a team")
    suite.check(suite.ask("PUT", path, {"escalation_policy": {**body, "teams": None}})["escalation_policy"]["teams"] == [], "no list of teams is no team")
    suite.ask("DELETE", path, status=204)
    made = suite.ask("POST", "/escalation_policies", {"escalation_policy": {**body, "teams": None}}, 201)["escalation_policy"]
    suite.check(made["teams"] == [], "nor at first")
    suite.ask("DELETE", "/escalation_policies/" + made["id"], status=204)


def integration_by_vendor(suite, seed):
    """Who names a vendor names no type: the provider then writes the noun itself."""
    path = "/services/%s/integrations" % seed.service["id"]
    body = {"integration": {"name": seed.name("By vendor"), "type": "service_integration", "service": {"id": seed.service["id"], "type": "service"},
                            "vendor": {"id": seed.vendor["id"], "type": "vendor"}}}
    made = suite.ask("POST", path, body, 201)["integration"]
    suite.check(made["vendor"]["id"] == seed.vendor["id"] and made["type"] == "events_api_v2_inbound_integration", "the vendor decides: %s" % made)
    suite.ask("DELETE", "%s/%s" % (path, made["id"]), status=204)
    del body["integration"]["vendor"]
    suite.error("POST", path, body, 400, 2001, mention="integration.type")


def renamed_business(suite, seed):
    """The provider keeps the summary that it read once, sends it, and calls another one in the answer its own bug; what it reads later may differ."""
    made = suite.ask("POST", "/business_services", {"business_service": {"name": seed.name("Before"), "team": {"id": seed.team["id"]}}}, 200)["business_service"]
    path, after = "/business_services/" + made["id"], seed.name("After")
    changed = suite.ask("PUT", path, {"business_service": {**made, "name": after}})["business_service"]
    suite.check((changed["name"], changed["summary"]) == (after, made["summary"]), "a renamed business service: %s" % changed)
    read = suite.ask("GET", path)["business_service"]
    suite.check((read["name"], read["summary"]) == (after, after), "and as it is read: %s" % read)
    suite.ask("DELETE", path, status=204)


def field_of_named_type(suite, seed):
    """The provider's own example writes the type's name where the documentation says its id, and wants back what it wrote."""
    name = seed.name("minutes").replace(" ", "_")
    body = {"field": {"name": name, "display_name": name, "data_type": "integer", "field_type": "single_value", "default_value": 5}}
    base = suite.ask("GET", "/incidents/types/incident_default")["incident_type"]
    made = suite.ask("POST", "/incidents/types/incident_default/custom_fields", body, 201)["field"]
    for written in (base["name"], base["id"]):
        path = "/incidents/types/%s/custom_fields" % written
        read = suite.ask("GET", "%s/%s?include[]=field_options" % (path, made["id"]))["field"]
        changed = suite.ask("PUT", "%s/%s" % (path, made["id"]), {"field": {"display_name": name + "!"}})["field"]
        suite.check(changed["summary"] == name, "its summary is its name, which stays: the provider plans it as known (%s)" % changed)
        listed = next(one for one in suite.ask("GET", path)["fields"] if one["id"] == made["id"])
        suite.check({one["incident_type"] for one in (read, changed, listed)} == {written}, "the type of a field is what was asked for: %s" % read)
    suite.check(made["incident_type"] == base["name"], "also when it is made")
    older = "/incidents/custom_fields/" + made["id"]
    suite.check(suite.ask("GET", older)["field"]["incident_type"] == base["id"], "the paths without a type show its id")
    suite.ask("DELETE", older, status=204)
