"""Low urgency uses the quiet ladder and stays with its level: nobody is woken by escalation."""


def story(world):
    ana, ben = world.people("Ana", "Ben")
    printer = world.service("label-printer", [[ana], [ben]], minutes=5, incident_urgency_rule={"type": "constant", "urgency": "low"})
    world.begin("2026-02-10T02:00:00Z")
    incident = printer.breaks("Labels are crooked")
    assert incident.document["urgency"] == "low"
    ana.expect(email=1)
    world.advance(hours=6)
    ana.expect(email=1)
    ben.expect_nothing()
    assert incident.assignees == ["Ana"] and incident.status == "triggered"

    # Raised by hand it is like any urgent one.
    incident.change(ana, urgency="high")
    world.advance(minutes=1)
    assert len(ana.got("sms")) == 1, ana.got()
