"""Night watch from eight to eight over midnight, and a layer for the days below it: always exactly one."""
from harness.schedules import daily, paged_at, weekly


def story(world):
    ana, ben, cleo = world.people("Ana", "Ben", "Cleo")
    # As in PagerDuty a later layer of the list covers an earlier one.
    watch = world.schedule("watch", "Europe/Berlin", [
        {"start": "2026-02-02T00:00:00+01:00", "users": [ana]},
        {"start": "2026-02-02T00:00:00+01:00", "users": [ben], "restrictions": [daily("20:00:00", 12)]},
        {"start": "2026-02-02T00:00:00+01:00", "users": [cleo], "restrictions": [weekly(6, "00:00:00", 48)]}])
    checkout = world.service("checkout", [[watch]], minutes=30)
    world.begin("2026-02-03T00:00:00Z")
    assert paged_at(world, checkout, "2026-02-03T06:59:59Z") == ["Ben"]
    assert paged_at(world, checkout, "2026-02-03T07:00:00Z") == ["Ana"]
    assert paged_at(world, checkout, "2026-02-03T18:59:59Z") == ["Ana"]
    assert paged_at(world, checkout, "2026-02-03T19:00:00Z") == ["Ben"]
    assert paged_at(world, checkout, "2026-02-06T22:59:59Z") == ["Ben"]
    assert paged_at(world, checkout, "2026-02-06T23:00:00Z") == ["Cleo"]  # Saturday has begun in Berlin
    assert paged_at(world, checkout, "2026-02-08T22:59:59Z") == ["Cleo"]
    assert paged_at(world, checkout, "2026-02-08T23:00:00Z") == ["Ben"]
