"""New York sets its clocks back: Sunday half past one to a quarter past three is one unbroken watch (S4)."""
from harness.schedules import paged_at, weekly


def story(world):
    ana, ben, cleo = world.people("Ana", "Ben", "Cleo")
    watch = world.schedule("watch", "America/New_York", [
        {"start": "2026-10-01T00:00:00-04:00", "users": [ben]},
        {"start": "2026-10-01T00:00:00-04:00", "users": [ana], "restrictions": [weekly(7, "01:30:00", 1.75)]}])
    handoff = world.schedule("handoff", "America/New_York", [{"start": "2026-03-01T02:30:00-05:00", "every": 24, "users": [ana, ben, cleo]}])
    checkout = world.service("checkout", [[watch]], minutes=30)
    ledger = world.service("ledger", [[handoff]], minutes=30)
    world.begin("2026-03-07T12:00:00Z")

    # 8 March: 02:30 does not exist, the handoff is at 07:00Z. The first was 1 March, so 7 March is Ana's day and 8 March Ben's.
    assert paged_at(world, ledger, "2026-03-08T06:59:59Z") == ["Ana"]
    assert paged_at(world, ledger, "2026-03-08T07:00:00Z") == ["Ben"]
    assert paged_at(world, ledger, "2026-03-09T06:29:59Z") == ["Ben"]
    assert paged_at(world, ledger, "2026-03-09T06:30:00Z") == ["Cleo"]

    assert paged_at(world, checkout, "2026-11-01T05:29:59Z") == ["Ben"]
    assert paged_at(world, checkout, "2026-11-01T05:30:00Z") == ["Ana"]
    assert paged_at(world, checkout, "2026-11-01T06:15:00Z") == ["Ana"]
    assert paged_at(world, checkout, "2026-11-01T08:14:59Z") == ["Ana"]
    assert paged_at(world, checkout, "2026-11-01T08:15:00Z") == ["Ben"]
    spans = watch.final("2026-11-01T05:00:00Z", "2026-11-01T09:00:00Z")
    assert ("2026-11-01T05:30:00Z", "2026-11-01T08:15:00Z", "Ana") in spans, spans
