"""Why: the second opinion about shift-based schedules: rotations whose events repeat by RFC 5545 rules, custom shifts, overrides of single people. Looks at every day
(or hour) since an event's first shift and asks the rule about it in the plainest way; whether a shift is on is read from the clock on the wall that
never goes back (model.py). Several people may be on call in a minute."""
from bisect import bisect_left
from calendar import monthrange
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from cases import DAY, Generator, iso
from model import EPOCH, MINUTE, instant, naive_seconds, wall_minutes

HOUR = 3600
NAMES = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


# The rule ------------------------------------------------------------------------------------------------------------------------------

def parts_of(line):
    return dict(part.split("=") for part in line.split(":", 1)[1].split(";"))


def on_weekday(parts, day, first):
    if "BYDAY" not in parts:
        return parts["FREQ"] != "WEEKLY" or day.weekday() == first.weekday()
    for entry in parts["BYDAY"].split(","):
        if NAMES.index(entry[-2:]) != day.weekday():
            continue
        same = [number for number in range(1, monthrange(day.year, day.month)[1] + 1) if date(day.year, day.month, number).weekday() == day.weekday()]
        ordinal = int(entry[:-2] or 0)
        if ordinal == 0 or (abs(ordinal) <= len(same) and same[ordinal - 1 if ordinal > 0 else ordinal] == day.day):
            return True
    return False


def on_day_of_month(parts, day, first):
    if "BYMONTHDAY" in parts:
        last = monthrange(day.year, day.month)[1]
        return any(int(entry) == day.day or last + 1 + int(entry) == day.day for entry in parts["BYMONTHDAY"].split(","))
    return "BYDAY" in parts or parts["FREQ"] not in ("MONTHLY", "YEARLY") or day.day == first.day


def in_month(parts, day, first):
    if "BYMONTH" in parts:
        return str(day.month) in parts["BYMONTH"].split(",")
    return parts["FREQ"] != "YEARLY" or "BYDAY" in parts or "BYMONTHDAY" in parts or day.month == first.month


def in_interval(parts, day, first):
    interval = int(parts.get("INTERVAL", 1))
    week = NAMES.index(parts.get("WKST", "MO"))
    weeks = (day - timedelta((day.weekday() - week) % 7) - (first - timedelta((first.weekday() - week) % 7))).days // 7
    passed = {"HOURLY": 0, "DAILY": (day - first).days, "WEEKLY": weeks, "MONTHLY": (day.year - first.year) * 12 + day.month - first.month, "YEARLY": day.year - first.year}
    return passed[parts["FREQ"]] % interval == 0


def named(parts, day, first):
    return in_interval(parts, day, first) and in_month(parts, day, first) and on_weekday(parts, day, first) and on_day_of_month(parts, day, first)


def instant_of_wall(zone, wall):
    """When that time is first reached on the wall; to the minute."""
    return next(t for t in range(wall - 15 * HOUR, wall + 40 * HOUR, MINUTE) if t + ZoneInfo(zone).utcoffset(datetime.fromtimestamp(t, ZoneInfo(zone))).total_seconds() >= wall)


def is_past_end(parts, wall, zone):
    end = parts.get("UNTIL")
    if not end:
        return False
    if len(end) == 8:
        return wall >= stamp(end) + DAY
    if not end.endswith("Z"):
        return wall > stamp(end)
    if abs(wall - stamp(end[:-1])) > 2 * DAY:
        return wall > stamp(end[:-1])
    return instant_of_wall(zone, wall) > stamp(end[:-1])


def stamp(text):
    return naive_seconds(datetime.strptime(text, "%Y%m%dT%H%M%S" if "T" in text else "%Y%m%d"))


def times_of_rule(parts, first, zone, until):
    """Wall times in order; `until` on the wall."""
    step, moment, count = HOUR if parts["FREQ"] == "HOURLY" else DAY, first, 0
    interval = int(parts.get("INTERVAL", 1)) if step == HOUR else 1
    first_day = (EPOCH + timedelta(seconds=first)).date()
    while moment < until and count < int(parts.get("COUNT", 1 << 60)):
        if named(parts, (EPOCH + timedelta(seconds=moment)).date(), first_day):
            if is_past_end(parts, moment, zone):
                return
            count += 1
            yield moment
        moment += step * interval


def dates_of(lines, name, zone):
    """Wall times, and whole days, of all lines of that name."""
    times, days = set(), set()
    for line in lines:
        head, values = line.split(":", 1)
        if not head.startswith(name):
            continue
        for value in values.split(","):
            if len(value) == 8:
                days.add(stamp(value) // DAY)
            elif value.endswith("Z"):
                t = stamp(value[:-1])
                times.add(t + int(datetime.fromtimestamp(t, ZoneInfo(zone)).utcoffset().total_seconds()))
            else:
                times.add(stamp(value))
    return times, days


def occurrences(event, until):
    zone, lines = event["start_time"]["time_zone"], event["recurrence"]
    first = naive_seconds(datetime.fromtimestamp(instant(event["start_time"]["date_time"]), ZoneInfo(zone)).replace(tzinfo=None))
    times = set(times_of_rule(parts_of(next(line for line in lines if line.startswith("RRULE"))), first, zone, until))
    added, added_days = dates_of(lines, "RDATE", zone)
    times |= added | {day * DAY + first % DAY for day in added_days}
    removed, removed_days = dates_of(lines, "EXDATE", zone)
    return first, sorted(time for time in times if time not in removed and time // DAY not in removed_days)


# People of every minute ----------------------------------------------------------------------------------------------------------------

class Slot:
    """One person's part in one shift, from minute `low` on."""

    def __init__(self, source, low, high, person):
        self.source, self.low, self.planned, self.people = source, low, person, [person] * max(0, high - low)

    def override(self, override, since):
        for index, person in enumerate(self.people):
            t = since + (self.low + index) * MINUTE
            if override["start"] <= t < override["end"] and override["replaced"] in (person, self.planned):
                self.people[index] = override["user"]


def event_slots(rotation, event, walls, case):
    since, until = case["since"], case["until"]
    zone = event["start_time"]["time_zone"]
    low = max(0, -(-(instant(event["effective_since"]) - since) // MINUTE))
    high = min(len(walls), -(-(instant(event["effective_until"]) - since) // MINUTE)) if event.get("effective_until") else len(walls)
    first, times = occurrences(event, walls[-1] + 3 * DAY)
    end = naive_seconds(datetime.fromtimestamp(instant(event["end_time"]["date_time"]), ZoneInfo(zone)).replace(tzinfo=None))
    strategy = event["assignment_strategy"]
    people = [member.get("user_id") for member in strategy["members"]]
    for number, time in enumerate(times):
        on, off = max(low, bisect_left(walls, time)), min(high, bisect_left(walls, time + end - first))
        if on >= off:
            continue
        if strategy["type"].startswith("every"):
            yield from (Slot(rotation, on, off, person) for person in people)
        else:
            yield Slot(rotation, on, off, people[number // strategy["shifts_per_member"] % len(people)])


def people_minutes(case):
    """For each person, and None for the gaps, the minutes on call."""
    since, until = case["since"], case["until"]
    length, walls, slots = (until - since + MINUTE - 1) // MINUTE, {}, []
    for rotation in case["schedule"]["rotations"]:
        for event in rotation["events"]:
            zone = event["start_time"]["time_zone"]
            if zone not in walls:
                walls[zone] = wall_minutes(zone, since, until)
            slots += event_slots(rotation["id"], event, walls[zone], case)
    for shift in case["overrides"]:
        if shift["kind"] == "shift":
            slots.append(Slot(shift["number"], max(0, -(-(shift["start"] - since) // MINUTE)), min(length, -(-(shift["end"] - since) // MINUTE)), shift["user"]))
    for override in case["overrides"]:
        if override["kind"] == "member":
            for slot in slots:
                if slot.source == (override.get("rotation") or override["shift"]):
                    slot.override(override, since)
    minutes = {None: bytearray(b"\1" * length)}
    for slot in slots:
        for index, person in enumerate(slot.people, slot.low):
            if person is not None:
                minutes.setdefault(person, bytearray(length))[index] = 1
                minutes[None][index] = 0
    return minutes


# Schedules -----------------------------------------------------------------------------------------------------------------------------

class ShiftGenerator(Generator):
    def numbers(self, low, high, most):
        return ",".join(str(number) for number in sorted({self.random.choice([1, 1, -1]) * self.random.randint(low, high) for _ in range(self.random.randint(1, most))}))

    def rule(self, moment):
        pick = self.random.choice
        frequency = pick(["HOURLY", "DAILY", "DAILY", "WEEKLY", "WEEKLY", "WEEKLY", "MONTHLY", "YEARLY"])
        parts = ["FREQ=" + frequency]
        if self.random.random() < 0.5:
            parts.append("INTERVAL=%d" % pick([1, 2, 2, 3, 7, 12] if frequency == "HOURLY" else [1, 2, 2, 3, 5]))
        chance = self.random.random()
        months = self.random.random() < 0.15
        if chance < 0.5:
            days = self.random.sample(NAMES, self.random.randint(1, 5))
            if (frequency == "MONTHLY" or (frequency == "YEARLY" and months)) and self.random.random() < 0.7:
                days = ["%d%s" % (pick([1, 2, 3, 4, 5, -1, -2]), day) for day in days]
            parts.append("BYDAY=" + ",".join(days))
        elif chance < 0.65 and frequency != "WEEKLY":
            parts.append("BYMONTHDAY=" + self.numbers(1, 31, 4))
        if months:
            parts.append("BYMONTH=" + ",".join(str(month) for month in sorted(self.random.sample(range(1, 13), 6))))
        if self.random.random() < 0.2:
            parts.append("WKST=" + pick(NAMES))
        if self.random.random() < 0.12:
            parts.append("COUNT=%d" % self.random.randint(1, 300))
        elif self.random.random() < 0.15:
            end = iso(max(DAY, self.near(moment, 30))).replace("-", "").replace(":", "")
            parts.append("UNTIL=" + pick([end, end[:-1], end[:8]]))
        head = parts[0]
        rest = parts[1:]
        self.random.shuffle(rest)
        return "RRULE:" + ";".join([head] + rest)

    def dates(self, name, zone, first, moment):
        """Mostly where the rule may have something."""
        values = []
        for _ in range(self.random.randint(1, 4)):
            t = max(DAY, self.near(moment, 20))
            day = iso(t)[:10].replace("-", "")
            wall = datetime.fromtimestamp(first, ZoneInfo(zone))
            values.append(self.random.choice([day, day + "T" + wall.strftime("%H%M%S"), iso(t).replace("-", "").replace(":", "")]))
        return "%s:%s" % (name, ",".join(values))

    def event(self, number, zone, moment):
        pick = self.random.choice
        start = max(DAY, self.wall_start(zone, moment))
        rule = self.rule(moment)
        minutes = pick([60, 60, 120, 480]) if "HOURLY" in rule else pick([30, 60, 480, 720, 1440, 1440, 2160, 7 * 1440, self.random.randint(1, 4000)])
        lines = [rule] + [self.dates(name, zone, start, moment) for name in ("EXDATE", "RDATE") if self.random.random() < 0.25]
        self.random.shuffle(lines)
        people = [pick([None, "P%d" % self.random.randint(0, 9), "P%d" % self.random.randint(0, 9)]) for _ in range(pick([1, 2, 2, 3, 5]))]
        everybody = self.random.random() < 0.3
        strategy = {"type": "every_member_assignment_strategy"} if everybody else {"type": "rotating_member_assignment_strategy", "shifts_per_member": pick([1, 1, 2, 3, 7])}
        strategy["members"] = [{"type": "user_member", "user_id": person} if person else {"type": "empty_member"} for person in people]
        effective = pick([start, max(DAY, self.near(moment, 25))])
        zoned = {"start_time": start, "end_time": start + minutes * 60}
        return {"id": "E%d" % number, "name": "e", "effective_since": iso(effective), "recurrence": lines, "assignment_strategy": strategy,
                "effective_until": iso(max(effective + 60, self.near(moment, 25))) if self.random.random() < 0.25 else None,
                **{key: {"date_time": iso(t), "time_zone": zone} for key, t in zoned.items()}}

    def exception(self, number, moment, sources):
        shift = self.override(number, moment)
        shift["kind"] = "shift" if not sources or self.random.random() < 0.4 else "member"
        if shift["kind"] == "member":
            source = self.random.choice(sources)
            shift["rotation" if isinstance(source, str) else "shift"] = source
            shift["replaced"] = self.random.choice([None] + ["P%d" % person for person in range(10)])
        if self.random.random() < 0.1:
            shift["user"] = None
        return shift

    def case(self):
        zone = self.zone()
        moment = self.moment(zone)
        since = max(0, (moment - self.days * DAY // 2) // 60 * 60)
        until = since + self.days * DAY
        rotations = [{"id": "R%d" % number, "events": [self.event(index, self.zone() if self.random.random() < 0.2 else zone, moment) for index in range(self.random.randint(0, 2))]}
                     for number in range(self.random.randint(0, 3))]
        sources, exceptions = [rotation["id"] for rotation in rotations], []
        for number in range(self.random.choice([0, 0, 1, 2, 4, 8])):
            exceptions.append(self.exception(number + 1, moment, sources))
            sources += [number + 1] if exceptions[-1]["kind"] == "shift" else []
        ask = [moment - 60, moment, moment + 60] + [self.random.randrange(since, until, 60) for _ in range(3)]
        return {"schedule": {"name": "s", "time_zone": zone, "rotations": rotations}, "overrides": exceptions, "since": since, "until": until,
                "ask": [t for t in ask if since <= t < until]}
