"""Nobody wakes up: each level is called by its ladder for its five minutes, then the next, three levels up."""


def story(world):
    ana, ben, cleo = world.people("Ana", "Ben", "Cleo")
    checkout = world.service("checkout", [[ana], [ben], [cleo]], minutes=5)
    world.begin("2026-02-10T02:00:00Z")

    incident = checkout.breaks("Checkout is down")
    ana.expect(email=1)
    assert incident.assignees == ["Ana"]
    world.advance(seconds=59)
    ana.expect(email=1)
    world.advance(seconds=1)
    ana.expect(email=1, sms=1)
    world.advance(minutes=1)
    ana.expect(email=1, sms=1, phone=1)
    world.advance(minutes=2, seconds=59)
    ana.expect(email=1, sms=1, phone=3)
    ben.expect_nothing()

    world.until("2026-02-10T02:05:00Z")
    assert incident.assignees == ["Ben"]
    ben.expect(email=1)
    world.until("2026-02-10T02:10:00Z")
    ana.expect(email=1, sms=1, phone=3)
    ben.expect(email=1, sms=1, phone=3)
    cleo.expect(email=1)
    assert incident.assignees == ["Cleo"]

    # One jump over the rest: everything in between happens at its own instant, in order.
    world.until("2026-02-10T02:14:00Z")
    cleo.expect(email=1, sms=1, phone=3)
    kinds = [entry["type"].removesuffix("_log_entry") for entry in incident.log()]
    assert kinds[0] == "trigger" and kinds.count("escalate") == 2, kinds
    assert [entry["created_at"] for entry in incident.log("escalate")] == ["2026-02-10T02:05:00Z", "2026-02-10T02:10:00Z"]
    assert len(incident.log("notify")) == 15
    times = [entry["created_at"] for entry in incident.log("notify")]
    assert times == ["2026-02-10T02:%02d:00Z" % minute for minute in range(15)], times
