"""Why: a stolen password alone opens nothing where a second factor is set up; codes are those of the real oathtool."""
import os
import shutil
import subprocess

import kit
from harness import Skipped
from harness.server import binary

OWN = "/muster/session/second_factor"
HERE = {"Sec-Fetch-Site": "same-origin"}
START = "2026-03-02T09:00:00Z"
STEP_S = 30
NEEDED, WRONG = 9001, 2006


def oathtool(secret, at):
    if not shutil.which("oathtool"):
        raise Skipped("oathtool is not installed")
    return subprocess.run(["oathtool", "--totp", "-b", "-N", at.replace("T", " ").replace("Z", " UTC"), secret], check=True, capture_output=True, text=True).stdout.strip()


class Device:
    """An authenticator app: knows the secret, has a clock of its own."""

    def __init__(self, api, secret):
        self.api, self.secret = api, secret

    def code(self, drift_s=0):
        now = self.api.get("/test/clock")["now"]
        seconds = int(subprocess.run(["date", "-u", "-d", now, "+%s"], check=True, capture_output=True, text=True).stdout) + drift_s
        return oathtool(self.secret, subprocess.run(["date", "-u", "-d", "@%d" % seconds, "+%Y-%m-%dT%H:%M:%SZ"], check=True, capture_output=True, text=True).stdout.strip())


def move(api, seconds):
    now = api.get("/test/clock")["now"]
    to = subprocess.run(["date", "-u", "-d", "%s + %d seconds" % (now, seconds), "+%Y-%m-%dT%H:%M:%SZ"], check=True, capture_output=True, text=True).stdout.strip()
    api.put("/test/clock", {"now": to})


def sign_in(server, person, **more):
    return kit.stranger(server).send("POST", "/muster/session", {"email": person["email"], "password": person["password"], **more})


def session_of(server, answer):
    cookie = kit.cookie_of(answer)
    return kit.stranger(server).send("GET", "/muster/session", headers=cookie).json["session"]


def enrol(server, api, person, cookie=None):
    """(device, recovery codes)"""
    cookie = {**(cookie or kit.cookie_of(sign_in(server, person))), **HERE}
    browser = kit.stranger(server)
    assert browser.send("POST", OWN, {}, cookie).status == 400, "a browser that was left open is not its owner"
    answer = browser.send("POST", OWN, {"current_password": person["password"]}, cookie)
    assert answer.status == 201, answer.text
    shown = answer.json["second_factor"]
    assert shown["uri"].startswith("otpauth://totp/Muster:") and "secret=" + shown["secret"] in shown["uri"], shown
    device = Device(api, shown["secret"])
    assert browser.send("PUT", OWN, {"code": "000000"}, cookie).status == 400
    answer = browser.send("PUT", OWN, {"code": device.code()}, cookie)
    assert answer.status == 200, answer.text
    return device, answer.json["recovery_codes"]


def test_a_password_alone_is_not_enough(folder):
    with kit.serving(folder, "--test-clock") as server:
        api = server.client()
        ana, ben = kit.person(api, "user", "Ana"), kit.person(api, "user", "Ben")
        left_open = kit.cookie_of(sign_in(server, ana))
        device, _ = enrol(server, api, ana)
        assert kit.stranger(server).send("GET", "/muster/session", headers=left_open).status == 401, "another session is as it was before"
        answer = sign_in(server, ana)
        assert answer.status == 401 and answer.json["error"]["code"] == NEEDED and "set-cookie" not in answer.headers, answer.text
        # The code that set it up is used up; so is each one that let somebody in.
        assert sign_in(server, ana, code=device.code()).status == 401, "the code that set it up is taken again"
        move(api, STEP_S)
        code = device.code()
        answer = sign_in(server, ana, code=code)
        assert session_of(server, answer)["second_factor"] == {"enrolled": True, "required": False, "needed": False, "recovery_codes_left": 10}
        answer = sign_in(server, ana, code=code)
        assert answer.status == 401 and answer.json["error"]["code"] == WRONG and "set-cookie" not in answer.headers, "a code is taken twice"
        # Clocks differ: one step to either side, and no more. A code of the past never follows a later one.
        move(api, 10 * STEP_S)
        assert sign_in(server, ana, code=device.code(-2 * STEP_S)).status == 401
        assert sign_in(server, ana, code=device.code(+2 * STEP_S)).status == 401
        assert sign_in(server, ana, code=device.code(-STEP_S)).status == 201
        assert sign_in(server, ana, code=device.code(+STEP_S)).status == 201
        assert sign_in(server, ana, code=device.code()).status == 401, "an older code follows a later one"
        # Somebody else's device, and a right code with a wrong password.
        move(api, 10 * STEP_S)
        bens, _ = enrol(server, api, ben)
        move(api, STEP_S)
        assert sign_in(server, ana, code=bens.code()).status == 401
        assert kit.sign_in(kit.stranger(server), ana["email"], "not the password").json["error"]["code"] == WRONG
        assert api.send("GET", "/incidents", headers={"Authorization": "Token token=" + ana["token"]}).status == 200, "a token needs no code"


def test_a_secret_that_was_shown_waits_a_quarter_of_an_hour(folder):
    with kit.serving(folder, "--test-clock") as server:
        api = server.client()
        ana = kit.person(api, "user", "Ana")
        cookie = {**kit.cookie_of(sign_in(server, ana)), **HERE}
        browser, shown = kit.stranger(server), []
        for wait_s, status in ((15 * 60 + 1, 400), (15 * 60, 200)):
            answer = browser.send("POST", OWN, {"current_password": ana["password"]}, cookie)
            assert answer.status == 201, answer.text
            shown.append(Device(api, answer.json["second_factor"]["secret"]))
            move(api, wait_s)
            answer = browser.send("PUT", OWN, {"code": shown[-1].code()}, cookie)
            assert answer.status == status, (wait_s, answer.text)
        assert browser.send("PUT", OWN, {"code": shown[0].code()}, cookie).status == 400, "an older secret"
        move(api, STEP_S)
        assert sign_in(server, ana).status == 401
        assert sign_in(server, ana, code=shown[0].code()).status == 401, "a secret that was never proven opens the app"
        assert sign_in(server, ana, code=shown[1].code()).status == 201


def test_recovery_codes_are_taken_once(folder):
    with kit.serving(folder, "--test-clock") as server:
        api = server.client()
        ana, ben = kit.person(api, "user", "Ana"), kit.person(api, "user", "Ben")
        _, codes = enrol(server, api, ana)
        assert len(set(codes)) == 10 and all(len(code) >= 24 for code in codes), codes
        answer = sign_in(server, ana, code=codes[0])
        assert session_of(server, answer)["second_factor"]["recovery_codes_left"] == 9
        assert sign_in(server, ana, code=codes[0]).status == 401, "a recovery code is taken twice"
        assert sign_in(server, ana, code=codes[1].upper().replace("-", " ")).status == 201, "as somebody types it"
        enrol(server, api, ben)
        assert sign_in(server, ben, code=codes[2]).status == 401, "somebody else's recovery code"
        stored = open(os.path.join(folder, "data", "muster.db"), "rb").read() + open(os.path.join(folder, "data", "muster.db-wal"), "rb").read()
        assert b"recovery_codes" in stored
        for code in codes:
            assert code.encode() not in stored and code.replace("-", "").encode() not in stored, "a recovery code lies in the database"


def test_codes_of_devices_are_not_guessed_nor_stored(folder):
    with kit.serving(folder, "--test-clock") as server:
        api = server.client()
        ana = kit.person(api, "user", "Ana")
        device, _ = enrol(server, api, ana)
        answers = [sign_in(server, ana, code="%06d" % guess) for guess in range(12)]
        statuses = [answer.status for answer in answers]
        assert statuses[0] == 401 and statuses[-1] == 429 and statuses.count(401) <= 6, statuses
        # To ask for the code is no way to begin anew.
        move(api, 3600 + STEP_S)
        statuses = []
        for guess in range(12):
            sign_in(server, ana)
            statuses.append(sign_in(server, ana, code="%06d" % guess).status)
        assert statuses.count(401) <= 6 and statuses[-1] == 429, statuses
        move(api, 3600)
        assert sign_in(server, ana, code=device.code()).status == 201
        stored = open(os.path.join(folder, "data", "muster.db"), "rb").read() + open(os.path.join(folder, "data", "muster.db-wal"), "rb").read()
        assert device.secret.encode() not in stored, "the secret lies open in the database"
        assert device.secret not in server.log_tail(1000)


def test_a_second_factor_can_be_required(folder):
    with kit.serving(folder, "--test-clock", "--second-factor", "required") as server:
        api = server.client()
        ana = kit.person(api, "admin", "Ana")
        first = sign_in(server, ana)
        cookie = {**kit.cookie_of(first), **HERE}
        assert first.json["session"]["second_factor"] == {"enrolled": False, "required": True, "needed": True, "recovery_codes_left": 0}
        browser = kit.stranger(server)
        for method, path in (("GET", "/incidents"), ("GET", "/users"), ("GET", "/muster/stream"), ("POST", "/teams"), ("POST", "/muster/tokens")):
            answer = browser.send(method, path, {"team": {"name": "Early"}} if method == "POST" else None, cookie)
            assert answer.status == 403 and "second factor" in answer.text, (method, path, answer.text)
        device, _ = enrol(server, api, ana, cookie)
        assert browser.send("GET", "/muster/session", headers=cookie).json["session"]["second_factor"]["needed"] is False
        assert browser.send("GET", "/incidents", headers=cookie).status == 200
        assert browser.send("DELETE", OWN, {"current_password": ana["password"]}, cookie).status == 400, "required, and taken away"
        move(api, STEP_S)
        cookie = kit.cookie_of(sign_in(server, ana, code=device.code()))
        assert browser.send("GET", "/incidents", headers=cookie).status == 200


def test_who_lost_the_device_gets_in_again(folder):
    with kit.serving(folder, "--test-clock") as server:
        api = server.client()
        ana, boss = kit.person(api, "user", "Ana"), kit.person(api, "admin", "Boss")
        device, codes = enrol(server, api, ana)
        move(api, STEP_S)
        mine = {**kit.cookie_of(sign_in(server, ana, code=device.code())), **HERE}
        path = "/muster/users/%s/second_factor" % ana["id"]
        browser = kit.stranger(server)
        assert browser.send("DELETE", path, headers=mine).status == 403, "one's own, without the password"
        bosses = {**kit.cookie_of(sign_in(server, boss)), **HERE}
        assert browser.send("DELETE", path, headers=bosses).status == 204
        assert browser.send("GET", "/muster/session", headers=mine).status == 401, "an open session survives"
        assert sign_in(server, ana, code=codes[0]).status == 201 and sign_in(server, ana).status == 201
        record = [r for r in api.get("/audit/records", limit=100)["records"] if r["action"] == "reset_second_factor"]
        assert len(record) == 1 and record[0]["root_resource"]["id"] == ana["id"] and record[0]["actors"][0]["id"] == boss["id"], record
        # From the command line, beside the server.
        enrol(server, api, ana)
        assert sign_in(server, ana).status == 401
        done = subprocess.run([binary(), "user", "reset-second-factor", ana["email"], "--data", os.path.join(folder, "data")], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert sign_in(server, ana).status == 201
        done = subprocess.run([binary(), "user", "reset-second-factor", ana["email"], "--data", os.path.join(folder, "data")], capture_output=True, text=True)
        assert done.returncode != 0 and "no second factor" in done.stderr, done.stderr
        # And by oneself.
        cookie = {**kit.cookie_of(sign_in(server, ana)), **HERE}
        enrol(server, api, ana, cookie)
        assert browser.send("DELETE", OWN, {}, cookie).status == 400
        assert browser.send("DELETE", OWN, {"current_password": ana["password"]}, cookie).status == 204
        assert sign_in(server, ana).status == 201
        assert browser.send("POST", OWN, {"current_password": ana["password"]}, {"Authorization": "Token token=" + ana["token"]}).status == 400, "a token sets up a second factor"
