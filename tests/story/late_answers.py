"""Whoever answers after somebody else hears so, and changes nothing: by message, by key and, for an acknowledgement, by link."""


def story(world):
    ana, ben = world.people("Ana", "Ben")
    checkout = world.service("checkout", [[ana], [ben]], minutes=5)
    world.begin("2026-02-10T02:00:00Z")
    incident = checkout.breaks("Checkout is down")
    world.advance(minutes=8)
    sms, call, mail = ana.last("sms"), ana.last("phone"), ana.last("email")
    ben.replies("4", ben.last("sms"))
    assert [entry["acknowledger"]["summary"] for entry in incident.document["acknowledgements"]] == ["Ben"]
    world.advance(minutes=3)
    before = len(ana.got()), len(incident.log("acknowledge"))

    def nothing_changed():
        return incident.status == "acknowledged" and (len(ana.got()), len(incident.log("acknowledge"))) == before and not incident.log("resolve") and \
            [entry["acknowledger"]["summary"] for entry in incident.document["acknowledgements"]] == ["Ben"]
    for words in ("4", "ack", "6", "8", "resolve"):
        answer = ana.replies(words, sms)
        assert "Nothing changed" in answer and "acknowledged by Ben, 3 min ago" in answer, answer
        assert nothing_changed(), words
    # A call that is taken late asks for no key.
    action, words = ana.twiml_of(call)
    assert action is None and "already acknowledged by Ben" in words, (action, words)
    for key in "468":
        url = "%s/digits" % call.fields["Url"]
        answer = world.callback(url, {"AccountSid": call.provider.account, "CallSid": call.sid, "From": call.provider.number, "To": ana.number, "Digits": key}, call.provider.secret)
        assert answer.status == 200 and "Nothing changed" in answer.text and "acknowledged by Ben" in answer.text, answer.text
        assert nothing_changed(), key
    page = ana.opens(mail, "acknowledge")
    assert "<form" not in page and "acknowledged by Ben" in page, page

    # The page behind a link shows the state, so its button for resolve still works.
    ana.clicks(mail, "resolve")
    assert incident.status == "resolved"
    answer = ben.replies("6", ben.last("sms"))
    assert "Nothing changed" in answer and "resolved by Ana" in answer, answer
