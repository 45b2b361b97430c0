"""Lord Howe moves its clocks by half an hour: handoffs inside that half hour happen once, at the first or at its end."""
from harness.schedules import paged_at


def story(world):
    ana, ben = world.people("Ana", "Ben")
    early = world.schedule("early", "Australia/Lord_Howe", [{"start": "2026-03-30T01:45:00+11:00", "every": 24, "users": [ana, ben]}])
    late = world.schedule("late", "Australia/Lord_Howe", [{"start": "2026-09-28T02:15:00+10:30", "every": 24, "users": [ana, ben]}])
    checkout = world.service("checkout", [[early]], minutes=30)
    ledger = world.service("ledger", [[late]], minutes=30)
    world.begin("2026-04-03T12:00:00Z")

    # 5 April, 02:00 becomes 01:30: a quarter to two happens twice.
    assert paged_at(world, checkout, "2026-04-04T14:44:59Z") == ["Ben"]
    assert paged_at(world, checkout, "2026-04-04T14:45:00Z") == ["Ana"]
    assert paged_at(world, checkout, "2026-04-04T15:15:00Z") == ["Ana"]
    assert paged_at(world, checkout, "2026-04-05T15:14:59Z") == ["Ana"]
    assert paged_at(world, checkout, "2026-04-05T15:15:00Z") == ["Ben"]

    # 4 October, 02:00 becomes 02:30: a quarter past two does not exist.
    assert paged_at(world, ledger, "2026-10-03T15:29:59Z") == ["Ben"]
    assert paged_at(world, ledger, "2026-10-03T15:30:00Z") == ["Ana"]
    assert paged_at(world, ledger, "2026-10-04T15:14:59Z") == ["Ana"]
    assert paged_at(world, ledger, "2026-10-04T15:15:00Z") == ["Ben"]
