"""Why: figures about past incidents, from a past with a known answer: one acknowledged, snoozed and resolved by hand, one resolved by its event."""

METRICS, RAW = "/analytics/metrics/incidents/all", "/analytics/raw/incidents"
GROUPED = {noun: "/analytics/metrics/incidents/" + noun for noun in ("services", "teams", "escalation_policies")}
OPERATIONS = {METRICS: ("POST",), RAW: ("POST",), RAW + "/{id}": ("GET",), **{path + more: ("POST",) for path in GROUPED.values() for more in ("", "/all")}}
RANGE = {"created_at_start": "2026-02-10T20:00:00Z", "created_at_end": "2026-02-10T21:00:00Z"}


def check(suite, stage):
    by_hand, by_event = past(suite, stage)
    one_by_one(suite, stage, by_hand, by_event)
    pages(suite, by_hand, by_event)
    on_the_whole(suite, by_hand)
    grouped(suite, stage, by_hand)
    refused(suite)
    for path in (METRICS, RAW, *(path + more for path in GROUPED.values() for more in ("", "/all"))):
        for example in suite.reference.request_examples("POST", path) if suite.reference else []:
            suite.check(suite.ask("POST", path, example, 200)["data"] == [], "nothing was there in 2024")


def past(suite, stage):
    stage.clock("2026-02-10T20:00:00Z")
    incident = stage.incident("To be measured")
    stage.clock("2026-02-10T20:01:00Z")
    stage.change(incident, status="acknowledged")
    stage.clock("2026-02-10T20:02:00Z")
    suite.ask("POST", "/incidents/%s/snooze" % incident["id"], {"duration": 600}, 201, headers={"From": "ana@halden.example"})
    stage.clock("2026-02-10T20:05:00Z")
    stage.change(incident, status="resolved")
    stage.clock("2026-02-10T20:10:00Z")
    stage.event("measured")
    other = suite.ask("GET", "/incidents?statuses[]=triggered")["incidents"][0]
    stage.clock("2026-02-10T20:20:00Z")
    stage.event("measured", "resolve")
    stage.clock("2026-02-10T22:00:00Z")
    return incident, other


def one_by_one(suite, stage, by_hand, by_event):
    first = suite.ask("GET", RAW + "/" + by_hand["id"])
    found = {key: first[key] for key in ("seconds_to_first_ack", "seconds_to_resolve", "seconds_to_engage", "engaged_seconds", "snoozed_seconds", "auto_resolved")}
    suite.check(found == {"seconds_to_first_ack": 60, "seconds_to_resolve": 300, "seconds_to_engage": 60, "engaged_seconds": 240, "snoozed_seconds": 180,
                          "auto_resolved": False}, "what was done by hand: %s" % found)
    ana = stage.users["Ana"]
    suite.check((first["acknowledged_user_ids"], first["resolved_by_user_id"]) == ([ana["id"]], ana["id"]), "by whom: %s" % first)
    suite.check(first["assigned_user_ids"] and first["total_notifications"] >= first["total_interruptions"] > 0, "somebody was called: %s" % first)
    suite.check(first["total_interruptions"] == sum(first[kind + "_hour_interruptions"] for kind in ("business", "off", "sleep")), "each has its hour: %s" % first)
    second = suite.ask("GET", RAW + "/" + by_event["id"])["data"]
    suite.check((second["seconds_to_resolve"], second["seconds_to_first_ack"], second["auto_resolved"], second["resolved_by_user_id"]) == (600, None, True, None),
                "what its event ended: %s" % second)


def pages(suite, by_hand, by_event):
    ids = [by_hand["id"], by_event["id"]]

    def page(**more):
        answer = suite.ask("POST", RAW, {"filters": RANGE, **more}, 200)
        return [item["id"] for item in answer["data"]], answer["more"]
    suite.check(page() == (ids, False), "both: %s" % (page(),))
    suite.check(page(order="desc") == (ids[::-1], False), "newest first")
    suite.check(page(limit=1) == (ids[:1], True), "the first page")
    suite.check(page(limit=1, starting_after=ids[0]) == (ids[1:], False), "the second page")
    suite.check(page(limit=1, ending_before=ids[1]) == (ids[:1], False), "back again")
    suite.check(page(limit=1, order="desc", starting_after=ids[1]) == (ids[:1], False), "the second page, newest first")
    suite.check(page(filters={**RANGE, "service_ids": ["PCANARY"]}) == ([], False), "the canary is nobody's incident")
    suite.check(page(filters={**RANGE, "urgency": "high", "service_ids": [by_hand["service"]["id"]]}) == (ids, False), "by service")
    suite.check(page(filters={**RANGE, "team_ids": ["PNOBODY"]}) == ([], False), "no such team")
    suite.check(page(filters={**RANGE, "major": True}) == ([], False), "none had a priority")
    suite.check(page(filters={**RANGE, "updated_after": "2026-02-10T20:15:00Z"}) == (ids[1:], False), "changed later")


def on_the_whole(suite, by_hand):
    whole = suite.ask("POST", METRICS, {"filters": RANGE}, 200)["data"]
    suite.check(len(whole) == 1, "one stretch of time: %s" % whole)
    found = {key: whole[0][key] for key in ("total_incident_count", "total_incidents_acknowledged", "total_incidents_auto_resolved", "mean_seconds_to_first_ack",
                                            "mean_seconds_to_resolve", "p50_seconds_to_resolve", "p95_seconds_to_resolve", "total_engaged_seconds", "total_snoozed_seconds")}
    suite.check(found == {"total_incident_count": 2, "total_incidents_acknowledged": 1, "total_incidents_auto_resolved": 1, "mean_seconds_to_first_ack": 60,
                          "mean_seconds_to_resolve": 450, "p50_seconds_to_resolve": 300, "p95_seconds_to_resolve": 600, "total_engaged_seconds": 240,
                          "total_snoozed_seconds": 180}, "the figures: %s" % found)
    starts = {"day": "2026-02-10T00:00:00+01:00", "week": "2026-02-09T00:00:00+01:00", "month": "2026-02-01T00:00:00+01:00"}
    for unit, start in starts.items():
        data = suite.ask("POST", METRICS, {"filters": RANGE, "aggregate_unit": unit, "time_zone": "Europe/Berlin"}, 200)["data"]
        suite.check([(part["range_start"], part["total_incident_count"]) for part in data] == [(start, 2)], "by %s: %s" % (unit, data))
    acknowledged = suite.ask("POST", METRICS, {"filters": {**RANGE, "min_ackowledgements": 1}}, 200)["data"]
    suite.check([part["total_incident_count"] for part in acknowledged] == [1], "those that were acknowledged: %s" % acknowledged)
    month = suite.ask("POST", METRICS, {}, 200)["data"]
    suite.check(month[0]["total_incident_count"] > 2, "the last month without a range: %s" % month)


def grouped(suite, stage, by_hand):
    service, policy = by_hand["service"], by_hand["escalation_policy"]
    teams = sorted((one["id"], one["summary"]) for one in suite.client.get("/escalation_policies/" + policy["id"])["escalation_policy"]["teams"])

    def figures(noun, more="", **filters):
        return suite.ask("POST", GROUPED[noun] + more, {"filters": {**RANGE, **filters}}, 200)["data"]
    same = ("total_incident_count", "total_incidents_acknowledged", "mean_seconds_to_resolve", "total_snoozed_seconds")
    whole = suite.ask("POST", METRICS, {"filters": RANGE}, 200)["data"][0]
    for noun, names in (("services", [(service["id"], service["summary"])]), ("teams", teams), ("escalation_policies", [(policy["id"], policy["summary"])])):
        data, kind = figures(noun), noun[:-1] if noun != "escalation_policies" else "escalation_policy"
        found = sorted((part[kind + "_id"], part[kind + "_name"]) for part in data)
        suite.check(found == names and names, "by %s: %s" % (kind, data))
        suite.check(all([part[key] for key in same] == [whole[key] for key in same] for part in data), "the figures by %s: %s" % (kind, data))
        together = figures(noun, "/all")
        suite.check(len(together) == 1 and together[0]["total_incident_count"] == 2 and kind + "_id" not in together[0], "all together: %s" % together)
    suite.check(figures("services", service_ids=["PNOBODY"]) == [] == figures("services", "/all", service_ids=["PNOBODY"]), "of no service")
    suite.check([part["team_id"] for part in figures("teams", team_ids=[teams[-1][0]])] == [teams[-1][0]], "only the teams that were asked for")
    suite.check(figures("escalation_policies")[0]["distinct_responder_count"] == 1, "one person answered")
    suite.check([part["up_time_pct"] for part in figures("services")] == [100], "without a major incident it was always up")
    first = suite.client.get("/priorities")["priorities"][0]
    stage.change(by_hand, priority={"id": first["id"], "type": "priority_reference"})
    up = [figures(noun)[0]["up_time_pct"] for noun in GROUPED]
    suite.check(all(abs(one - (100 - 100 * 5 / 60)) < 1e-9 for one in up), "five minutes of an hour were lost: %s" % up)
    days = suite.ask("POST", GROUPED["services"], {"filters": {**RANGE, "created_at_end": "2026-02-11T20:00:00Z"}, "aggregate_unit": "day", "time_zone": "Europe/Berlin"}, 200)["data"]
    suite.check([(part["range_start"], part["total_incident_count"]) for part in days] == [("2026-02-10T00:00:00+01:00", 2)], "by service and day: %s" % days)
    expected = 100 - 100 * 5 / 120  # from 21 in the evening to now, 23 o'clock in Berlin
    suite.check(abs(days[0]["up_time_pct"] - expected) < 1e-9, "of what has passed of the day: %s" % days[0]["up_time_pct"])


def refused(suite):
    wrong = {"filters": {"created_at_start": "soon", "urgency": "x", "team_ids": "x", "major": 1}, "time_zone": "Mars/Base"}
    for path in (METRICS, RAW, *GROUPED.values()):
        answer = suite.error("POST", path, wrong, 400, 2001, mention="filters.created_at_start")
        suite.check(len(answer.json["error"]["errors"]) == 5, "every mistake is named: %s" % answer.text)
        suite.error("POST", path, {"filters": {"created_at_start": "2024-01-01", "created_at_end": "2025-06-01"}}, 400, 2001, mention="a year")
        suite.error("POST", path, {"filters": []}, 400, 2001, mention="filters must be")
        suite.error("POST", path, {}, 401, 2006, token="")
    suite.error("POST", METRICS, {"aggregate_unit": "hour"}, 400, 2001, mention="aggregate_unit")
    suite.error("POST", RAW, {"limit": 0, "order": "up", "order_by": "name", "starting_after": "QNONE"}, 400, 2001, mention="starting_after")
    suite.error("GET", RAW + "/QNONE", None, 404, 2100)
