"""Every list of the API on large data: 100,000 incidents with all that belongs to them (history.py), 5,000 services, 2,000 people, and of everything else as many as such
an organisation has (proportions.py). Which lists there are is read off /openapi.json: whatever answers a GET with a list is asked for its first page, once with
the page it gives by itself and once with the longest it allows, and for a page as deep as there is one (offset near 10,000, or a cursor followed 20 times).
A path with a parameter that nobody here knows fails the figure, so a new list cannot be forgotten.

Measured is the server's processor time for one answer, the mean of some, without any load beside it: no queue and no other program is in it."""
import http.client
import json
import math
import os

from figures.growth import ask, make_past, processor_ms
from kit import Muster, Row, listening, program
from proportions import fill

NAME = "lists"
LIMIT_MS, WORST_SHOWN, REACH_MAX, CURSORS_FOLLOWED = 10, 4, 10000, 20
# GETs that are no lists: pages for people, streams, files and what one has to be signed in for.
NOT_ASKED = {"/", "/app", "/app/{path}", "/act/{token}", "/metrics", "/openapi.json", "/muster/stream", "/health", "/health/live", "/test/clock", "/users/me", "/muster/session"}
# What a list needs to be asked at all, or to be asked for all there is.
QUESTIONS = {
    "/incidents": "date_range=all", "/log_entries": "since=2000-01-01T00:00:00Z", "/notifications": "since=2000-01-01T00:00:00Z&until=2100-01-01T00:00:00Z",
    "/schedules/{id}/overrides": "since={month_ago}&until={month_ahead}", "/schedules/{id}/users": "since={month_ago}&until={month_ahead}",
    "/maintenance_windows": "filter=all", "/muster/why": "incident={incident}", "/muster/why-not": "incident={incident}&user={user}", "/muster/resolve": "service={service}",
    "/audit/records": "since=2000-01-01T00:00:00Z", "/users/{id}/audit/records": "since=2000-01-01T00:00:00Z", "/teams/{id}/audit/records": "since=2000-01-01T00:00:00Z",
    "/services/{id}/audit/records": "since=2000-01-01T00:00:00Z", "/schedules/{id}/audit/records": "since=2000-01-01T00:00:00Z",
    "/escalation_policies/{id}/audit/records": "since=2000-01-01T00:00:00Z",
}
NEWEST_INCIDENT = "SELECT MAX(number) FROM incidents WHERE service_id <> 'PCANARY'"  # Muster's own comes and goes
# Whose list it is: the first row, which is the one that proportions.py gives a great many. By the path up to the parameter.
OWNERS = {
    "/users/": "SELECT id FROM users ORDER BY rowid", "/teams/": "SELECT id FROM teams ORDER BY rowid", "/services/": "SELECT id FROM services ORDER BY rowid",
    "/schedules/": "SELECT id FROM schedules ORDER BY rowid", "/escalation_policies/": "SELECT id FROM escalation_policies ORDER BY rowid",
    "/incidents/": NEWEST_INCIDENT, "/muster/incidents/": NEWEST_INCIDENT, "/analytics/raw/incidents/": NEWEST_INCIDENT,
    "/muster/webhook_subscriptions/": "SELECT id FROM webhook_subscriptions ORDER BY rowid", "/webhook_subscriptions/": "SELECT id FROM webhook_subscriptions ORDER BY rowid",
    "/business_services/": "SELECT id FROM business_services ORDER BY rowid", "/service_dependencies/business_services/": "SELECT id FROM business_services ORDER BY rowid",
    "/service_dependencies/technical_services/": "SELECT id FROM services ORDER BY rowid", "/tags/": "SELECT id FROM tags ORDER BY rowid",
    "/maintenance_windows/": "SELECT id FROM maintenance_windows ORDER BY rowid", "/priorities/": "SELECT id FROM priorities", "/muster/heartbeats/": "SELECT id FROM heartbeats ORDER BY rowid",
    "/incidents/types/": "SELECT 'incident_default'", "/incidents/custom_fields/": "SELECT id FROM custom_fields ORDER BY rowid",
    "/custom_fields/": "SELECT id FROM custom_fields ORDER BY rowid", "/services/custom_fields/": "SELECT id FROM custom_fields WHERE owner = 'service' ORDER BY rowid",
    "/notification_rules/": None, "/contact_methods/": None, "/integrations/": None, "/oncall_handoff_notification_rules/": None, "/alerts/": None, "/change_events/": None, "/log_entries/": None, "/field_options/": None,
    "/alert_grouping_settings/": None, "/v3/schedules/": None,  # no schedule here has rotations: what one of them lists is bounded by its document
    "/vendors/": None, "/abilities/": None, "/muster/sign-in/": None,  # one object, never a list
}


class Lists:
    def __init__(self, server, database, times):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.headers = {"Authorization": "Token token=" + server.server.facts["token"], "Accept": "application/json"}
        self.pid, self.database, self.times = server.pids()[0], database, times

    def get(self, path):
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def page(self, path):
        status, body = self.get(path)
        if status != 200:
            raise AssertionError("GET %s answered %d: %s" % (path, status, body[:300]))
        return json.loads(body)

    def cost(self, path):
        """Milliseconds; a page that is refused is as bad as one that never comes."""
        if self.get(path)[0] != 200:
            return math.inf
        before = processor_ms(self.pid)
        for _ in range(self.times):
            self.get(path)
        return (processor_ms(self.pid) - before) / self.times

    def first(self, sql):
        return str(ask(self.database, sql + " LIMIT 1" if "MAX" not in sql and "'" not in sql else sql)[0][0])

    def paths(self):
        """(route, path) of every GET that can be asked; an unknown parameter is an error."""
        facts = {"month_ago": "2026-10-25T00:00:00Z", "month_ahead": "2026-12-20T00:00:00Z", "incident": self.first(NEWEST_INCIDENT),
                 "user": self.first(OWNERS["/users/"]), "service": self.first(OWNERS["/services/"])}
        for route, item in self.page("/openapi.json")["paths"].items():
            if "get" not in item or route in NOT_ASKED:
                continue
            for variant in [route.replace("{entity_type}", kind) for kind in ("users", "teams", "escalation_policies")] if "{entity_type}" in route else [route]:
                path = self.with_owners(variant)
                if path:
                    yield variant, path + ("?" + QUESTIONS[route].format(**facts) if route in QUESTIONS else "")

    def with_owners(self, route):
        path, rest = "", route
        while "{" in rest:
            before, _, rest = rest.partition("{")
            _, _, rest = rest.partition("}")
            path += before
            owners = [start for start in OWNERS if path == start or (start.count("/") == 2 and path.endswith(start))]
            if not owners:
                raise AssertionError("benchmarks/figures/lists.py does not know what stands in {} of GET %s" % route)
            sql = OWNERS[max(owners, key=len)]
            if not sql:
                return None
            path += self.first(sql)
        return path + rest

    def pages_of(self, path):
        """{which page: its path}; nothing when the answer is no list."""
        with_more = path + ("&" if "?" in path else "?")
        first = self.page(path)
        if not isinstance(first, dict) or not any(isinstance(value, list) for value in first.values()):
            return {}
        pages = {"first": path}
        if "offset" in first:
            pages["longest"] = with_more + "limit=100"
            status, counted = self.get(with_more + "limit=1&total=true")
            total = json.loads(counted)["total"] if status == 200 else None
            total = REACH_MAX if total is None else total  # not counted: an answer that is empty there is an answer
            if total > 200:
                pages["deep"] = with_more + "limit=100&offset=%d" % (min(total, REACH_MAX) - 100)
        elif "next_cursor" in first:
            pages["longest"] = with_more + "limit=100"
            cursor = first["next_cursor"]
            for _ in range(CURSORS_FOLLOWED):
                if cursor:
                    pages["deep"] = with_more + "limit=100&cursor=" + cursor
                    cursor = self.page(pages["deep"])["next_cursor"]
        return pages

    def measure(self):
        """[(ms, route, which page)], the dearest first."""
        found = []
        for route, path in self.paths():
            for which, page in self.pages_of(path).items():
                found.append((self.cost(page), route, which))
        return sorted(found, reverse=True)


def measure(kit):
    with kit.room("lists") as folder, listening(program("receiver"), 0) as hook:
        make_past(kit, folder, hook.port, incidents=2000 if kit.quick else 100000, services=200 if kit.quick else 5000, people=2000, schedules=200 if kit.quick else 5000)
        database = os.path.join(folder, "data", "muster.db")
        fill(database)
        with Muster(folder, keys=["none"], hook_port=hook.port) as server:
            found = Lists(server, database, 3 if kit.quick else 20).measure()
    slow = [one for one in found if one[0] >= LIMIT_MS]
    rows = [Row("pages of lists in less than %d ms of processor time (%d routes; first, longest and deep pages)" % (LIMIT_MS, len({route for _, route, _ in found})), "all",
                "%d of %d" % (len(found) - len(slow), len(found)), met=not slow)]
    shown = found[:max(WORST_SHOWN, len(slow))]
    return rows + [Row("%s, %s page" % (route, which), "< %d ms" % LIMIT_MS, "%.2f ms" % cost, met=cost < LIMIT_MS) for cost, route, which in shown]
