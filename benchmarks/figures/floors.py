"""F1 to F4: what the parts allow by themselves, on this machine, in this run. No goal: the other figures are held against them.

F1  POST of the same 600-byte event from 64 connections to net/http_server, which answers 202 with the same body and does nothing (floor_http.c).
F2  the rows that the engine writes for an event (5 % new incidents with everything a new incident writes), inserted through store/ in group commits of
    64 events (what 64 connections with one event each can bring together) and of 1,000 (batches): floor_rows.c.
F3  fdatasync per second after overwriting 4 KiB. F4: appending 4 KiB and fdatasync (floor_disk.c)."""
import os

from kit import Row, listening, load, program, run

NAME = "floors"


def http(kit):
    with listening(program("floor_http")) as server:
        return {"f1": load(server.port, "/v2/enqueue", kit.seconds(5), ["0" * 32])["events_per_s"]}


def rows(kit, source, batch, target=None):
    with kit.room("rows") as folder:
        return run(program("floor_rows"), source, target or os.path.join(folder, "target.db"), batch)["events_per_s"]


def source(kit):
    """A database with 60,000 events taken by the engine; made once per run."""
    if "source" not in kit.facts:
        path = os.path.join(kit.folder, "source.db")
        run(program("engine_run"), path, 5000 if kit.quick else 60000, 5, 64)
        kit.facts["source"] = path
    return kit.facts["source"]


def floor(kit, name):
    """The median of a floor, measured now if it was not yet."""
    if name not in kit.facts:
        if name == "f1":
            kit.facts["f1"] = kit.repeat(lambda: http(kit))["f1"]
        else:
            path, batch = source(kit), {"f2": 64, "f2_batch": 1000}[name]
            kit.facts[name] = kit.repeat(lambda: {name: rows(kit, path, batch)})[name]
    return kit.facts[name]


def measure(kit):
    disk = kit.repeat(lambda: run(program("floor_disk"), os.path.join(kit.folder, "disk"), kit.seconds(3)))
    return [
        Row("F1 HTTP server that does nothing, requests/s", "floor", floor(kit, "f1").text()),
        Row("F2 rows of an event, commits of 64, events/s", "floor", floor(kit, "f2").text()),
        Row("F2 rows of an event, commits of 1,000, events/s", "floor", floor(kit, "f2_batch").text()),
        Row("F3 fdatasync of 4 KiB in place, per s", "floor", disk["f3_per_s"].text()),
        Row("F4 append of 4 KiB and fdatasync, per s", "floor", disk["f4_per_s"].text()),
    ]
