"""Why: who is let in, as whom, for how long, and what they can see. Roles, sessions, tokens, guessing, other sites, what browsers are told."""
import concurrent.futures
import glob
import json
import os
import re
import socket
import ssl
import statistics
import subprocess
import time
import warnings

import kit
from harness.operations import QUESTIONS
from harness.server import ROOT, eventually


def test_a_role_sees_and_does_no_more_than_it_may(folder):
    """Every operation of the API, with each role: what may change is allowed to those who may, and to nobody without credentials."""
    with kit.serving(folder) as server:
        api = server.client()
        paths = api.get("/openapi.json")["paths"]
        people = {role: kit.person(api, role) for role in kit.ROLES}
        asked = open_doors = 0
        for path, operations in sorted(paths.items()):
            for method in operations:
                where = re.sub(r"{\w+}", "PNOBODY", path)
                if path.startswith(("/test/", "/twilio/", "/act/", "/muster/events", "/muster/session")) or path in ("/", "/app") or "/app/" in path:
                    continue
                body = b"{}" if method in ("post", "put", "patch") else None
                anonymous = kit.stranger(server).send(method.upper(), where, body)
                asked += 1
                if anonymous.status not in (401, 403):
                    open_doors += 1
                    assert is_open_to_all(method, path), "%s %s answers %d to a stranger" % (method, path, anonymous.status)
                if method == "get" or (method.upper(), path) in QUESTIONS:
                    continue
                for role in ("observer", "read_only_user", "read_only_limited_user"):
                    answer = api.send(method.upper(), where, body, {"Authorization": "Token token=" + people[role]["token"]})
                    assert answer.status in (401, 403, 404, 400, 405) and (answer.status == 403 or is_open_to_all(method, path) or is_own(path)), (role, method, path, answer.status, answer.text)
        eventually("it can be seen who tries", lambda: "refused: DELETE /users/{id} by Person observer" in server.log_tail(100000))
        assert asked > 100 and open_doors > 0, (asked, open_doors)


def is_open_to_all(method, path):
    """Where the credentials are in the request itself, or where nothing is told. A change is sent with a routing key; changes are not read so."""
    return (method, path) == ("post", "/change_events") or path.startswith(("/v2/", "/v1/", "/generic/", "/integration/", "/x-ere/", "/health", "/metrics", "/openapi.json", "/integrations/", "/muster/heartbeats/{key}",
                            "/muster/sign-in"))


def is_own(path):
    """One's own tokens, contact methods and the like; tests/contract/session.py shows that they are one's own only."""
    return "/tokens" in path or "/contact" in path or "/users/" in path or "/practice" in path


def test_integration_keys_are_shown_to_those_who_manage(folder):
    """Whoever holds a key can open and resolve alerts in the name of the monitoring: a role that may only read gets to see none."""
    with kit.serving(folder) as server:
        api = server.client()
        service = api.get("/services")["services"][0]
        heartbeat = api.post("/muster/heartbeats", {"heartbeat": {"name": "Backup", "interval_in_seconds": 3600,
                                                                  "service": {"id": service["id"], "type": "service_reference"}}}, status=201)["heartbeat"]
        integration = api.get("/services/%s" % service["id"], include=["integrations"])["service"]["integrations"][0]
        key = integration["integration_key"]
        assert len(key) == 32
        for role in kit.ROLES:
            token = kit.person(api, role)["token"]
            shown = False
            for path in ("/services?include[]=integrations", "/services/%s?include[]=integrations" % service["id"], "/services/%s" % service["id"],
                         "/services/%s/integrations/%s" % (service["id"], integration["id"])):
                answer = api.send("GET", path, headers={"Authorization": "Token token=" + token})
                assert answer.status in (200, 403) or (role == "restricted_access" and answer.status == 404), (role, path, answer.status)
                shown = shown or key in answer.text
            assert shown == (role in ("admin", "user")), "%s %s" % (role, "sees the key" if shown else "does not see the key")
            beats = api.send("GET", "/muster/heartbeats/" + heartbeat["id"], headers={"Authorization": "Token token=" + token}).json.get("heartbeat", {}).get("ping_url")
            assert (beats == heartbeat["ping_url"]) == (role in ("admin", "user")), (role, beats)


def test_an_integration_key_opens_nothing_else(folder):
    with kit.serving(folder) as server:
        key = server.facts["routing_key"]
        for header in ({"Authorization": "Token token=" + key}, {"Authorization": "Bearer " + key}, {"Cookie": "muster_session=" + key}):
            for path in ("/users", "/incidents", "/services", "/muster/tokens"):
                assert kit.stranger(server).send("GET", path, headers=header).status == 401, (header, path)


def test_a_token_in_the_address_is_none(folder):
    with kit.serving(folder) as server:
        token = server.facts["token"]
        for query in ("token=" + token, "access_token=" + token, "api_key=" + token, "Authorization=Token%20token%3D" + token):
            assert kit.stranger(server).send("GET", "/users?" + query).status in (400, 401), query
        assert token not in server.log_tail(1000)


def test_sessions_are_new_bound_and_end(folder):
    with kit.serving(folder) as server:
        api, browser = server.client(), kit.stranger(server)
        ana = kit.person(api, "user", "Ana")
        fixed = "a" * 40
        first = kit.sign_in(browser, ana["email"], ana["password"], Cookie="muster_session=" + fixed)
        cookie = kit.cookie_of(first)
        assert fixed not in cookie["Cookie"], "the session that an attacker chose"
        assert browser.send("GET", "/muster/session", headers={"Cookie": "muster_session=" + fixed}).status == 401
        for part in ("HttpOnly", "SameSite=Strict"):
            assert part in first.headers["set-cookie"]
        second = kit.cookie_of(kit.sign_in(browser, ana["email"], ana["password"]))
        assert second != cookie and len(cookie["Cookie"].split("=")[1]) >= 40
        # Leaving ends one, a new password all.
        third = kit.cookie_of(kit.sign_in(browser, ana["email"], ana["password"], **second))
        assert browser.send("GET", "/muster/session", headers=second).status == 401, "signing in anew leaves the old session open"
        left = browser.send("DELETE", "/muster/session", headers={**third, "Sec-Fetch-Site": "same-origin"})
        assert left.status == 204 and "storage" in left.headers["clear-site-data"]
        second = third
        assert browser.send("GET", "/muster/session", headers=second).status == 401
        assert browser.send("GET", "/muster/session", headers=cookie).status == 200
        api.put("/muster/users/%s/password" % ana["id"], {"password": "another long password"}, status=204)
        assert browser.send("GET", "/muster/session", headers=cookie).status == 401, "a session survives the change of the password"
        # Less to do from the next request on.
        cookie = kit.cookie_of(kit.sign_in(browser, ana["email"], "another long password"))
        api.put("/users/" + ana["id"], {"user": {"type": "user", "role": "observer"}})
        answer = browser.send("POST", "/teams", {"team": {"name": "Late"}}, {**cookie, "Sec-Fetch-Site": "same-origin"})
        assert answer.status == 403, answer.status


def test_one_changes_only_the_password_one_knows(folder):
    """A browser that was left open is not enough to take the account."""
    with kit.serving(folder) as server:
        api, browser = server.client(), kit.stranger(server)
        for role in ("user", "admin"):
            takes_no_account_by_an_open_browser(api, browser, kit.person(api, role, "Ana " + role))


def takes_no_account_by_an_open_browser(api, browser, ana):
    path, fresh = "/muster/users/%s/password" % ana["id"], "another long password"
    cookie = {**kit.cookie_of(kit.sign_in(browser, ana["email"], ana["password"])), "Sec-Fetch-Site": "same-origin"}
    for body in ({"password": fresh}, {"password": fresh, "current_password": ""}, {"password": fresh, "current_password": "a guess of mine"}):
        assert browser.send("PUT", path, body, cookie).status in (400, 403), body
    assert browser.send("PUT", path, {"password": fresh, "current_password": ana["password"]}, cookie).status == 204
    again = kit.cookie_of(kit.sign_in(browser, ana["email"], fresh))
    guesses = [browser.send("PUT", path, {"password": fresh, "current_password": "guess %d" % number}, {**again, "Sec-Fetch-Site": "same-origin"}).status
               for number in range(8)]
    assert guesses[0] == 400 and guesses[-1] == 429, guesses
    assert kit.sign_in(browser, ana["email"], fresh).status == 201, "guessing there locks nobody out here"


def test_the_app_stores_nothing_in_the_browser(folder):
    sources = glob.glob(os.path.join(ROOT, "web", "src", "**", "*.ts*"), recursive=True)
    assert len(sources) > 10
    for path in sources:
        with open(path) as file:
            found = re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie|dangerouslySetInnerHTML|innerHTML|postMessage|\beval\(", file.read())
        assert not found, "%s uses %s" % (os.path.relpath(path, ROOT), found and found.group(0))


def test_the_cookie_is_for_encrypted_connections_where_there_are_any(folder):
    with kit.serving(folder, "--public-url", "https://muster.example") as server:
        ana = kit.person(server_client(server), "user", "Ana")
        answer = kit.sign_in(kit.stranger(server), ana["email"], ana["password"])
        cookie = answer.headers["set-cookie"]
        assert answer.status == 201 and re.search(r"; ?Secure(;|$)", cookie) and cookie.startswith("__Host-") and "Path=/;" in cookie, cookie
        assert kit.stranger(server).send("GET", "/muster/session", headers=kit.cookie_of(answer)).status == 200
        for path in ("/app/", "/users", "/nowhere"):
            policy = kit.stranger(server).send("GET", path).headers["strict-transport-security"]
            assert int(re.search(r"max-age=(\d+)", policy).group(1)) >= 31536000, policy


def test_tls_is_new_and_its_key_is_read_once(folder):
    """TLS 1.2 and 1.3 only; what the confined core needs of the files it has when it starts."""
    certificate, key = os.path.join(folder, "certificate.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    with kit.serving(folder, "--tls-certificate", certificate, "--tls-key", key) as server:
        def speaks(version):
            context = ssl.create_default_context(cafile=certificate)
            context.check_hostname = False
            context.set_ciphers("ALL:@SECLEVEL=0")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                context.minimum_version = context.maximum_version = version
            try:
                with socket.create_connection(("127.0.0.1", server.port), 10) as plain, context.wrap_socket(plain) as connection:
                    connection.sendall(b"GET /app/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    return connection.recv(100).startswith(b"HTTP/1.1 200")
            except (ssl.SSLError, ConnectionResetError):
                return False
        spoken = {version.name: speaks(version) for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)}
        assert spoken == {"TLSv1": False, "TLSv1_1": False, "TLSv1_2": True, "TLSv1_3": True}, spoken


def server_client(server):
    """The public URL is somebody else's address; the server is asked directly."""
    client = kit.stranger(server)
    client.token = server.facts["token"]
    return client


def test_other_sites_change_nothing(folder):
    with kit.serving(folder) as server:
        api, browser = server.client(), kit.stranger(server)
        ana = kit.person(api, "admin", "Ana")
        cookie = kit.cookie_of(kit.sign_in(browser, ana["email"], ana["password"]))
        foreign = ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"},
                   {"Origin": "http://muster.example.evil.example"})
        for headers in foreign:
            for method, path, body in (("POST", "/teams", {"team": {"name": "Evil"}}), ("DELETE", "/users/" + ana["id"], None),
                                       ("PUT", "/muster/users/%s/password" % ana["id"], {"password": "chosen by a stranger"}), ("DELETE", "/muster/session", None)):
                assert browser.send(method, path, body, {**cookie, **headers}).status == 403, (headers, method, path)
            assert kit.sign_in(browser, ana["email"], ana["password"], **headers).status == 403, "signing in as the attacker"
        assert "Evil" not in api.send("GET", "/teams").text
        # Reading is stopped by the browser: no other origin is allowed to see an answer.
        for headers in foreign:
            answer = browser.send("GET", "/users", headers={**cookie, **headers})
            assert not any(name.startswith("access-control-") for name in answer.headers), answer.headers
        answer = kit.raw(server, b"OPTIONS /users HTTP/1.1\r\nHost: m\r\nOrigin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\nConnection: close\r\n\r\n")
        assert b"access-control-allow" not in answer.lower()


def test_a_password_is_not_guessed(folder):
    with kit.serving(folder) as server:
        api = server.client()
        ana, ben = kit.person(api, "user", "Ana"), kit.person(api, "user", "Ben")
        answers = [kit.sign_in(kit.stranger(server), ana["email"], "guess %d" % number).status for number in range(12)]
        assert answers[0] == 401 and answers[-1] == 429 and answers.count(401) <= 6, answers
        # Many at once are no way around.
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda number: kit.sign_in(kit.stranger(server), ben["email"], "guess %d" % number).status, range(24)))
        assert answers.count(401) <= 12 and 201 not in answers, answers
        assert api.send("GET", "/incidents", headers={"Authorization": "Token token=" + ana["token"]}).status == 200, "guessing locks nobody out of answering a page"


def test_nobody_learns_who_has_an_account(folder):
    """Same answer and same time for a known address with a wrong password and for an unknown one."""
    with kit.serving(folder) as server:
        api = server.client()
        answers, times = set(), {True: [], False: []}
        for number in range(16):  # the quickest of many: another program may have the processor meanwhile
            known = kit.person(api, "user", "Known %d" % number)["email"]
            for email, is_known in ((known, True), ("nobody%d@halden.example" % number, False)):
                started = time.monotonic()
                answer = kit.sign_in(kit.stranger(server), email, "not the password")
                times[is_known].append(time.monotonic() - started)
                answers.add((answer.status, re.sub(r"\d+ seconds", "N seconds", answer.text)))
                if answer.status == 429:
                    break
            known, unknown = min(times[True]), min(times[False])
            if number >= 3 and known < 4 * unknown and unknown < 4 * known:
                break
        assert {status for status, _ in answers} <= {401, 429} and sum(status == 401 for status, _ in answers) == 1, answers
        assert known < 4 * unknown and unknown < 4 * known, (known, unknown)


def test_a_key_of_an_integration_is_not_probed(folder):
    """Unknown keys, long and short, get one answer that says nothing about others."""
    with kit.serving(folder, "--unknown-key-answer", "202") as server:
        def send(key):
            return kit.stranger(server).send("POST", "/v2/enqueue", {"routing_key": key, "event_action": "trigger", "dedup_key": "k",
                                                                     "payload": {"summary": "s", "source": "h", "severity": "info"}})
        real, wrong = send(server.facts["routing_key"]), send("a" * 32)
        assert real.status == wrong.status == 202 and real.text == wrong.text, (real.text, wrong.text)
        assert len(server.client().get("/incidents")["incidents"]) == 1, "and only one of them counted"


def test_codes_are_not_guessed(folder):
    with kit.serving(folder, "--practice") as server:
        api = server.client()
        ana = kit.person(api, "user", "Ana")
        path = "/users/%s/contact_methods" % ana["id"]
        hers = {"Authorization": "Token token=" + ana["token"]}
        method = api.ask("POST", path, {"contact_method": {"type": "sms_contact_method", "label": "New", "address": "+4915100000099"}}, hers, 201)["contact_method"]
        one = "/muster/contact-methods/%s" % method["id"]
        assert api.send("POST", one + "/send-code", None, hers).status == 202
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda guess: api.send("POST", one + "/verify", {"code": "%06d" % guess}, hers).text, range(40)))
        assert sum("too often" in answer for answer in answers) >= 30, "forty guesses at once: %s" % statistics.mode(answers)
        assert not api.get(path + "/" + method["id"])["contact_method"].get("verified")


def test_what_browsers_are_told(folder):
    with kit.serving(folder) as server:
        api = server.client()
        page = kit.stranger(server).send("GET", "/app/")
        policy = page.headers["content-security-policy"]
        assert page.status == 200
        for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
            assert part in policy, policy
        assert "unsafe" not in policy
        api.post("/v2/enqueue", {"routing_key": server.facts["routing_key"], "event_action": "trigger",
                                 "payload": {"summary": "<script>alert(1)</script>", "source": "<img src=x onerror=alert(1)>", "severity": "critical"}}, status=202)
        for path in ("/users", "/incidents", "/incidents/PNOBODY", "/health", "/openapi.json", "/nowhere", "/muster/session", "/act/forged"):
            answer = api.send("GET", path)
            headers = answer.headers
            assert headers.get("x-content-type-options") == "nosniff", path
            assert "frame-ancestors 'none'" in headers.get("content-security-policy", ""), path
            assert headers.get("referrer-policy") in ("same-origin", "no-referrer"), path
            assert "no-store" in headers.get("cache-control", ""), (path, headers.get("cache-control"))
            assert "server" not in headers and "x-powered-by" not in headers, headers
            kind = headers.get("content-type", "")
            assert kind.startswith(("application/json", "text/html", "text/plain")), (path, kind)
            assert kind.startswith("text/html") is False or "<script>alert" not in answer.text, path


def test_fields_that_are_not_offered_are_not_taken(folder):
    """Every column of the users' table, sent by the user about herself."""
    with kit.serving(folder) as server:
        api = server.client()
        ana = kit.person(api, "user", "Ana")
        before = api.get("/users/" + ana["id"])["user"]
        for field, value in (("id", "PHACKED"), ("password_hash", "x"), ("created_at", "2001-01-01T00:00:00Z"), ("deleted_at", "2001-01-01T00:00:00Z"),
                             ("role", "owner"), ("role", "admin"), ("verified", True), ("html_url", "https://evil.example")):
            api.send("PUT", "/users/" + ana["id"], {"user": {"type": "user", field: value}}, {"Authorization": "Token token=" + ana["token"]})
        assert api.get("/users/" + ana["id"])["user"] == before
        assert kit.sign_in(kit.stranger(server), ana["email"], ana["password"]).status == 201


def test_an_error_tells_nothing_about_the_inside(folder):
    with kit.serving(folder) as server:
        api = server.client()
        for method, path, body in (("GET", "/incidents?limit=x&statuses[]='--", None), ("GET", "/users/'%20OR%201=1--", None), ("POST", "/users", b"{"),
                                   ("GET", "/incidents?sort_by=created_at;DROP%20TABLE%20users", None), ("GET", "/users?query=%25%27%29%20UNION%20SELECT%20password_hash", None)):
            answer = api.send(method, path, body, {"Content-Type": "application/json"})
            assert answer.status in (200, 400, 404), (path, answer.status)
            assert not re.search(r"sqlite|postgres|SELECT|/src/|\.c:|password_hash\"|argon2", answer.text, re.I), answer.text
        assert json.loads(api.send("GET", "/users").text)["users"]
