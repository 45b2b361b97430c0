"""Why: what changed, asked for the way clients ask: all of it, of a service, before an incident; then what must be refused. Nobody is called for a change."""

OPERATIONS = {"/change_events": ("GET", "POST"), "/change_events/{id}": ("GET", "PUT"), "/services/{id}/change_events": ("GET",),
              "/incidents/{id}/related_change_events": ("GET",)}
LINK = {"href": "https://build.example/2", "text": "Build 2"}
DETAILS = {"build_state": "passed", "build_number": "1", "run_time": {"seconds": 1236}}
IMAGE = {"src": "https://build.example/2.png", "href": "https://build.example/2", "alt": "Tests"}


def check(suite, stage):
    stage.clock("2026-02-20T10:00:00Z")
    reported(suite, stage)
    asked(suite, stage)
    related(suite, stage)
    corrected(suite, stage)
    refused(suite, stage)


def report(stage, summary, path="/v2/change/enqueue", key=None, **payload):
    body = {"routing_key": key or stage.key, "payload": {"summary": summary, **payload}, "links": [LINK], "images": [IMAGE]}
    stage.suite.ask("POST", path, body, 202)


def summaries(page):
    return [change["summary"] for change in page["change_events"]]


def key_of(suite, service):
    body = {"integration": {"type": "events_api_v2_inbound_integration", "name": "Deployments"}}
    return suite.ask("POST", "/services/%s/integrations" % service["id"], body, 201)["integration"]


def reported(suite, stage):
    report(stage, "Deployed 1", source="builder", timestamp="2026-02-20T09:30:00+01:00", custom_details=DETAILS)
    report(stage, "Deployed 2", path="/change_events")
    newest, older = suite.ask("GET", "/change_events?limit=2")["change_events"]
    suite.check((newest["summary"], newest["timestamp"], newest["source"], newest["custom_details"]) == ("Deployed 2", "2026-02-20T10:00:00Z", None, None),
                "a change without a time happened when it was reported: %s" % newest)
    suite.check((older["timestamp"], older["source"], older["custom_details"]) == ("2026-02-20T08:30:00Z", "builder", DETAILS),
                "a change keeps what was sent: %s" % older)
    suite.check(older["links"] == [LINK] and older["images"] == [IMAGE], "links and images are kept: %s" % older)
    suite.check([one["summary"] for one in older["services"]] == ["checkout"] and older["integration"]["id"], "it names its service and integration: %s" % older)
    suite.check(suite.ask("GET", "/change_events/" + older["id"])["change_event"] == older, "the list and the change itself are the same")
    suite.check(older["self"].endswith("/change_events/" + older["id"]), "self is its address: %s" % older["self"])


def asked(suite, stage):
    checkout, other = stage.services["checkout"], next(one for name, one in sorted(stage.services.items()) if name != "checkout")
    integration = key_of(suite, other)
    report(stage, "Other deployed", key=integration["integration_key"], timestamp="2026-02-19T23:00:00Z")
    page = suite.ask("GET", "/change_events?limit=1&offset=1&total=true")
    suite.check((summaries(page), page["more"], page["total"]) == (["Deployed 1"], True, 3), "changes come in pages, newest first: %s" % page)
    window = "since=2026-02-20T08:30:00Z&until=2026-02-20T10:00:00Z"
    suite.check(summaries(suite.ask("GET", "/change_events?" + window)) == ["Deployed 1"], "since is included, until is not")
    suite.check(summaries(suite.ask("GET", "/change_events?integration_ids[]=" + integration["id"])) == ["Other deployed"], "of an integration")
    suite.check(summaries(suite.ask("GET", "/services/%s/change_events" % checkout["id"])) == ["Deployed 2", "Deployed 1"], "of a service")
    suite.check(summaries(suite.ask("GET", "/services/%s/change_events?%s" % (other["id"], window))) == [], "of a service in a window")
    team = checkout["teams"][0]["id"]
    of_team = summaries(suite.ask("GET", "/change_events?team_ids[]=" + team))
    suite.check("Deployed 1" in of_team, "of a team: %s" % of_team)
    suite.check(summaries(suite.ask("GET", "/change_events?team_ids[]=PNOBODY")) == [], "of a team that does not exist")
    whole = suite.ask("GET", "/change_events?limit=1&include[]=services")["change_events"][0]["services"][0]
    suite.check(whole["status"] in ("active", "warning", "critical", "maintenance", "disabled"), "include[]=services shows the service whole: %s" % whole)


def related(suite, stage):
    base = {"service": {"name": "Card network", "escalation_policy": stage.reference("escalation_policy", sorted(stage.policies)[0])}}
    base = suite.ask("POST", "/services", base, 201)["service"]
    sides = {"supporting_service": {"id": base["id"], "type": "service"}, "dependent_service": {"id": stage.services["checkout"]["id"], "type": "service"}}
    suite.ask("POST", "/service_dependencies/associate", {"relationships": [sides]}, 200)
    key = key_of(suite, base)["integration_key"]
    report(stage, "Card network rerouted", key=key, timestamp="2026-02-20T09:00:00Z")
    report(stage, "Long before", timestamp="2026-02-19T09:59:00Z")
    stage.clock("2026-02-20T10:05:00Z")
    incident = stage.incident("What changed?")
    path = "/incidents/%s/related_change_events" % incident["id"]
    found = suite.ask("GET", path)["change_events"]
    told = [(one["summary"], one["correlation_reason"]["reason"]) for one in found]
    wanted = [("Deployed 2", "most_recent"), ("Card network rerouted", "related_service"), ("Deployed 1", "most_recent")]
    suite.check(told == wanted, "the changes of the service and of what it rests on, of a day, newest first: %s" % told)
    suite.check(len(suite.ask("GET", path + "?limit=1")["change_events"]) == 1, "as many as were asked for")
    stage.clock("2026-02-20T10:10:00Z")
    report(stage, "Rolled back")
    stage.change(incident, status="resolved")
    stage.clock("2026-02-20T10:15:00Z")
    report(stage, "After it")
    found = summaries(suite.ask("GET", path))
    suite.check(found[0] == "Rolled back" and len(found) == 4, "what changed during the incident belongs to it, what changed after does not: %s" % found)


def corrected(suite, stage):
    change = suite.ask("GET", "/change_events?limit=1")["change_events"][0]
    path = "/change_events/" + change["id"]
    after = suite.ask("PUT", path, {"change_event": {"type": "change_event", "summary": "Deployed 3", "custom_details": {**DETAILS, "build_number": "3"}, "source": "no"}})["change_event"]
    suite.check(after == {**change, "summary": "Deployed 3", "custom_details": {**DETAILS, "build_number": "3"}}, "summary and details change, the rest stays: %s" % after)
    after = suite.ask("PUT", path, {"change_event": {"custom_details": DETAILS}})["change_event"]
    suite.check((after["summary"], after["custom_details"]) == ("Deployed 3", DETAILS), "what is left out stays: %s" % after)


def refused(suite, stage):
    change = suite.ask("GET", "/change_events?limit=1")["change_events"][0]
    path = "/change_events/" + change["id"]
    answer = suite.error("PUT", path, {"change_event": {"summary": "x" * 1025, "custom_details": []}}, 400, 2001, mention="change_event.summary")
    suite.check(len(answer.json["error"]["errors"]) == 2, "every mistake is named: %s" % answer.json)
    suite.error("PUT", path, {"change_event": "no"}, 400, 2001, mention="change_event must be an object")
    suite.error("PUT", path, {"change_event": {"summary": "\n"}}, 400, 2001, mention="change_event.summary")
    suite.error("GET", "/change_events/QNOBODY", None, 404, 2100)
    suite.error("GET", "/services/PNOBODY/change_events", None, 404, 2100)
    suite.error("GET", "/change_events?since=yesterday", None, 400, 2001, mention="since")
    reader = suite.ask("POST", "/muster/tokens", {"token": {"name": "reader of changes", "role": "read_only_user"}}, 201)["token"]["token"]
    suite.error("PUT", path, {"change_event": {"summary": "x"}}, 403, 2010, token=reader)
    answer = suite.client.ask("POST", "/change_events", {"routing_key": stage.key, "payload": {}}, status=400)
    suite.check("payload.summary" in str(answer), "a change without a summary is refused with the place: %s" % answer)
