"""The hour Muster is for. 100,000 events in 60 s (64 connections, open loop) over 500 services with 2,000 people, 20 % of them about something new, so that 20,000
incidents open; and among them one probe a second on a service of its own, measured as in `page`. Every service's people are the four of its own rotation.

All accepted: no answer but 202. Right people paged: in the database, every page is for the person whom the schedule's rotation names, and every service that
had an incident had its person called; no one else was. First pages: time from a probe to its arrival. Memory: the highest resident size of server
and sender together. One run of 60 s, without repeats."""
import os
import sqlite3
import threading
import time

from kit import Muster, Row, free_port, program, result_of, run, start_load

NAME = "storm"


def wrong_pages(database):
    """(pages whose person is not the chosen one of its incident's decision, services with incidents but without any page)"""
    connection = sqlite3.connect("file:%s?mode=ro" % database, uri=True)
    strangers = connection.execute(
        "SELECT COUNT(*) FROM pages p LEFT JOIN decision_candidates c ON c.decision_number = p.decision_number AND c.user_id = p.user_id AND c.chosen = 1 "
        "LEFT JOIN incidents i ON i.number = p.incident_number LEFT JOIN policy_targets t ON t.policy_id = i.policy_id AND t.target_type = 'schedule' "
        "LEFT JOIN schedule_users s ON s.schedule_id = t.target_id AND s.user_id = p.user_id WHERE c.user_id IS NULL OR s.user_id IS NULL").fetchone()[0]
    silent = connection.execute("SELECT COUNT(*) FROM incidents i WHERE NOT EXISTS (SELECT 1 FROM pages p WHERE p.incident_number = i.number)").fetchone()[0]
    incidents = connection.execute("SELECT COUNT(*) FROM incidents").fetchone()[0]
    connection.close()
    return strangers, silent, incidents


class Watch(threading.Thread):
    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.most_mb, self.stopping = server, 0.0, False
        self.start()

    def run(self):
        while not self.stopping:
            self.most_mb = max(self.most_mb, self.server.memory_mb())
            time.sleep(0.25)


def measure(kit):
    seconds, hook = kit.seconds(60), free_port()
    rate = 100000 / 60 if not kit.quick else 500
    with kit.room("storm") as folder, Muster(folder, services=560, people=2240, hook_port=hook) as server:
        watch = Watch(server)
        background = start_load(server.port, "/v2/enqueue", seconds, server.keys[:500], rate=rate, new_percent=20)
        probe = run(program("receiver"), hook, "muster", "127.0.0.1", server.port, 1, seconds, ",".join(server.keys[500:]))
        sent = result_of(background)
        watch.stopping = True
        watch.join()
        strangers, silent, incidents = wrong_pages(os.path.join(server.data, "muster.db"))
    return [
        Row("storm: %d events in %d s, refused" % (sent["events"], seconds), "0", "%d" % sent["errors"], "", sent["errors"] == 0),
        Row("  incidents; pages to a wrong person; incidents without a page", "right people", "%d; %d; %d" % (incidents, strangers, silent), "",
            strangers == 0 and silent == 0 and incidents > 0),
        Row("  first page, p99 of one probe a second", "<= 1,000 ms", "%.1f ms" % probe["from_event_ms"][1], "", probe["from_event_ms"][1] <= 1000),
        Row("  first page, the slowest", "<= 5,000 ms", "%.1f ms" % probe["from_event_ms"][3], "", probe["from_event_ms"][3] <= 5000 and probe["paged"] == probe["sent"]),
        Row("  memory, server and sender, highest", "<= 150 MB", "%.0f MB" % watch.most_mb, "", watch.most_mb <= 150),
        Row("  answer p99 in the storm", "", "%.1f ms" % sent["p99_ms"]),
    ]
