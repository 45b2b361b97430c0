"""Why: tags of users, teams and escalation policies, the way clients ask; then what must be refused, each mistake with its place."""
import copy

from replay import remap

NOUNS = ("/tags",)


def check(suite, seed):
    nouns(suite, seed)
    carried(suite, seed)
    refused(suite, seed)
    if suite.reference:
        replay(suite, seed)


def new_tag(suite, seed, label=None):
    return suite.ask("POST", "/tags", {"tag": {"type": "tag", "label": label or seed.name("Tag")}}, 201)["tag"]


def nouns(suite, seed):
    made = new_tag(suite, seed)
    suite.check(made["label"] == made["summary"] and made["self"].endswith("/tags/" + made["id"]), "a tag is called by its label: %s" % made)
    suite.check(suite.ask("GET", "/tags/" + made["id"])["tag"] == made, "POST and GET show the same")
    new_tag(suite, seed)
    page = suite.ask("GET", "/tags?limit=1&total=true")
    suite.check((len(page["tags"]), page["more"], page["total"] >= 2) == (1, True, True), "tags come in pages")
    found = suite.ask("GET", "/tags?query=" + made["label"].upper().replace(" ", "%20"))["tags"]
    suite.check([tag["id"] for tag in found] == [made["id"]], "a tag is found by its label")
    suite.error("POST", "/tags", {"tag": {"type": "tag", "label": made["label"].upper()}}, 400, 2001, mention="tag.label has already been taken")
    suite.ask("DELETE", "/tags/" + made["id"], status=204)
    suite.error("GET", "/tags/" + made["id"], None, 404, 2100)


def labels_of(suite, path):
    return [tag["label"] for tag in suite.ask("GET", path + "/tags")["tags"]]


def carried(suite, seed):
    old = new_tag(suite, seed)
    label = seed.name("New tag")
    for noun, thing in (("users", seed.new_user()), ("teams", seed.new_team()), ("escalation_policies", seed.new_policy())):
        path = "/%s/%s" % (noun, thing["id"])
        add = {"add": [{"type": "tag", "label": label}, {"type": "tag_reference", "id": old["id"]}]}
        suite.ask("POST", path + "/change_tags", add, 200)
        suite.ask("POST", path + "/change_tags", add, 200)
        suite.check(sorted(labels_of(suite, path)) == sorted([label, old["label"]]), "what was added is carried, once: %s" % labels_of(suite, path))
        page = suite.ask("GET", path + "/tags?limit=1&total=true")
        suite.check((len(page["tags"]), page["more"], page["total"]) == (1, True, 2), "the tags of a thing come in pages")
        carriers = suite.client.get("/tags/%s/%s" % (old["id"], noun))[noun]
        suite.check([(one["id"], one["type"]) for one in carriers] == [(thing["id"], thing["type"] + "_reference")], "the tag tells who carries it: %s" % carriers)
        suite.ask("POST", path + "/change_tags", {"remove": [{"type": "tag_reference", "id": old["id"]}]}, 200)
        suite.check(labels_of(suite, path) == [label], "what was removed is gone")
    suite.check(suite.ask("GET", "/tags/%s/users" % old["id"])["users"] == [], "nobody carries it any more")
    made = suite.ask("GET", "/tags?query=" + label.replace(" ", "%20"))["tags"]
    suite.check(len(made) == 1, "a label that is new makes one tag, whoever uses it later: %s" % made)
    user = seed.new_user()
    suite.ask("POST", "/users/%s/change_tags" % user["id"], {"add": [{"type": "tag_reference", "id": made[0]["id"]}]}, 200)
    records = suite.client.get("/audit/records", limit=1)["records"]
    suite.check(records[0]["root_resource"]["id"] == user["id"] and "tags" in str(records[0]["details"]), "the record of changes tells it: %s" % records)
    suite.ask("DELETE", "/tags/" + made[0]["id"], status=204)
    suite.check(labels_of(suite, "/users/" + user["id"]) == [], "a deleted tag is carried by nobody")


def refused(suite, seed):
    reader = suite.ask("POST", "/muster/tokens", {"token": {"name": "reader of tags", "role": "read_only_user"}}, 201)["token"]["token"]
    path = "/users/%s/change_tags" % seed.user["id"]
    wrong = {"add": [{"type": "tag", "label": ""}, {"type": "tag_reference", "id": "PNOBODY"}, {"type": "label"}, {"type": "tag", "label": "x" * 192}, 7],
             "remove": [{"type": "tag_reference"}, {"type": "tag_reference", "id": "PNOBODY"}]}
    answer = suite.error("POST", path, wrong, 400, 2001, mention="add[1].id does not exist")
    lines = answer.json["error"]["errors"]
    places = ["remove[0].id", "remove[1].id", "add[0].label", "add[1].id", "add[2].type", "add[3].label", "add[4].type"]
    suite.check([line.split()[0] for line in lines] == places, "every mistake is named with its place: %s" % lines)
    half = {"add": [{"type": "tag", "label": "never made by half"}, {"type": "tag_reference", "id": "PNOBODY"}]}
    suite.error("POST", path, half, 400, 2001, mention="add[1].id")
    suite.check(suite.ask("GET", "/tags?query=never%20made")["tags"] == [], "a refused request makes no tag")
    suite.error("POST", path, {"add": {}}, 400, 2001, mention="add must be a list")
    suite.error("POST", path, None, 400, 2001)
    suite.error("POST", path, {"add": []}, 403, 2010, token=reader)
    suite.error("POST", "/tags", {"tag": {"type": "tag"}}, 400, 2001, mention="tag.label cannot be empty")
    suite.error("POST", "/tags", {"tag": {"type": "tag", "label": "x"}}, 403, 2010, token=reader)
    for where in ("/services/%s/tags" % seed.service["id"], "/users/PNOBODY/tags", "/tags/PNOBODY/users", "/tags/PNOBODY"):
        suite.error("GET", where, None, 404, 2100)
    suite.error("DELETE", "/tags/PNOBODY", None, 404, 2100)
    suite.error("GET", "/tags", None, 401, 2006, token="")


def replay(suite, seed):
    for example in suite.reference.request_examples("POST", "/tags"):
        made = suite.ask("POST", "/tags", example, 201)["tag"]
        suite.note("POST", "/tags", "replay", suite.check(made["label"] == example["tag"]["label"], "POST /tags comes back as sent"))
    template = "/{entity_type}/{id}/change_tags"
    for example in suite.reference.request_examples("POST", template):
        carried_before = new_tag(suite, seed)
        body = remap(copy.deepcopy(example), {"tag": new_tag(suite, seed)})
        body["remove"] = [{"type": "tag_reference", "id": carried_before["id"]}]
        path = "/teams/" + seed.new_team()["id"]
        suite.ask("POST", path + "/change_tags", {"add": body["remove"]}, 200)
        suite.ask("POST", path + "/change_tags", body, 200)
        labels = labels_of(suite, path)
        suite.note("POST", template, "replay", suite.check(len(labels) == 2 and carried_before["label"] not in labels, "the example's changes were made: %s" % labels))
