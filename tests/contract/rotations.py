"""Why: shift-based schedules (PagerDuty's Schedules API v3), asked for the way its clients do: shape and keys of every answer, the official requests, what
comes back, what stands beside layers, and the errors. The rules of shifts themselves: src/core/rotation_test.c and tests/oracle."""
import copy
import json
from datetime import datetime, timedelta, timezone

from seed import reference

NOUNS = ("/v3/schedules",)


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def member(user):
    return {"type": "user_member", "user_id": user["id"]} if user else {"type": "empty_member"}


def turns(*people, shifts=1):
    return {"type": "rotating_member_assignment_strategy", "shifts_per_member": shifts, "members": [member(person) for person in people]}


def everybody(*people):
    return {"type": "every_member_assignment_strategy", "members": [member(person) for person in people]}


def event(start, hours, rule, strategy, **more):
    return {"event": {"name": "Shifts", "start_time": {"date_time": iso(start), "time_zone": "Europe/Berlin"},
                      "end_time": {"date_time": iso(start + timedelta(hours=hours)), "time_zone": "Europe/Berlin"}, "effective_since": iso(start),
                      "recurrence": [rule], "assignment_strategy": strategy, **more}}


def schedule(seed, **more):
    return {"schedule": {"name": seed.name("Rotation"), "time_zone": "Europe/Berlin", **more}}


def check(suite, seed):
    now = datetime.now(timezone.utc).replace(microsecond=0)
    made = crud(suite, seed)
    path = "/v3/schedules/" + made["id"]
    rotation = events(suite, seed, path, now)
    exceptions(suite, seed, path, rotation, now)
    computed(suite, seed, made, rotation, now)
    beside_layers(suite, seed, made)
    clients(suite, seed, now)
    if suite.reference:
        replay(suite, seed, now)
    errors(suite, seed, made, rotation, now)
    suite.ask("DELETE", path + "/rotations/" + rotation["id"], status=204)
    suite.ask("DELETE", path, status=204)
    suite.error("GET", path, None, 404, 2100)


def crud(suite, seed):
    made = suite.ask("POST", "/v3/schedules", schedule(seed, description="d", teams=[{"id": seed.team["id"], "type": "team_reference"}], rotations=[]), 201)["schedule"]
    path = "/v3/schedules/" + made["id"]
    suite.check(suite.ask("GET", path)["schedule"] == made and made["type"] == "schedule_v3", "POST and GET show the same")
    changed = suite.ask("PUT", path, {"schedule": {"description": "other"}}, 200)["schedule"]
    suite.check(changed == {**made, "description": "other"}, "PUT changes what it names: %s" % changed)
    listed = suite.ask("GET", "/v3/schedules?query=%s&team_ids[]=%s&total=true" % (made["name"].replace(" ", "+"), seed.team["id"]))
    suite.check([item["id"] for item in listed["schedules"]] == [made["id"]] and listed["limit"] == 100 and listed["total"] == 1, "found by name and team")
    suite.check(suite.ask("GET", "/v3/schedules?limit=5000")["limit"] == 1000, "at most a thousand")
    records = suite.ask("GET", path + "/audit/records")["records"]
    suite.check([record["action"] for record in records] == ["update", "create"], "both changes are on record")
    return changed


def events(suite, seed, path, now):
    rotation = suite.ask("POST", path + "/rotations", {}, 201)["rotation"]
    own = path + "/rotations/" + rotation["id"]
    suite.check(suite.ask("GET", path + "/rotations")["rotations"] == [rotation] and suite.ask("GET", own)["rotation"] == rotation, "the rotation is there")
    soon = now + timedelta(days=2)
    future = suite.ask("POST", own + "/events", event(soon, 8, "RRULE:FREQ=DAILY", turns(seed.user, None, shifts=2)), 201)["event"]
    suite.check(future["effective_since"] == iso(soon) and future["effective_until"] is None, "an event of the future keeps its beginning")
    renamed = suite.ask("PUT", own + "/events/" + future["id"], {"event": {"name": "Renamed", "effective_until": iso(now + timedelta(days=9))}}, 200)["event"]
    suite.check(renamed == {**future, "name": "Renamed", "effective_until": iso(now + timedelta(days=9))}, "what is left out stays: %s" % renamed)
    suite.check(suite.ask("GET", own + "/events/" + future["id"])["event"] == renamed, "the event is there")
    suite.ask("DELETE", own + "/events/" + future["id"], status=204)
    past = now.replace(minute=0, second=0) - timedelta(days=3)
    active = suite.ask("POST", own + "/events", event(past, 24, "RRULE:FREQ=DAILY", everybody(seed.user, seed.other)), 201)["event"]
    suite.check(active["effective_since"] >= iso(now) and active["start_time"]["date_time"] == iso(past), "a past effective_since is now, the first shift stays")
    suite.check("shifts_per_member" not in active["assignment_strategy"], "all at once take no turns")
    longer = suite.ask("PUT", own + "/events/" + active["id"], {"event": {**active, "effective_until": iso(now + timedelta(days=90))}}, 200)["event"]
    suite.check(longer["effective_until"] == iso(now + timedelta(days=90)), "the end of an active event can be changed")
    later = suite.ask("POST", own + "/events", event(now + timedelta(days=90), 24, "RRULE:FREQ=DAILY", turns(seed.user)), 201)["event"]
    listed = suite.ask("GET", own + "/events?limit=1")
    suite.check([item["id"] for item in listed["events"]] == [active["id"]] and listed["more"], "events are listed by their start, in pages")
    cut = suite.ask("GET", own + "?until=%s" % iso(now + timedelta(days=30)))["rotation"]
    suite.check([item["id"] for item in cut["events"]] == [active["id"]], "since and until cut the events")
    suite.error("PUT", own + "/events/" + active["id"], {"event": {"name": "Other"}}, 400, 2001, mention="event.name")
    suite.error("POST", own + "/events", event(now + timedelta(days=5), 2, "RRULE:FREQ=DAILY", turns(seed.user)), 400, 2001, mention="overlaps")
    suite.ask("DELETE", own + "/events/" + later["id"], status=204)
    return suite.ask("GET", own)["rotation"]


def exceptions(suite, seed, path, rotation, now):
    def shift(first, last, person):
        return {"type": "custom_shift", "start_time": iso(now + timedelta(hours=first)), "end_time": iso(now + timedelta(hours=last)),
                "assignments": [{"type": "shift_assignment", "member": member(person)}]}

    def override(first, last, **more):
        return {"type": "override_shift", "start_time": iso(now + timedelta(hours=first)), "end_time": iso(now + timedelta(hours=last)),
                "overridden_member": member(seed.user), "overriding_member": member(seed.other), **more}
    window = "?since=%s&until=%s" % (iso(now - timedelta(hours=2)), iso(now + timedelta(hours=100)))
    begun, later = suite.ask("POST", path + "/custom_shifts", {"custom_shifts": [shift(-1, 5, seed.user), shift(10, 20, seed.user)]}, 201)["custom_shifts"]
    suite.check(suite.ask("GET", path + "/custom_shifts/" + later["id"])["custom_shift"] == later, "the custom shift is there")
    suite.check([item["id"] for item in suite.ask("GET", path + "/custom_shifts" + window)["custom_shifts"]] == [begun["id"], later["id"]], "both are listed")
    moved = suite.ask("PUT", path + "/custom_shifts/" + later["id"], {"custom_shift": {"start_time": iso(now + timedelta(hours=11)), "assignments": shift(1, 2, seed.other)["assignments"]}},
                      200)["custom_shift"]
    suite.check(moved["id"] == later["id"] and moved["start_time"] == iso(now + timedelta(hours=11)) and moved["assignments"][0]["member"] == member(seed.other), "moved: %s" % moved)
    suite.error("PUT", path + "/custom_shifts/" + begun["id"], {"custom_shift": {"start_time": iso(now)}}, 400, 2001, mention="only end_time")
    suite.ask("PUT", path + "/custom_shifts/" + begun["id"], {"custom_shift": {"end_time": iso(now + timedelta(hours=6))}}, 200)
    of_rotation, of_shift = suite.ask("POST", path + "/overrides", {"overrides": [override(30, 40, rotation_id=rotation["id"]),
                                                                                override(12, 15, custom_shift_id=later["id"], overridden_member=member(seed.other),
                                                                                         overriding_member=member(None))]}, 201)["overrides"]
    suite.check(of_rotation["rotation_id"] == rotation["id"] and of_shift["custom_shift_id"] == later["id"] and "rotation_id" not in of_shift, "each has its source")
    suite.check(suite.ask("GET", path + "/overrides/" + of_shift["id"])["override"] == of_shift, "the override is there")
    longer = suite.ask("PUT", path + "/overrides/" + of_rotation["id"], {"override": {"end_time": iso(now + timedelta(hours=41))}}, 200)["override"]
    suite.check(longer == {**of_rotation, "end_time": iso(now + timedelta(hours=41))}, "its end was moved")
    suite.check([item["id"] for item in suite.ask("GET", path + "/overrides" + window + "&limit=1")["overrides"]] == [of_shift["id"]], "overrides are listed in pages")
    suite.ask("DELETE", path + "/overrides/" + of_shift["id"], status=204)
    suite.error("GET", path + "/overrides/" + of_shift["id"], None, 404, 2100)
    suite.ask("DELETE", path + "/custom_shifts/" + later["id"], status=204)
    suite.error("GET", path + "/custom_shifts/" + later["id"], None, 404, 2100)
    suite.ask("DELETE", path + "/custom_shifts/" + begun["id"], status=204)
    ended = suite.ask("GET", path + "/custom_shifts/" + begun["id"])["custom_shift"]
    suite.check(iso(now) <= ended["end_time"] < iso(now + timedelta(hours=1)), "one that has begun ends now: %s" % ended)
    suite.error("DELETE", path + "/custom_shifts/" + begun["id"], None, 400, 2001, mention="over")
    suite.error("POST", path + "/overrides", {"overrides": [override(1, 2), override(2, 1, rotation_id="PNONE", custom_shift_id="QNONE", type="override")]}, 400, 2001,
                mention="overrides[1].type")
    suite.error("POST", path + "/overrides", {"overrides": [override(2, 1, rotation_id="PNONE", overriding_member={"type": "user_member", "user_id": "PNOBODY"})]}, 400, 2001,
                mention="overrides[0].overriding_member.user_id")
    nobody = {"type": "user_member", "user_id": "PNOBODY"}
    answer = suite.error("POST", path + "/overrides", {"overrides": [override(1, 2, type="override", start_time="soon"), override(1, 2, rotation_id="PNONE", overriding_member=nobody)]},
                         400, 2001, mention="overrides[0].type")
    places = sorted(line.split(" ")[0] for line in answer.json["error"]["errors"])
    suite.check(places == ["overrides[0]", "overrides[0].start_time", "overrides[0].type", "overrides[1].overriding_member.user_id", "overrides[1].rotation_id"],
                "all mistakes at once, each with its place: %s" % answer.text[:600])
    suite.error("POST", path + "/custom_shifts", {"custom_shifts": [{**shift(1, 2, seed.user), "assignments": []}]}, 400, 2001, mention="custom_shifts[0].assignments")
    suite.error("GET", path + "/overrides?since=%s" % iso(now), None, 400, 2001, mention="until")
    suite.error("GET", path + "/custom_shifts", None, 400, 2001, mention="since")


def computed(suite, seed, made, rotation, now):
    """Two people at once, one replaced for some hours."""
    path = "/v3/schedules/" + made["id"]
    window = "since=%s&until=%s" % (iso(now + timedelta(hours=1)), iso(now + timedelta(hours=61)))
    final = suite.ask("GET", path + "?include[]=final_schedule&include[]=users&" + window)["schedule"]
    suite.check({user["id"] for user in final["users"]} == {seed.user["id"], seed.other["id"]}, "both are its users")
    final = final["final_schedule"]
    sources = [(item["source"]["type"], item["source"].get("rotation_id"), item["member"]["user_id"]) for item in final["computed_shift_assignments"]]
    suite.check(final["rendered_coverage_percentage"] == 100 and ("schedule_rotation", rotation["id"], seed.user["id"]) in sources and
                ("schedule_rotation", rotation["id"], seed.other["id"]) in sources and ("schedule_rotation_override", rotation["id"], seed.other["id"]) in sources, "computed: %s" % final)
    whole = suite.ask("GET", path + "?include[]=final_schedule&overflow=true&time_zone=UTC&" + window)["schedule"]["final_schedule"]
    suite.check(whole["computed_shift_assignments"][0]["start_time"] < iso(now + timedelta(hours=1)), "with overflow shifts keep their length")
    suite.check("final_schedule" not in suite.ask("GET", path)["schedule"], "nothing is computed unless asked for")
    policy = seed.new_policy(escalation_rules=[{"escalation_delay_in_minutes": 30, "targets": [{"id": made["id"], "type": "schedule_reference"}]}])
    target = policy["escalation_rules"][0]["targets"][0]
    suite.check(target["type"] == "schedule_v3_reference" and target["self"].endswith(path), "a policy's target says what it is: %s" % target)
    rows = suite.ask("GET", "/oncalls?escalation_policy_ids[]=" + policy["id"])["oncalls"]
    suite.check({row["user"]["id"] for row in rows} == {seed.user["id"], seed.other["id"]} and rows[0]["schedule"]["type"] == "schedule_v3_reference", "both are on call: %s" % rows)
    ends = {row["user"]["id"]: row["end"] for row in rows}
    suite.check(ends == {seed.user["id"]: iso(now + timedelta(hours=30)), seed.other["id"]: iso(now + timedelta(days=90))}, "until the override, and until the event ends: %s" % ends)
    included = suite.ask("GET", "/oncalls?include[]=schedules&escalation_policy_ids[]=" + policy["id"])["oncalls"][0]["schedule"]
    suite.check(included["type"] == "schedule_v3" and included["rotations"], "the whole schedule is included")
    users = suite.ask("GET", "/schedules/%s/users?since=%s" % (made["id"], iso(now)))["users"]
    suite.check({user["id"] for user in users} == {seed.user["id"], seed.other["id"]}, "its users of a time range")
    suite.check([item["id"] for item in suite.ask("GET", path)["schedule"]["escalation_policies"]] == [policy["id"]], "the schedule names its policy")
    suite.error("DELETE", path, None, 400, 2001, mention=policy["name"])
    suite.ask("DELETE", "/escalation_policies/" + policy["id"], status=204)


def beside_layers(suite, seed, made):
    """Each form has its own operations; either says where the other is."""
    layers = suite.ask("POST", "/schedules", {"schedule": {"type": "schedule", "name": seed.name("Layers"), "time_zone": "UTC", "schedule_layers": []}}, 201)["schedule"]
    suite.check(made["id"] not in json.dumps(suite.ask("GET", "/schedules?limit=100")) and layers["id"] not in json.dumps(suite.ask("GET", "/v3/schedules")), "two lists")
    for method, path, body in (("GET", "", None), ("PUT", "", {"schedule": {"name": "x"}}), ("DELETE", "", None), ("GET", "/overrides", None),
                               ("POST", "/overrides", {"overrides": [{}]}), ("DELETE", "/overrides/QNONE", None)):
        suite.error(method, "/schedules/" + made["id"] + path, body, 400, 2001, mention="shift-based")
    for method, path, body in (("GET", "", None), ("PUT", "", {"schedule": {"name": "x"}}), ("DELETE", "", None), ("GET", "/rotations", None), ("POST", "/rotations", {}),
                               ("POST", "/custom_shifts", {"custom_shifts": [{}]}), ("GET", "/overrides?since=2030-01-01&until=2030-02-01", None)):
        suite.error(method, "/v3/schedules/" + layers["id"] + path, body, 400, 2001, mention="layers")
    suite.ask("DELETE", "/schedules/" + layers["id"], status=204)


def clients(suite, seed, now):
    """Terraform sends whole events, ends what is in effect by deleting it, and makes it again in the same rotation."""
    path = "/v3/schedules/" + suite.ask("POST", "/v3/schedules", schedule(seed, rotations=[], time_zone="UTC"), 201)["schedule"]["id"]
    own = path + "/rotations/" + suite.ask("POST", path + "/rotations", {}, 201)["rotation"]["id"] + "/events"
    wish = event(now + timedelta(days=1), 8, "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", turns(seed.user), effective_since=iso(now - timedelta(days=2)), effective_until=None)
    first = suite.ask("POST", own, wish, 201)["event"]
    suite.ask("DELETE", own + "/" + first["id"], status=204)
    wish["event"].update(effective_since=iso(now), end_time={"date_time": iso(now + timedelta(days=1, hours=11)), "time_zone": "UTC"})
    suite.check(suite.ask("POST", own, wish, 201)["event"]["id"] != first["id"], "the new event is another one")
    suite.ask("PUT", path, {"schedule": {"name": seed.name("Renamed"), "time_zone": "UTC", "rotations": [], "teams": [{"id": seed.team["id"], "type": "team_reference"}]}}, 200)
    for number in range(5):
        suite.ask("POST", path + "/rotations", None, 201)
    suite.check(len(suite.ask("GET", path + "/rotations?limit=100")["rotations"]) == 6, "an empty body makes a rotation")
    suite.ask("DELETE", path, status=204)


def replay(suite, seed, now):
    """The official requests a few years later, with people who exist."""
    path = "/v3/schedules/" + suite.ask("POST", "/v3/schedules", schedule(seed), 201)["schedule"]["id"]

    def fresh_rotation():
        return suite.ask("POST", path + "/rotations", {}, 201)["rotation"]["id"]

    def prepared(example, **ids):
        text = json.dumps(example)
        for year in (2025, 2026):
            text = text.replace("%d-" % year, "%d-" % (year + 5))
        for old, new in {"PUSER123": seed.user["id"], "PUSER456": seed.other["id"], "PUSER789": seed.other["id"], "PTEAM123": seed.team["id"], **ids}.items():
            text = text.replace(old, new)
        return json.loads(text)

    def send(method, template, where, **ids):
        examples = suite.reference.request_examples(method, template)
        suite.check(bool(examples), "%s %s has no example" % (method, template))
        made = []
        for example in examples:
            body = prepared(copy.deepcopy(example), **ids)
            if "schedule" in body:
                body["schedule"]["name"] = seed.name("Replayed rotation")
            made.append(suite.ask(method, where() if callable(where) else where, body))
            suite.note(method, template, "replay", made[-1] is not None)
        return made
    base = "/v3/schedules/{id}"
    send("POST", "/v3/schedules", "/v3/schedules")
    send("PUT", base, path)
    made = send("POST", base + "/rotations/{rotation_id}/events", lambda: path + "/rotations/%s/events" % fresh_rotation())[0]["event"]
    send("PUT", base + "/rotations/{rotation_id}/events/{event_id}", made["self"][made["self"].index("/v3/"):])
    shift = send("POST", base + "/custom_shifts", path + "/custom_shifts")[0]["custom_shifts"][0]
    send("PUT", base + "/custom_shifts/{custom_shift_id}", path + "/custom_shifts/" + shift["id"])
    override = send("POST", base + "/overrides", path + "/overrides", ABCDEFGHIJKLMNOPQRSTUVWXY=fresh_rotation())[0]["overrides"][0]
    send("PUT", base + "/overrides/{override_id}", path + "/overrides/" + override["id"])


def errors(suite, seed, made, rotation, now):
    path = "/v3/schedules/" + made["id"]
    own = path + "/rotations/" + rotation["id"]
    suite.error("POST", "/v3/schedules", {}, 400, 2001, mention="schedule")
    suite.error("POST", "/v3/schedules", {"schedule": {"name": "x"}}, 400, 2001, mention="schedule.time_zone")
    suite.error("POST", "/v3/schedules", schedule(seed, rotations=[{}]), 400, 2001, mention="schedule.rotations")
    suite.error("POST", "/v3/schedules", schedule(seed, name=made["name"].upper()), 400, 2001, mention="schedule.name")
    suite.error("PUT", path, {"schedule": {"escalation_policies": [{}]}}, 400, 2001, mention="schedule.escalation_policies")
    suite.error("POST", path + "/rotations", {"events": []}, 400, 2001, mention="events")
    wrong = event(now, 8, "RRULE:FREQ=DAILY;BYDAY=XX;BYSETPOS=1", turns({"id": "PNOBODY"}), name="")
    for mention in ("event.name", "BYDAY=XX", "BYSETPOS is not supported"):
        suite.error("POST", own + "/events", wrong, 400, 2001, mention=mention)
    suite.error("POST", own + "/events", event(now + timedelta(days=100), 8, "RRULE:FREQ=DAILY", turns({"id": "PNOBODY"})), 400, 2001,
                mention="event.assignment_strategy.members[0].user_id")
    suite.error("POST", own + "/events", event(now, 8, "RRULE:FREQ=DAILY", turns(seed.user), effective_until=iso(now - timedelta(days=1))), 400, 2001, mention="event.effective_until")
    suite.error("GET", "/v3/schedules?limit=0", None, 400, 2001, mention="limit")
    suite.error("GET", path + "?since=yesterday", None, 400, 2001, mention="since")
    nobody = ["/v3/schedules/PNOBODY", "/v3/schedules/PNOBODY/rotations", "/v3/schedules/PNOBODY/rotations/PNONE", "/v3/schedules/PNOBODY/rotations/PNONE/events",
              "/v3/schedules/PNOBODY/rotations/PNONE/events/PNONE", "/v3/schedules/PNOBODY/custom_shifts/QNONE", "/v3/schedules/PNOBODY/overrides/QNONE",
              path + "/rotations/PNONE", path + "/rotations/PNONE/events", own + "/events/PNONE", path + "/custom_shifts/QNONE", path + "/overrides/QNONE",
              "/v3/schedules/PNOBODY/audit/records", "/v3/schedules/PNOBODY/custom_shifts", "/v3/schedules/PNOBODY/overrides"]
    bodies = {"PUT": {"schedule": {}, "event": {}, "custom_shift": {}, "override": {}},
              "POST": {"event": event(now, 1, "RRULE:FREQ=DAILY", turns(seed.user))["event"], "custom_shifts": [{}], "overrides": [{}]}}
    for where in nobody:
        for method in ("GET", "PUT", "DELETE", "POST"):
            template = suite.reference and suite.reference.template_of(where)
            if not template or not suite.reference.operation(method, template):
                continue
            body = {} if where.endswith("/rotations") else bodies.get(method)
            suite.error(method, where, body, 404, 2100)
    reader = suite.ask("POST", "/muster/tokens", {"token": {"name": "rotation reader", "role": "read_only_user"}}, 201)["token"]["token"]
    suite.error("POST", "/v3/schedules", schedule(seed), 403, 2010, token=reader)
    suite.error("POST", path + "/custom_shifts", {"custom_shifts": []}, 403, 2010, token=reader)
    suite.error("GET", path, None, 401, 2006, token="wrong" * 6)
