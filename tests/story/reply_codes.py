"""With several incidents open a reply names the one it means; a word nobody knows changes nothing and says what can be said."""
import re


def story(world):
    ana, = world.people("Ana")
    checkout = world.service("checkout", [[ana]], minutes=30)
    ledger = world.service("ledger", [[ana]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")

    first = checkout.breaks("Checkout is down")
    world.advance(minutes=1)
    one = ana.last("sms")
    second = ledger.breaks("Ledger is slow")
    world.advance(minutes=1)
    two = ana.last("sms")
    assert "Ledger" in two.text and "Checkout" in one.text

    answer = ana.replies("what is this", two)
    assert (first.status, second.status) == ("triggered", "triggered")
    assert "ack" in answer.lower(), answer

    code = re.search(r"\b4 (\d+) ack", one.text)
    assert code, "the message does not say how to answer: %s" % one.text
    ana.replies("ACK " + code.group(1), two)
    assert (first.status, second.status) == ("acknowledged", "triggered")

    code = re.search(r"\b4 (\d+) ack", two.text)
    ana.replies("resolve " + code.group(1), two)
    assert (first.status, second.status) == ("acknowledged", "resolved")

    # Saying it again changes nothing and is no mistake.
    ana.replies("ack " + code.group(1), two)
    assert second.status == "resolved"
    world.advance(minutes=30)
    assert second.status == "resolved" and first.status == "acknowledged"
