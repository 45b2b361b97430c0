"""Why: figures about past incidents, from a past with a known answer: one acknowledged, snoozed and resolved by hand, one resolved by its event."""

OPERATIONS = {"/analytics/metrics/incidents/all": ("POST",), "/analytics/raw/incidents": ("POST",), "/analytics/raw/incidents/{id}": ("GET",)}
METRICS, RAW = "/analytics/metrics/incidents/all", "/analytics/raw/incidents"
RANGE = {"created_at_start": "2026-02-10T20:00:00Z", "created_at_end": "2026-02-10T21:00:00Z"}


def check(suite, stage):
    by_hand, by_event = past(suite, stage)
    one_by_one(suite, stage, by_hand, by_event)
    pages(suite, by_hand, by_event)
    on_the_whole(suite, by_hand)
    refused(suite)
    for path in (METRICS, RAW):
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


def refused(suite):
    wrong = {"filters": {"created_at_start": "soon", "urgency": "x", "team_ids": "x", "major": 1}, "time_zone": "Mars/Base"}
    for path in (METRICS, RAW):
        answer = suite.error("POST", path, wrong, 400, 2001, mention="filters.created_at_start")
        suite.check(len(answer.json["error"]["errors"]) == 5, "every mistake is named: %s" % answer.text)
        suite.error("POST", path, {"filters": {"created_at_start": "2024-01-01", "created_at_end": "2025-06-01"}}, 400, 2001, mention="a year")
        suite.error("POST", path, {"filters": []}, 400, 2001, mention="filters must be")
        suite.error("POST", path, {}, 401, 2006, token="")
    suite.error("POST", METRICS, {"aggregate_unit": "hour"}, 400, 2001, mention="aggregate_unit")
    suite.error("POST", RAW, {"limit": 0, "order": "up", "order_by": "name", "starting_after": "QNONE"}, 400, 2001, mention="starting_after")
    suite.error("GET", RAW + "/QNONE", None, 404, 2100)
