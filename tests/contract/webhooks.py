"""Why: webhook subscriptions against the published description, and every mistake one can make with them."""
import copy

import replay
from walk import same

NOUNS = ("/webhook_subscriptions",)
PATH = "/webhook_subscriptions"
OPERATIONS = [("GET", PATH), ("POST", PATH), ("GET", PATH + "/{id}"), ("PUT", PATH + "/{id}"), ("DELETE", PATH + "/{id}"), ("POST", PATH + "/{id}/enable"),
              ("POST", PATH + "/{id}/ping")]


def body(seed, **changes):
    method = {"type": "http_delivery_method", "url": "https://example.com/receive", "custom_headers": [{"name": "X-Own", "value": "swordfish"}]}
    whole = {"type": "webhook_subscription", "delivery_method": method, "events": ["incident.triggered", "service.deleted"],
             "filter": {"type": "service_reference", "id": seed.service["id"]}, "description": "Somewhere", **changes}
    return {"webhook_subscription": {key: value for key, value in whole.items() if value is not None}}


def check(suite, seed):
    if suite.reference:
        examples(suite, seed)
    made = suite.ask("POST", PATH, body(seed), 200)["webhook_subscription"]
    path = PATH + "/" + made["id"]
    secret = made["delivery_method"]["secret"]
    same(suite, "length of a secret", len(secret or ""), 64)
    shown = suite.ask("GET", path)["webhook_subscription"]
    same(suite, "the secret later", shown["delivery_method"]["secret"], None)
    same(suite, "a header later", shown["delivery_method"]["custom_headers"], [{"name": "X-Own", "value": "-- redacted --"}])
    same(suite, "active", (shown["active"], shown["delivery_method"]["temporarily_disabled"]), (True, False))
    changed = suite.ask("PUT", path, {"webhook_subscription": {"active": False, "events": ["incident.resolved"], "filter": {"type": "team_reference", "id": seed.team["id"]},
                                                              "delivery_method": {"type": "http_delivery_method", "url": "https://elsewhere.example/"}}})["webhook_subscription"]
    same(suite, "changed", (changed["active"], changed["events"], changed["filter"]["type"], changed["description"]), (False, ["incident.resolved"], "team_reference", "Somewhere"))
    same(suite, "where it delivers is set once", changed["delivery_method"], shown["delivery_method"])
    suite.ask("PUT", path, {"webhook_subscription": changed})
    for query, found in (("", True), ("?filter_type=team&filter_id=" + seed.team["id"], True), ("?filter_type=service", False), ("?filter_type=account", False), ("?limit=1&total=true", None)):
        ids = [thing["id"] for thing in suite.ask("GET", PATH + query)["webhook_subscriptions"]]
        suite.check(found is None or (made["id"] in ids) == found, "%s answers %s" % (query, ids))
    suite.ask("POST", path + "/enable", status=200)
    suite.ask("POST", path + "/ping", status=202)
    log = suite.ask("GET", "/muster" + path + "/deliveries?include[]=payload")["deliveries"]
    same(suite, "the ping in the log", [(entry["event_type"], entry["payload"]["event"]["data"]["type"]) for entry in log], [("pagey.ping", "ping")])
    rotated = suite.ask("POST", "/muster" + path + "/rotate_secret", {"keep_old_for_in_hours": 1})["webhook_subscription"]
    suite.check(rotated["delivery_method"]["secret"] not in (None, secret), "a new secret")
    suite.error("POST", "/muster" + path + "/rotate_secret", {"keep_old_for_in_hours": 100000}, 400, 2001, mention="keep_old_for_in_hours")
    mistakes(suite, seed)
    for operation in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/enable"), ("POST", "/ping")):
        suite.error(operation[0], PATH + "/PNONE00" + operation[1], body(seed) if operation[0] == "PUT" else None, 404, 2100)
    for operation in (("POST", "/rotate_secret"), ("GET", "/deliveries")):
        suite.error(operation[0], "/muster" + PATH + "/PNONE00" + operation[1], None, 404, 2100)
    suite.ask("DELETE", path, status=204)
    suite.error("GET", path, None, 404, 2100)
    seen_by_readers(suite, seed)


def mistakes(suite, seed):
    method = body(seed)["webhook_subscription"]["delivery_method"]
    for mention, changes in (
            ("webhook_subscription.events", {"events": None}), ("webhook_subscription.events", {"events": []}), ("events[1]", {"events": ["incident.triggered", "incident.invented"]}),
            ("events[1]", {"events": ["incident.triggered", "incident.triggered"]}), ("webhook_subscription.events", {"events": "incident.triggered"}),
            ("events[0]", {"events": ["pagey.ping"]}), ("events[0]", {"events": [{}]}),
            ("webhook_subscription.filter.type", {"filter": None}), ("webhook_subscription.filter.type", {"filter": {"type": "user_reference"}}),
            ("webhook_subscription.filter.id", {"filter": {"type": "team_reference"}}), ("webhook_subscription.filter.id", {"filter": {"type": "team_reference", "id": "PNONE00"}}),
            ("webhook_subscription.delivery_method", {"delivery_method": None}), ("delivery_method.type", {"delivery_method": {**method, "type": "pigeon"}}),
            ("delivery_method.url", {"delivery_method": {**method, "url": None}}), ("delivery_method.url", {"delivery_method": {**method, "url": "ftp://example.com/"}}),
            ("delivery_method.url", {"delivery_method": {**method, "url": "https://example.com/\r\nX: y"}}), ("delivery_method.url", {"delivery_method": {**method, "url": "https:///x"}}),
            ("delivery_method.url", {"delivery_method": {**method, "url": "https://example.com/" + "x" * 3000}}),
            ("custom_headers[0].name", {"delivery_method": {**method, "custom_headers": [{"name": "Host", "value": "x"}]}}),
            ("custom_headers[0].name", {"delivery_method": {**method, "custom_headers": [{"name": "x-pagerduty-SIGNATURE", "value": "x"}]}}),
            ("custom_headers[0].name", {"delivery_method": {**method, "custom_headers": [{"name": "A B", "value": "x"}]}}),
            ("custom_headers[0].value", {"delivery_method": {**method, "custom_headers": [{"name": "A", "value": "x\r\nB: y"}]}}),
            ("custom_headers[1].name", {"delivery_method": {**method, "custom_headers": [{"name": "A", "value": "x"}, {"name": "a", "value": "y"}]}}),
            ("custom_headers", {"delivery_method": {**method, "custom_headers": [{"name": "A%d" % number, "value": "x"} for number in range(30)]}}),
            ("webhook_subscription.active", {"active": "perhaps"})):
        suite.error("POST", PATH, body(seed, **changes), 400, 2001, mention=mention)
    answer = suite.client.send("POST", PATH, body(seed, events=["a"], filter={"type": "b"}, delivery_method={"type": "c", "url": "d"}))
    same(suite, "every mistake at once", len(answer.json["error"]["errors"]), 4)


def seen_by_readers(suite, seed):
    """An address may be a credential: who may not manage sees where it leads, not the whole of it."""
    made = suite.ask("POST", PATH, body(seed, delivery_method={"type": "http_delivery_method", "url": "https://user:pass@example.com/T0P/secret?x=1"}), 200)["webhook_subscription"]
    reader = suite.ask("POST", "/users", {"user": {"type": "user", "name": "Reader", "email": "reader-of-webhooks@halden.example", "role": "observer"}}, 201)["user"]
    key = suite.ask("POST", "/muster/tokens", {"token": {"name": "reader of webhooks", "user": {"id": reader["id"], "type": "user_reference"}}}, 201)["token"]["token"]
    seen = suite.ask("GET", PATH + "/" + made["id"], token=key)["webhook_subscription"]
    same(suite, "what a reader sees", seen["delivery_method"]["url"], "https://example.com/...")
    suite.error("POST", PATH, body(seed), 403, 2010, token=key)
    suite.error("POST", "/muster" + PATH + "/%s/rotate_secret" % made["id"], None, 403, 2010, token=key)


def examples(suite, seed):
    things = replay.ids_of(seed)
    for method, template in (("POST", PATH), ("PUT", PATH + "/{id}")):
        found = suite.reference.request_examples(method, template)
        suite.check(bool(found), "%s %s has no example" % (method, template))
        for example in found:
            sent = replay.remap(copy.deepcopy(example), things)
            target = PATH if method == "POST" else PATH + "/" + suite.ask("POST", PATH, body(seed), 200)["webhook_subscription"]["id"]
            answer = suite.ask(method, target, sent)
            suite.note(method, template, "replay", answer is not None)
            for key, value in sent["webhook_subscription"].items():
                if key not in ("delivery_method", "oauth_client_id", "filter"):
                    same(suite, "%s of the example" % key, answer["webhook_subscription"].get(key), value)
