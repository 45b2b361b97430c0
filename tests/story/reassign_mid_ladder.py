"""Reassigned in the middle of a ladder: the former holder is left in peace at once, the new one is called from the first step."""

catch_all = "Nils"


def story(world):
    ana, ben, cleo, nils = world.people("Ana", "Ben", "Cleo", "Nils")
    checkout = world.service("checkout", [[ana], [ben]], minutes=5)
    world.begin("2026-02-10T02:00:00Z")
    incident = checkout.breaks("Checkout is down")
    world.advance(minutes=2)
    ana.expect(email=1, sms=1, phone=1)

    incident.reassign(ana, cleo)
    assert incident.assignees == ["Cleo"]
    cleo.expect(email=1)
    world.advance(minutes=2)
    ana.expect(email=1, sms=1, phone=1)
    cleo.expect(email=1, sms=1, phone=1)

    # Assigned to a person by hand the incident stays there: the policy no longer moves it.
    world.advance(minutes=27)
    cleo.expect(email=1, sms=1, phone=3)
    ben.expect_nothing()
    assert incident.assignees == ["Cleo"] and incident.status == "triggered"

    # But it is not forgotten with a person who does not answer: after half an hour the catch-all is called.
    world.advance(minutes=1)
    assert incident.assignees == ["Cleo", "Nils"]
    nils.expect(email=1)

    # Back to the policy: from its first level.
    incident.change(cleo, escalation_policy={"id": checkout.policy_id, "type": "escalation_policy_reference"})
    assert incident.assignees == ["Ana"]
    ana.expect(email=2, sms=1, phone=1)
