"""The link in the mail takes the incident, but only when the button behind it is pressed: a mail scanner opens links too."""


def story(world):
    ana, ben = world.people("Ana", "Ben")
    checkout = world.service("checkout", [[ana], [ben]], minutes=5)
    world.begin("2026-02-10T02:00:00Z")

    incident = checkout.breaks("Checkout is down")
    world.advance(minutes=0)
    before = len(ana.got())
    mail = ana.last("email")
    assert "Checkout is down" in mail.subject
    assert mail.document["Auto-Submitted"] == "auto-generated"
    ana.opens(mail, "ack")
    assert incident.status == "triggered", "following the link must change nothing"
    ana.clicks(mail, "ack")

    assert incident.status == "acknowledged"
    assert [entry["acknowledger"]["summary"] for entry in incident.document["acknowledgements"]] == ["Ana"]
    assert incident.log("acknowledge")[0]["agent"]["summary"] == "Ana"
    world.advance(hours=2)
    assert len(ana.got()) == before, "no call after the acknowledgement: %s" % ana.got()
    ben.expect_nothing()
    assert incident.status == "acknowledged"
