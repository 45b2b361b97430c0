"""Why: schedules, overrides and on-calls, asked for the way PagerDuty's clients do: shape and keys of every answer, the official requests, what
comes back, and the errors."""
import copy
from datetime import datetime, timedelta, timezone

from replay import ids_of, remap
from seed import reference

NOUNS = ("/schedules", "/oncalls")
WEEK = 7 * 86400


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def layer(people, start, **more):
    return {"name": "Nights", "start": start, "rotation_virtual_start": start, "rotation_turn_length_seconds": WEEK,
            "users": [{"user": reference(person)} for person in people], **more}


def body(seed, layers, **more):
    return {"schedule": {"type": "schedule", "name": seed.name("Schedule"), "time_zone": "America/New_York", "description": "d", "schedule_layers": layers, **more}}


def check(suite, seed):
    now = datetime.now(timezone.utc).replace(microsecond=0)
    schedule = crud(suite, seed, iso(now - timedelta(days=30)))
    overrides(suite, seed, schedule, now)
    oncalls(suite, seed, schedule, now)
    go_and_terraform(suite, seed)
    if suite.reference:
        replay(suite, seed)
    errors(suite, seed, schedule)


def crud(suite, seed, start):
    daily = [{"type": "daily_restriction", "start_time_of_day": "08:00:00", "duration_seconds": 32400}]
    made = suite.ask("POST", "/schedules", body(seed, [layer([seed.user, seed.other], start), layer([seed.other], start, restrictions=daily)],
                                                teams=[reference(seed.team)]), 201)["schedule"]
    path = "/schedules/" + made["id"]
    shown = suite.ask("GET", path)["schedule"]
    suite.check(shown == made, "POST and GET show the same")
    suite.check([part["precedence"] for part in shown["schedule_layers"]] == [2, 1], "the highest layer is shown first")
    window = suite.ask("GET", path + "?since=%s&overflow=true&include_next_oncall_for_user=%s" % (start, seed.user["id"]))["schedule"]
    suite.check(window["final_schedule"]["rendered_coverage_percentage"] == 100, "two weeks are covered")
    suite.check(window["next_oncall_for_user"]["user"]["id"] == seed.user["id"], "the next shift is somebody's")
    # What GET answers may be sent back: nothing changes.
    again = suite.ask("PUT", path, {"schedule": copy.deepcopy(shown)}, 200)["schedule"]
    suite.check(again == shown, "PUT of what GET said changes nothing")
    for include in ("schedule_layers", "overrides_subschedule", "final_schedule"):
        listed = suite.ask("GET", "/schedules?limit=100&include[]=%s&since=%s" % (include, start))["schedules"]
        suite.check(any(item["id"] == made["id"] and include in item for item in listed), "the list includes " + include)
    listed = suite.ask("GET", "/schedules?query=%s&team_ids[]=%s" % (made["name"].split(" of")[0].replace(" ", "+"), seed.team["id"]))["schedules"]
    suite.check([item["id"] for item in listed] == [made["id"]], "found by name and team")
    preview = suite.ask("POST", "/schedules/preview?since=" + start, body(seed, [layer([seed.user], start)]), 200)["schedule"]
    suite.check(len(preview["final_schedule"]["rendered_schedule_entries"]) == 1, "a preview is rendered")
    users = suite.ask("GET", path + "/users?since=" + start)["users"]
    suite.check({user["id"] for user in users} == {seed.user["id"], seed.other["id"]}, "both are on call in two weeks")
    other = suite.ask("POST", "/schedules", body(seed, [layer([seed.user], start)]), 201)["schedule"]
    suite.ask("DELETE", "/schedules/" + other["id"], status=204)
    suite.error("GET", "/schedules/" + other["id"], None, 404, 2100)
    return made


def overrides(suite, seed, schedule, now):
    path = "/schedules/%s/overrides" % schedule["id"]
    def wish(first, last, user):
        return {"start": iso(now + timedelta(days=first)), "end": iso(now + timedelta(days=last)), "user": reference(user), "time_zone": "UTC"}
    suite.ask("POST", path, {"overrides": [wish(20, 21, seed.user)]}, 201)
    # Not judged by keys: a refused override has no id.
    answer = suite.client.ask("POST", path, {"overrides": [wish(1, 2, seed.user), wish(4, 3, seed.user), wish(-1, 1, seed.other)]}, status=201)
    suite.check([item["status"] for item in answer] == [201, 400, 201] and answer[1]["errors"], "each override has its own answer: %s" % answer)
    single = suite.client.ask("POST", path, {"override": wish(5, 6, seed.user)}, status=201)
    suite.check(single["override"]["user"]["id"] == seed.user["id"], "one override in the old form")
    listed = suite.ask("GET", path + "?since=%s&until=%s" % (iso(now - timedelta(days=2)), iso(now + timedelta(days=7))))["overrides"]
    suite.check(len(listed) == 3, "three overrides are listed")
    # The one that began an hour ago counts from the fraction of a second in which it was made; nobody is shown as on call for no time.
    shown = suite.ask("GET", "/schedules/%s?since=%s&until=%s" % (schedule["id"], iso(now), iso(now + timedelta(days=2))))["schedule"]
    for part in [shown["final_schedule"], shown["overrides_subschedule"]] + shown["schedule_layers"]:
        empty = [entry for entry in part["rendered_schedule_entries"] if entry["start"] == entry["end"]]
        suite.check(not empty, "an entry begins and ends at once: %s" % empty)
    suite.ask("DELETE", path + "/" + answer[0]["override"]["id"], status=204)
    suite.ask("DELETE", path + "/" + answer[2]["override"]["id"], status=200)
    suite.ask("DELETE", path + "/" + single["override"]["id"], status=204)
    suite.error("DELETE", path + "/" + single["override"]["id"], None, 404, 2100)


def oncalls(suite, seed, schedule, now):
    policy = seed.new_policy(escalation_rules=[{"escalation_delay_in_minutes": 30, "targets": [reference(schedule)]},
                                               {"escalation_delay_in_minutes": 30, "targets": [reference(seed.user)]}])
    chosen = "/oncalls?escalation_policy_ids[]=" + policy["id"]
    rows = suite.ask("GET", chosen + "&time_zone=Europe/Berlin")["oncalls"]
    suite.check([row["escalation_level"] for row in rows] == [1, 2], "one row for each level: %s" % rows)
    suite.check(rows[1]["schedule"] is None and rows[1]["start"] is None, "a user of the policy is always on call")
    until = iso(now + timedelta(days=60))
    shifts = suite.ask("GET", chosen + "&until=%s&schedule_ids[]=%s&limit=100&total=true" % (until, schedule["id"]))
    suite.check(shifts["total"] == len(shifts["oncalls"]) > 8, "all shifts of sixty days")
    first = suite.ask("GET", chosen + "&until=%s&earliest=true&user_ids[]=%s" % (until, seed.user["id"]))["oncalls"]
    suite.check([row["escalation_level"] for row in first] == [1, 2], "the earliest of each level")
    whole = suite.ask("GET", chosen + "&include[]=users&include[]=schedules&include[]=escalation_policies")["oncalls"][0]
    suite.check("email" in whole["user"] and "name" in whole["schedule"] and "escalation_rules" in whole["escalation_policy"], "whole objects are included")
    suite.error("DELETE", "/schedules/" + schedule["id"], None, 400, 2001, mention=policy["name"])


def go_and_terraform(suite, seed):
    """Go prints instants its own way, and Terraform expects layers back in the opposite order."""
    first, second = layer([seed.user], "2026-01-01T09:00:00-05:00", name="first"), layer([seed.other], "2026-01-01T09:00:00-05:00", name="second", end=None)
    for part in (first, second):
        part["rotation_virtual_start"] = "2026-01-01 14:00:00 +0000 UTC"
    made = suite.ask("POST", "/schedules", body(seed, [first, second]), 201)["schedule"]
    suite.check([part["name"] for part in made["schedule_layers"]] == ["second", "first"], "layers come back reversed")
    # A layer taken out of the configuration is sent last, with an end.
    sent = [{"id": made["schedule_layers"][1]["id"], **first}, {"id": made["schedule_layers"][0]["id"], **second, "end": "2026-02-01 00:00:00 +0000 UTC"}]
    changed = suite.ask("PUT", "/schedules/" + made["id"], body(seed, sent), 200)["schedule"]
    suite.check([(part["name"], part["id"]) for part in changed["schedule_layers"]] ==
                [(part["name"], part["id"]) for part in made["schedule_layers"]] and changed["schedule_layers"][0]["end"], "layers keep their ids")


def replay(suite, seed):
    made = suite.ask("POST", "/schedules", body(seed, []), 201)["schedule"]
    for method, template, path in (("POST", "/schedules", "/schedules"), ("PUT", "/schedules/{id}", "/schedules/" + made["id"]),
                                   ("POST", "/schedules/preview", "/schedules/preview"), ("POST", "/schedules/{id}/overrides", "/schedules/%s/overrides" % made["id"])):
        for example in suite.reference.request_examples(method, template):
            request = remap(copy.deepcopy(example), ids_of(seed))
            if "schedule" in request:
                request["schedule"]["name"] = seed.name("Replayed")
            answer = suite.ask(method, path, request)
            suite.note(method, template, "replay", answer is not None)


def errors(suite, seed, schedule):
    suite.error("POST", "/schedules", {}, 400, 2001, mention="schedule")
    suite.error("POST", "/schedules", {"schedule": {"name": "x", "time_zone": "Mars/Olympus"}}, 400, 2001, mention="schedule.time_zone")
    suite.error("POST", "/schedules", body(seed, [layer([{"id": "PNOBODY", "type": "user"}], "2026-01-01T00:00:00Z")]), 400, 2001,
                mention="schedule.schedule_layers[0].users[0].user.id")
    suite.error("POST", "/schedules", body(seed, [], name=schedule["name"].upper()), 400, 2001, mention="schedule.name")
    suite.error("POST", "/schedules/preview", {"schedule": []}, 400, 2001)
    suite.error("GET", "/schedules?since=yesterday", None, 400, 2001, mention="since")
    suite.error("GET", "/oncalls?until=never", None, 400, 2001, mention="until")
    for method, path in (("GET", "/schedules/PNOBODY"), ("PUT", "/schedules/PNOBODY"), ("DELETE", "/schedules/PNOBODY"), ("GET", "/schedules/PNOBODY/users"),
                         ("GET", "/schedules/PNOBODY/overrides"), ("POST", "/schedules/PNOBODY/overrides"), ("DELETE", "/schedules/PNOBODY/overrides/QNONE")):
        suite.error(method, path, {"schedule": {}, "overrides": [{}]} if method in ("PUT", "POST") else None, 404, 2100)
    suite.error("GET", "/schedules", None, 401, 2006, token="wrong" * 6)
    suite.error("GET", "/oncalls", None, 401, 2006, token="wrong" * 6)
    reader = suite.ask("POST", "/muster/tokens", {"token": {"name": "schedule reader", "role": "read_only_user"}}, 201)["token"]["token"]
    suite.error("POST", "/schedules", body(seed, []), 403, 2010, token=reader)
    suite.error("POST", "/schedules/%s/overrides" % schedule["id"], {"overrides": []}, 403, 2010, token=reader)
