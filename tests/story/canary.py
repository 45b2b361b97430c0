"""Muster pages itself every minute through the whole path and pings somebody outside after each round, and none of it is in anybody's way: not in lists, counts,
numbers, and not in the store."""
import http.server
import os
import sqlite3
import threading

crash = False  # the pings outside are counted by their minute


class Outside(http.server.BaseHTTPRequestHandler):
    pings = []

    def do_GET(self):
        self.pings.append((self.path, self.headers.get("User-Agent", "")))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


outside = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Outside)
threading.Thread(target=outside.serve_forever, daemon=True).start()
settings = "canary_interval_s = 60\ndead_man_url = http://127.0.0.1:%d/alive/muster\ndead_man_private = yes\n" % outside.server_address[1]


def nowhere(world):
    """What people and programs see of it: nothing."""
    for path in ("/users", "/services", "/escalation_policies", "/oncalls", "/log_entries", "/muster/providers", "/muster/summary"):
        shown = world.browser().send("GET", path + "?limit=100", headers={"Authorization": "Token token=" + world.api.token})
        assert shown.status == 200 and "anary" not in shown.text, (path, shown.text)


def story(world):
    ana, = world.people("Ana", ladder=[(0, "email")])
    checkout = world.service("checkout", [[ana]])
    world.begin("2010-01-01T00:10:00Z")
    measure = lambda name: [float(line.split()[-1]) for line in world.api.send("GET", "/metrics").text.splitlines() if line.startswith(name + " ")]

    del Outside.pings[:]
    world.advance(minutes=10)
    assert [path for path, _ in Outside.pings] == ["/alive/muster"] * 10, Outside.pings
    assert world.browser().send("GET", "/health").status == 200
    assert measure("muster_canary_age_seconds")[0] <= 60 and measure("muster_canary_missed_total") == [0]
    ana.expect_nothing()
    nowhere(world)

    first = checkout.breaks("Checkout is down", key="one")
    world.advance(minutes=5)
    second = checkout.breaks("Checkout is down again", key="two")
    assert second.number == first.number + 1, "ten rounds take no numbers"
    assert len(world.incidents()) == 2 and world.api.get("/muster/summary")["incidents"]["triggered"] == 2
    if os.path.exists(os.path.join(world.server.data, "muster.db")):
        stored = sqlite3.connect(os.path.join(world.server.data, "muster.db"))
        for table in ("incidents", "messages", "alerts", "decisions", "pages"):
            rows, = stored.execute("SELECT COUNT(*) FROM %s WHERE %s" % (table, "incident_number NOT IN (%d, %d)" % (first.number, second.number) if table != "incidents"
                                                                        else "service_id = 'PCANARY'")).fetchone()
            assert rows == 0, "%d rows of the canary stay in %s" % (rows, table)
        assert stored.execute("SELECT COUNT(*) FROM events WHERE format = 'canary'").fetchone() == (0,)
        stored.close()

