"""Why: a token or an integration key that is over its limit is refused the way client libraries understand, and nobody else is."""
from suite import Client

ARGUMENTS = ["--test-clock", "--sample", "--requests-per-minute", "30", "--events-per-minute", "4"]
START = "2026-02-10T02:00:00Z"


def check(suite, facts):
    suite.client.ask("PUT", "/test/clock", {"now": START})
    requests(suite, facts)
    sessions(suite)
    events(suite, facts)
    suite.client.ask("PUT", "/test/clock", {"now": "2026-02-10T02:01:01Z"})
    later = suite.client.send("GET", "/users")
    suite.check(later.status == 200 and later.headers["ratelimit-remaining"] != "0", "the next minute is free again: %d" % later.status)
    suite.check(event(suite, facts["routing_key"]).status == 202, "and so it is for events")


def told(answer):
    return [answer.headers.get("ratelimit-" + name) for name in ("limit", "remaining", "reset")]


def requests(suite, facts):
    other = suite.client.ask("POST", "/muster/tokens", {"token": {"name": "other", "role": "read_only_user"}}, status=201)["token"]["token"]
    mine = {"Authorization": "Token token=" + other}
    first = suite.client.send("GET", "/users", headers=mine)
    suite.check(first.status == 200 and told(first) == ["30", "29", "60"], "the headers say what is left: %s" % told(first))
    answers = [suite.client.send("GET", "/users?limit=1", headers=mine) for _ in range(30)]
    suite.check([answer.status for answer in answers] == [200] * 29 + [429], "30 requests are answered: %s" % [answer.status for answer in answers])
    refused = suite.error("GET", "/users", None, 429, 2020, token=other, mention="30 times a minute")
    suite.check(told(refused) == ["30", "0", "60"] and refused.headers.get("retry-after") == "60", "it says when to come again: %s" % refused.headers)
    suite.check(suite.client.send("GET", "/users").status == 200, "another token goes on")
    suite.check(told(suite.client.send("GET", "/health", headers={"Authorization": ""})) == [None] * 3, "who has no token has no limit")


def sessions(suite):
    """A person at the app has the allowance of a token, and one for all sessions."""
    user = suite.client.post("/users", {"user": {"type": "user", "name": "Limited", "email": "limited@halden.example"}}, status=201)["user"]
    suite.client.ask("PUT", "/muster/users/%s/password" % user["id"], {"password": "a long password"}, status=204)
    cookies = []
    for _ in range(2):
        answer = suite.client.send("POST", "/muster/session", {"email": user["email"], "password": "a long password"}, {"Authorization": ""})
        cookies.append({"Cookie": answer.headers["set-cookie"].split(";")[0]})
    browser = Client(suite.url)
    statuses = [browser.send("GET", "/users?limit=1", headers=cookies[number % 2]).status for number in range(31)]
    suite.check(statuses == [200] * 30 + [429], "a signed-in person has one allowance for all sessions: %s" % statuses)


def event(suite, key, path="/v2/enqueue"):
    body = {"routing_key": key, "event_action": "trigger", "dedup_key": "limit", "payload": {"summary": "Limit", "source": "web-1", "severity": "critical"}}
    return suite.client.send("POST", path, body, {"Authorization": ""})


def events(suite, facts):
    service = suite.client.get("/services", limit=1)["services"][0]["id"]
    made = suite.client.post("/services/%s/integrations" % service, {"integration": {"type": "events_api_v2_inbound_integration", "name": "Other"}}, status=201)
    other = made["integration"]["integration_key"]
    statuses = [event(suite, other).status for _ in range(5)]
    suite.check(statuses == [202] * 4 + [429], "four events of a key are taken: %s" % statuses)
    refused = event(suite, other)
    suite.check(refused.json.get("status") == "throttled" and refused.headers.get("retry-after"), "in the words of events: %s" % refused.text)
    suite.check(event(suite, facts["routing_key"]).status == 202, "the events of another key are taken")
    of_old = {"service_key": other, "event_type": "trigger", "description": "Limit"}
    suite.check(suite.client.send("POST", "/generic/2010-04-15/create_event.json", of_old).status == 403, "403 is what senders of the first version take for \"later\"")
    mixed = [{"routing_key": key, "event_action": "trigger", "payload": {"summary": "Limit", "source": "web-1", "severity": "critical"}} for key in (other, facts["routing_key"])]
    batch = suite.client.send("POST", "/muster/events/batch", {"events": mixed})
    suite.check(batch.status == 207 and [one["code"] for one in batch.json["results"]] == [429, 202], "each element by its own key: %s" % batch.text)
