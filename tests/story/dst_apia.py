"""Apia skipped 30 December 2011: the turn of the day that did not exist begins at the end of the gap, and nobody is on call twice or never."""
from harness.schedules import paged_at


def story(world):
    ana, ben, cleo = world.people("Ana", "Ben", "Cleo")
    daily = world.schedule("daily", "Pacific/Apia", [{"start": "2011-12-28T09:00:00-10:00", "every": 24, "users": [ana, ben, cleo]}])
    checkout = world.service("checkout", [[daily]], minutes=30)
    world.begin("2011-12-29T00:00:00Z")
    assert paged_at(world, checkout, "2011-12-29T18:59:59Z") == ["Ana"]
    assert paged_at(world, checkout, "2011-12-29T19:00:00Z") == ["Ben"]
    assert paged_at(world, checkout, "2011-12-30T09:59:59Z") == ["Ben"]
    assert paged_at(world, checkout, "2011-12-30T10:00:00Z") == ["Cleo"]
    assert paged_at(world, checkout, "2011-12-30T18:59:59Z") == ["Cleo"]
    assert paged_at(world, checkout, "2011-12-30T19:00:00Z") == ["Ana"]
    assert paged_at(world, checkout, "2011-12-31T19:00:00Z") == ["Ben"]
    spans = daily.final("2011-12-28T19:00:00Z", "2012-01-01T19:00:00Z")
    assert [name for _, _, name in spans] == ["Ana", "Ben", "Cleo", "Ana", "Ben"], spans
    assert all(end == start for (_, end, _), (start, _, _) in zip(spans, spans[1:])), spans
