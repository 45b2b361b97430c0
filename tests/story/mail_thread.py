"""All mails about one incident are one thread in the mail program, and each says why it came."""


def story(world):
    ana, = world.people("Ana", ladder=[(0, "email"), (5, "email")])
    checkout = world.service("checkout", [[ana]], minutes=60)
    world.begin("2026-02-10T02:00:00Z")
    checkout.breaks("Checkout is down")
    world.advance(minutes=5)
    mails = ana.heard("email")  # both sound alike: after a crash nobody can tell whether a labelled repeat stands beside the first or in the place of the second
    assert len(mails) == 2 or (world.crash and len(mails) > 2), mails
    first, second = mails[0], mails[-1]
    assert first.document["Message-ID"] and first.document["Message-ID"] != second.document["Message-ID"]
    roots = [{mail.document["Message-ID"]} | set((mail.document["References"] or "").split()) for mail in (first, second)]
    assert roots[0] & roots[1], "no common ancestor: %s" % roots
    for mail in (first, second):
        assert mail.document.get_content_type() == "multipart/alternative" and mail.html and mail.body
        assert mail.document["Auto-Submitted"] == "auto-generated"
        assert "checkout" in mail.body and "level 1" in mail.body.lower(), mail.body
