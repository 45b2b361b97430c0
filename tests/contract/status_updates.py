"""Why: status updates and those who follow an incident, the way clients ask; shape and keys are judged by the suite."""

OPERATIONS = {"/incidents/{id}/status_updates": ("POST",), "/incidents/{id}/status_updates/subscribers": ("GET", "POST"),
              "/incidents/{id}/status_updates/unsubscribe": ("POST",)}
ME = {"From": "ana@halden.example"}


def check(suite, stage):
    incident = stage.incident("Told to many")
    path = "/incidents/%s/status_updates" % incident["id"]
    team = suite.ask("GET", "/teams")["teams"][0]
    subscribers(suite, stage, path, team)
    updates(suite, path)
    refused(suite, path)
    stage.change(incident, status="resolved")


def one(kind, thing):
    return {"subscriber_type": kind, "subscriber_id": thing["id"]}


def subscribers(suite, stage, path, team):
    body = {"subscribers": [one("user", stage.users["Omar"]), one("team", team)]}
    made = suite.ask("POST", path + "/subscribers", body, 200)["subscriptions"]
    suite.check([s["result"] for s in made] == ["success"] * 2, "both follow: %s" % made)
    made = suite.ask("POST", path + "/subscribers", body, 200)["subscriptions"]
    suite.check([s["result"] for s in made] == ["duplicate"] * 2, "both followed before: %s" % made)
    page = suite.ask("GET", path + "/subscribers?limit=1&total=true")
    suite.check((page["total"], page["more"], page["subscribers"][0]["subscriber_type"]) == (2, True, "team"), "a page: %s" % page)
    gone = suite.ask("POST", path + "/unsubscribe", {"subscribers": [one("team", team), {"subscriber_type": "user", "subscriber_id": "PNOBODY"}]}, 200)
    suite.check(gone == {"deleted_count": 1, "unauthorized_count": 0, "non_existent_count": 1}, "one left: %s" % gone)
    left = suite.ask("GET", path + "/subscribers")["subscribers"]
    suite.check([s["subscriber_id"] for s in left] == [stage.users["Omar"]["id"]], "one stays: %s" % left)


def here(example, people, teams):
    """The example with people and teams that are here."""
    left, known = {"user": list(people), "team": list(teams)}, {}
    for entry in example["subscribers"]:
        key = entry["subscriber_type"], entry["subscriber_id"]
        if key not in known:
            known[key] = one(entry["subscriber_type"], left[entry["subscriber_type"]].pop(0))
    return {"subscribers": [known[entry["subscriber_type"], entry["subscriber_id"]] for entry in example["subscribers"]]}


def business_service(suite, seed):
    made = suite.ask("POST", "/business_services", {"business_service": {"name": seed.name("Business")}}, 200)["business_service"]
    path, template = "/business_services/" + made["id"], "/business_services/{id}"
    people, teams = [seed.user, seed.other], [seed.team, seed.new_team()]
    sent = {"subscribers": [one("team", teams[0]), one("team", teams[1]), one("user", people[0])]}
    if suite.reference:
        sent = here(suite.reference.request_examples("POST", template + "/subscribers")[0], people, teams)
    answer = suite.ask("POST", path + "/subscribers", sent, 200)["subscriptions"]
    good = {(s["subscribable_type"], s["subscribable_id"], s["result"]) for s in answer} == {("business_service", made["id"], "success")} and len(answer) == 3
    suite.note("POST", template + "/subscribers", "replay", suite.check(good, "all follow the business service: %s" % answer))
    answer = suite.ask("POST", path + "/subscribers", sent, 200)["subscriptions"]
    suite.check([s["result"] for s in answer] == ["duplicate"] * 3, "they followed before: %s" % answer)
    page = suite.ask("GET", path + "/subscribers?limit=2&total=true")
    suite.check((page["total"], page["more"], len(page["subscribers"])) == (3, True, 2), "a page: %s" % page)
    record = suite.client.get("/audit/records", limit=1)["records"][0]
    suite.check((record["action"], record["root_resource"]["id"]) == ("subscribe", made["id"]), "the record tells who subscribed whom: %s" % record)
    gone = suite.ask("POST", path + "/unsubscribe", {"subscribers": [sent["subscribers"][0], {"subscriber_type": "user", "subscriber_id": "PNOBODY"}]}, 200)
    suite.check(gone == {"deleted_count": 1, "unauthorized_count": 0, "non_existent_count": 1}, "one left: %s" % gone)
    for example in suite.reference.request_examples("POST", template + "/unsubscribe") if suite.reference else []:
        answer = suite.ask("POST", path + "/unsubscribe", here(example, people, teams), 200)
        good = answer["deleted_count"] + answer["non_existent_count"] == len(example["subscribers"])
        suite.note("POST", template + "/unsubscribe", "replay", suite.check(good, "each is counted: %s" % answer))
    for operation in ("/subscribers", "/unsubscribe"):
        suite.error("POST", path + operation, {"subscribers": [{"subscriber_type": "dog"}]}, 400, 2001, mention="subscribers[0].subscriber_type")
        suite.error("POST", "/business_services/PNOBODY" + operation, sent, 404, 2100)
    suite.error("POST", path + "/subscribers", {"subscribers": [{"subscriber_type": "user", "subscriber_id": "PNONE01"}]}, 400, 2001, mention="subscribers[0].subscriber_id does not exist")
    suite.error("GET", "/business_services/PNOBODY/subscribers", None, 404, 2100)
    suite.ask("DELETE", path, status=204)
    suite.error("GET", path + "/subscribers", None, 404, 2100)


def updates(suite, path):
    for example in suite.reference.request_examples("POST", "/incidents/{id}/status_updates") if suite.reference else [{"message": "On it"}]:
        said = suite.ask("POST", path, example, 200, headers=ME)["status_update"]
        suite.check({key: said[key] for key in example} == example, "what was said comes back: %s" % said)
        entry = suite.ask("GET", "/log_entries/" + said["id"])["log_entry"]
        suite.check(entry["channel"]["summary"] == example["message"] and entry["agent"]["id"] == said["sender"]["id"], "it is an entry of the record: %s" % entry)
    suite.ask("POST", path, {"message": "Shorter", "subject": ""}, 200, headers=ME)


def refused(suite, path):
    suite.error("POST", path, {}, 400, 2001, mention="message", headers=ME)
    suite.error("POST", path, {"message": " ", "subject": "x" * 256, "html_message": 7}, 400, 2001, mention="subject", headers=ME)
    lines = suite.error("POST", path, {}, 400, 2001, headers=ME).json["error"]["errors"]
    suite.check(lines == ["message cannot be empty"], "the place of the mistake: %s" % lines)
    suite.error("POST", "/incidents/QNONE/status_updates", {"message": "x"}, 404, 2100, headers=ME)
    suite.error("GET", "/incidents/QNONE/status_updates/subscribers", None, 404, 2100)
    for operation in ("/subscribers", "/unsubscribe"):
        suite.error("POST", path + operation, {}, 400, 2001, mention="subscribers")
        answer = suite.error("POST", path + operation, {"subscribers": [{"subscriber_type": "dog"}, 7]}, 400, 2001, mention="subscribers[0].subscriber_type")
        suite.check(len(answer.json["error"]["errors"]) == 4, "every mistake is named: %s" % answer.text)
    strangers = {"subscribers": [{"subscriber_type": "user", "subscriber_id": "PNONE01"}, {"subscriber_type": "team", "subscriber_id": "PNONE02"}]}
    answer = suite.error("POST", path + "/subscribers", strangers, 400, 2001, mention="subscribers[1].subscriber_id does not exist")
    suite.check(len(answer.json["error"]["errors"]) == 2, "every stranger is named: %s" % answer.text)
