"""Why: what was like an incident before, and what is broken beside it, asked for the way clients ask; then what must be refused."""

OPERATIONS = {"/incidents/{id}/past_incidents": ("GET",), "/incidents/{id}/related_incidents": ("GET",)}


def check(suite, stage):
    past(suite, stage)
    related(suite, stage)
    refused(suite, stage)


def service(suite, stage, name):
    body = {"service": {"name": name, "escalation_policy": stage.reference("escalation_policy", sorted(stage.policies)[0])}}
    made = suite.ask("POST", "/services", body, 201)["service"]
    integration = {"integration": {"type": "events_api_v2_inbound_integration", "name": "Events"}}
    key = suite.ask("POST", "/services/%s/integrations" % made["id"], integration, 201)["integration"]["integration_key"]
    return made["id"], key


def breaks(suite, stage, where, key, summary):
    identifier, routing_key = where
    body = {"routing_key": routing_key, "event_action": "trigger", "dedup_key": key, "payload": {"summary": summary, "source": "web-1", "severity": "critical"}}
    suite.client.ask("POST", "/v2/enqueue", body, status=202)
    return suite.ask("GET", "/incidents?service_ids[]=%s&statuses[]=triggered" % identifier)["incidents"][0]


def told(page, name="past_incidents"):
    return [(one["incident"]["title"], one.get("score")) for one in page[name]]


def past(suite, stage):
    where = service(suite, stage, "History")
    for day, key, summary in ((1, "disk", "Disk is full"), (2, "disk", "Disk is nearly full"), (3, "cpu", "CPU is hot"), (4, "other", "Disk is full")):
        stage.clock("2026-03-%02dT10:00:00Z" % day)
        one = breaks(suite, stage, where, key, summary)
        stage.clock("2026-03-%02dT10:20:00Z" % day)
        stage.change(one, status="resolved")
    stage.clock("2026-03-05T10:00:00Z")
    now = breaks(suite, stage, where, "disk", "Disk is full")
    path = "/incidents/%s/past_incidents" % now["id"]
    page = suite.ask("GET", path)
    wanted = [("Disk is nearly full", 100), ("Disk is full", 100), ("Disk is full", 50)]
    suite.check(told(page) == wanted and page["limit"] == 5, "what had its key, then what had its title, newest first: %s" % page)
    first = page["past_incidents"][0]["incident"]
    suite.check((first["created_at"], first["resolved_at"]) == ("2026-03-02T10:00:00Z", "2026-03-02T10:20:00Z"), "with how long it took: %s" % first)
    page = suite.ask("GET", path + "?limit=1&total=True")
    suite.check((told(page), page["total"], page["limit"]) == (wanted[:1], 3, 1), "as many as were asked for, and how many there are: %s" % page)
    stage.change(now, status="resolved")
    stage.clock("2026-10-05T10:00:00Z")
    later = breaks(suite, stage, where, "disk", "Disk is full")
    suite.check(told(suite.ask("GET", "/incidents/%s/past_incidents" % later["id"])) == [], "what is older than half a year is left out")


def relate(suite, supporting, dependent):
    sides = {"supporting_service": {"id": supporting, "type": "service"}, "dependent_service": {"id": dependent, "type": "service"}}
    suite.ask("POST", "/service_dependencies/associate", {"relationships": [sides]}, 200)


def related(suite, stage):
    stage.clock("2026-11-01T10:00:00Z")
    below, middle, above, aside = (service(suite, stage, name) for name in ("Below", "Middle", "Above", "Aside"))
    relate(suite, below[0], middle[0])
    relate(suite, middle[0], above[0])
    gone = breaks(suite, stage, below, "gone", "Gone before")
    stage.change(gone, status="resolved")
    stage.clock("2026-11-01T10:05:00Z")
    for where, summary in ((below, "Below is down"), (above, "Above is down"), (aside, "Aside is down")):
        breaks(suite, stage, where, "now", summary)
    stage.clock("2026-11-01T10:06:00Z")
    mine = breaks(suite, stage, middle, "now", "Middle is down")
    path = "/incidents/%s/related_incidents" % mine["id"]
    found = suite.ask("GET", path)["related_incidents"]
    sides = {one["incident"]["title"]: (one["relationships"][0]["metadata"]["supporting_services"]["id"], one["relationships"][0]["metadata"]["dependent_services"]["id"]) for one in found}
    suite.check(sides == {"Below is down": (below[0], middle[0]), "Above is down": (middle[0], above[0])}, "what is open below it and above it: %s" % found)
    whole = suite.ask("GET", path + "?additional_details[]=incident")["related_incidents"]
    suite.check([one["incident"]["status"] for one in whole] == ["triggered"] * 2 and whole[0]["incident"]["assignments"], "whole when that is asked for: %s" % whole)
    suite.check([one["incident"]["title"] for one in whole] == [one["incident"]["title"] for one in found], "in the same order")


def refused(suite, stage):
    incident = suite.ask("GET", "/incidents?limit=1&date_range=all")["incidents"][0]
    for limit in ("0", "1000", "many"):
        suite.error("GET", "/incidents/%s/past_incidents?limit=%s" % (incident["id"], limit), None, 400, 2001, mention="limit must be from 1 to 999")
    suite.error("GET", "/incidents/QNOBODY/past_incidents", None, 404, 2100)
    suite.error("GET", "/incidents/QNOBODY/related_incidents", None, 404, 2100)
