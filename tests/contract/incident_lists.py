"""Lists of incidents against a slow, obvious second opinion: every incident is read once, then filters, orders and pages are recomputed here. Muster cuts
a list into walks along several indexes and merges them (api/incident_list.c); this is what says that nothing falls between two walks.

Muster is asked through a clock that is moved, so that some incidents are older than the month that is shown when no dates are given."""
import datetime
import itertools
import random

ARGUMENTS = ["--test-clock", "--sample", "--practice"]
OPERATIONS = {"/incidents": ("GET",)}
ME = {"From": "ana@halden.example"}
DAYS = (0, 3, 20, 33, 34, 40, 64)
TRIES = 260


def at(day, hour=2):
    return (datetime.datetime(2026, 2, 10, hour) + datetime.timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ")


def make_past(ask, chance):
    """Some dozens of incidents over two months; one in three stays open, some are acknowledged, some were resolved in another order than they began."""
    services = [{"id": service["id"], "type": "service_reference"} for service in ask("GET", "/services?limit=100")["services"]]
    priorities = itertools.cycle(("high", "low", "high"))
    started = []
    for day in DAYS:
        ask("PUT", "/test/clock", {"now": at(day)})
        for number in range(7):
            started.append(ask("POST", "/incidents", {"incident": {"type": "incident", "title": "Trouble", "service": chance.choice(services), "urgency": next(priorities),
                                                                   "incident_key": "key-%d" % (number % 3) if number < 3 and day == 0 else None}}, ME)["incident"]["id"])
        for hour, incident in enumerate(chance.sample(started, min(5, len(started)))):
            started.remove(incident)
            ask("PUT", "/incidents/" + incident, {"incident": {"type": "incident_reference", "status": "resolved"}}, ME)
            ask("PUT", "/test/clock", {"now": at(day, 3 + hour)})
    for incident in started[::3]:
        ask("PUT", "/incidents/" + incident, {"incident": {"type": "incident_reference", "status": "acknowledged"}}, ME)


def question(chance, every, teams):
    """Random filters as (query, predicate)."""
    query, tests = [], []

    def choose(name, values, test):
        picked = chance.sample(values, chance.randint(1, min(3, len(values))))
        query.extend("%s=%s" % (name, value) for value in picked)
        tests.append(lambda i: test(i, picked))
    if chance.random() < 0.5:
        choose("statuses[]", ["triggered", "acknowledged", "resolved"], lambda i, picked: i["status"] in picked)
    asks_resolved = not query or "statuses[]=resolved" in query
    if chance.random() < 0.3:
        choose("urgencies[]", ["high", "low"], lambda i, picked: i["urgency"] in picked)
    if chance.random() < 0.3:
        choose("service_ids[]", sorted({i["service"]["id"] for i in every}), lambda i, picked: i["service"]["id"] in picked)
    if chance.random() < 0.2 and teams:
        choose("team_ids[]", teams, lambda i, picked: {team["id"] for team in i["teams"]} & set(picked))
    if chance.random() < 0.15:
        choose("user_ids[]", sorted({a["assignee"]["id"] for i in every for a in i["assignments"]}), lambda i, picked: {a["assignee"]["id"] for a in i["assignments"]} & set(picked))
    window = chance.random()
    if window < 0.4:
        query.append("date_range=all")
    elif window < 0.7:
        first, last = sorted(chance.sample(range(0, 70), 2))
        query.append("since=%s&until=%s" % (at(first), at(last)))
        tests.append(lambda i: at(first) <= i["created_at"] < at(last))
    elif asks_resolved:
        tests.append(lambda i: i["created_at"] >= at(DAYS[-1] + 1 - 31) or i["status"] != "resolved")
    return query, lambda i: all(test(i) for test in tests)


KEYS = {"incident_number": lambda i: i["incident_number"], "created_at": lambda i: i["created_at"], "urgency": lambda i: i["urgency"] == "high",
        "resolved_at": lambda i: i["resolved_at"] or "9999"}


def order(chance):
    fields = chance.sample(sorted(KEYS), chance.randint(0, 2))
    ways = [(field, chance.random() < 0.5) for field in fields]

    def sort(incidents):
        last_down = ways[-1][1] if ways else False
        incidents = sorted(incidents, key=lambda i: i["incident_number"], reverse=last_down)
        for field, down in reversed(ways):
            incidents = sorted(incidents, key=KEYS[field], reverse=down)
        return incidents
    return ["sort_by=" + ",".join("%s:%s" % (field, "desc" if down else "asc") for field, down in ways)] if ways else [], sort


def check(suite, routing_key):
    chance = random.Random(11)

    def ask(method, path, body=None, headers=None):
        return suite.client.ask(method, path, body, headers=headers)
    make_past(ask, chance)
    ask("PUT", "/test/clock", {"now": at(DAYS[-1] + 1)})
    every = ask("GET", "/incidents?date_range=all&limit=100")["incidents"]
    suite.check(len(every) == len(DAYS) * 7, "all of them on one page: %d" % len(every))
    teams = sorted({team["id"] for i in every for team in i["teams"]})
    seen = set()
    for _ in range(TRIES):
        filters, fits = question(chance, every, teams)
        sorting, sort = order(chance)
        wanted = [i["id"] for i in sort(filter(fits, every))]
        limit, offset = chance.randint(1, 30), chance.choice((0, 0, 1, 7, 30))
        path = "/incidents?" + "&".join(filters + sorting + ["limit=%d" % limit, "offset=%d" % offset, "total=true"])
        page = ask("GET", path)
        got = [i["id"] for i in page["incidents"]]
        suite.check(got == wanted[offset:offset + limit], "%s\n  got    %s\n  wanted %s" % (path, got, wanted[offset:offset + limit]))
        suite.check(page["more"] == (len(wanted) > offset + limit) and page["total"] == len(wanted), "%s: more %s, total %s of %d" % (path, page["more"], page["total"], len(wanted)))
        seen.add(len(wanted))
    suite.check(len(seen) > 10, "the questions have answers of many sizes: %s" % sorted(seen))
    by_key = ask("GET", "/incidents?incident_key=key-1&date_range=all")["incidents"]
    suite.check([i["incident_key"] for i in by_key] == ["key-1"], "by the incident's key")
