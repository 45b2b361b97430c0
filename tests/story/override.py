"""An override takes the pager for exactly its time; taken away again, the rotation is what it was."""
from harness.schedules import paged_at


def story(world):
    ana, ben, cleo = world.people("Ana", "Ben", "Cleo")
    primary = world.schedule("primary", "Europe/Berlin", [{"start": "2026-02-02T09:00:00+01:00", "users": [ana, ben]}])
    checkout = world.service("checkout", [[primary]], minutes=30)
    world.begin("2026-02-03T00:00:00Z")
    primary.override(cleo, "2026-02-03T14:00:00+01:00", "2026-02-03T15:30:00+01:00")
    assert paged_at(world, checkout, "2026-02-03T12:59:59Z") == ["Ana"]
    assert paged_at(world, checkout, "2026-02-03T13:00:00Z") == ["Cleo"]
    assert paged_at(world, checkout, "2026-02-03T14:29:59Z") == ["Cleo"]
    assert paged_at(world, checkout, "2026-02-03T14:30:00Z") == ["Ana"]

    created = primary.override(ben, "2026-02-04T00:00:00Z", "2026-02-05T00:00:00Z")[0]["override"]
    assert paged_at(world, checkout, "2026-02-04T01:00:00Z") == ["Ben"]
    world.api.delete("/schedules/%s/overrides/%s" % (primary.id, created["id"]))
    world.step()
    assert paged_at(world, checkout, "2026-02-04T02:00:00Z") == ["Ana"]
