"""A weekly rotation hands over on Monday at nine in Berlin, to the second, and everyone has a turn."""
from harness.schedules import paged_at


def story(world):
    ana, ben, cleo = world.people("Ana", "Ben", "Cleo")
    primary = world.schedule("primary", "Europe/Berlin", [{"start": "2026-02-02T09:00:00+01:00", "users": [ana, ben, cleo]}])
    checkout = world.service("checkout", [[primary]], minutes=30)
    world.begin("2026-02-03T00:00:00Z")
    assert paged_at(world, checkout, "2026-02-09T07:59:59Z") == ["Ana"]
    assert paged_at(world, checkout, "2026-02-09T08:00:00Z") == ["Ben"]
    assert paged_at(world, checkout, "2026-02-16T07:59:59Z") == ["Ben"]
    assert paged_at(world, checkout, "2026-02-16T08:00:00Z") == ["Cleo"]
    assert paged_at(world, checkout, "2026-02-23T08:00:00Z") == ["Ana"]
    spans = primary.final("2026-02-02T08:00:00Z", "2026-02-23T08:00:00Z")
    assert [name for _, _, name in spans] == ["Ana", "Ben", "Cleo"], spans
    assert [start for start, _, _ in spans[1:]] == [end for _, end, _ in spans[:-1]]
