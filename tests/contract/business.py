"""Why: business services and what rests on what, the way clients ask; then what must be refused, each mistake with its place."""
import copy

from replay import ids_of, remap
from seed import reference


def check(suite, seed):
    services(suite, seed)
    dependencies(suite, seed)
    refused(suite, seed)
    if suite.reference:
        replay(suite, seed)


def new_business(suite, seed, **more):
    return suite.ask("POST", "/business_services", {"business_service": {"name": seed.name("Business"), **more}}, 200)["business_service"]


def services(suite, seed):
    made = new_business(suite, seed, description="Paying", point_of_contact="Ana", team=reference(seed.team))
    path = "/business_services/" + made["id"]
    suite.check((made["type"], made["point_of_contact"], made["team"]["id"]) == ("business_service", "Ana", seed.team["id"]), "a business service keeps what was sent")
    suite.check(suite.ask("GET", path)["business_service"] == made, "POST and GET show the same")
    changed = suite.ask("PUT", path, {"business_service": {"point_of_contact": "Bo", "team": None}})["business_service"]
    suite.check((changed["name"], changed["point_of_contact"], changed["team"]) == (made["name"], "Bo", None), "a business service changes")
    new_business(suite, seed)
    page = suite.ask("GET", "/business_services?limit=1&total=true")
    suite.check((len(page["business_services"]), page["more"], page["total"] >= 2) == (1, True, True), "business services come in pages")
    team = seed.new_team()
    held = new_business(suite, seed, team=reference(team))
    suite.error("DELETE", "/teams/" + team["id"], None, 400, 2001, mention=held["name"])
    for one in (path, "/business_services/" + held["id"]):
        suite.ask("DELETE", one, status=204)
        suite.error("GET", one, None, 404, 2100)
    suite.ask("DELETE", "/teams/" + team["id"], status=204)


def side(thing):
    return {"id": thing["id"], "type": thing["type"]}


def relationships(*pairs):
    return {"relationships": [{"supporting_service": side(supporting), "dependent_service": side(dependent)} for supporting, dependent in pairs]}


def pairs_of(suite, path):
    found = suite.ask("GET", path)["relationships"]
    return {(one["supporting_service"]["id"], one["dependent_service"]["id"]) for one in found}


def dependencies(suite, seed):
    base, shop, whole = seed.new_service(), new_business(suite, seed), new_business(suite, seed)
    body = relationships((base, shop), (shop, whole))
    made = suite.ask("POST", "/service_dependencies/associate", body, 200)["relationships"]
    suite.check([one["supporting_service"]["type"] for one in made] == ["technical_service_reference", "business_service_reference"], "each side tells its kind")
    again = suite.ask("POST", "/service_dependencies/associate", body, 200)["relationships"]
    suite.check(again == made, "related twice is related once")
    below, middle = "/service_dependencies/technical_services/" + base["id"], "/service_dependencies/business_services/" + shop["id"]
    first, second = (base["id"], shop["id"]), (shop["id"], whole["id"])
    suite.check(pairs_of(suite, below) == {first}, "the service supports one")
    suite.check(pairs_of(suite, middle) == {first, second}, "both directions are shown")
    answer = suite.error("POST", "/service_dependencies/associate", relationships((whole, base), (shop, shop)), 400, 2001, mention="relationships[0]")
    suite.check(len(answer.json["error"]["errors"]) == 2, "both cycles are told: %s" % answer.text)
    # Half of it may be fine: nothing of it happens.
    extra = seed.new_service()
    suite.error("POST", "/service_dependencies/associate", relationships((extra, base), (whole, extra)), 400, 2001, mention="relationships[1] would make")
    suite.check(pairs_of(suite, below) == {first}, "a refused request leaves nothing")
    parted = suite.ask("POST", "/service_dependencies/disassociate", relationships((base, shop)), 200)["relationships"]
    suite.check(parted == made[:1], "what was parted is shown")
    suite.check(pairs_of(suite, middle) == {second}, "the other stays")
    suite.error("POST", "/service_dependencies/disassociate", relationships((base, shop)), 400, 2001, mention="relationships[0] does not exist")
    suite.ask("POST", "/service_dependencies/associate", relationships((base, shop)), 200)
    suite.ask("DELETE", "/services/" + base["id"], status=204)
    suite.ask("DELETE", "/business_services/" + whole["id"], status=204)
    suite.check(pairs_of(suite, middle) == set(), "what is deleted supports nothing and rests on nothing")
    suite.error("GET", below, None, 404, 2100)
    suite.error("GET", "/service_dependencies/business_services/" + whole["id"], None, 404, 2100)


def refused(suite, seed):
    reader = suite.ask("POST", "/muster/tokens", {"token": {"name": "reader of services", "role": "read_only_user"}}, 201)["token"]["token"]
    business = new_business(suite, seed)
    suite.error("POST", "/business_services", {"business_service": {"point_of_contact": "x"}}, 400, 2001, mention="business_service.name")
    suite.error("POST", "/business_services", {"business_service": {"name": "x", "team": {"id": "PNOBODY"}}}, 400, 2001, mention="business_service.team.id")
    suite.error("POST", "/business_services", {"business_service": {"name": "x"}}, 403, 2010, token=reader)
    suite.error("GET", "/business_services", None, 401, 2006, token="")
    for method in ("GET", "PUT", "DELETE"):
        suite.error(method, "/business_services/PNOBODY", {"business_service": {"name": "x"}} if method == "PUT" else None, 404, 2100)
    wrong = {"relationships": [{"supporting_service": {"id": "PNONE01", "type": "service"}, "dependent_service": {"id": "PNONE02", "type": "business_service"}},
                               {"supporting_service": {"id": business["id"], "type": "service"}, "dependent_service": side(business)}]}
    for operation in ("associate", "disassociate"):
        path = "/service_dependencies/" + operation
        answer = suite.error("POST", path, wrong, 400, 2001, mention="relationships[1].supporting_service.id does not exist")
        suite.check(len(answer.json["error"]["errors"]) == 3, "every unknown service is named: %s" % answer.text)
        answer = suite.error("POST", path, {"relationships": [{"supporting_service": {"id": "X", "type": "team"}}]}, 400, 2001,
                             mention="relationships[0].supporting_service.type")
        suite.check(len(answer.json["error"]["errors"]) == 3, "every mistake is named: %s" % answer.text)
        for body in (None, {}, {"relationships": []}, {"relationships": {}}, {"relationships": [1] * 101}):
            suite.error("POST", path, body, 400, 2001, mention="relationships")
        suite.error("POST", path, wrong, 403, 2010, token=reader)


def replay(suite, seed):
    for method, template, path in (("POST", "/business_services", "/business_services"),
                                   ("PUT", "/business_services/{id}", "/business_services/" + new_business(suite, seed)["id"])):
        for example in suite.reference.request_examples(method, template):
            body = copy.deepcopy(example)
            body["business_service"]["team"] = {"id": seed.team["id"]}
            shown = suite.ask(method, path, body)["business_service"]
            same = all(shown[key] == value for key, value in body["business_service"].items() if key != "team")
            suite.note(method, template, "replay", suite.check(same and shown["team"]["id"] == seed.team["id"], "%s %s comes back as sent" % (method, template)))
    for operation in ("associate", "disassociate"):
        template = "/service_dependencies/" + operation
        for example in suite.reference.request_examples("POST", template):
            # The second pair of the example is of two others: a cycle otherwise.
            body, others = copy.deepcopy(example), {**ids_of(seed), "business_service": new_business(suite, seed)}
            body["relationships"] = [remap(one, others) for one in body["relationships"][:1]]
            if operation == "disassociate":
                suite.ask("POST", "/service_dependencies/associate", body, 200)
            suite.note("POST", template, "replay", len(suite.ask("POST", template, body, 200)["relationships"]) == 1)
