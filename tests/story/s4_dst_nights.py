"""Practice scenario S4: the nights of the clock changes, as the final schedule shows them.

The half of S4 that pages people around the change is told in dst_berlin and dst_new_york. The reports (7) and the import of
PagerDuty's condition language (5) do not exist yet."""
from datetime import datetime, timedelta

from harness.schedules import daily


def hours(span):
    start, end = (datetime.fromisoformat(text.replace("Z", "+00:00")) for text in span[:2])
    return (end - start) / timedelta(hours=1)


def story(world):
    ana, ben, cleo = world.people("Ana", "Ben", "Cleo", methods=("email",))
    weekly = world.schedule("weekly", "Europe/Berlin", [{"start": "2026-03-23T09:00:00+01:00", "users": [ana, ben]}])
    night = world.schedule("night", "Europe/Berlin", [{"start": "2026-01-05T20:00:00+01:00", "users": [ana], "restrictions": [daily("20:00:00", 12)]}])
    sun = []
    for zone, begin, length in (("Europe/Berlin", "09:00:00", 9), ("America/Los_Angeles", "09:00:00", 7), ("Asia/Tokyo", "09:00:00", 8)):
        sun.append(world.schedule("sun " + zone, zone, [{"start": "2025-12-01T00:00:00Z", "users": [cleo], "restrictions": [daily(begin, length)]}]))
    world.begin("2026-01-15T00:00:00Z")
    world.step()

    # 1. The shifts over the change are an hour shorter or longer.
    assert [hours(span) for span in night.final("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z")] == [11]
    assert [hours(span) for span in night.final("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z")] == [13]
    assert hours(weekly.final("2026-03-23T08:00:00Z", "2026-03-30T07:00:00Z")[0]) == 167
    assert hours(weekly.final("2026-10-19T07:00:00Z", "2026-10-26T08:00:00Z")[0]) == 169

    # 3. Exactly one person at each minute of both nights: the spans touch and do not overlap.
    for since, until in (("2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z"), ("2026-10-24T00:00:00Z", "2026-10-26T00:00:00Z")):
        spans = weekly.final(since, until)
        assert spans[0][0] == since and spans[-1][1] == until, spans
        assert all(a[1] == b[0] for a, b in zip(spans, spans[1:])), spans

    # 6. Three layers in three zones cover the winter and leave one hour a day open while America is on summer time.
    covered = []
    for month in range(12):
        since, until = datetime(2026, month + 1, 1), datetime(2026 + (month == 11), (month + 1) % 12 + 1, 1)
        for schedule in sun:
            covered += schedule.final(since.isoformat() + "Z", until.isoformat() + "Z")
    gaps, reached = [], "2026-01-01T00:00:00Z"
    for start, end, _ in sorted(covered):
        if start > reached:
            gaps.append((reached, start))
        reached = max(reached, end)
    assert len(gaps) == 238, len(gaps)
    assert all(hours(gap) == 1 for gap in gaps)
    assert gaps[0][0] == "2026-03-08T23:00:00Z" and gaps[-1][0] == "2026-10-31T23:00:00Z", (gaps[0], gaps[-1])
