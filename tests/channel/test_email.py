"""Mails: Python's email package judges their form, a fake server with a script every way to fail, and a real postfix the whole."""
import email
import email.policy
import os
import re
import socket

from aiosmtpd.controller import Controller

from content import HOSTILE, incident, page
from fakes import Smtp, certificate, closed_port, eventually, trusting
from harness import Skipped
from harness.postfix import Postfix
from harness.server import free_port
from sender import Sender, render

HEADERS = {"Date", "From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "X-Auto-Response-Suppress", "Importance", "X-Priority",
           "MIME-Version", "Content-Type"}


def mail_of(raw):
    document = email.message_from_bytes(raw, policy=email.policy.default)
    assert not document.defects, document.defects
    return document


def bodies(document):
    plain, html = document.get_body(("plain",)), document.get_body(("html",))
    assert [part.get_content_type() for part in document.iter_parts()] == ["text/plain", "text/html"]
    assert not plain.defects and not html.defects
    return plain.get_content().replace("\r\n", "\n"), html.get_content().replace("\r\n", "\n")


def smtp(url, **more):
    return {"name": "mail", "type": "smtp", "base_url": url, "from": "muster@halden.example", "timeout_s": 30, **more}


def test_headers(folder):
    document = mail_of(render("mail", page(to_name="Ana Müller", from_name="Muster, Halden \"Freight\"")))
    assert document["Subject"] == "#42 HIGH checkout: Payment error rate 14 % above 5 %"
    assert document["Date"].datetime.isoformat() == "2026-02-10T02:12:05+00:00"
    assert document["From"].addresses[0].display_name == 'Muster, Halden "Freight"' and document["From"].addresses[0].addr_spec == "muster@halden.example"
    assert document["To"].addresses[0].display_name == "Ana Müller" and document["To"].addresses[0].addr_spec == "ana@halden.example"
    assert document["Message-ID"] == "<Q0000000001001@halden.example>"
    assert document["In-Reply-To"] == document["References"] == "<Q0000000000042@halden.example>"
    assert (document["Auto-Submitted"], document["X-Auto-Response-Suppress"], document["Importance"]) == ("auto-generated", "All", "high")
    assert mail_of(render("mail", page(incident(urgency="low"))))["Importance"] is None


def test_says_what_how_bad_since_when_why_and_what_to_do(folder):
    plain, html = bodies(mail_of(render("mail", page(incident(severity="critical", priority="P1", alerts=5), details="region: eu\n  indented\n.dot\n-- \nend"))))
    for body in (plain, html[html.index("<body"):]):
        at = [body.index(words) for words in ("HIGH urgency", "Payment error rate 14 % above 5 %", "10 Feb 2026 03:12", "critical", "P1", "You are on call on Payments primary",
                                              "/act/acknowledge-42", "/act/resolve-42", "/act/escalate-42", "/app/incidents/", "region: eu\n  indented\n.dot")]
        assert at == sorted(at), at
    assert not re.search(r"<(script|img|link|iframe|form|style)|url\(|@import", html), html


def test_a_status_update_says_first_what_is_said(folder):
    about = incident(status="acknowledged", severity="", urgency="", links={})
    told = {"kind": "notice", "incidents": [about], "subject": "Update on #42", "lines": ["not for mails"], "said_by": "Ana Moreno", "why": "You follow this incident.",
            "details": "We found the broken switch.\n\n<b>Half</b> an hour more."}
    document = mail_of(render("mail", told))
    plain, html = bodies(document)
    for body, half in ((plain, "<b>Half</b>"), (html[html.index("<body"):], "&lt;b&gt;Half&lt;/b&gt;")):
        at = [body.index(words) for words in ("Status update", "Payment error rate", "broken switch", half, "Ana Moreno", "acknowledged", "10 Feb 2026 03:12",
                                              "You follow this incident.", "/app/incidents/")]
        assert at == sorted(at), at
        assert body.count("broken switch") == 1 and "not for mails" not in body and "nothing happens until" not in body, body
    assert document["Importance"] is None
    for title in HOSTILE:
        hostile = mail_of(render("mail", {**told, "incidents": [incident(title=title, service=title, status=title)], "said_by": title, "why": title, "details": title}))
        assert set(hostile.keys()) <= HEADERS and not re.search(r"<(script|img|b|iframe)[\s>]", bodies(hostile)[1], re.I)


def test_whatever_the_title_it_is_one_mail_with_our_headers_only(folder):
    for title in HOSTILE:
        for content in (page(incident(title=title, service=title), why=title, to_name=title, from_name=title, details=title), page(subject=title), page(incident(title=title), incident(43, title)),
                        page(thread=title, message_id=title), {"kind": "notice", "lines": [title], "subject": title}):
            raw = render("mail", content)
            assert b"\r" not in raw.replace(b"\r\n", b"") and b"\n" not in raw.replace(b"\r\n", b"") and b"\0" not in raw
            assert max(len(line) for line in raw.split(b"\r\n")) <= 998 and all(byte < 128 for byte in raw)
            document = mail_of(raw)
            assert set(document.keys()) <= HEADERS and len(document.keys()) == len(set(document.keys())), document.keys()
            assert document["To"].addresses[0].addr_spec == "ana@halden.example" and len(document["To"].addresses) == 1
            plain, html = bodies(document)
            assert not re.search(r"<(script|img|b|iframe)[\s>]", html, re.I), html
            assert "onerror=" not in re.sub(r">[^<]*<", "><", html)
    title = "決済エラー率が高い" * 4
    assert mail_of(render("mail", page(subject=title)))["Subject"] == title
    assert title in bodies(mail_of(render("mail", page(incident(title=title)))))[0]


def test_a_bundle(folder):
    links = {action: "https://muster.halden.example/act/%s-all" % action for action in ("acknowledge", "resolve", "escalate")}
    document = mail_of(render("mail", page(*[incident(40 + i, "Replica %d lags" % i) for i in range(120)], incident_count=5000, links=links)))
    assert document["Subject"] == "5000 incidents need you"
    for body in bodies(document):
        assert body.index("5000 incidents need you") < body.index("/act/acknowledge-all") < body.index("Replica 0 lags") < body.index("Replica 99 lags")
        assert "Replica 100 lags" not in body and "and 4900 more" in body


def test_a_script_in_a_link_is_no_link(folder):
    bent = incident()
    bent["links"] = {"acknowledge": "javascript:alert(1)", "resolve": "https://ok.example/\" onclick=\"x", "escalate": 7}
    html = bodies(mail_of(render("mail", page(bent))))[1]
    assert "javascript" not in html and "onclick" not in html


# where in the dialogue, the answer -> outcome, address refused
FAILURES = [
    ("greeting", "421 try later", "temporary", None), ("greeting", "554 not you", "temporary", None), ("greeting", "hang", "temporary", None), ("greeting", "drop", "temporary", None),
    ("EHLO", "drop", "temporary", None), ("MAIL", "451 later", "temporary", None), ("MAIL", "550 bad sender", "temporary", None), ("MAIL", "hang", "temporary", None),
    ("RCPT", "450 4.2.0 greylisted", "temporary", None), ("RCPT", "550 5.1.1 no such user", "permanent", True), ("RCPT", "553 no such user", "permanent", True),
    ("RCPT", "552 5.2.2 mailbox full", "permanent", None), ("RCPT", "550 5.7.1 relaying denied", "permanent", None), ("RCPT", "hang", "temporary", None), ("RCPT", "drop", "temporary", None),
    ("DATA", "451 not now", "temporary", None), ("DATA", "554 no", "permanent", None), ("DATA", "drop", "temporary", None), ("DATA", "hang", "temporary", None),
    ("dot", "451 4.3.0 queue full", "temporary", None), ("dot", "554 5.6.0 not liked", "permanent", None), ("dot", "hang", "unknown", None), ("dot", "drop", "unknown", None),
]


def test_what_each_end_of_the_dialogue_means(folder):
    for number, (step, answer, expected, address_refused) in enumerate(FAILURES):
        inner = os.path.join(folder, str(number))
        os.mkdir(inner)
        with Smtp(**{step: answer}) as server, Sender(inner, [smtp(server.url, timeout_s=3 if answer == "hang" else 30)]) as sender:
            outcome = sender.sends("mail", "email", "ana@halden.example", **page())
            assert outcome["outcome"] == expected and outcome.get("address_refused") == address_refused, (step, answer, outcome)
            if answer[0] in "45":
                assert answer in outcome["error"], outcome
            assert bool(server.mails) == (step == "dot"), "the fault did not fire where it should"


def test_other_ends(folder):
    providers = [smtp("smtp://127.0.0.1:%d" % closed_port()), {**smtp("smtp://no-such-host.invalid"), "name": "nowhere"}, {**smtp("http://127.0.0.1"), "name": "http"}, {**smtp("smtp://127.0.0.1:1", **{"from": "x"}), "name": "sender"}]
    with Sender(folder, providers) as sender:
        for provider in ("mail", "nowhere", "http", "sender"):
            outcome = sender.sends(provider, "email", "ana@halden.example", **page())
            assert outcome["outcome"] == "temporary" and outcome["error"], outcome
        for address in ("", "ana", "@halden.example", "ana@", "a b@halden.example", "ana@halden.example>\r\nRCPT TO:<eve@evil.example", "ana@halden.example\n", "<ana@halden.example>",
                        "ana@halden.example,eve@evil.example", "-oQ/tmp@halden.example", "a" * 300 + "@x.example", "ana@@halden.example", "änä@halden.example"):
            outcome = sender.sends("mail", "email", address, **page())
            assert (outcome["outcome"], outcome.get("address_refused")) == ("permanent", True), (address, outcome)


def test_wrong_password_is_not_the_persons_fault(folder):
    with Smtp(auth=True, AUTH="535 5.7.8 wrong") as server, Sender(folder, [smtp(server.url, account="muster", secret="x")]) as sender:
        outcome = sender.sends("mail", "email", "ana@halden.example", **page())
        assert outcome["outcome"] == "temporary" and "535" in outcome["error"], outcome
        server.script = {}
        assert sender.sends("mail", "email", "ana@halden.example", **page())["outcome"] == "accepted"


def test_no_tls_where_it_is_required_is_refused(folder):
    with Smtp() as server, Sender(folder, [smtp(server.url, start_tls_required=True)]) as sender:
        assert sender.sends("mail", "email", "ana@halden.example", **page())["outcome"] == "temporary"
        assert not any(line.startswith("MAIL") for line in server.commands), server.commands


def test_encryption_is_taken_where_it_is_offered(folder):
    """Nothing is at stake that a home-made certificate could not protect better than none."""
    with Smtp(certificate=certificate(folder)) as server, Sender(folder, [smtp(server.url)]) as sender:
        assert sender.sends("mail", "email", "ana@halden.example", **page())["outcome"] == "accepted"
        assert len(server.mails) == 1 and any(line.startswith("TLS MAIL") for line in server.commands), server.commands


def test_a_certificate_that_nobody_vouches_for_gets_neither_mail_nor_password(folder):
    for more in ({"start_tls_required": True}, {"account": "muster", "secret": "hush"}):
        with Smtp(auth=True, certificate=certificate(folder)) as server, Sender(folder, [smtp(server.url, **more)]) as sender:
            outcome = sender.sends("mail", "email", "ana@halden.example", **page())
            assert outcome["outcome"] == "temporary", outcome
            assert "STARTTLS" in server.commands and not server.mails
            assert not any("MAIL" in line or "AUTH" in line for line in server.commands), server.commands


def test_encryption_that_is_required_is_used(folder):
    files = certificate(folder)
    prefix = trusting(files[0])
    if not prefix:
        raise Skipped("no right to mount a list of authorities")
    with Smtp(auth=True, certificate=files) as server, Sender(folder, [smtp(server.url, account="muster", secret="hush", start_tls_required=True)], prefix=prefix) as sender:
        outcome = sender.sends("mail", "email", "ana@halden.example", **page())
        assert outcome["outcome"] == "accepted", outcome
        spoken = [line.split()[0] if not line.startswith("TLS ") else "TLS " + line.split()[1] for line in server.commands]
        assert spoken[:2] == ["EHLO", "STARTTLS"] and all(line.startswith("TLS ") for line in spoken[2:]), server.commands
        assert "TLS AUTH" in spoken and "TLS MAIL" in spoken, server.commands


def test_a_certificate_of_another_name_is_refused(folder):
    files = certificate(folder, "mail.elsewhere.example")
    prefix = trusting(files[0])
    if not prefix:
        raise Skipped("no right to mount a list of authorities")
    with Smtp(certificate=files) as server, Sender(folder, [smtp(server.url.replace("127.0.0.1", "localhost"), start_tls_required=True)], prefix=prefix) as sender:
        assert sender.sends("mail", "email", "ana@halden.example", **page())["outcome"] == "temporary"
        assert "STARTTLS" in server.commands and not server.mails, server.commands


def test_dots_and_bytes_arrive_as_they_left(folder):
    details = ".\n..\n.leading\nFrom me\n" + "long " * 400 + "\ntrailing space \nÜmläut ✓\n."
    with Smtp() as server, Sender(folder, [smtp(server.url)]) as sender:
        content = page(details=details)
        outcome = sender.sends("mail", "email", "ana@halden.example", **content)
        assert outcome["outcome"] == "accepted" and "7E5A" in outcome["ref"], outcome
        received, rendered = mail_of(server.mails[0]), mail_of(render("mail", content))
        assert bodies(received) == bodies(rendered)
        assert ".leading\nFrom me\n" in bodies(received)[0] and "Ümläut ✓\n." in bodies(received)[0]


class Box:
    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(envelope)
        return "250 OK"


class Patient(Controller):
    def _trigger_server(self):
        """Its own gives itself a second for its first word."""
        with socket.create_connection((self.hostname, self.port), 60) as connection:
            connection.recv(1024)


def test_an_independent_smtp_server_takes_it(folder):
    box = Box()
    controller = Patient(box, hostname="127.0.0.1", port=free_port(), ready_timeout=60)
    controller.start()
    try:
        with Sender(folder, [smtp("smtp://127.0.0.1:%d" % controller.port)]) as sender:
            assert sender.sends("mail", "email", "ana@halden.example", **page())["outcome"] == "accepted"
    finally:
        controller.stop()
    assert (box.mails[0].mail_from, box.mails[0].rcpt_tos) == ("muster@halden.example", ["ana@halden.example"])
    assert mail_of(box.mails[0].content)["Subject"].startswith("#42 HIGH checkout")


def test_postfix_delivers_it_and_refuses_as_a_real_one_does(folder):
    inner = os.path.join(folder, "postfix")
    os.mkdir(inner)
    postfix = Postfix(inner)
    if postfix.unavailable:
        raise Skipped(postfix.unavailable)
    try:
        with Sender(folder, [smtp(postfix.url, timeout_s=60)]) as sender:
            first = sender.sends("mail", "email", "ana@halden.example", **page(details=".\n.dot\nFrom here"))
            second = sender.sends("mail", "email", "ana@halden.example", **page(incident(title="決済エラー"), message_id="Q0000000001002"))
            assert [first["outcome"], second["outcome"]] == ["accepted"] * 2, (first, second)
            assert "queued as" in first["ref"], first
            stranger = sender.sends("mail", "email", "eve@elsewhere.invalid\u0020".strip(), **page())
            assert stranger["outcome"] in ("accepted", "permanent"), stranger
        eventually("both mails in the mailbox", lambda: len(postfix.mails()) >= 2)
        mails = {mail["Message-ID"]: mail for mail in postfix.mails()}
        one, two = mails["<Q0000000001001@halden.example>"], mails["<Q0000000001002@halden.example>"]
        assert one["References"] == two["References"] == "<Q0000000000042@halden.example>", "one thread"
        assert one["Auto-Submitted"] == "auto-generated"
        assert ".\n.dot\nFrom here" in one.get_body(("plain",)).get_content()
        assert two["Subject"] == "#42 HIGH checkout: 決済エラー" and "決済エラー" in two.get_body(("html",)).get_content()
    finally:
        postfix.stop()


def test_postfix_takes_it_encrypted(folder):
    inner = os.path.join(folder, "postfix")
    os.mkdir(inner)
    postfix = Postfix(inner, certificate(folder))
    if postfix.unavailable:
        raise Skipped(postfix.unavailable)
    try:
        prefix = trusting(os.path.join(folder, "certificate.pem"))
        more = {"start_tls_required": True} if prefix else {}
        with Sender(folder, [smtp(postfix.url, timeout_s=60, **more)], prefix=prefix or ()) as sender:
            outcome = sender.sends("mail", "email", "ana@halden.example", **page())
            assert outcome["outcome"] == "accepted", outcome
        eventually("the mail is in the mailbox", postfix.mails)
        assert "with ESMTPS" in postfix.mails()[0]["Received"], postfix.mails()[0]["Received"]
    finally:
        postfix.stop()


def test_a_kept_connection_that_the_other_side_closed_is_no_trouble(folder):
    with Smtp() as server, Sender(folder, [smtp(server.url)]) as sender:
        for number in range(1, 4):
            assert sender.sends("mail", "email", "ana@halden.example", **page())["outcome"] == "accepted"
            assert server.connections == number
            server.shut(server.open[-1])
