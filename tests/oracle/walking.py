"""Why: a schedule in the numbers that walk.c needs. What calendars and zones have to say is said here, by Python's own."""
import functools
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import model

MINUTE, DAY = 60, 86400
STEP = 6 * 3600  # no zone has changed its clocks and changed them back within that


@functools.lru_cache(maxsize=None)
def changes(name, year):
    """[(instant, offset)] of one year UTC; the first is its beginning. Found by looking at the clock every six hours and halving."""
    tz = ZoneInfo(name)

    def offset(t):
        return int(datetime.fromtimestamp(t, tz).utcoffset().total_seconds())
    low = int(datetime(year, 1, 1, tzinfo=timezone.utc).timestamp())
    high = int(datetime(year + 1, 1, 1, tzinfo=timezone.utc).timestamp())
    before, found = offset(low), [(low, offset(low))]
    for t in range(low, high, STEP):
        end = min(t + STEP, high) - 1
        after = offset(end)
        if after == before:
            continue
        a, b = t - 1, end
        while b - a > 1:
            middle = (a + b) // 2
            a, b = (middle, b) if offset(middle) == before else (a, middle)
        found.append((b, after))
        before = after
    return found


def zone_numbers(name, since, until):
    first, last = datetime.fromtimestamp(since - 3 * DAY, timezone.utc).year, datetime.fromtimestamp(until, timezone.utc).year
    rules = [rule for year in range(first, last + 1) for rule in changes(name, year)]
    return {"at": [at for at, _ in rules], "offset": [offset for _, offset in rules]}


def handoffs_of_months(first, months, since, until):
    """Walls of the turns around the window, and the number of the first of them."""
    def number_before(t):
        day = datetime.fromtimestamp(max(t, 0), timezone.utc)
        return ((day.year - first.year) * 12 + day.month - first.month) // months
    low, high = number_before(since - 5 * DAY) - 2, number_before(until + 5 * DAY) + 3
    return low, [model.naive_seconds(model.month_later(first, number * months)) for number in range(low, high + 1)]


def layer_numbers(layer, zone, index, since, until):
    first = datetime.fromtimestamp(model.instant(layer["rotation_virtual_start"]), ZoneInfo(zone)).replace(tzinfo=None)
    numbers = {"zone": index, "start": model.instant(layer["start"]), "end": model.instant(layer["end"]) if layer.get("end") else 1 << 60,
               "users": [int(entry["user"]["id"][1:]) for entry in layer["users"]], "first": model.naive_seconds(first), "length": 0, "number": 0, "handoffs": [],
               "restrictions": []}
    if layer.get("rotation_turn_length_months"):
        numbers["number"], numbers["handoffs"] = handoffs_of_months(first, layer["rotation_turn_length_months"], since, until)
    else:
        numbers["length"] = layer["rotation_turn_length_seconds"]
    for restriction in layer["restrictions"]:
        hours, minutes, _ = restriction["start_time_of_day"].split(":")
        weekly = restriction["type"] == "weekly_restriction"
        numbers["restrictions"] += [restriction["start_day_of_week"] - 1 if weekly else -1, int(hours) * 60 + int(minutes), restriction["duration_seconds"] // MINUTE]
    return numbers


def numbers(case):
    schedule, names, layers = case["schedule"], [], []
    for layer in schedule["schedule_layers"]:
        zone = layer.get("time_zone") or schedule["time_zone"]
        if zone not in names:
            names.append(zone)
        layers.append(layer_numbers(layer, zone, names.index(zone), case["since"], case["until"]))
    overrides = []
    for override in sorted(case["overrides"], key=lambda item: item["number"]):
        overrides += [override["start"], override["end"], int(override["user"][1:])]
    return {"zones": [zone_numbers(name, case["since"], case["until"]) for name in names], "layers": layers, "overrides": overrides}
