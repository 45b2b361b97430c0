"""Why: custom fields of incidents: defining them below the incident type and in the older paths, options, defaults, values on an incident and where they
are seen; then what must be refused, each mistake with its place."""
import copy

TYPE = "/incidents/types/{type_id_or_name}"
BASE = "/incidents/types/incident_default"
OPTION = TYPE + "/custom_fields/{field_id}/field_options/{field_option_id}"


def check(suite, seed):
    types(suite)
    fields(suite, seed)
    older(suite, seed)
    options(suite, seed)
    values(suite, seed)
    defaults(suite, seed)
    refused(suite, seed)
    if suite.reference:
        replay(suite, seed)


def types(suite):
    listed = suite.client.get("/incidents/types")["incident_types"]
    suite.ask("GET", "/incidents/types?filter=all")
    suite.check([(one["name"], one["enabled"], one["parent"]) for one in listed] == [("incident_default", True, None)], "there is one incident type: %s" % listed)
    for one in (BASE, "/incidents/types/" + listed[0]["id"]):
        suite.check(suite.ask("GET", one)["incident_type"] == listed[0], "it is found by name and by id")
    suite.check(suite.ask("GET", "/incidents/types?filter=disabled")["incident_types"] == [], "none is disabled")
    suite.error("GET", "/incidents/types/major", None, 404, 2100)
    suite.error("GET", "/incidents/types/major/custom_fields", None, 404, 2100)


def body(seed, data_type="string", field_type="single_value", **more):
    name = seed.name("field")
    return {"field": {"name": name.replace(" ", "_"), "display_name": name, "data_type": data_type, "field_type": field_type, **more}}


def option(value, **more):
    return {"data": {"data_type": "string", "value": value}, **more}


def new_field(suite, seed, *types, **more):
    return suite.ask("POST", BASE + "/custom_fields", body(seed, *types, **more), 201)["field"]


def drop(suite, *dropped):
    """Others find theirs under the limit of all fields."""
    for field in dropped:
        suite.ask("DELETE", BASE + "/custom_fields/" + field["id"], status=204)


def chosen(field):
    return [one["data"]["value"] for one in field["field_options"]]


def fields(suite, seed):
    made = new_field(suite, seed, "string", "single_value_fixed", description="Where", default_value="EU", field_options=[option("EU"), option("US")])
    path = BASE + "/custom_fields/" + made["id"]
    suite.check((made["default_value"], sorted(chosen(made)), made["enabled"]) == ("EU", ["EU", "US"], True), "a field keeps what was sent: %s" % made)
    suite.check(suite.ask("GET", path)["field"] == made, "POST and GET show the same")
    suite.check(made in suite.ask("GET", BASE + "/custom_fields?include[]=field_options")["fields"], "it is listed")
    renamed = {"display_name": made["display_name"] + "!", "name": "ignored", "default_value": "UK",
               "field_options": [option("Europe", id=next(one["id"] for one in made["field_options"] if one["data"]["value"] == "EU")), option("UK")]}
    changed = suite.client.ask("PUT", path, {"field": renamed})["field"]
    suite.check((changed["name"], changed["display_name"]) == (made["name"], made["display_name"] + "!"), "its name stays")
    suite.check(changed["default_value"] == "UK" and sorted(chosen(changed)) == ["Europe", "UK", "US"], "options change, are added and stay: %s" % changed)
    drop(suite, made)
    suite.error("GET", path, None, 404, 2100)


def older(suite, seed):
    made = suite.ask("POST", "/incidents/custom_fields", body(seed, "integer"), 201)["field"]
    path = "/incidents/custom_fields/" + made["id"]
    below = suite.ask("GET", BASE + "/custom_fields/" + made["id"])["field"]
    suite.check(suite.ask("GET", path)["field"] == {**below, "incident_type": made["incident_type"]}, "both paths show the same field")
    suite.check(made["id"] in [one["id"] for one in suite.ask("GET", "/incidents/custom_fields")["fields"]], "it is listed")
    suite.ask("PUT", path, {"field": {"display_name": made["display_name"] + "?"}})
    suite.ask("DELETE", path, status=204)
    fixed = new_field(suite, seed, "string", "multi_value_fixed")
    path = "/incidents/custom_fields/%s/field_options" % fixed["id"]
    one = suite.ask("POST", path, {"field_option": option("a")}, 201)["field_option"]
    suite.ask("PUT", path + "/" + one["id"], {"field_option": option("b")})
    suite.check([other["data"]["value"] for other in suite.ask("GET", path)["field_options"]] == ["b"], "an option changes in the older path")
    suite.ask("DELETE", path + "/" + one["id"], status=204)
    drop(suite, fixed)


def options(suite, seed):
    field = new_field(suite, seed, "string", "single_value_fixed", field_options=[option("EU")], default_value="EU")
    path = BASE + "/custom_fields/%s/field_options" % field["id"]
    made = suite.ask("POST", path, {"field_option": option("US")}, 201)["field_option"]
    suite.check(suite.ask("GET", path + "/" + made["id"])["field_option"] == made, "POST and GET show the same option")
    changed = suite.ask("PUT", path + "/" + made["id"], {"field_option": option("USA")})["field_option"]
    suite.check((changed["data"]["value"], changed["id"]) == ("USA", made["id"]), "an option changes")
    suite.check([one["data"]["value"] for one in suite.ask("GET", path)["field_options"]] == ["EU", "USA"], "both are listed")
    suite.error("POST", path, {"field_option": option("USA")}, 400, 2001, mention="field_option.data has already been taken")
    suite.error("POST", path, {"field_option": {"data": {"data_type": "integer", "value": 7}}}, 400, 2001, mention="field_option.data.value must be a string")
    suite.error("POST", path, {"field_option": {"data": {"data_type": "integer", "value": "7"}}}, 400, 2001, mention="field_option.data.data_type must be string")
    first = field["field_options"][0]["id"]
    suite.error("DELETE", path + "/" + first, None, 400, 2001, mention="the field's default value is this option")
    suite.error("PUT", path + "/" + first, {"field_option": option("Europe")}, 400, 2001, mention="the field's default value is this option")
    suite.ask("DELETE", path + "/" + made["id"], status=204)
    suite.error("GET", path + "/" + made["id"], None, 404, 2100)
    other = new_field(suite, seed)
    suite.error("POST", BASE + "/custom_fields/%s/field_options" % other["id"], {"field_option": option("x")}, 400, 2001, mention="takes any value")
    suite.error("GET", BASE + "/custom_fields/%s/field_options/%s" % (other["id"], first), None, 404, 2100)
    drop(suite, field, other)


def new_incident(suite, seed, title="Fields"):
    incident = {"type": "incident", "title": title, "service": {"id": seed.service["id"], "type": "service_reference"}}
    return suite.ask("POST", "/incidents", {"incident": incident}, 201, headers={"From": seed.user["email"]})["incident"]


def put(suite, seed, incident, *entries):
    return suite.ask("PUT", "/incidents/%s/custom_fields/values" % incident["id"], {"custom_fields": list(entries)}, 201, headers={"From": seed.user["email"]})["custom_fields"]


def by_name(shown):
    return {one["name"]: one["value"] for one in shown}


def values(suite, seed):
    region = new_field(suite, seed, "string", "single_value_fixed", field_options=[option("EU"), option("US")])
    customers, since, page = new_field(suite, seed, "integer"), new_field(suite, seed, "datetime"), new_field(suite, seed, "url")
    share, public = new_field(suite, seed, "float"), new_field(suite, seed, "boolean")
    teams = new_field(suite, seed, "string", "multi_value")
    incident = new_incident(suite, seed)
    path = "/incidents/%s/custom_fields/values" % incident["id"]
    suite.check(set(by_name(suite.ask("GET", path)["custom_fields"]).values()) == {None}, "without default nothing is set")
    wanted = {region["name"]: "EU", customers["name"]: 7, since["name"]: "2026-02-09T03:00:00Z", page["name"]: "https://status.example.org", share["name"]: 0.25,
              public["name"]: False, teams["name"]: ["web", "pay"]}
    shown = put(suite, seed, incident, *[{"name": name, "value": value} for name, value in wanted.items()])
    suite.check(by_name(shown) == wanted == by_name(suite.ask("GET", path)["custom_fields"]), "every type comes back as sent: %s" % shown)
    shown = put(suite, seed, incident, {"id": region["id"], "value": "US"}, {"id": customers["id"], "value": None})
    suite.check(by_name(shown) == {**wanted, region["name"]: "US", customers["name"]: None}, "by id as well; null clears; the others stay: %s" % shown)
    whole = suite.client.get("/incidents/" + incident["id"] + "?include[]=custom_fields")["incident"]
    suite.check(whole["custom_fields"] == shown, "the incident shows them to those who ask: %s" % whole["custom_fields"])
    suite.check(suite.client.get("/incidents/" + incident["id"])["incident"]["custom_fields"] == [], "and not to those who do not")
    told = [one["summary"] for one in suite.client.get("/incidents/%s/log_entries" % incident["id"], limit=100)["log_entries"]]
    line = "%s set to US, %s cleared by %s through the API" % (region["display_name"], customers["display_name"], seed.user["name"])
    suite.check(line in told, "the record says who set what: %s" % told)
    put(suite, seed, incident, {"id": region["id"], "value": "US"})
    again = suite.client.get("/incidents/%s/log_entries" % incident["id"], limit=100)["log_entries"]
    suite.check(len(again) == len(told), "what is set already is not set again")
    mistakes(suite, seed, path, region, customers, teams)
    disabled = suite.ask("PUT", BASE + "/custom_fields/" + public["id"], {"field": {"enabled": False}})["field"]
    suite.check(disabled["enabled"] is False and public["name"] not in by_name(suite.ask("GET", path)["custom_fields"]), "a disabled field is not shown")
    suite.error("PUT", path, {"custom_fields": [{"id": public["id"], "value": True}]}, 400, 2001, mention="custom_fields[0].id names no custom field",
                headers={"From": seed.user["email"]})
    drop(suite, region, customers, since, page, share, public, teams)
    suite.check(suite.ask("GET", path)["custom_fields"] == [], "a deleted field has no values")


def mistakes(suite, seed, path, region, customers, teams):
    before = suite.client.get(path)
    wrong = [{"id": region["id"], "value": "Mars"}, {"name": customers["name"], "value": "many"}, {"id": "PNOBODY", "value": 1}, {"name": "nothing", "value": 1},
             {"id": teams["id"], "value": ["a", "a"]}, {"id": region["id"]}, 7]
    answer = suite.error("PUT", path, {"custom_fields": wrong}, 400, 2001, headers={"From": seed.user["email"]})
    places = [line.split()[0] for line in answer.json["error"]["errors"]]
    wanted = ["custom_fields[0].value", "custom_fields[1].value", "custom_fields[2].id", "custom_fields[3].name", "custom_fields[4].value[1]", "custom_fields[5].value",
              "custom_fields[6].id"]
    suite.check(places == wanted, "every mistake is named with its place: %s" % answer.text)
    for empty in ({}, {"custom_fields": []}, {"custom_fields": {}}, None):
        suite.error("PUT", path, empty, 400, 2001, headers={"From": seed.user["email"]})
    suite.check(suite.client.get(path) == before, "a refused request leaves nothing")
    suite.error("PUT", "/incidents/PNOBODY/custom_fields/values", {"custom_fields": wrong[:1]}, 404, 2100, headers={"From": seed.user["email"]})
    suite.error("GET", "/incidents/PNOBODY/custom_fields/values", None, 404, 2100)


def defaults(suite, seed):
    """An incident has the default of its creation."""
    earlier = new_incident(suite, seed)
    field = new_field(suite, seed, default_value="calm")
    first = new_incident(suite, seed)
    suite.ask("PUT", BASE + "/custom_fields/" + field["id"], {"field": {"default_value": "wild"}})
    second = new_incident(suite, seed)
    seen = [by_name(suite.client.get("/incidents/%s/custom_fields/values" % one["id"])["custom_fields"])[field["name"]] for one in (earlier, first, second)]
    suite.check(seen == [None, "calm", "wild"], "an incident has the default of its time: %s" % seen)
    put(suite, seed, second, {"id": field["id"], "value": None})
    seen = by_name(suite.client.get("/incidents/%s/custom_fields/values" % second["id"])["custom_fields"])[field["name"]]
    suite.check(seen is None, "what was cleared stays cleared: %s" % seen)
    drop(suite, field)


def refused(suite, seed):
    reader = suite.ask("POST", "/muster/tokens", {"token": {"name": "reader of fields", "role": "read_only_user"}}, 201)["token"]["token"]
    path = BASE + "/custom_fields"
    wrong = {"name": "No Way", "display_name": "", "data_type": "url", "field_type": "multi_value", "default_value": [7], "field_options": [option("x")]}
    answer = suite.error("POST", path, {"field": wrong}, 400, 2001)
    places = [line.split()[0] for line in answer.json["error"]["errors"]]
    suite.check(places == ["field.display_name", "field.name", "field.field_type", "field.field_options", "field.default_value[0]"], "every mistake: %s" % answer.text)
    suite.error("POST", path, {"field": {}}, 400, 2001, mention="field.data_type cannot be empty")
    bad = body(seed, "string", "single_value_fixed", default_value="x", field_options=[option("a"), option("a"), option("")])
    suite.error("POST", path, bad, 400, 2001, mention="field.default_value is not one of the field's options")
    bad["field"]["default_value"] = None
    suite.error("POST", path, bad, 400, 2001, mention="field.field_options[1].data has already been taken")
    bad["field"]["field_options"] = [option("a"), option("")]
    suite.error("POST", path, bad, 400, 2001, mention="field.field_options[1].data.value must be a string")
    suite.check(bad["field"]["name"] not in [one["name"] for one in suite.client.get(path)["fields"]], "a refused field is not made")
    made = new_field(suite, seed)
    same = body(seed)
    same["field"]["display_name"] = made["display_name"].upper()
    suite.error("POST", path, same, 400, 2001, mention="field.display_name has already been taken")
    same = body(seed)
    same["field"]["name"] = made["name"]
    suite.error("POST", path, same, 400, 2001, mention="field.name has already been taken")
    suite.error("PUT", path + "/" + made["id"], {"field": {"field_options": [option("x", id="PNOBODY")]}}, 400, 2001, mention="field.field_options are for")
    suite.error("POST", path, body(seed), 403, 2010, token=reader)
    suite.error("GET", path, None, 401, 2006, token="")
    for method, body_of in (("GET", None), ("PUT", {"field": {"display_name": "x"}}), ("DELETE", None)):
        suite.error(method, path + "/PNOBODY", body_of, 404, 2100)
        suite.error(method, "/incidents/custom_fields/PNOBODY", body_of, 404, 2100)
    drop(suite, made)


def replay(suite, seed):
    definitions(suite, seed)
    field = new_field(suite, seed, "string", "multi_value_fixed", field_options=[option("production"), option("staging")])
    single = new_field(suite, seed, "string", "single_value_fixed", field_options=[option("production"), option("staging")])
    incident = new_incident(suite, seed)
    template = "/incidents/{id}/custom_fields/values"
    for example in suite.reference.request_examples("PUT", template):
        for entry in example["custom_fields"]:
            one = field if isinstance(entry["value"], list) else single
            key = "id" if "id" in entry else "name"
            shown = by_name(put(suite, seed, incident, {key: one[key], "value": entry["value"]}))
            suite.note("PUT", template, "replay", suite.check(shown[one["name"]] == entry["value"], "the example's value was set: %s" % shown))
    drop(suite, field, single)


def definitions(suite, seed):
    for prefix, template in ((BASE, TYPE), ("/incidents", "/incidents")):
        for example in suite.reference.request_examples("POST", template + "/custom_fields"):
            sent = copy.deepcopy(example)["field"]
            sent.update({key: body(seed)["field"][key] for key in ("name", "display_name")})
            made = suite.ask("POST", prefix + "/custom_fields", {"field": sent}, 201)["field"]
            good = all(made[key] == value for key, value in sent.items() if key != "field_options") and len(made["field_options"]) == len(sent.get("field_options", []))
            suite.note("POST", template + "/custom_fields", "replay", suite.check(good, "a field comes back as sent: %s" % made))
            for change in suite.reference.request_examples("PUT", template + "/custom_fields/{field_id}"):
                change = copy.deepcopy(change)["field"]
                change["display_name"] = seed.name("Changed")
                if "field_options" in change and not made["field_options"]:
                    continue
                for one in change.get("field_options", []):
                    if "id" in one:
                        one["id"] = made["field_options"][-1]["id"]
                change.update({"default_value": None} if "field_options" in change else {})
                shown = suite.client.ask("PUT", prefix + "/custom_fields/" + made["id"], {"field": change})["field"]
                suite.note("PUT", template + "/custom_fields/{field_id}", "replay", suite.check(shown["display_name"] == change["display_name"], "a field changes as asked"))
            drop(suite, made)
        field = new_field(suite, seed, "string", "single_value_fixed")
        where = "%s/custom_fields/%s/field_options" % (prefix, field["id"])
        for example in suite.reference.request_examples("POST", template + "/custom_fields/{field_id}/field_options"):
            made = suite.ask("POST", where, example, 201)["field_option"]
            suite.note("POST", template + "/custom_fields/{field_id}/field_options", "replay", made["data"] == example["field_option"]["data"])
            for change in suite.reference.request_examples("PUT", template + "/custom_fields/{field_id}/field_options/{field_option_id}"):
                made = suite.ask("PUT", where + "/" + made["id"], change)["field_option"]
                suite.note("PUT", template + "/custom_fields/{field_id}/field_options/{field_option_id}", "replay", made["data"] == change["field_option"]["data"])
        drop(suite, field)
