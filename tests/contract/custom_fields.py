"""Why: custom fields of incidents (below the incident type and in the older paths) and of services: defining them, options, defaults, values and where they
are seen; then what must be refused, each mistake with its place. The same cases for both; what only one of them has says so."""
import copy
from dataclasses import dataclass

TYPE = "/incidents/types/{type_id_or_name}"
BASE = "/incidents/types/incident_default"
FIELD = "/custom_fields/{field_id}"
OPTIONS = FIELD + "/field_options"


@dataclass
class Owner:
    """Who has such fields: where they are defined, where their values are, how long an option may be."""
    noun: str
    base: str
    template: str
    values: str
    option_chars: int
    called_by: str  # which member its summary repeats

    @property
    def fields(self):
        return self.base + "/custom_fields"

    def defaults(self, value):
        return {"default_value": value} if self.noun == "incident" else {}

    def new_field(self, suite, seed, *types, **more):
        return suite.ask("POST", self.fields, body(seed, *types, **more), 201)["field"]

    def drop(self, suite, *dropped):
        """Others find theirs under the limit of all fields."""
        for field in dropped:
            suite.ask("DELETE", self.fields + "/" + field["id"], status=204)

    def new(self, suite, seed):
        return new_incident(suite, seed) if self.noun == "incident" else seed.new_service()

    def put(self, suite, seed, one, *entries):
        return suite.ask("PUT", self.values % one["id"], {"custom_fields": list(entries)}, 201, headers={"From": seed.user["email"]})["custom_fields"]


INCIDENTS = Owner("incident", BASE, TYPE, "/incidents/%s/custom_fields/values", 100, "name")
SERVICES = Owner("service", "/services", "/services", "/services/%s/custom_fields/values", 200, "display_name")


def check(suite, seed):
    older(suite, seed)
    defaults(suite, seed)
    for owner in (INCIDENTS, SERVICES):
        fields(suite, seed, owner)
        options(suite, seed, owner)
        values(suite, seed, owner)
        refused(suite, seed, owner)
        if suite.reference:
            replay(suite, seed, owner)
    seen_in_incident(suite, seed)
    recorded_of_service(suite, seed)
    apart(suite, seed)


def body(seed, data_type="string", field_type="single_value", **more):
    name = seed.name("field")
    return {"field": {"name": name.replace(" ", "_"), "display_name": name, "data_type": data_type, "field_type": field_type, **more}}


def option(value, **more):
    return {"data": {"data_type": "string", "value": value}, **more}


def chosen(field):
    return [one["data"]["value"] for one in field["field_options"]]


def fields(suite, seed, owner):
    made = owner.new_field(suite, seed, "string", "single_value_fixed", description="Where", field_options=[option("US"), option("EU")], **owner.defaults("EU"))
    path = owner.fields + "/" + made["id"]
    suite.check((chosen(made), made["enabled"], made["summary"]) == (["US", "EU"], True, made[owner.called_by]), "a field keeps what was sent, in its order: %s" % made)
    suite.check(made.get("default_value", "EU") == "EU" and made["self"].endswith("/custom_fields/" + made["id"]), "and its default: %s" % made)
    suite.check(suite.ask("GET", path)["field"] == made, "POST and GET show the same")
    suite.check(made in suite.ask("GET", owner.fields + "?include[]=field_options")["fields"], "it is listed")
    europe = made["field_options"][1]["id"]
    renamed = {"display_name": made["display_name"] + "!", "name": "ignored", "field_options": [option("UK"), option("Europe", id=europe)], **owner.defaults("UK")}
    changed = suite.client.ask("PUT", path, {"field": renamed})["field"]
    suite.check((changed["name"], changed["display_name"]) == (made["name"], made["display_name"] + "!"), "its name stays")
    suite.check(chosen(changed) == ["UK", "Europe"] and changed["field_options"][1]["id"] == europe, "options change, are added, deleted and put in order: %s" % changed)
    suite.check(changed.get("default_value", "UK") == "UK", "the default changes with them: %s" % changed)
    suite.check(chosen(suite.ask("PUT", path, {"field": {"description": "Where?"}})["field"]) == ["UK", "Europe"], "options that are not spoken of stay")
    if owner.defaults(None):
        suite.error("PUT", path, {"field": {"field_options": [option("US")]}}, 400, 2001, mention="field.default_value is not one of the field's options")
    emptied = suite.ask("PUT", path, {"field": {"field_options": [], **owner.defaults(None)}})["field"]
    suite.check(chosen(emptied) == [], "an empty list deletes all of them: %s" % emptied)
    owner.drop(suite, made)
    suite.error("GET", path, None, 404, 2100)


def older(suite, seed):
    made = suite.ask("POST", "/incidents/custom_fields", body(seed, "integer"), 201)["field"]
    path = "/incidents/custom_fields/" + made["id"]
    below = suite.ask("GET", BASE + "/custom_fields/" + made["id"])["field"]
    suite.check(suite.ask("GET", path)["field"] == {**below, "incident_type": made["incident_type"]}, "both paths show the same field")
    suite.check(made["id"] in [one["id"] for one in suite.ask("GET", "/incidents/custom_fields")["fields"]], "it is listed")
    suite.ask("PUT", path, {"field": {"display_name": made["display_name"] + "?"}})
    suite.ask("DELETE", path, status=204)
    fixed = INCIDENTS.new_field(suite, seed, "string", "multi_value_fixed")
    path = "/incidents/custom_fields/%s/field_options" % fixed["id"]
    one = suite.ask("POST", path, {"field_option": option("a")}, 201)["field_option"]
    suite.ask("PUT", path + "/" + one["id"], {"field_option": option("b")})
    suite.check([other["data"]["value"] for other in suite.ask("GET", path)["field_options"]] == ["b"], "an option changes in the older path")
    suite.ask("DELETE", path + "/" + one["id"], status=204)
    INCIDENTS.drop(suite, fixed)


def options(suite, seed, owner):
    field = owner.new_field(suite, seed, "string", "single_value_fixed", field_options=[option("EU")], **owner.defaults("EU"))
    path = "%s/%s/field_options" % (owner.fields, field["id"])
    made = suite.ask("POST", path, {"field_option": option("US")}, 201)["field_option"]
    suite.check(suite.ask("GET", path + "/" + made["id"])["field_option"] == made, "POST and GET show the same option")
    changed = suite.ask("PUT", path + "/" + made["id"], {"field_option": option("USA")})["field_option"]
    suite.check((changed["data"]["value"], changed["id"]) == ("USA", made["id"]), "an option changes")
    suite.check([one["data"]["value"] for one in suite.ask("GET", path)["field_options"]] == ["EU", "USA"], "both are listed")
    suite.error("POST", path, {"field_option": option("USA")}, 400, 2001, mention="field_option.data has already been taken")
    suite.error("POST", path, {"field_option": {"data": {"data_type": "integer", "value": 7}}}, 400, 2001, mention="field_option.data.value must be a string")
    suite.error("POST", path, {"field_option": {"data": {"data_type": "integer", "value": "7"}}}, 400, 2001, mention="field_option.data.data_type must be string")
    longest = suite.ask("POST", path, {"field_option": option("x" * owner.option_chars)}, 201)["field_option"]
    suite.ask("DELETE", path + "/" + longest["id"], status=204)
    suite.error("POST", path, {"field_option": option("x" * (owner.option_chars + 1))}, 400, 2001, mention="1 to %d characters" % owner.option_chars)
    first = field["field_options"][0]["id"]
    if owner.defaults(None):
        suite.error("DELETE", path + "/" + first, None, 400, 2001, mention="the field's default value is this option")
        suite.error("PUT", path + "/" + first, {"field_option": option("Europe")}, 400, 2001, mention="the field's default value is this option")
    suite.ask("DELETE", path + "/" + made["id"], status=204)
    suite.error("GET", path + "/" + made["id"], None, 404, 2100)
    other = owner.new_field(suite, seed)
    suite.error("POST", "%s/%s/field_options" % (owner.fields, other["id"]), {"field_option": option("x")}, 400, 2001, mention="takes any value")
    suite.error("GET", "%s/%s/field_options/%s" % (owner.fields, other["id"], first), None, 404, 2100)
    owner.drop(suite, field, other)


def new_incident(suite, seed, title="Fields"):
    incident = {"type": "incident", "title": title, "service": {"id": seed.service["id"], "type": "service_reference"}}
    return suite.ask("POST", "/incidents", {"incident": incident}, 201, headers={"From": seed.user["email"]})["incident"]


def by_name(shown):
    return {one["name"]: one["value"] for one in shown}


def values(suite, seed, owner):
    region = owner.new_field(suite, seed, "string", "single_value_fixed", field_options=[option("EU"), option("US")])
    customers, since, page = owner.new_field(suite, seed, "integer"), owner.new_field(suite, seed, "datetime"), owner.new_field(suite, seed, "url")
    share, public = owner.new_field(suite, seed, "float"), owner.new_field(suite, seed, "boolean")
    teams = owner.new_field(suite, seed, "string", "multi_value")
    one = owner.new(suite, seed)
    path = owner.values % one["id"]
    suite.check(set(by_name(suite.ask("GET", path)["custom_fields"]).values()) == {None}, "without default nothing is set")
    wanted = {region["name"]: "EU", customers["name"]: 7, since["name"]: "2026-02-09T03:00:00Z", page["name"]: "https://status.example.org", share["name"]: 0.25,
              public["name"]: False, teams["name"]: ["web", "pay"]}
    shown = owner.put(suite, seed, one, *[{"name": name, "value": value} for name, value in wanted.items()])
    suite.check(by_name(shown) == wanted == by_name(suite.ask("GET", path)["custom_fields"]), "every type comes back as sent: %s" % shown)
    shown = owner.put(suite, seed, one, {"id": region["id"], "value": "US"}, {"id": customers["id"], "value": None})
    suite.check(by_name(shown) == {**wanted, region["name"]: "US", customers["name"]: None}, "by id as well; null clears; the others stay: %s" % shown)
    mistakes(suite, seed, owner, path, region, customers, teams)
    disabled = suite.ask("PUT", owner.fields + "/" + public["id"], {"field": {"enabled": False}})["field"]
    suite.check(disabled["enabled"] is False and public["name"] not in by_name(suite.ask("GET", path)["custom_fields"]), "a disabled field is not shown")
    suite.error("PUT", path, {"custom_fields": [{"id": public["id"], "value": True}]}, 400, 2001, mention="custom_fields[0].id names no custom field",
                headers={"From": seed.user["email"]})
    owner.drop(suite, region, customers, since, page, share, public, teams)
    suite.check(suite.ask("GET", path)["custom_fields"] == [], "a deleted field has no values")


def mistakes(suite, seed, owner, path, region, customers, teams):
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
    suite.error("PUT", owner.values % "PNOBODY", {"custom_fields": wrong[:1]}, 404, 2100, headers={"From": seed.user["email"]})
    suite.error("GET", owner.values % "PNOBODY", None, 404, 2100)


def seen_in_incident(suite, seed):
    region, customers = INCIDENTS.new_field(suite, seed), INCIDENTS.new_field(suite, seed, "integer", default_value=7)
    incident = new_incident(suite, seed)
    shown = INCIDENTS.put(suite, seed, incident, {"id": region["id"], "value": "US"}, {"id": customers["id"], "value": None})
    whole = suite.client.get("/incidents/" + incident["id"] + "?include[]=custom_fields")["incident"]
    suite.check(whole["custom_fields"] == shown, "the incident shows them to those who ask: %s" % whole["custom_fields"])
    suite.check(suite.client.get("/incidents/" + incident["id"])["incident"]["custom_fields"] == [], "and not to those who do not")
    told = [one["summary"] for one in suite.client.get("/incidents/%s/log_entries" % incident["id"], limit=100)["log_entries"]]
    line = "%s set to US, %s cleared by %s through the API" % (region["display_name"], customers["display_name"], seed.user["name"])
    suite.check(line in told, "the record says who set what: %s" % told)
    INCIDENTS.put(suite, seed, incident, {"id": region["id"], "value": "US"})
    again = suite.client.get("/incidents/%s/log_entries" % incident["id"], limit=100)["log_entries"]
    suite.check(len(again) == len(told), "what is set already is not set again")
    INCIDENTS.drop(suite, region, customers)


def recorded_of_service(suite, seed):
    region, owner = SERVICES.new_field(suite, seed), SERVICES.new_field(suite, seed)
    service = seed.new_service()
    records = "/services/%s/audit/records" % service["id"]
    for value in ("EU", "EU", "US"):
        SERVICES.put(suite, seed, service, {"id": region["id"], "value": value})
    told = [[(one["name"], one["before_value"], one["value"]) for one in record["details"]["fields"]] for record in suite.client.get(records)["records"]
            if record["action"] == "update"]
    key = "custom_fields." + region["name"]
    suite.check(told == [[(key, "EU", "US")], [(key, None, "EU")]], "the audit record of the service tells what changed, once: %s" % told)
    actor = suite.client.get(records)["records"][0]["actors"][0]
    suite.check(actor["id"] == seed.user["id"], "and who did it: %s" % actor)
    defined = suite.client.get("/audit/records?root_resource_types[]=service_field")["records"]
    suite.check({one["root_resource"]["id"] for one in defined} >= {region["id"], owner["id"]}, "defining is recorded")
    SERVICES.drop(suite, region, owner)


def apart(suite, seed):
    """A field of the one is no field of the other, though names are the same."""
    mine, theirs = INCIDENTS.new_field(suite, seed, "string", "single_value_fixed", field_options=[option("x")]), None
    wanted = {key: mine[key] for key in ("name", "display_name", "data_type", "field_type")}
    theirs = suite.ask("POST", SERVICES.fields, {"field": {**wanted, "field_options": [option("y")]}}, 201)["field"]
    suite.check(theirs["name"] == mine["name"], "an incident and a service may have a field of the same name")
    for owner, foreign in ((INCIDENTS, theirs), (SERVICES, mine)):
        path = owner.fields + "/" + foreign["id"]
        suite.check(foreign["id"] not in [one["id"] for one in suite.ask("GET", owner.fields)["fields"]], "it is not listed among the others")
        suite.error("GET", path, None, 404, 2100)
        suite.error("PUT", path, {"field": {"display_name": "x"}}, 404, 2100)
        suite.error("DELETE", path, None, 404, 2100)
        suite.error("GET", path + "/field_options", None, 404, 2100)
        suite.error("POST", path + "/field_options", {"field_option": option("z")}, 404, 2100)
        one = path + "/field_options/" + foreign["field_options"][0]["id"]
        suite.error("GET", one, None, 404, 2100)
        suite.error("PUT", one, {"field_option": option("z")}, 404, 2100)
        suite.error("DELETE", one, None, 404, 2100)
        suite.error("PUT", owner.values % owner.new(suite, seed)["id"], {"custom_fields": [{"id": foreign["id"], "value": foreign["field_options"][0]["data"]["value"]}]}, 400, 2001,
                    mention="names no custom field", headers={"From": seed.user["email"]})
    INCIDENTS.drop(suite, mine)
    SERVICES.drop(suite, theirs)


def defaults(suite, seed):
    """An incident has the default of its creation."""
    earlier = new_incident(suite, seed)
    field = INCIDENTS.new_field(suite, seed, default_value="calm")
    first = new_incident(suite, seed)
    suite.ask("PUT", INCIDENTS.fields + "/" + field["id"], {"field": {"default_value": "wild"}})
    second = new_incident(suite, seed)
    seen = [by_name(suite.client.get(INCIDENTS.values % one["id"])["custom_fields"])[field["name"]] for one in (earlier, first, second)]
    suite.check(seen == [None, "calm", "wild"], "an incident has the default of its time: %s" % seen)
    INCIDENTS.put(suite, seed, second, {"id": field["id"], "value": None})
    seen = by_name(suite.client.get(INCIDENTS.values % second["id"])["custom_fields"])[field["name"]]
    suite.check(seen is None, "what was cleared stays cleared: %s" % seen)
    INCIDENTS.drop(suite, field)
    suite.error("POST", SERVICES.fields, body(seed, default_value="calm"), 400, 2001, mention="field.default_value is for fields of incidents")
    SERVICES.drop(suite, SERVICES.new_field(suite, seed, default_value=None))


def refused(suite, seed, owner):
    reader = suite.ask("POST", "/muster/tokens", {"token": {"name": "reader of fields of a %s" % owner.noun, "role": "read_only_user"}}, 201)["token"]["token"]
    path = owner.fields
    wrong = {"name": "No Way", "display_name": "", "data_type": "url", "field_type": "multi_value", "field_options": [option("x")], **owner.defaults([7])}
    answer = suite.error("POST", path, {"field": wrong}, 400, 2001)
    places = [line.split()[0] for line in answer.json["error"]["errors"]]
    suite.check(places == ["field.display_name", "field.name", "field.field_type", "field.field_options"] + ["field.default_value[0]"] * len(owner.defaults(7)), "every mistake: %s" % answer.text)
    suite.error("POST", path, {"field": {}}, 400, 2001, mention="field.data_type cannot be empty")
    bad = body(seed, "string", "single_value_fixed", default_value="x", field_options=[option("a"), option("a"), option("")])
    suite.error("POST", path, bad, 400, 2001, mention="field.default_value is " + ("not one of the field's options" if owner.defaults(None) else "for fields of incidents"))
    bad["field"]["default_value"] = None
    suite.error("POST", path, bad, 400, 2001, mention="field.field_options[1].data has already been taken")
    bad["field"]["field_options"] = [option("a"), option("")]
    suite.error("POST", path, bad, 400, 2001, mention="field.field_options[1].data.value must be a string")
    suite.check(bad["field"]["name"] not in [one["name"] for one in suite.client.get(path)["fields"]], "a refused field is not made")
    made = owner.new_field(suite, seed)
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
    owner.drop(suite, made)


def replay(suite, seed, owner):
    places = {"incident": ((BASE, TYPE), ("/incidents", "/incidents")), "service": (("/services", "/services"),)}
    for prefix, template in places[owner.noun]:
        definitions(suite, seed, owner, prefix, template)
        single_options(suite, seed, owner, prefix + "/custom_fields", template + OPTIONS)
    field = owner.new_field(suite, seed, "string", "multi_value_fixed", field_options=[option("production"), option("staging")])
    single = owner.new_field(suite, seed, "string", "single_value_fixed", field_options=[option("production"), option("staging")])
    thing = owner.new(suite, seed)
    template = owner.values % "{id}"
    for example in suite.reference.request_examples("PUT", template):
        for entry in example["custom_fields"]:
            one = field if isinstance(entry["value"], list) else single
            key = "id" if "id" in entry else "name"
            shown = by_name(owner.put(suite, seed, thing, {key: one[key], "value": entry["value"]}))
            suite.note("PUT", template, "replay", suite.check(shown[one["name"]] == entry["value"], "the example's value was set: %s" % shown))
    owner.drop(suite, field, single)


def definitions(suite, seed, owner, prefix, template):
    for example in suite.reference.request_examples("POST", template + "/custom_fields"):
        sent = copy.deepcopy(example)["field"]
        sent.update({key: body(seed)["field"][key] for key in ("name", "display_name")})
        made = suite.ask("POST", prefix + "/custom_fields", {"field": sent}, 201)["field"]
        good = all(made[key] == value for key, value in sent.items() if key != "field_options") and chosen(made) == chosen({"field_options": [], **sent})
        suite.note("POST", template + "/custom_fields", "replay", suite.check(good, "a field comes back as sent: %s" % made))
        for change in suite.reference.request_examples("PUT", template + FIELD):
            change = copy.deepcopy(change)["field"]
            change["display_name"] = seed.name("Changed")
            named = [one for one in change.get("field_options", []) if "id" in one]
            if len(named) > len(made["field_options"]) or "field_options" in change and not made["field_options"]:
                continue
            for one, there in zip(named, made["field_options"]):
                one["id"] = there["id"]
            change.update({"default_value": None} if "field_options" in change else {})
            shown = suite.client.ask("PUT", prefix + "/custom_fields/" + made["id"], {"field": change})["field"]
            good = shown["display_name"] == change["display_name"] and ("field_options" not in change or chosen(shown) == chosen(change))
            suite.note("PUT", template + FIELD, "replay", suite.check(good, "a field changes as asked: %s" % shown))
        owner.drop(suite, made)


def single_options(suite, seed, owner, fields_path, template):
    field = owner.new_field(suite, seed, "string", "single_value_fixed")
    where = "%s/%s/field_options" % (fields_path, field["id"])
    for example in suite.reference.request_examples("POST", template):
        made = suite.ask("POST", where, example, 201)["field_option"]
        suite.note("POST", template, "replay", made["data"] == example["field_option"]["data"])
        for change in suite.reference.request_examples("PUT", template + "/{field_option_id}"):
            made = suite.ask("PUT", where + "/" + made["id"], change)["field_option"]
            suite.note("PUT", template + "/{field_option_id}", "replay", made["data"] == change["field_option"]["data"])
    owner.drop(suite, field)
