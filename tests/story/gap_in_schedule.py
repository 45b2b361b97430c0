"""Nobody is on call at level one: the gap is skipped at once, level two is called, and why-not names the gap."""


def story(world):
    ana, ben = world.people("Ana", "Ben")
    days = world.schedule("days only", "Europe/Berlin", [
        {"start": "2026-02-02T00:00:00+01:00", "users": [ana], "restrictions": [
            {"type": "daily_restriction", "start_time_of_day": "09:00:00", "duration_seconds": 8 * 3600}]}])
    checkout = world.service("checkout", [[days], [ben]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    incident = checkout.breaks("Checkout is down", key="night")
    assert incident.assignees == ["Ben"]
    ben.expect(email=1)
    ana.expect_nothing()
    incident.resolve(ben)
    world.until("2026-02-10T08:00:00Z")
    assert checkout.breaks("Checkout is down", key="day").assignees == ["Ana"]
