"""Why: what must stay the same when a schedule is asked differently or changed in a way that changes nothing (reliability.md 4.5, S3 and S5). No
model is needed for that, so it also finds what the model and Muster would get wrong together."""
DAY, WEEK = 86400, 7 * 86400


def joined(spans):
    """Neighbours with the same person are one."""
    result = []
    for begin, end, user in spans:
        if result and result[-1][2] == user and result[-1][1] == begin:
            result[-1] = [result[-1][0], end, user]
        else:
            result.append([begin, end, user])
    return result


def final(ask, case, **changes):
    return joined(ask(dict(case, **changes))["final"])


def split_window(case, ask, whole):
    middle = (case["since"] + case["until"]) // 2 // 60 * 60 + 17
    parts = final(ask, case, until=middle) + final(ask, case, since=middle)
    return None if joined(parts) == whole else "split: two halves are not the whole"


def overrides_that_do_not_touch(case, ask, whole):
    """Their order of making says nothing."""
    kept, end = [], 0
    for override in sorted(case["overrides"], key=lambda item: item["start"]):
        if override["start"] >= end:
            kept.append(override)
            end = override["end"]
    turned = [dict(override, number=len(kept) - index) for index, override in enumerate(kept)]
    once, again = (final(ask, case, overrides=sorted(order, key=lambda item: item["number"])) for order in (kept, turned))
    return None if once == again else "overrides: their order changed what they say"


def override_taken_back(case, ask, whole):
    """S5: what an override covered is as before once it is gone, and outside it nothing ever changed."""
    bare = final(ask, case, overrides=[])
    if not case["overrides"]:
        return None if bare == whole else "override: none, yet something differs"
    one = case["overrides"][0]
    low, high = max(one["start"], case["since"]), min(one["end"], case["until"])
    if low >= high:
        return None
    covered = final(ask, case, overrides=[one])
    if final(ask, case, overrides=[one], since=low, until=high) != [[low, high, one["user"]]]:
        return "override: somebody else is on call within it"
    for begin, end in ((case["since"], low), (high, case["until"])):
        if begin < end and final(ask, case, overrides=[one], since=begin, until=end) != final(ask, case, overrides=[], since=begin, until=end):
            return "override: it changed who is on call outside it"
    return None if covered else "override: nothing is left"


def changes_that_change_nothing(case, ask, whole):
    schedule = case["schedule"]
    nobody = {"start": "1990-01-01T00:00:00Z", "end": None, "rotation_virtual_start": "1990-01-01T00:00:00Z", "rotation_turn_length_seconds": DAY, "users": [], "restrictions": []}
    if final(ask, case, schedule=dict(schedule, schedule_layers=schedule["schedule_layers"] + [nobody])) != whole:
        return "edit: a layer with nobody changed something"
    if final(ask, case, stored=True) != whole:
        return "edit: stored and read back it is another schedule"
    always = dict(nobody, users=[{"user": {"id": "P9"}}], restrictions=[{"type": "daily_restriction", "start_time_of_day": "00:00:00", "duration_seconds": DAY}])
    plain = dict(always, restrictions=[])
    if final(ask, case, schedule=dict(schedule, schedule_layers=[always])) != final(ask, case, schedule=dict(schedule, schedule_layers=[plain])):
        return "edit: a restriction to the whole day restricts something"
    return None


def shifted_by_weeks(case, ask, whole):
    """Where clocks never change, a schedule a number of weeks later is the same schedule."""
    def later(layer):
        return dict(layer, start="2026-01-19T09:00:00Z", rotation_virtual_start="2026-01-19T09:00:00Z", end=None, time_zone="Asia/Kathmandu")
    def sooner(layer):
        return dict(layer, start="2026-01-05T09:00:00Z", rotation_virtual_start="2026-01-05T09:00:00Z", end=None, time_zone="Asia/Kathmandu")
    layers = [layer for layer in case["schedule"]["schedule_layers"] if not layer.get("rotation_turn_length_months")]
    since = 1767225600
    first = final(ask, case, overrides=[], since=since, until=since + 60 * DAY, schedule=dict(case["schedule"], schedule_layers=[sooner(layer) for layer in layers]))
    second = final(ask, case, overrides=[], since=since + 2 * WEEK, until=since + 2 * WEEK + 60 * DAY, schedule=dict(case["schedule"], schedule_layers=[later(layer) for layer in layers]))
    return None if [[begin + 2 * WEEK, end + 2 * WEEK, user] for begin, end, user in first] == second else "shift: two weeks later it is another schedule"


def fair_shares(case, ask, whole):
    """S3: over whole rounds everybody of an unrestricted rotation has the same number of turns, and each turn its whole length."""
    people = 2 + case["since"] // DAY % 5
    length = [3600, 43200, DAY, WEEK][case["since"] // DAY // 7 % 4]
    start = 1767603600  # 2026-01-05T09:00:00Z
    layer = {"start": "2026-01-05T09:00:00Z", "end": None, "rotation_virtual_start": "2026-01-05T09:00:00Z", "rotation_turn_length_seconds": length, "time_zone": "UTC",
             "users": [{"user": {"id": "P%d" % number}} for number in range(people)], "restrictions": []}
    spans = final(ask, case, overrides=[], since=start, until=start + 6 * people * length, schedule=dict(case["schedule"], schedule_layers=[layer]))
    expected = [[start + turn * length, start + (turn + 1) * length, "P%d" % (turn % people)] for turn in range(6 * people)]
    return None if spans == expected else "S3: %d people do not take turns" % people


def check(case, ask):
    whole = final(ask, case)
    for relation in (split_window, overrides_that_do_not_touch, override_taken_back, changes_that_change_nothing, shifted_by_weeks, fair_shares):
        finding = relation(case, ask, whole)
        if finding:
            return finding
    return None
