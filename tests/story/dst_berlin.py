"""Berlin changes its clocks: a handoff at half past two happens once, at the right instant, and escalation takes five real minutes (S4)."""
from harness.schedules import daily, paged_at


def story(world):
    ana, ben, cleo = world.people("Ana", "Ben", "Cleo")
    primary = world.schedule("primary", "Europe/Berlin", [{"start": "2026-03-23T02:30:00+01:00", "every": 24, "users": [ana, ben]}])
    night = world.schedule("night", "Europe/Berlin", [{"start": "2026-03-23T20:00:00+01:00", "every": 24, "users": [cleo], "restrictions": [daily("20:00:00", 12)]}])
    checkout = world.service("checkout", [[primary]], minutes=30)
    ledger = world.service("ledger", [[primary], [night]], minutes=5)
    world.begin("2026-03-28T12:00:00Z")

    # The night of the change lasts eleven hours.
    assert night.final("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z") == [("2026-03-28T19:00:00Z", "2026-03-29T06:00:00Z", "Cleo")]
    incident = ledger.breaks("Ledger is down")
    ledger.resolve_event(incident.alerts()[0]["alert_key"])

    # 02:30 does not exist on 29 March: the handoff is at the end of the gap.
    world.until("2026-03-29T00:58:00Z")
    late = ledger.breaks("Ledger is down", key="late")
    assert late.assignees == ["Ben"]
    assert paged_at(world, checkout, "2026-03-29T00:59:59Z") == ["Ben"]
    assert paged_at(world, checkout, "2026-03-29T01:00:00Z") == ["Ana"]
    world.until("2026-03-29T01:02:59Z")
    assert late.assignees == ["Ben"]
    world.until("2026-03-29T01:03:00Z")
    assert late.assignees == ["Cleo"], "level two is due after five real minutes, not an hour off"
    late.resolve(cleo)
    assert paged_at(world, checkout, "2026-03-30T00:29:59Z") == ["Ana"]
    assert paged_at(world, checkout, "2026-03-30T00:30:00Z") == ["Ben"]

    # 02:30 happens twice on 25 October: the handoff is at the first, and not again.
    assert paged_at(world, checkout, "2026-10-25T00:29:59Z") == ["Ben"]
    assert paged_at(world, checkout, "2026-10-25T00:30:00Z") == ["Ana"]
    assert paged_at(world, checkout, "2026-10-25T01:30:00Z") == ["Ana"]
    assert paged_at(world, checkout, "2026-10-26T01:29:59Z") == ["Ana"]
    assert paged_at(world, checkout, "2026-10-26T01:30:00Z") == ["Ben"]
    assert night.final("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z") == [("2026-10-24T18:00:00Z", "2026-10-25T07:00:00Z", "Cleo")]
