"""Why: what the world sends back and what goes out to it: answers of providers, links in mails, texts that monitored systems write.
Webhook targets in our own networks: tests/channel/test_webhook.py; what is said in mails, messages and calls: tests/channel."""
import base64
import concurrent.futures
import email
import re
import urllib.parse

import kit
from harness import twilio
from harness.server import eventually
from harness.world import World


def with_world(story):
    """A world of the stories, at two in the morning, with somebody who gets mail and messages."""
    def run(folder):
        world = World(folder)
        try:
            ana = world.person("Ana", methods=("email", "sms"), ladder=[(0, "email"), (0, "sms")])
            ben = world.person("Ben", methods=("email", "sms"), ladder=[(0, "email"), (0, "sms")])
            checkout = world.service("checkout", [[ana]], minutes=30)
            world.begin("2026-02-10T02:00:00Z")
            story(world, ana, ben, checkout)
        finally:
            assert world.close() == 0
    run.__name__ = story.__name__
    return run


def post(world, url, fields, signature, **headers):
    sent = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature, "Authorization": "", **headers}
    return world.api.send("POST", url[len(world.server.url):], urllib.parse.urlencode(fields).encode(), sent)


@with_world
def test_every_bend_of_a_callback_is_refused(world, ana, ben, checkout):
    incident = checkout.breaks("Checkout is down")
    world.settle()
    sms = ana.last("sms")
    url = "%s/twilio/%s/sms" % (world.server.url, sms.provider.name)
    fields = {"AccountSid": sms.provider.account, "MessageSid": "SM" + "f" * 32, "From": ana.number, "To": sms.provider.number, "Body": "4"}
    right = twilio.signature(sms.provider.secret, url, fields)
    raw = bytearray(base64.b64decode(right))
    for position in range(len(raw)):
        bent = bytes(raw[:position]) + bytes([raw[position] ^ 1]) + bytes(raw[position + 1:])
        assert post(world, url, fields, base64.b64encode(bent).decode()).status == 403, position
    for what, answer in {
            "nothing": post(world, url, fields, ""), "half": post(world, url, fields, right[:14]), "twice": post(world, url, fields, right + right),
            "another field": post(world, url, {**fields, "Body": "6"}, right), "one more": post(world, url, {**fields, "NumMedia": "0"}, right),
            "another path": post(world, url.replace("sms-a", "sms-b"), fields, right), "a query": post(world, url + "?x=1", fields, right),
            "another host": post(world, url, fields, twilio.signature(sms.provider.secret, url.replace("127.0.0.1", "evil.example"), fields)),
            "an unknown provider": post(world, url.replace("sms-a", "nobody"), fields, right),
            "a mail provider": post(world, url.replace("sms-a", "mail"), fields, twilio.signature("", url.replace("sms-a", "mail"), fields)),
            "an empty key": post(world, url, fields, twilio.signature("", url, fields))}.items():
        assert answer.status in (403, 404), (what, answer.status)
    assert incident.status == "triggered"
    assert post(world, url, fields, right).status == 200 and incident.status == "acknowledged", "the right one is taken"


@with_world
def test_an_answer_that_is_replayed_changes_nothing_more(world, ana, ben, checkout):
    """A captured callback, sent again after the incident was given to somebody else: it answers the message it answered, nothing new."""
    incident = checkout.breaks("Checkout is down")
    world.settle()
    sms = ana.last("sms")
    url = "%s/twilio/%s/sms" % (world.server.url, sms.provider.name)
    fields = {"AccountSid": sms.provider.account, "MessageSid": "SM" + "e" * 32, "From": ana.number, "To": sms.provider.number, "Body": "4"}
    signature = twilio.signature(sms.provider.secret, url, fields)
    assert post(world, url, fields, signature).status == 200 and incident.status == "acknowledged"
    incident.resolve(ana)
    entries = len(incident.log())
    assert post(world, url, fields, signature).status == 200
    assert incident.status == "resolved" and len([entry for entry in incident.log("acknowledge")]) == 1, incident.log()
    assert len(incident.log()) == entries


@with_world
def test_a_link_is_for_its_person_action_and_incident(world, ana, ben, checkout):
    incident = checkout.breaks("Checkout is down")
    world.settle()
    links = {name: link for link in ana.last("email").links() for name in ("acknowledge", "resolve", "escalate") if "/act/" + name in link}
    path = urllib.parse.urlsplit(links["acknowledge"]).path
    stranger = world.browser()
    for _ in range(3):
        page = stranger.send("GET", path)
        assert page.status == 200 and incident.status == "triggered", "a scanner that follows the link acknowledges"
    assert stranger.send("HEAD", path).status == 200 and incident.status == "triggered"
    swapped = [path.replace("acknowledge", "resolve"), path[:-1] + ("0" if path[-1] != "0" else "1"), path + "0", path[:-4], path.upper(),
               re.sub(r"-(\d+)-", lambda found: "-%d-" % (int(found.group(1)) + 1), path, 1), path.replace(ana.id, ben.id)]
    for bent in swapped:
        for method in ("GET", "POST"):
            assert stranger.send(method, bent).status in (403, 404, 405), (method, bent)
    assert incident.status == "triggered"
    headers = stranger.send("GET", path).headers
    assert headers["referrer-policy"] in ("no-referrer", "same-origin") and "no-store" in headers["cache-control"], headers
    assert stranger.send("POST", path).status == 200 and incident.status == "acknowledged"
    world.advance(days=8)
    assert stranger.send("POST", urllib.parse.urlsplit(links["resolve"]).path).status in (403, 404, 410) and incident.status == "acknowledged", "it has expired"


TRIES_OF_AN_ADDRESS = 50  # src/api/backoff.h
HOSTILE = ("<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "a\r\nBcc: evil@evil.example\r\n\r\nbody", "=?utf-8?q?=0D=0ABcc:_evil@evil.example?=",
           "\n.\r\nMAIL FROM:<evil@evil.example>\r\n", "https://evil.example/login", "%0d%0aX: y", "{{7*7}} ${7*7} <%= 7 %>", "' OR 1=1 --", "\x1b[2J\x1b]0;owned\x07", "\u202egnp.exe")


@with_world
def test_texts_of_strangers_stay_texts(world, ana, ben, checkout):
    for number, text in enumerate(HOSTILE):
        checkout.breaks(("%s %d" % (text, number))[:1000], component=text, group=text)
        world.settle()
        mail = ana.last("email")
        document = email.message_from_bytes(mail.raw)
        assert mail.recipients == [ana.email] and document["Bcc"] is None and document["Cc"] is None, text
        assert mail.sender == "muster@halden.example" and not re.search(rb"(?<!\r)\n|\r(?!\n)", mail.raw), text
        assert "<script" not in mail.html and "<img" not in mail.html and "evil.example/login\"" not in mail.html, mail.html
        short = ana.last("sms").text
        assert not re.search(r"https?://", short) or world.server.url in short, short
        assert "\x1b" not in short + mail.subject + mail.body, text
        page = world.browser().send("GET", urllib.parse.urlsplit([link for link in mail.links() if "/act/" in link][0]).path).text
        assert "<script" not in page and "<img" not in page and "\x1b" not in page, page
    with open(world.server.log_path, "rb") as log:
        written = log.read()
    assert b"\x1b" not in written and b"evil.example" not in written


def test_a_line_of_the_log_is_one_line(folder):
    """CR, LF and escape sequences in what is logged: who signs in, which address is asked for."""
    with kit.serving(folder, settings="log_level = debug") as server:
        for value in ("a\r\n2026-01-01T00:00:00.000Z error engine: forged", "a\n\x1b[31mforged"):
            kit.sign_in(kit.stranger(server), value, value)
            kit.stranger(server).send("GET", "/users?query=" + urllib.parse.quote(value), headers={"X-Forwarded-For": "1.2.3.4", "User-Agent": "forged"})
            kit.stranger(server).send("POST", "/v2/enqueue", {"routing_key": value, "event_action": value, "payload": {"summary": value, "source": value, "severity": value}})
        eventually("something is logged", lambda: server.log_tail(10000).count("sign-in refused") >= 2)
        log = server.log_tail(10000)
        for line in log.split("\n"):
            assert re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z (error|warning|info|debug) [\w-]+: |---- start|$", line) or line.startswith(("  ", "url=")), line
            assert "error engine: forged" not in line.split(" ", 1)[-1][:25] and "\x1b" not in line, line


def test_what_a_stranger_claims_to_be_is_not_believed(folder):
    """X-Forwarded-For makes no new address to guess from."""
    with kit.serving(folder) as server:
        def guess(number):
            claims = {"X-Forwarded-For": "10.0.0.%d" % number, "X-Real-IP": "10.0.1.%d" % number, "Forwarded": "for=10.0.2.%d" % number}
            return kit.sign_in(kit.stranger(server), "nobody%d@halden.example" % number, "guess", **claims).status
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(guess, range(TRIES_OF_AN_ADDRESS + 12)))
        assert 429 in answers, "one address guesses on for as long as it likes"
