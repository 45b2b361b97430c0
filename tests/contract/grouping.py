"""Why: alert grouping settings, what a service says about grouping by itself and how the two meet, asked the way clients do; then what must be refused,
each mistake with its place. What they do to alerts is told in tests/story/alert_grouping.py."""
import copy

NOUNS = ("/alert_grouping_settings",)
PATH = "/alert_grouping_settings"


def check(suite, seed):
    nouns(suite, seed)
    cursor(suite, seed)
    own(suite, seed)
    refused(suite, seed)
    if suite.reference:
        replay(suite, seed)


def body(kind, config, *services, **more):
    return {"alert_grouping_setting": {"type": kind, "config": config, "services": [{"id": service["id"], "type": "service_reference"} for service in services], **more}}


def new_setting(suite, seed, *services, **more):
    return suite.ask("POST", PATH, body("time", {"timeout": 300}, *(services or [seed.new_service()]), **more), 201)["alert_grouping_setting"]


def names(setting):
    return sorted(service["name"] for service in setting["services"])


def nouns(suite, seed):
    one, other = seed.new_service(), seed.new_service()
    config = {"aggregate": "all", "fields": ["component", "custom_details.host"], "time_window": 900}
    made = suite.ask("POST", PATH, body("content_based", config, one, other, name="Hosts", description="One host, one incident"), 201)["alert_grouping_setting"]
    suite.check((made["type"], made["name"], made["description"]) == ("content_based", "Hosts", "One host, one incident"), "a setting keeps what was sent: %s" % made)
    suite.check(made["config"] == {**config, "recommended_time_window": 300} and names(made) == sorted([one["name"], other["name"]]), "its rule and services: %s" % made)
    path = PATH + "/" + made["id"]
    suite.check(suite.ask("GET", path)["alert_grouping_setting"] == made, "POST and GET show the same")
    changed = suite.ask("PUT", path, body("time", {"timeout": 120}, one))["alert_grouping_setting"]
    suite.check((changed["type"], changed["config"]["timeout"], names(changed), changed["name"]) == ("time", 120, [one["name"]], "Hosts"), "it changes: %s" % changed)
    parameters = suite.ask("GET", "/services/" + one["id"])["service"]["alert_grouping_parameters"]
    suite.check((parameters["type"], parameters["config"]["timeout"], parameters["config"]["timeout_in_seconds"]) == ("time", 2, 120), "the service shows it in minutes")
    suite.check(suite.ask("GET", "/services/" + other["id"])["service"]["alert_grouping_parameters"]["type"] is None, "who left groups no longer")
    kept = suite.ask("PUT", path, {"alert_grouping_setting": {"name": "Renamed"}})["alert_grouping_setting"]
    suite.check((kept["name"], kept["config"], names(kept)) == ("Renamed", changed["config"], [one["name"]]), "what is not named stays: %s" % kept)
    suite.ask("DELETE", path, status=204)
    suite.error("GET", path, None, 404, 2100)
    suite.check(suite.ask("GET", "/services/" + one["id"])["service"]["alert_grouping_parameters"]["type"] is None, "a deleted setting groups nothing")
    gone = seed.new_service()
    left = new_setting(suite, seed, one, gone)
    suite.ask("DELETE", "/services/" + gone["id"], status=204)
    suite.check(names(suite.ask("GET", PATH + "/" + left["id"])["alert_grouping_setting"]) == [one["name"]], "a deleted service leaves")
    suite.ask("DELETE", PATH + "/" + left["id"], status=204)


def cursor(suite, seed):
    made = {new_setting(suite, seed)["id"] for _ in range(3)}
    seen, page = [], suite.ask("GET", PATH + "?limit=2&total=true")
    total = page["total"]
    while True:
        seen += [one["id"] for one in page["alert_grouping_settings"]]
        if page["after"] is None:
            break
        page = suite.ask("GET", PATH + "?limit=2&after=" + page["after"])
    suite.check(len(seen) == len(set(seen)) == total and made <= set(seen), "every setting is on one page: %s of %s" % (seen, total))
    back, page = [one["id"] for one in page["alert_grouping_settings"]], page
    while page["before"] is not None:
        page = suite.ask("GET", PATH + "?limit=2&before=" + page["before"])
        back = [one["id"] for one in page["alert_grouping_settings"]] + back
    suite.check(back == seen, "and back again: %s" % back)
    service = suite.ask("GET", PATH + "/" + sorted(made)[0])["alert_grouping_setting"]["services"][0]["id"]
    found = suite.ask("GET", PATH + "?service_ids[]=" + service)["alert_grouping_settings"]
    suite.check([one["id"] for one in found] == sorted(made)[:1], "found by its service")
    for one in made:
        suite.ask("DELETE", PATH + "/" + one, status=204)
    suite.error("GET", PATH + "?limit=0", None, 400, 2001, mention="limit")


def setting_of(suite, service):
    found = suite.client.get(PATH + "?service_ids[]=" + service["id"])["alert_grouping_settings"]
    return found[0] if found else None


def own(suite, seed):
    """What a service says by itself is a setting of its own."""
    service = seed.new_service(alert_grouping_parameters={"type": "time", "config": {"timeout": 10}})
    path, first = "/services/" + service["id"], setting_of(suite, service)
    suite.check((first["type"], first["config"]["timeout"], first["name"]) == ("time", 600, None), "it is listed, in seconds: %s" % first)
    suite.ask("PUT", path, {"service": {"alert_grouping_parameters": {"type": "content_based", "config": {"aggregate": "any", "fields": ["source"], "time_window": 300}}}})
    second = setting_of(suite, service)
    suite.check((second["id"], second["type"]) == (first["id"], "content_based"), "it changes in place: %s" % second)
    suite.ask("PUT", path, {"service": {"description": "Something else"}})
    suite.check(setting_of(suite, service) == second, "what is not named stays")
    suite.ask("PUT", path, {"service": {"alert_grouping_parameters": {"type": None}}})
    suite.check(setting_of(suite, service) is None, "null ends it")
    suite.error("GET", PATH + "/" + first["id"], None, 404, 2100)
    suite.ask("PUT", path, {"service": {"alert_grouping": "time", "alert_grouping_timeout": 2}})
    suite.check(setting_of(suite, service)["config"]["timeout"] == 120, "the older pair of fields")
    suite.ask("DELETE", path, status=204)
    one, other = seed.new_service(), seed.new_service()
    shared = new_setting(suite, seed, one, other)
    whole = suite.ask("GET", "/services/" + one["id"])
    suite.ask("PUT", "/services/" + one["id"], whole)
    suite.check(setting_of(suite, one)["id"] == shared["id"], "a service sent back as it was read stays in its setting")
    suite.ask("PUT", "/services/" + one["id"], {"service": {"alert_grouping_parameters": {"type": "time", "config": {"timeout": 60}}}})
    suite.check(setting_of(suite, one)["id"] != shared["id"] and names(setting_of(suite, other)) == [other["name"]], "parameters of its own take it out")
    suite.ask("PUT", "/services/" + other["id"], {"service": {"alert_grouping_parameters": {"type": None}}})
    suite.check(setting_of(suite, other) is None, "the last one takes the setting along")


def refused(suite, seed):
    reader = suite.ask("POST", "/muster/tokens", {"token": {"name": "reader of grouping", "role": "read_only_user"}}, 201)["token"]["token"]
    service, held = seed.new_service(), seed.new_service()
    other = new_setting(suite, seed, held, name="First come")
    suite.error("POST", PATH, body("time", {"timeout": 300}, service, held), 400, 2001, mention="alert_grouping_setting.services[1].id is in another alert grouping setting already")
    for config, place in (({"timeout": 59}, "config.timeout"), ({"timeout": 86401}, "config.timeout"), ({"timeout": "5"}, "config.timeout")):
        suite.error("POST", PATH, body("time", config, service), 400, 2001, mention="alert_grouping_setting." + place)
    wrong = body("content_based", {"aggregate": "some", "fields": ["component", "colour", "custom_details.", 7], "time_window": 60}, service)
    answer = suite.error("POST", PATH, wrong, 400, 2001)
    places = [line.split()[0].removeprefix("alert_grouping_setting.config.") for line in answer.json["error"]["errors"]]
    suite.check(places == ["aggregate", "fields[1]", "fields[2]", "fields[3]", "time_window"], "every mistake: %s" % answer.text)
    suite.error("POST", PATH, body("content_based", {"aggregate": "all"}, service), 400, 2001, mention="alert_grouping_setting.config.fields must name 1 to 20")
    for learned in ("intelligent", "content_based_intelligent"):
        suite.error("POST", PATH, body(learned, {"time_window": 300}, service), 400, 2001, mention="alert_grouping_setting.type must be time or content_based; Muster has no learned")
        suite.error("PUT", "/services/" + service["id"], {"service": {"alert_grouping_parameters": {"type": learned}}}, 400, 2001,
                    mention="service.alert_grouping_parameters.type must be time or content_based; Muster has no learned")
    answer = suite.error("POST", PATH, {"alert_grouping_setting": {"name": "x"}}, 400, 2001, mention="alert_grouping_setting.type cannot be empty")
    suite.check(any("alert_grouping_setting.services" in line for line in answer.json["error"]["errors"]), "services are needed: %s" % answer.text)
    suite.error("POST", PATH, body("time", {}, {"id": "PNOBODY"}), 400, 2001, mention="alert_grouping_setting.services[0].id does not exist")
    suite.error("POST", PATH, body("time", {}, service), 403, 2010, token=reader)
    suite.error("GET", PATH, None, 401, 2006, token="")
    for method in ("GET", "PUT", "DELETE"):
        suite.error(method, PATH + "/PNOBODY", body("time", {}, service) if method == "PUT" else None, 404, 2100)
    suite.check(setting_of(suite, service) is None, "a refused setting groups nothing")
    suite.ask("DELETE", PATH + "/" + other["id"], status=204)


def replay(suite, seed):
    for method, template in (("POST", PATH), ("PUT", PATH + "/{id}")):
        for example in suite.reference.request_examples(method, template):
            services = [seed.new_service(), seed.new_service()]
            sent = copy.deepcopy(example)["alert_grouping_setting"]
            sent["services"] = [{"id": service["id"]} for service in services]
            where = PATH + ("/" + new_setting(suite, seed)["id"] if method == "PUT" else "")
            made = suite.ask(method, where, {"alert_grouping_setting": sent})["alert_grouping_setting"]
            good = all(made[key] == sent[key] for key in ("name", "description", "type")) and all(made["config"][key] == value for key, value in sent["config"].items())
            suite.note(method, template, "replay", suite.check(good and names(made) == sorted(service["name"] for service in services), "a setting comes back as sent: %s" % made))
