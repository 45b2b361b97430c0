"""When the whole policy has passed without an answer, the catch-all is called and an alarm stands: never silence."""

catch_all = "Nils"


def alarmed(world):
    return [(alarm.get("incident") or {}).get("id") for alarm in world.api.get("/muster/summary")["alarms"]]


def story(world):
    nils = world.person("Nils", role="admin")
    ana, ben = world.people("Ana", "Ben")
    checkout = world.service("checkout", [[ana], [ben]], minutes=5, loops=1)
    world.begin("2026-02-10T02:00:00Z")
    incident = checkout.breaks("Checkout is down")
    world.advance(minutes=10)
    ana.expect(email=2, sms=1, phone=3)  # the repeat has begun
    ben.expect(email=1, sms=1, phone=3)
    world.advance(minutes=9, seconds=59)
    nils.expect_nothing()
    world.advance(seconds=1)
    assert incident.status == "triggered"
    assert incident.assignees == ["Ben", "Nils"]  # it does not leave who has not answered
    nils.expect(email=1)
    world.advance(minutes=4)
    nils.expect(email=1, sms=1, phone=3)
    assert len(incident.log("exhaust_escalation_path")) == 1
    assert len(incident.log("repeat_escalation_path")) == 1
    assert incident.id in alarmed(world), world.api.get("/muster/summary")
    world.advance(hours=5)
    ana.expect(email=2, sms=2, phone=6)
    ben.expect(email=2, sms=2, phone=6)
    incident.resolve(nils)
    assert incident.id not in alarmed(world)
