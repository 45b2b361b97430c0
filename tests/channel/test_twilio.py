"""The provider's API as a fake: what is asked for, and what each kind of answer or silence means."""
import base64
import json
import time
import urllib.parse

from content import incident, page
from fakes import Http, closed_port
from sender import Sender, render
from test_sender import twilio

TO = "+4915112345678"


def fields(http):
    return {name: values if len(values) > 1 else values[0] for name, values in urllib.parse.parse_qs(http.requests[-1][2].decode(), strict_parsing=True).items()}


def test_a_text_message(folder):
    with Http() as http, Sender(folder, [twilio("sms-a", http.url + "/", account="AC/1 ü")]) as sender:
        outcome = sender.sends("sms-a", "sms", TO, callback_url="https://m.example/twilio/status/7", **page(incident(title="Größe & Maß = 5 % + mehr")))
        assert (outcome["outcome"], outcome["ref"]) == ("accepted", "SM00000000000000000000000000000001"), outcome
        path, headers, _ = http.requests[0]
        assert path == "/2010-04-01/Accounts/AC%2F1%20%C3%BC/Messages.json"
        assert base64.b64decode(headers["authorization"].split()[1]).decode() == "AC/1 ü:token-1"
        assert headers["content-type"] == "application/x-www-form-urlencoded"
        got = fields(http)
        assert set(got) == {"To", "From", "Body", "ValidityPeriod", "StatusCallback"}
        assert (got["To"], got["From"], got["ValidityPeriod"], got["StatusCallback"]) == (TO, "+15005550001", "300", "https://m.example/twilio/status/7")
        assert "Größe & Ma\u00df = 5 % + mehr" in got["Body"]


def test_a_call(folder):
    with Http() as http, Sender(folder, [twilio("voice-a", http.url)]) as sender:
        outcome = sender.sends("voice-a", "phone", TO, callback_url="https://m.example/twilio/status/7", voice_url="https://m.example/twilio/voice/7", **page())
        assert outcome["outcome"] == "accepted", outcome
        assert http.requests[0][0].endswith("/Calls.json")
        got = fields(http)
        assert (got["Url"], got["Method"], got["MachineDetection"]) == ("https://m.example/twilio/voice/7", "POST", "DetectMessageEnd")
        assert got["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
        assert sender.sends("voice-a", "phone", TO, **page())["outcome"] == "permanent", "a call that would say nothing"


def test_a_messaging_service_instead_of_a_number(folder):
    with Http() as http, Sender(folder, [twilio("sms-a", http.url, **{"from": "MG0123"})]) as sender:
        assert sender.sends("sms-a", "sms", TO, **page())["outcome"] == "accepted"
        assert fields(http)["MessagingServiceSid"] == "MG0123" and "From" not in fields(http)


# status, error code -> outcome, address refused
VERDICTS = [
    (201, None, "accepted", None), (200, None, "accepted", None),
    (400, 21211, "permanent", True), (400, 21610, "permanent", True), (400, 21614, "permanent", True), (400, 13224, "permanent", True),
    (400, 21617, "permanent", None), (400, 21602, "permanent", None),
    (400, 21606, "temporary", None), (400, 21408, "temporary", None), (400, 99999, "temporary", None), (400, None, "temporary", None),
    (401, 20003, "temporary", None), (403, 20005, "temporary", None), (404, 20404, "temporary", None), (429, 20429, "temporary", None), (302, None, "temporary", None),
    (500, 20500, "temporary", None), (503, 20503, "temporary", None), (502, None, "unknown", None), (504, None, "unknown", None),
]


def test_what_each_answer_means(folder):
    with Http() as http, Sender(folder, [twilio("sms-a", http.url)]) as sender:
        for status, code, expected, address_refused in VERDICTS:
            http.mode = status
            http.headers = [("Retry-After", "30"), ("Location", "http://127.0.0.1:1/")]
            http.body = json.dumps({"code": code, "message": "said no\r\nX: y", "status": status} if status >= 300 else {"sid": "SM1"}).encode()
            outcome = sender.sends("sms-a", "sms", TO, **page())
            assert outcome["outcome"] == expected and outcome.get("address_refused") == address_refused, (status, code, outcome)
            assert outcome.get("retry_after_s") == (30 if expected == "temporary" else None), outcome
            if expected not in ("accepted",):
                assert str(status) in outcome["error"] and "\n" not in outcome["error"], outcome
        for body in (b"", b"<html>", b"[1]", b"{" * 3000, b'{"sid": 7}', b"\xff" * 100, b"x" * 300000):
            http.body, http.mode = body, 201
            assert sender.sends("sms-a", "sms", TO, **page())["outcome"] == "accepted", body[:20]
            http.mode = 400
            assert sender.sends("sms-a", "sms", TO, **page())["outcome"] == "temporary", body[:20]


def test_unknown_only_when_it_may_have_left(folder):
    with Http() as http:
        providers = [twilio("sms-a", http.url), twilio("closed", "http://127.0.0.1:%d" % closed_port()), twilio("nowhere", "http://no-such-host.invalid"),
                     twilio("ftp", "ftp://127.0.0.1/"), twilio("tls", http.url.replace("http:", "https:"), timeout_s=2)]
        with Sender(folder, providers) as sender:
            for mode, expected in (("hang", "unknown"), ("drop", "unknown"), ("half", "accepted"), (201, "accepted")):
                http.mode = mode
                outcome = sender.sends("sms-a", "sms", TO, **page(), **({"timeout_s": 3} if mode == "hang" else {}))
                assert outcome["outcome"] == expected, (mode, outcome)
            before = len(http.requests)
            for provider in ("closed", "nowhere", "ftp", "tls"):
                outcome = sender.sends(provider, "sms", TO, **page())
                assert outcome["outcome"] == "temporary" and outcome["error"], (provider, outcome)
            assert len(http.requests) == before


def test_a_request_on_a_kept_connection_is_never_sent_twice(folder):
    """HTTP libraries like to try again by themselves when a kept connection breaks; nobody would label that repeat."""
    with Http() as http, Sender(folder, [twilio("sms-a", http.url)]) as sender:
        for _ in range(3):
            http.mode = 201
            assert sender.sends("sms-a", "sms", TO, **page())["outcome"] == "accepted"
            before = len(http.requests)
            http.mode = "drop"
            outcome = sender.sends("sms-a", "sms", TO, **page())
            assert outcome["outcome"] == "unknown" and len(http.requests) == before + 1, (outcome, len(http.requests) - before)


def test_a_kept_connection_that_the_other_side_closed_is_no_trouble(folder):
    with Http() as http, Sender(folder, [twilio("sms-a", http.url)]) as sender:
        for number in range(1, 4):
            assert sender.sends("sms-a", "sms", TO, **page())["outcome"] == "accepted"
            assert http.connections == number
            http.shut(http.open[-1])


def asked(folder, **message):
    """A repeat in doubt where the account lists one message like that; answers (outcome, paths that were asked for)."""
    content = page(incident())
    listed = {"sid": "SMold", "body": render("sms", content), "status": "sent", "date_created": "Tue, 10 Feb 2026 02:00:00 +0000", **message}
    with Http(200, json.dumps({"messages": [{"sid": "SMother", "body": "another", "status": "sent", "date_created": listed["date_created"]}, listed], "sid": "SMnew"}).encode()) as http, \
            Sender(folder, [twilio("sms-a", http.url), twilio("sms-b", http.url, account="AC2")]) as sender:
        outcome = sender.sends("sms-b", "sms", TO, **{**content, "repeat": True, "doubt": {"provider": "sms-a", "since": 1770688800}})
        return outcome, [path for path, _, _ in http.requests]


def test_doubt_is_settled_by_the_account_that_has_the_copy(folder):
    outcome, paths = asked(folder)
    assert (outcome["outcome"], outcome["ref"]) == ("accepted", "SMold") and "not sent again" in outcome["error"], outcome
    assert paths == ["/2010-04-01/Accounts/AC1/Messages.json?To=%2B4915112345678&PageSize=50"], paths


def test_doubt_is_settled_by_an_earlier_repeat_too(folder):
    outcome, paths = asked(folder, body=render("sms", {**page(incident()), "repeat": True}))
    assert outcome["ref"] == "SMold" and len(paths) == 1, outcome


def test_doubt_without_the_copy_is_repeated(folder):
    for nothing in ({"body": "something else"}, {"status": "failed"}, {"status": "undelivered"}, {"date_created": "Tue, 10 Feb 2026 01:50:00 +0000"}, {"date_created": None}):
        outcome, paths = asked(folder, **nothing)
        assert outcome["outcome"] == "accepted" and outcome["ref"] == "SMnew" and "error" not in outcome, (nothing, outcome)
        assert len(paths) == 2 and paths[1] == "/2010-04-01/Accounts/AC2/Messages.json", paths


def test_doubt_waits_for_no_account_that_is_silent(folder):
    with Http("hang") as silent, Http() as http, Sender(folder, [twilio("sms-a", silent.url), twilio("sms-b", http.url)]) as sender:
        started = time.monotonic()
        outcome = sender.sends("sms-b", "sms", TO, **{**page(incident()), "repeat": True, "doubt": {"provider": "sms-a", "since": 1770688800}})
        assert outcome["outcome"] == "accepted" and time.monotonic() - started < 10, outcome
        assert "Possible repeat" in fields(http)["Body"], fields(http)
        assert len(silent.requests) == 1, silent.requests
