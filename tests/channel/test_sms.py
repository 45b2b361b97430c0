"""Text messages as they are read on a telephone."""
from content import HOSTILE, incident, page
from sender import render

# GSM 03.38, written down a second time, from the standard's table.
BASIC = ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà")
EXTENDED = "^{}\\[~]|€"


def segments(text):
    if all(c in BASIC or c in EXTENDED for c in text):
        units = sum(2 if c in EXTENDED else 1 for c in text)
        return "gsm", 1 if units <= 160 else -(-units // 153)
    units = len(text.encode("utf-16-be")) // 2
    return "ucs2", 1 if units <= 70 else -(-units // 67)


def test_says_what_how_bad_since_when_why_and_how_to_answer(folder):
    text = render("sms", page(incident(severity="critical", alerts=5)))
    assert text == ("#42 HIGH checkout: Payment error rate 14 % above 5 %\nsince 03:12, critical, 5 alerts\n"
                    "You are on call on Payments primary, level 1 of Payments.\nReply 4 57 ack, 6 57 resolve, 8 57 escalate"), text


def test_whatever_the_title_the_answer_survives_and_no_link_passes(folder):
    for title in HOSTILE:
        for content in (page(incident(title=title)), page(incident(title=title, service=title), why=title), page(incident(title=title), incident(43, title))):
            text = render("sms", content)
            alphabet, count = segments(text)
            assert count <= (2 if alphabet == "gsm" else 3), (alphabet, count, text)
            assert "http" not in text.lower() and "www." not in text.lower(), text
            last = text.split("\n")[-1]
            assert last.startswith("Reply 4 57 ack") and last.endswith(("8 57 escalate", "8 57 escalate all")), text
            assert not any(ord(c) < 32 and c != "\n" for c in text) and "\u202e" not in text, repr(text)


def test_one_odd_character_does_not_halve_the_room(folder):
    for title in ("\u201cquoted\u201d \u2013 \u2026", "fire \U0001f525 down", "Příliš žluťoučký kůň", "5 \u2264 6 \u2192 7", "a\u00a0b"):
        text = render("sms", page(incident(title=title)))
        assert segments(text)[0] == "gsm", text
    assert "Сбой оплаты" in render("sms", page(incident(title="Сбой оплаты")))
    assert "Größe" in render("sms", page(incident(title="Größe")))


def test_a_bundle_names_how_many_and_one_code(folder):
    text = render("sms", page(*[incident(40 + i, "Replica %d lags" % i, "ledger-db") for i in range(12)], incident_count=5000))
    assert text.startswith("5000 incidents need you\n#40 HIGH ledger-db: Replica 0 lags\n"), text
    assert text.endswith("Reply 4 57 ack all, 6 57 resolve all, 8 57 escalate all"), text
    assert segments(text)[1] <= 2


def test_a_possible_repeat_says_so(folder):
    assert render("sms", page(repeat=True)).startswith("Possible repeat:\n#42")


def test_a_code_arrives_as_it_is(folder):
    assert render("sms", {"kind": "code", "lines": ["Your Muster code is 482913.", "It is valid for 10 minutes."]}) == "Your Muster code is 482913.\nIt is valid for 10 minutes."
