"""Why: a second opinion about schedules that shares nothing with Muster: another language, another source of zone rules (zoneinfo), and
no interval arithmetic. It walks every minute, looks at the clock on the wall and counts handoffs.

The one idea: a clock on the wall that never goes back. When clocks are set back it waits until they have caught up. Whatever is drawn
on the wall (handoffs, restrictions) has happened as soon as that clock shows it, so a skipped time happens at the end of the gap and a
repeated one only the first time."""
from calendar import monthrange
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86400, 7 * 86400
EPOCH = datetime(1970, 1, 1)


def instant(text):
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def naive_seconds(moment):
    return (moment - EPOCH) // timedelta(seconds=1)


def wall_minutes(zone, since, until):
    """What the clock that never goes back shows at each minute, in seconds of the wall."""
    tz, shown = ZoneInfo(zone), -(1 << 60)
    fromtimestamp, walls = datetime.fromtimestamp, []
    # Two days earlier, so that a clock set back just before the window is seen to wait.
    for t in range(since - 2 * DAY, until, MINUTE):
        offset = fromtimestamp(t, tz).utcoffset()
        wall = t + offset.days * DAY + offset.seconds
        if wall > shown:
            shown = wall
        if t >= since:
            walls.append(shown)
    return walls


def month_later(first, months):
    number = first.year * 12 + first.month - 1 + months
    year, month = number // 12, number % 12 + 1
    return first.replace(year=year, month=month, day=min(first.day, monthrange(year, month)[1]))


class Turns:
    """Whose turn it is, by counting from the first one; the clock shown must not go back between two questions."""

    def __init__(self, layer, zone):
        start = datetime.fromtimestamp(instant(layer["rotation_virtual_start"]), ZoneInfo(zone))
        self.first = start.replace(tzinfo=None)
        self.months = layer.get("rotation_turn_length_months")
        self.length = layer.get("rotation_turn_length_seconds")
        self.number, self.next = 0, None
        self.begin, self.end = self.handoff(0), self.handoff(1)

    def handoff(self, number):
        if self.months:
            return naive_seconds(month_later(self.first, number * self.months))
        return naive_seconds(self.first + number * timedelta(seconds=self.length))

    def at(self, shown):
        while shown < self.begin:
            self.number -= 1
            self.begin, self.end = self.handoff(self.number), self.begin
        while shown >= self.end:
            self.number += 1
            self.begin, self.end = self.end, self.handoff(self.number + 1)
        return self.number


def week_map(restrictions):
    """For each second-of-week a minute stands for: is the layer on duty? One entry a minute, 0 is Monday 00:00."""
    duty = bytearray(WEEK // MINUTE)
    for restriction in restrictions:
        hours, minutes, _ = restriction["start_time_of_day"].split(":")
        for day in [restriction["start_day_of_week"] - 1] if restriction["type"] == "weekly_restriction" else range(7):
            minute = (day * 24 + int(hours)) * 60 + int(minutes)
            for _ in range(restriction["duration_seconds"] // MINUTE):
                duty[minute % len(duty)] = 1
                minute += 1
    return duty


def layer_minutes(layer, zone, walls, since):
    """The layer's person at each minute, None for nobody."""
    users = [entry["user"]["id"] for entry in layer["users"]]
    start, end = instant(layer["start"]), instant(layer["end"]) if layer.get("end") else 1 << 60
    turns, result, t = Turns(layer, zone), [], since
    duty = week_map(layer["restrictions"]) if layer["restrictions"] else None
    monday = 4 * DAY  # 1970-01-05
    for shown in walls:
        if users and start <= t < end and (duty is None or duty[(shown - monday) % WEEK // MINUTE]):
            result.append(users[turns.at(shown) % len(users)])
        else:
            result.append(None)
        t += MINUTE
    return result


def override_minutes(overrides, since, until):
    """The person of the override made last, at each minute."""
    result = [None] * ((until - since + MINUTE - 1) // MINUTE)
    for override in sorted(overrides, key=lambda item: item["number"]):
        for index in range(len(result)):
            if override["start"] <= since + index * MINUTE < override["end"]:
                result[index] = override["user"]
    return result


def schedule_minutes(case):
    """(final, layers, overrides), each a list with the person at every minute of the window."""
    schedule, since, until = case["schedule"], case["since"], case["until"]
    walls, layers = {}, []
    for layer in schedule["schedule_layers"]:
        zone = layer.get("time_zone") or schedule["time_zone"]
        if zone not in walls:
            walls[zone] = wall_minutes(zone, since, until)
        layers.append(layer_minutes(layer, zone, walls[zone], since))
    overrides = override_minutes(case["overrides"], since, until)
    final = list(overrides)
    for people in reversed(layers):  # the last layer wins
        final = [above if above is not None else below for above, below in zip(final, people)]
    return final, layers, overrides
