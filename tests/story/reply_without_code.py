"""A reply without a code is taken when it can mean only one thing; otherwise the answer asks which, and nothing changes."""
import re


def code_of(sms):
    return re.search(r"\b4 (\d+) ack", sms.text).group(1)


def story(world):
    ana, ben = world.people("Ana", "Ben", ladder=[(0, "sms"), (2, "sms")])
    checkout = world.service("checkout", [[ana]], minutes=60)
    ledger = world.service("ledger", [[ana]], minutes=60)
    world.begin("2026-02-10T02:00:00Z")
    first = checkout.breaks("Checkout is down")
    world.advance(minutes=3)
    assert len(ana.got("sms")) == 2, "two messages about one incident"
    second = ledger.breaks("Ledger is slow")
    world.advance(minutes=1)

    answer = ana.replies("4")
    assert (first.status, second.status) == ("triggered", "triggered")
    codes = [code_of(sms) for sms in ana.got("sms")]
    assert "Several pages are open" in answer and codes[-1] in answer and codes[-2] in answer, answer
    assert "Checkout is down" in answer and "Ledger is slow" in answer and "http" not in answer.split("?>")[1], answer

    unknown = next(str(code) for code in range(10, 99) if str(code) not in codes)
    answer = ana.replies("ack " + unknown)
    assert (first.status, second.status) == ("triggered", "triggered") and "No page of yours has the code " + unknown in answer, answer
    # The older message of the same incident answers as well as the newer.
    answer = ana.replies("ack " + codes[0])
    assert (first.status, second.status) == ("acknowledged", "triggered"), answer
    # Now only one thing is left to acknowledge: no code is needed.
    answer = ana.replies("4")
    assert second.status == "acknowledged" and "is acknowledged" in answer, answer
    # Both are still open to be resolved: again it must be said which.
    assert "Several pages are open" in ana.replies("6")
    assert "is resolved" in ana.replies("6 " + codes[0])
    assert "is resolved" in ana.replies("Resolve, please")
    assert (first.status, second.status) == ("resolved", "resolved")

    # Nothing is left: said politely, changes nothing.
    answer = ana.replies("4")
    assert "Nothing changed" in answer and "resolved by Ana" in answer, answer
    # Machines and the provider's own words get no answer, so that no two machines talk to each other for ever.
    for words in ("I'm driving with Do Not Disturb turned on. I'll see your message when I get where I'm going.", "STOP", "HELP"):
        assert "<Message>" not in ana.replies(words), words
