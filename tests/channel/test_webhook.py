"""Webhooks: signed so that receivers can tell, and never a way into our own network."""
import base64
import hashlib
import hmac
import json
import time

from content import page
from fakes import Http, closed_port, has_ipv6
from sender import Sender

KEY = b"0123456789abcdef01234567"


def hook(**more):
    return {"name": "hook", "type": "webhook", "secret": "whsec_" + base64.b64encode(KEY).decode(), "allow_private_addresses": True, "timeout_s": 30, **more}


def test_signed_both_ways(folder):
    with Http(200) as http, Sender(folder, [hook()]) as sender:
        before = int(time.time())
        for _ in range(2):
            outcome = sender.sends("hook", "webhook", http.url + "/in?x=1", kind="webhook", message_id="msg_7", payload={"event": "incident.triggered", "title": "Größe"})
            assert outcome["outcome"] == "delivered", outcome
        ids = {headers["webhook-id"] for _, headers, _ in http.requests}
        assert ids == {"msg_7"}, "the same id when it is tried again"
        path, headers, body = http.requests[0]
        assert path == "/in?x=1" and headers["content-type"] == "application/json" and json.loads(body) == {"event": "incident.triggered", "title": "Größe"}
        assert before <= int(headers["webhook-timestamp"]) <= before + 60
        signed = ("%s.%s." % (headers["webhook-id"], headers["webhook-timestamp"])).encode() + body
        assert headers["webhook-signature"] == "v1," + base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
        secret = ("whsec_" + base64.b64encode(KEY).decode()).encode()
        assert headers["x-pagerduty-signature"] == "v1=" + hmac.new(secret, body, hashlib.sha256).hexdigest()


def test_without_payload_the_content_goes_without_our_own_fields(folder):
    with Http(204, b"") as http, Sender(folder, [hook(secret="plain words", base_url=http.url)]) as sender:
        assert sender.sends("hook", "webhook", "", **page())["outcome"] == "delivered"
        _, headers, body = http.requests[0]
        document = json.loads(body)
        assert document["incidents"][0]["number"] == 42 and not {"type", "id", "provider", "channel", "to", "timeout_s"} & set(document)
        signed = ("%s.%s." % (headers["webhook-id"], headers["webhook-timestamp"])).encode() + body
        assert headers["webhook-signature"] == "v1," + base64.b64encode(hmac.new(b"plain words", signed, hashlib.sha256).digest()).decode()


def test_what_each_answer_means(folder):
    with Http() as http, Sender(folder, [hook()]) as sender:
        http.headers = [("Retry-After", "7"), ("Location", "http://127.0.0.1:1/")]
        for status, expected, refused in ((200, "delivered", None), (202, "delivered", None), (410, "permanent", True), (404, "permanent", None), (301, "permanent", None), (307, "permanent", None),
                                          (408, "temporary", None), (429, "temporary", None), (500, "temporary", None), (502, "temporary", None), (503, "temporary", None)):
            http.mode = status
            outcome = sender.sends("hook", "webhook", http.url, payload={})
            assert outcome["outcome"] == expected and outcome.get("address_refused") == refused, (status, outcome)
            assert outcome.get("retry_after_s") == (7 if expected == "temporary" else None), outcome
        for mode, expected in (("hang", "unknown"), ("drop", "unknown")):
            http.mode = mode
            assert sender.sends("hook", "webhook", http.url, payload={}, timeout_s=3)["outcome"] == expected
        assert sender.sends("hook", "webhook", "http://127.0.0.1:%d/" % closed_port(), payload={})["outcome"] == "temporary"


def inside(port):
    """Ways to write addresses that only we can reach."""
    hosts = ["127.0.0.1", "127.1", "127.0.0.2", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "localhost", "localhost.", "LOCALHOST", "0.0.0.0", "0", "10.0.0.1", "10.255.255.255", "172.16.0.1",
             "172.31.255.254", "192.168.1.1", "169.254.169.254", "169.254.170.2", "100.64.0.1", "100.127.255.254", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
             "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.88.99.1", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
             "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[2001::1]", "[2001:db8::1]", "[fc00::1]", "[fd00:ec2::254]", "[fe80::1]", "[fec0::1]", "[ff02::1]", "[100::1]",
             "[3fff::1]", "user:pass@127.0.0.1", "evil.example@127.0.0.1", "127.0.0.1%2f"]
    return ["http://%s:%d/" % (host, port) for host in hosts] + ["http://127.0.0.1:%d#@evil.example/" % port, "https://127.0.0.1:%d/" % port]


def test_no_way_into_our_own_network(folder):
    with Http(200) as canary, Http(200, host="::1" if has_ipv6() else "127.0.0.1") as canary6, Sender(folder, [hook(allow_private_addresses=False, timeout_s=1), {**hook(), "name": "trusted"}]) as sender:
        # A connection the trusted provider keeps open must not be lent to the other one.
        assert sender.sends("trusted", "webhook", canary.url, payload={})["outcome"] == "delivered"
        before = (canary.connections, canary6.connections, len(canary.requests))
        urls = inside(canary.port) + ["http://[::1]:%d/" % canary6.port, "http://localhost:%d/" % canary6.port, canary.url]
        for url in urls:
            outcome = sender.sends("hook", "webhook", url, payload={})
            assert outcome["outcome"] in ("permanent", "temporary") and outcome["error"], (url, outcome)
        private = sender.sends("hook", "webhook", canary.url, payload={})
        assert (private["outcome"], private["error"]) == ("permanent", "the target is a private address"), private
        for url in ("gopher://127.0.0.1:%d/_x" % canary.port, "file:///etc/passwd", "ftp://127.0.0.1/", "dict://127.0.0.1/", "smtp://127.0.0.1:25", "//x", "", "http://", "javascript:x", "ht tp://x"):
            outcome = sender.sends("hook", "webhook", url, payload={})
            assert outcome["outcome"] == "permanent", (url, outcome)
        assert (canary.connections, canary6.connections, len(canary.requests)) == before, "somebody was let in"


def test_a_redirect_into_our_network_is_not_followed(folder):
    with Http(200) as canary, Http(302, headers=[("Location", "%s/" % canary.url)]) as door, Sender(folder, [hook()]) as sender:
        assert sender.sends("hook", "webhook", door.url, payload={})["outcome"] == "permanent"
        assert canary.connections == 0 and door.requests


def test_a_header_cannot_be_smuggled_in(folder):
    with Http(200) as http, Sender(folder, [hook()]) as sender:
        outcome = sender.sends("hook", "webhook", http.url, payload={}, message_id="x\r\nX-Evil: 1")
        assert outcome["outcome"] == "permanent" and not http.requests, outcome


def test_nothing_of_one_send_is_left_for_the_next(folder):
    """The handle that made one request makes the next one of its account."""
    gone = "http://127.0.0.1:%d/" % closed_port()
    with Http(200, headers=[("Retry-After", "77")]) as http, Sender(folder, [hook(), hook(name="plain", secret="")]) as sender:
        for _ in range(3):
            assert sender.sends("hook", "webhook", http.url, **page())["outcome"] == "delivered"
            outcome = sender.sends("hook", "webhook", gone, **page())
            assert outcome["outcome"] == "temporary" and "retry_after_s" not in outcome, "an answer of the send before was taken for one: %s" % outcome
            assert sender.sends("plain", "webhook", http.url, **page())["outcome"] == "delivered"
        assert ["webhook-signature" in headers for _, headers, _ in http.requests] == [True, False] * 3
        short = sender.sends("hook", "webhook", http.url, payload={"a": 1}, message_id="one")
        assert short["outcome"] == "delivered" and http.requests[-1][2] == b'{"a": 1}', http.requests[-1]
        assert http.requests[-1][1]["webhook-id"] == "one"
        http.mode = "hang"
        assert sender.sends("hook", "webhook", http.url, timeout_s=3, **page())["outcome"] == "unknown"
        http.mode = 503
        late = sender.sends("hook", "webhook", http.url, **page())
        assert late["outcome"] == "temporary" and late["retry_after_s"] == 77, late
        assert sender.sends("hook", "webhook", http.url.replace("http", "ftp"), **page())["outcome"] == "permanent"
