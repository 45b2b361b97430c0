"""The mail server says "later" or "never": the ladder goes on by SMS; a mail refused for now is tried again."""


def story(world):
    ana, = world.people("Ana")
    checkout = world.service("checkout", [[ana]], minutes=60)
    world.begin("2026-02-10T02:00:00Z")
    world.mail.will(451, 451, "ok")
    incident = checkout.breaks("Checkout is down", key="a")
    world.advance(minutes=5)
    assert world.mail.refusals, "the fault must have happened"
    ana.expect(email=1, sms=1, phone=3)
    incident.resolve(ana)

    world.mail.will(550)
    incident = checkout.breaks("Checkout is down", key="b")
    world.advance(minutes=5)
    assert len(ana.got("email")) == 1 and len(ana.got("sms")) == 2, ana.got()
    states = {n["state"] for n in world.notifications(incident) if n["channel"] == "email"}
    assert states - {"unknown"} == {"permanent"}, states  # unknown: a crash came between the mail and its refusal
