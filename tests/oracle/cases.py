"""Why: schedules that look for trouble: around clock changes of all zones, with handoffs and restrictions close to them, months that end on
the 31st, overlapping overrides, layers with nobody. The same seed gives the same schedules."""
import random
import zoneinfo
from datetime import datetime, timedelta, timezone

DAY = 86400
# Half hours, two hours, skipped days, clocks that go back for Ramadan, negative summer time, irregular years, far ends of the day.
TROUBLE = ["Australia/Lord_Howe", "Antarctica/Troll", "Africa/Casablanca", "Africa/El_Aaiun", "Pacific/Apia", "Pacific/Kwajalein",
           "Europe/Dublin", "Pacific/Kiritimati", "Asia/Kathmandu", "Asia/Gaza", "America/Godthab", "America/St_Johns", "Europe/Berlin",
           "America/New_York", "America/Sao_Paulo", "Asia/Tehran", "Pacific/Fakaofo", "Africa/Cairo", "Etc/GMT+12", "America/Havana"]
SPECIAL_DAYS = {"Pacific/Apia": [datetime(2011, 12, 30)], "Pacific/Kwajalein": [datetime(1993, 8, 21)], "Pacific/Fakaofo": [datetime(2011, 12, 30)],
                "Pacific/Kiritimati": [datetime(1994, 12, 31)], "America/Godthab": [datetime(2023, 3, 25)]}


def zone_names():
    """As Muster knows them: no copies with leap seconds, no name for "here"."""
    return sorted(name for name in zoneinfo.available_timezones() if name not in ("Factory", "localtime", "posixrules"))


def offset_at(zone, t):
    return datetime.fromtimestamp(t, zone).utcoffset()


def transitions(name, year):
    """Instants at which the offset changes in that year."""
    zone, found = zoneinfo.ZoneInfo(name), []
    low = int(datetime(year, 1, 1, tzinfo=timezone.utc).timestamp())
    for t in range(low, low + 366 * DAY, DAY):
        if offset_at(zone, t) == offset_at(zone, t + DAY):
            continue
        a, b = t, t + DAY
        while b - a > 1:
            middle = (a + b) // 2
            if offset_at(zone, middle) == offset_at(zone, t):
                a = middle
            else:
                b = middle
        found.append(b)
    return found


class Generator:
    def __init__(self, seed, days):
        self.random, self.days, self.names = random.Random(seed), days, zone_names()

    def zone(self):
        return self.random.choice(TROUBLE) if self.random.random() < 0.5 else self.random.choice(self.names)

    def moment(self, name):
        """An instant that matters in that zone: within three days of a change where there is one."""
        if name in SPECIAL_DAYS and self.random.random() < 0.6:
            return int(self.random.choice(SPECIAL_DAYS[name]).replace(tzinfo=timezone.utc).timestamp())
        year = self.random.choice([2024, 2025, 2026, 2027, 2028]) if self.random.random() < 0.7 else self.random.randint(1971, 2049)
        changes = transitions(name, year)
        if changes:
            return self.random.choice(changes)
        return int(datetime(year, self.random.randint(1, 12), 28, tzinfo=timezone.utc).timestamp())

    def near(self, moment, days):
        return (moment + self.random.randint(-days * DAY, days * DAY)) // 60 * 60

    def time_of_day(self):
        """Mostly where clocks change."""
        if self.random.random() < 0.6:
            return "%02d:%02d:00" % (self.random.choice([0, 1, 1, 2, 2, 3, 23]), self.random.choice([0, 0, 15, 30, 30, 45]))
        return "%02d:%02d:00" % (self.random.randint(0, 23), self.random.randint(0, 59))

    def restriction(self):
        if self.random.random() < 0.5:
            return {"type": "daily_restriction", "start_time_of_day": self.time_of_day(),
                    "duration_seconds": self.random.choice([1800, 3600, 28800, 43200, 86400, 60 * self.random.randint(1, 1440)])}
        return {"type": "weekly_restriction", "start_time_of_day": self.time_of_day(), "start_day_of_week": self.random.randint(1, 7),
                "duration_seconds": self.random.choice([3600, 86400, 5 * 86400, 604800, 60 * self.random.randint(1, 10080)])}

    def wall_start(self, name, moment):
        """The instant of a nasty wall time some days before."""
        zone = zoneinfo.ZoneInfo(name)
        day = datetime.fromtimestamp(moment, zone).date() - timedelta(days=self.random.choice([0, 1, 2, 7, 30, 100, 400]))
        if self.random.random() < 0.2:
            day = day.replace(day=1) - timedelta(days=1)  # the last of a month
        hours, minutes, _ = self.time_of_day().split(":")
        wall = datetime(day.year, day.month, day.day, int(hours), int(minutes), tzinfo=zone, fold=self.random.randint(0, 1))
        return max(0, int(wall.timestamp()) // 60 * 60)

    def layer(self, name, moment):
        people = ["P%d" % number for number in range(self.random.choice([0, 1, 2, 2, 3, 3, 4, 7]))]
        self.random.shuffle(people)
        if people and self.random.random() < 0.2:
            people.append(self.random.choice(people))
        start = self.wall_start(name, moment)
        layer = {"start": iso(start if self.random.random() < 0.5 else max(0, self.near(moment, 20))), "end": None,
                 "rotation_virtual_start": iso(start), "users": [{"user": {"id": person}} for person in people],
                 "restrictions": [self.restriction() for _ in range(self.random.choice([0, 0, 1, 1, 2, 3]))]}
        kind = self.random.random()
        if kind < 0.15:
            layer["rotation_turn_length_months"] = self.random.choice([1, 1, 1, 2, 3, 12])
        else:
            layer["rotation_turn_length_seconds"] = self.random.choice(
                [3600, 3600, 7200, 28800, 36000, 43200, 86400, 86400, 86400, 2 * 86400, 604800, 604800, 2 * 604800, 60 * self.random.randint(60, 20000)])
        if self.random.random() < 0.2:
            layer["end"] = iso(max(instant_of(layer["start"]) + 60, self.near(moment, 20)))
        if self.random.random() < 0.25:
            layer["time_zone"] = self.zone()
        return layer

    def override(self, number, moment):
        start = max(0, self.near(moment, 15))
        return {"number": number, "start": start, "end": start + 60 * self.random.choice([1, 30, 90, 480, 1440, self.random.randint(1, 10000)]),
                "user": "P%d" % self.random.randint(0, 9)}

    def case(self):
        name = self.zone()
        moment = self.moment(name)
        since = max(0, (moment - self.days * DAY // 2) // 60 * 60)
        until = since + self.days * DAY
        layers = [self.layer(name, moment) for _ in range(self.random.choice([0, 1, 1, 2, 2, 3, 4]))]
        overrides = [self.override(number + 1, moment) for number in range(self.random.choice([0, 0, 1, 2, 3, 6]))]
        ask = [moment - 1, moment, moment + 1] + [self.random.randrange(since, until) for _ in range(3)]
        return {"schedule": {"name": "s", "time_zone": name, "schedule_layers": layers}, "overrides": overrides, "since": since, "until": until,
                "ask": [t for t in ask if since <= t < until]}


def iso(t):
    return datetime.fromtimestamp(t, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant_of(text):
    return int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp())
