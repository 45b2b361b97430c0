"""Why: the browser's way in: password, cookie, another site's requests, guessing, codes."""
import json
import re


def sessions(suite, seed):
    user = seed.new_user(role="user", name="Oswalda Nia")
    suite.ask("PUT", "/muster/users/%s/password" % user["id"], {"password": "a long password"}, 204)
    suite.error("PUT", "/muster/users/%s/password" % user["id"], {"password": "short"}, 400, 2001, mention="password")
    for common in ("password1", "qwertyuiop", "Summer2026!", "20260301", "OswaldaNia2026"):
        suite.error("PUT", "/muster/users/%s/password" % user["id"], {"password": common}, 400, 2001, mention="guessed first")
    cookie = sign_in(suite, user["email"].upper(), "a long password")
    mine = {"Cookie": cookie}
    me = suite.ask("GET", "/muster/session", token="", headers=mine)
    suite.check(me and me["session"]["email"] == user["email"], "the session is somebody else's: %s" % me)
    suite.ask("POST", "/teams", {"team": {"name": seed.name("Browser")}}, 201, token="", headers={**mine, "Sec-Fetch-Site": "same-origin"})
    for header, value in (("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Origin", "https://evil.example")):
        suite.error("POST", "/teams", {"team": {"name": "Evil"}}, 403, 2010, token="", headers={**mine, header: value})
    suite.error("DELETE", "/users/" + seed.other["id"], None, 403, 2010, token="", headers=mine)
    suite.ask("DELETE", "/muster/session", status=204, token="", headers=mine)
    suite.error("GET", "/muster/session", None, 401, 2006, token="", headers=mine)
    administrators(suite, seed)
    guessing(suite, seed)
    codes(suite, seed)
    tokens(suite, seed)


def sign_in(suite, email, password):
    answer = suite.client.send("POST", "/muster/session", {"email": email, "password": password}, {"Authorization": ""})
    suite.check(answer.status == 201, "sign-in answered %d: %s" % (answer.status, answer.text))
    cookie = answer.headers.get("set-cookie", "")
    for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
        suite.check(part in cookie, "the cookie lacks %s: %s" % (part, cookie))
    return cookie.split(";")[0]


def administrators(suite, seed):
    """Who only manages changes everybody's ways to be reached but an administrator's: with these one answers in their name."""
    manager, other, boss = seed.new_user(role="user"), seed.new_user(), seed.new_user(role="admin")
    made = suite.ask("POST", "/muster/tokens", {"token": {"name": "manager", "user": {"id": manager["id"], "type": "user_reference"}}}, 201)["token"]["token"]
    for person, status in ((manager, 201), (other, 201), (boss, 403)):
        path = "/users/%s/contact_methods" % person["id"]
        body = {"contact_method": {"type": "email_contact_method", "label": "Mine", "address": "manager@halden.example"}}
        default = suite.ask("GET", path)["contact_methods"][0]["id"]
        rules = "/users/%s/notification_rules" % person["id"]
        rule = {"notification_rule": {"type": "assignment_notification_rule", "start_delay_in_minutes": 7, "urgency": "high",
                                      "contact_method": {"id": default, "type": "email_contact_method"}}}
        if status == 201:
            suite.ask("POST", path, body, 201, token=made)
            suite.ask("POST", rules, rule, 201, token=made)
            continue
        for method, where, what in (("POST", path, body), ("PUT", path + "/" + default, body), ("DELETE", path + "/" + default, None), ("POST", rules, rule),
                                    ("PUT", "/users/" + person["id"], {"user": {"type": "user", "name": "Mine"}})):
            suite.error(method, where, what, 403, 2010, token=made, mention="administrators only")
    suite.ask("GET", "/users/%s/contact_methods" % boss["id"], token=made)


def guessing(suite, seed):
    user = seed.new_user()
    body = {"email": user["email"], "password": "guess"}
    statuses = [suite.client.send("POST", "/muster/session", body, {"Authorization": ""}).status for _ in range(8)]
    suite.check(statuses[:4] == [401] * 4 and statuses[-1] == 429, "guessing was answered %s" % statuses)


def codes(suite, seed):
    path = "/users/%s/contact_methods" % seed.user["id"]
    method = suite.ask("POST", path, {"contact_method": {"type": "sms_contact_method", "label": "New", "address": "+4915100000099"}}, 201)["contact_method"]
    one = "%s/%s" % (path, method["id"])
    suite.error("POST", one + "/verify", {"code": "123456"}, 400, 2001, mention="code was not sent")
    suite.ask("POST", one + "/send_code", status=202)
    suite.error("POST", one + "/send_code", None, 429, 2020)
    suite.error("POST", one + "/verify", {"code": "12"}, 400, 2001, mention="code")
    lines = [json.loads(suite.client.send("POST", one + "/verify", {"code": "00000%d" % guess}).body)["error"]["errors"][0] for guess in range(6)]
    suite.check("too often" in lines[-1], "six guesses were answered %s" % lines)
    suite.error("POST", "/muster/contact-methods/%s/verify" % method["id"], {"code": "000000"}, 400, 2001, mention="too often")
    suite.error("POST", "/muster/contact-methods/PNOBODY/send-code", None, 404, 2100)
    suite.check(not suite.ask("GET", one)["contact_method"]["verified"], "a guess verified the contact method")


def tokens(suite, seed):
    made = suite.ask("POST", "/muster/tokens", {"token": {"name": "of a user", "user": {"id": seed.user["id"], "type": "user_reference"}}}, 201)["token"]
    me = suite.ask("GET", "/users/me", token=made["token"])
    suite.check(me and me["user"]["id"] == seed.user["id"], "a user's token is somebody else's")
    suite.error("POST", "/muster/tokens", {"token": {"name": "x", "role": "admin"}}, 403, 2010, token=made["token"])
    suite.error("PUT", "/users/" + seed.other["id"], {"user": {"name": "x"}}, 403, 2010, token=made["token"])
    foreign = suite.ask("GET", "/users/%s/contact_methods" % seed.other["id"])["contact_methods"][0]
    suite.error("POST", "/muster/contact-methods/%s/send-code" % foreign["id"], None, 403, 2010, token=made["token"])
    suite.ask("PUT", "/users/" + seed.user["id"], {"user": {"job_title": "Myself"}}, token=made["token"])
    suite.error("PUT", "/users/" + seed.user["id"], {"user": {"role": "admin"}}, 403, 2010, token=made["token"])
    suite.error("PUT", "/users/%s/contact_methods/%s" % (seed.user["id"], seed.method["id"]), {"contact_method": {"address": "else@halden.example", "verified": True}},
                403, 2010, token=made["token"])
    manager = seed.new_user(role="user")
    hers = suite.ask("POST", "/muster/tokens", {"token": {"name": "manager", "user": {"id": manager["id"]}}}, 201)["token"]["token"]
    suite.ask("PUT", "/users/" + seed.other["id"], {"user": {"job_title": "Moved"}}, token=hers)
    chief = seed.new_user(role="admin")
    suite.error("PUT", "/users/" + chief["id"], {"user": {"email": "mine@halden.example"}}, 403, 2010, token=hers)
    listed = suite.ask("GET", "/muster/tokens?limit=100")["tokens"]
    suite.check(all("token" not in token for token in listed), "the list of tokens shows secrets")
    suite.ask("DELETE", "/muster/tokens/" + made["id"], status=204)
    suite.error("GET", "/users/me", None, 401, 2006, token=made["token"])


def description(suite):
    document = suite.ask("GET", "/openapi.json", token="")
    paths = document["paths"]
    suite.check(document["openapi"].startswith("3.1") and len(paths) > 60, "the description names only %d paths" % len(paths))
    schemas = document["components"]["schemas"]
    text = json.dumps(document)
    for path, operations in paths.items():
        for method, operation in operations.items():
            named = sorted(parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path")
            suite.check(named == sorted(re.findall(r"{(\w+)}", path)) and operation["responses"], "the description of %s %s is incomplete" % (method, path))
            suite.check(all(parameter["name"] for parameter in operation["parameters"]), "%s %s has a parameter without a name" % (method, path))
            suite.check(operation["operationId"] and operation["tags"] and operation["security" if operation["x-muster-permission"] == "anyone" else "summary"] is not None,
                        "%s %s has no name, no noun or no way in" % (method, path))
            if path.startswith(("/incidents", "/schedules", "/v3/", "/users", "/teams", "/services", "/escalation_policies", "/log_entries", "/oncalls", "/notifications")):
                body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {"$ref": "none needed"})
                suite.check(body and ("$ref" in body or body["properties"]) or path.endswith("/send_code") or "/escalation_policies/{esc" in path,
                            "the description does not say what %s %s takes" % (method, path))
    targets = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    suite.check(targets <= set(schemas), "the description points to nothing: %s" % (targets - set(schemas)))
    for name in ("user", "team", "service", "escalation_policy", "maintenance_window"):
        suite.check(name in schemas and "#/components/schemas/%s\"" % name in text, "the description has no schema of " + name)


def prefix(suite, server):
    """Behind a proxy below /pd: paths with and without it, links and the cookie with it."""
    client = server.client()
    client.prefix = ""
    for path in ("/pd/users", "/users"):
        answer = client.send("GET", path)
        suite.check(answer.status == 200 and "/pd/users/" in answer.json["users"][0]["self"], "%s behind a prefix: %d %s" % (path, answer.status, answer.text[:300]))
    user = answer.json["users"][0]
    client.ask("PUT", "/pd/muster/users/%s/password" % user["id"], {"password": "a long password"}, status=204)
    signed_in = client.send("POST", "/pd/muster/session", {"email": user["email"], "password": "a long password"})
    suite.check("Path=/pd;" in signed_in.headers.get("set-cookie", ""), "the cookie is not for the prefix: %s" % signed_in.headers)
    suite.check(client.send("GET", "/pdusers").status == 404, "a longer word counts as the prefix")
