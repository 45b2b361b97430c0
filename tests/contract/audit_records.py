"""Why: the record of changes through PagerDuty's audit operations: who, what, before, after, from where; paged by a cursor."""


def walk(suite, path):
    """All records of `path`, by pages of three."""
    records, cursor, pages = [], "", 0
    while True:
        answer = suite.ask("GET", "%s?limit=3%s" % (path, "&cursor=" + cursor if cursor else ""))
        records += answer["records"]
        pages += 1
        suite.check(answer["limit"] == 3 and len(answer["records"]) <= 3, "%s does not keep to its limit" % path)
        if not answer["next_cursor"] or pages > 50:
            return records, pages
        cursor = answer["next_cursor"]


def one(suite, records, what):
    suite.check(len(records) == 1, "%d records of %s" % (len(records), what))
    return records[0]


def check(suite, seed):
    team, user = seed.new_team(), seed.new_user()
    path = "/teams/" + team["id"]
    suite.ask("PUT", path, {"team": {"name": team["name"] + " later"}})
    suite.ask("PUT", "%s/users/%s" % (path, user["id"]), {"role": "observer"}, 204)
    suite.ask("DELETE", "%s/users/%s" % (path, user["id"]), status=204)
    suite.ask("DELETE", path, status=204)
    records, pages = walk(suite, path + "/audit/records")
    suite.check([record["action"] for record in records] == ["delete", "update", "update", "update", "create"] and pages == 2,
                "a team's changes are %s on %d pages" % ([record["action"] for record in records], pages))
    removed, added, renamed = records[1:4]
    suite.check(renamed["details"]["fields"] == [{"name": "name", "description": None, "value": team["name"] + " later", "before_value": team["name"]}],
                "before and after a change: %s" % renamed["details"])
    suite.check(renamed["method"]["type"] == "api_token" and renamed["execution_context"]["remote_address"].startswith("127.0.0.1") and renamed["actors"],
                "who and from where: %s" % renamed)
    for record, kind in ((added, "added"), (removed, "removed")):
        reference = record["details"]["references"][0]
        suite.check(reference["name"] == "members" and [user["id"]] == [person["id"] for person in reference[kind]], "a member %s: %s" % (kind, record))
    method = suite.ask("POST", "/users/%s/contact_methods" % user["id"], {"contact_method": {
        "type": "sms_contact_method", "label": "Mobile", "country_code": 49, "address": "17604069123"}}, 201)["contact_method"]
    newest = suite.ask("GET", "/users/%s/audit/records?limit=1" % user["id"])["records"][0]
    suite.check(newest["root_resource"]["id"] == user["id"] and newest["details"]["resource"]["id"] == method["id"], "a contact method belongs to its user: %s" % newest)
    for noun, thing in (("services", seed.new_service()), ("escalation_policies", seed.new_policy())):
        record = one(suite, suite.ask("GET", "/%s/%s/audit/records" % (noun, thing["id"]))["records"], noun)
        suite.check(record["root_resource"]["summary"] == thing["name"], "%s in its record" % noun)
    schedule = suite.ask("POST", "/schedules", {"schedule": {"type": "schedule", "name": seed.name("Schedule"), "time_zone": "Etc/UTC", "schedule_layers": [
        {"start": "2026-01-01T00:00:00Z", "rotation_virtual_start": "2026-01-01T00:00:00Z", "rotation_turn_length_seconds": 86400,
         "users": [{"user": {"id": user["id"], "type": "user_reference"}}]}]}}, 201)["schedule"]
    suite.ask("POST", "/schedules/%s/overrides" % schedule["id"], {"overrides": [
        {"start": "2035-01-01T00:00:00Z", "end": "2035-01-02T00:00:00Z", "user": {"id": user["id"], "type": "user_reference"}}]}, (200, 201))
    records = suite.ask("GET", "/schedules/%s/audit/records" % schedule["id"])["records"]
    suite.check([record["details"]["resource"]["type"] for record in records] == ["override_reference", "schedule_reference"], "an override belongs to its schedule: %s" % records)
    filtered = suite.ask("GET", "/audit/records?root_resource_types[]=teams&actions[]=delete&actor_type=%s&limit=100" % renamed["actors"][0]["type"])["records"]
    suite.check(filtered and all(record["action"] == "delete" and record["root_resource"]["type"] == "team_reference" for record in filtered), "filters of the records")
    suite.check(suite.ask("GET", "/audit/records?method_type=browser")["records"] == [], "nobody came with a browser")
    suite.check(suite.ask("GET", "/audit/records?since=2001-01-01T00:00:00Z&until=2001-02-01T00:00:00Z")["records"] == [], "records outside the span")
    suite.error("GET", "/audit/records?cursor=nonsense", None, 400, 2001, mention="cursor")
    suite.error("GET", "/users/PNOBODY/audit/records", None, 404, 2100)
    whole, _ = walk(suite, "/audit/records?rand=1".split("?")[0])
    suite.check(len({record["id"] for record in whole}) == len(whole) > 10, "the cursor repeats or loses records")
