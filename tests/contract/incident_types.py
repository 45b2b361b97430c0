"""Why: the sorts of incidents that an organisation tells apart: making and changing types, incidents that are given one and change it, and what must be
refused, each mistake with its place."""
import copy

TYPES = "/incidents/types"
TYPE = TYPES + "/{type_id_or_name}"
BASE = TYPES + "/incident_default"


def check(suite, seed):
    base(suite)
    made(suite, seed)
    levels(suite, seed)
    inherited(suite, seed)
    incidents(suite, seed)
    refused(suite, seed)
    if suite.reference:
        replay(suite, seed)


def base(suite):
    listed = suite.ask("GET", TYPES)["incident_types"]
    suite.check([(one["name"], one["enabled"], one["parent"]) for one in listed[:1]] == [("incident_default", True, None)], "the base type comes first: %s" % listed)
    for one in (BASE, TYPES + "/" + listed[0]["id"]):
        suite.check(suite.ask("GET", one)["incident_type"] == listed[0], "it is found by name and by id")
    suite.error("PUT", BASE, {"incident_type": {"enabled": False}}, 400, 2001, mention="it is the base type")
    suite.error("GET", TYPES + "/major", None, 404, 2100)
    suite.error("GET", TYPES + "/major/custom_fields", None, 404, 2100)
    suite.error("GET", TYPES + "?filter=some", None, 400, 2001, mention="filter must be one of enabled disabled all")


def body(seed, **more):
    name = seed.name("Type")
    return {"incident_type": {"name": name.lower().replace(" ", "_"), "display_name": name, "parent_type": "incident_default", **more}}


def new_type(suite, seed, **more):
    return suite.ask("POST", TYPES, body(seed, **more), 201)["incident_type"]


def names(suite, which):
    return [one["name"] for one in suite.ask("GET", TYPES + which)["incident_types"]]


def made(suite, seed):
    one = new_type(suite, seed, description="Somebody took something")
    path = TYPES + "/" + one["id"]
    base_id = suite.ask("GET", BASE)["incident_type"]["id"]
    suite.check((one["description"], one["enabled"], one["parent"]["id"], one["parent"]["type"]) == ("Somebody took something", True, base_id, "incident_type_reference"),
                "a type keeps what was sent: %s" % one)
    suite.check(suite.ask("GET", path)["incident_type"] == suite.ask("GET", TYPES + "/" + one["name"])["incident_type"] == one, "POST and GET show the same")
    suite.check(one["name"] in names(suite, "") and one["name"] not in names(suite, "?filter=disabled"), "it is listed")
    sent = {"display_name": one["display_name"] + "!", "enabled": False, "name": "ignored", "parent_type": "ignored"}
    changed = suite.client.ask("PUT", TYPES + "/" + one["name"], {"incident_type": sent})["incident_type"]
    suite.check((changed["name"], changed["parent"], changed["description"]) == (one["name"], one["parent"], one["description"]), "name, parent and the rest stay: %s" % changed)
    suite.check((changed["display_name"], changed["enabled"]) == (one["display_name"] + "!", False), "it changes: %s" % changed)
    suite.check(one["name"] not in names(suite, "") and one["name"] in names(suite, "?filter=disabled") and one["name"] in names(suite, "?filter=all"), "disabled ones are asked for")
    record = suite.client.get("/audit/records", limit=1)["records"][0]
    suite.check((record["action"], record["root_resource"]["id"], record["root_resource"]["type"]) == ("update", one["id"], "incident_type_reference"), "the change is recorded: %s" % record)


def levels(suite, seed):
    one, chain = None, []
    for _ in range(3):
        one = new_type(suite, seed, parent_type=one["id"] if one else "incident_default")
        chain.append(one)
    suite.check([one["parent"]["id"] for one in chain[1:]] == [one["id"] for one in chain[:-1]], "each is below the one before")
    suite.check(chain[2]["parent"]["summary"] == chain[1]["display_name"], "and says what that is called: %s" % chain[2]["parent"])
    suite.error("POST", TYPES, body(seed, parent_type=chain[2]["name"]), 400, 2001, mention="incident_type.parent_type is 3 levels below the base type already")


def inherited(suite, seed):
    name = seed.name("inherited").replace(" ", "_")
    body = {"field": {"name": name, "display_name": name, "data_type": "integer", "field_type": "single_value"}}
    field = suite.ask("POST", BASE + "/custom_fields", body, 201)["field"]
    below = TYPES + "/%s/custom_fields" % new_type(suite, seed)["name"]
    base_id = suite.ask("GET", BASE)["incident_type"]["id"]
    shown = suite.ask("GET", below + "/" + field["id"])["field"]
    suite.check(shown == {**field, "incident_type": base_id}, "a type has the fields of the base type, which say where they are from: %s" % shown)
    suite.check(shown in suite.ask("GET", below)["fields"], "they are listed")
    for method, path in (("POST", below), ("PUT", below + "/" + field["id"]), ("DELETE", below + "/" + field["id"])):
        suite.error(method, path, body if method != "DELETE" else None, 400, 2001, mention="field belongs to the base type: define it below incident_default")
    suite.ask("DELETE", BASE + "/custom_fields/" + field["id"], status=204)


def sender(seed):
    return {"From": seed.user["email"]}


def new_incident(suite, seed, **more):
    incident = {"type": "incident", "title": "Types", "service": {"id": seed.service["id"], "type": "service_reference"}, **more}
    return suite.ask("POST", "/incidents", {"incident": incident}, 201, headers=sender(seed))["incident"]


def change(suite, seed, incident, kind):
    body = {"incident": {"type": "incident_reference", "incident_type": kind}}
    return suite.ask("PUT", "/incidents/" + incident["id"], body, headers=sender(seed))["incident"]["incident_type"]


def incidents(suite, seed):
    security, fraud = new_type(suite, seed), new_type(suite, seed)
    plain, incident = new_incident(suite, seed), new_incident(suite, seed, incident_type={"name": security["name"]})
    suite.check(plain["incident_type"] == {"name": "incident_default"}, "an incident is of the base type: %s" % plain["incident_type"])
    suite.check(incident["incident_type"] == {"name": security["name"]}, "or of the one that was asked for: %s" % incident["incident_type"])
    began = suite.client.get("/incidents/%s/log_entries" % incident["id"], limit=100)["log_entries"]
    suite.check(not any("type" in one["summary"] for one in began), "an incident begins as what it is: %s" % [one["summary"] for one in began])
    suite.check(change(suite, seed, incident, {"id": fraud["id"], "type": "incident_type_reference"}) == {"name": fraud["name"]}, "it changes by id")
    suite.check(change(suite, seed, incident, {"name": fraud["name"]}) == {"name": fraud["name"]}, "and by name")
    told = [one["summary"] for one in suite.client.get("/incidents/%s/log_entries" % incident["id"], limit=100)["log_entries"]]
    line = "Incident type changed from %s to %s by %s through the API" % (security["display_name"], fraud["display_name"], seed.user["name"])
    suite.check(told.count(line) == 1 and len(told) == len(began) + 1, "the record says it once: %s" % told)
    suite.check(suite.ask("GET", "/incidents/" + incident["id"])["incident"]["incident_type"] == {"name": fraud["name"]}, "it is read so")
    disabled(suite, seed, plain, incident, security, fraud)
    raw = suite.client.post("/analytics/raw/incidents", {"filters": {"incident_type_ids": [fraud["id"]]}}, status=200)["data"]
    suite.check([(one["id"], one["incident_type_id"], one["incident_type_name"]) for one in raw] == [(incident["id"], fraud["id"], fraud["name"])], "figures tell types apart: %s" % raw)
    several = [{"id": one["id"], "type": "incident_reference", "incident_type": {"name": "incident_default"}, "status": "resolved"} for one in (plain, incident)]
    shown = suite.ask("PUT", "/incidents", {"incidents": several}, headers=sender(seed))["incidents"]
    suite.check([one["incident_type"]["name"] for one in shown] == ["incident_default"] * 2, "several change at once: %s" % [one["incident_type"] for one in shown])


def disabled(suite, seed, plain, incident, security, fraud):
    for one in (security, fraud):
        suite.ask("PUT", TYPES + "/" + one["id"], {"incident_type": {"enabled": False}})
    before = suite.client.get("/incidents/" + plain["id"])
    refusals = (({"name": security["name"]}, "incident.incident_type is disabled"), ({"name": "nothing"}, "incident.incident_type is not the name of an incident type"),
                ({}, "incident.incident_type must be a reference or the name"), (7, "incident.incident_type must be a reference or the name"))
    for kind, mention in refusals:
        fresh = {"type": "incident", "title": "Never", "service": {"id": seed.service["id"], "type": "service_reference"}, "incident_type": kind}
        suite.error("POST", "/incidents", {"incident": fresh}, 400, 2001, mention=mention, headers=sender(seed))
        suite.error("PUT", "/incidents/" + plain["id"], {"incident": {"type": "incident_reference", "title": "Never", "incident_type": kind}}, 400, 2001, mention=mention,
                    headers=sender(seed))
    one = {"id": plain["id"], "type": "incident_reference", "incident_type": {"name": security["name"]}}
    suite.error("PUT", "/incidents", {"incidents": [one]}, 400, 2001, mention="incidents[0].incident_type is disabled", headers=sender(seed))
    suite.check(suite.client.get("/incidents/" + plain["id"]) == before, "a refused request leaves nothing")
    suite.check("Never" not in [one["title"] for one in suite.client.get("/incidents", limit=100)["incidents"]], "and makes nothing")
    suite.check(change(suite, seed, incident, {"name": fraud["name"]}) == {"name": fraud["name"]}, "who is one of a disabled type stays one")


def refused(suite, seed):
    wrong = {"name": "No Way", "display_name": "", "enabled": "yes", "parent_type": "nothing"}
    answer = suite.error("POST", TYPES, {"incident_type": wrong}, 400, 2001)
    places = [line.split()[0] for line in answer.json["error"]["errors"]]
    suite.check(sorted(places) == ["incident_type." + name for name in ("display_name", "enabled", "name", "parent_type")], "every mistake: %s" % answer.text)
    suite.error("POST", TYPES, body(seed, name="mine_default"), 400, 2001, mention="incident_type.name")
    suite.error("POST", TYPES, body(seed, name="incident_default"), 400, 2001, mention="incident_type.name")
    suite.error("POST", TYPES, body(seed, display_name="BASE incident"), 400, 2001, mention="incident_type.display_name has already been taken")
    one = new_type(suite, seed)
    suite.error("POST", TYPES, body(seed, name=one["name"]), 400, 2001, mention="incident_type.name has already been taken")
    suite.error("POST", TYPES, body(seed, display_name=one["display_name"].upper()), 400, 2001, mention="incident_type.display_name has already been taken")
    suite.error("POST", TYPES, {}, 400, 2001, mention="incident_type cannot be empty")
    reader = suite.ask("POST", "/muster/tokens", {"token": {"name": "manager of types", "role": "user"}}, 201)["token"]["token"]
    suite.error("POST", TYPES, body(seed), 403, 2010, token=reader)
    suite.error("PUT", TYPES + "/" + one["id"], {"incident_type": {"enabled": False}}, 403, 2010, token=reader)
    suite.error("PUT", TYPES + "/PNOBODY", {"incident_type": {"enabled": False}}, 404, 2100)
    suite.error("GET", TYPES, None, 401, 2006, token="")


def replay(suite, seed):
    for example in suite.reference.request_examples("POST", TYPES):
        sent = copy.deepcopy(example)["incident_type"]
        one = suite.ask("POST", TYPES, {"incident_type": sent}, 201)["incident_type"]
        parent = suite.ask("GET", TYPES + "/" + sent.pop("parent_type"))["incident_type"]["id"]
        good = all(one[key] == value for key, value in sent.items()) and one["parent"]["id"] == parent
        suite.note("POST", TYPES, "replay", suite.check(good, "a type comes back as sent: %s" % one))
        for asked in suite.reference.request_examples("PUT", TYPE):
            changed = suite.ask("PUT", TYPES + "/" + one["id"], asked)["incident_type"]
            good = all(changed[key] == value for key, value in asked["incident_type"].items())
            suite.note("PUT", TYPE, "replay", suite.check(good, "a type changes as asked: %s" % changed))
