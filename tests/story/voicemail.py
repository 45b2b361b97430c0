"""A voicemail that picks up is no answer: the ladder goes on and the next level is called."""


def story(world):
    ana, ben = world.people("Ana", "Ben")
    checkout = world.service("checkout", [[ana], [ben]], minutes=5)
    world.begin("2026-02-10T02:00:00Z")
    incident = checkout.breaks("Checkout is down")
    world.advance(minutes=2)
    call = ana.last("phone")
    ana.twiml_of(call, answered_by="machine_start")
    call.provider.receipt(call, "completed")
    world.step()
    assert incident.status == "triggered"
    world.advance(minutes=3)
    ana.expect(email=1, sms=1, phone=3)
    ben.expect(email=1)
