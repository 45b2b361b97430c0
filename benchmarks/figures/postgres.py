"""PostgreSQL as the store: events per second as in `throughput` against the same rows through the same store/ with prepared statements (floor_rows.c on PostgreSQL), both on a server of
this run with its shipped durability (fsync, synchronous_commit). Changes travel in libpq's pipeline in both; the engine also looks
things up and waits for each answer, the floor does not. GoAlert's figure for orientation, measured before on this kind of machine: its SQL alone makes at most 1,292 new alerts a second in all (482 per key)."""
import os

from figures.floors import rows, source
from kit import Muster, Row, listening, load, postgres, program

NAME = "postgres"
GOALERT = 1292


def ours(kit, server):
    with kit.room("postgres") as folder, listening(program("receiver"), 0) as hook:
        with Muster(folder, hook_port=hook.port, database=server.create("bench")) as muster:
            load(muster.port, "/v2/enqueue", 1, muster.keys)
            return load(muster.port, "/v2/enqueue", kit.seconds(8), muster.keys)


def measure(kit):
    server = postgres(kit)
    if not server:
        return [Row("PostgreSQL as the store", ">= 0.75 x its floor", "not installed")]
    floor = kit.repeat(lambda: {"per_s": rows(kit, source(kit), 64, server.create("floor"))})["per_s"]
    result = kit.repeat(lambda: ours(kit, server))
    per_s = result["events_per_s"]
    ratio, goalert = per_s.median / floor.median, per_s.median / GOALERT
    return [
        Row("PostgreSQL: durable events/s, one per request", ">= 0.75 x its floor", per_s.text(), "%.2f of %s" % (ratio, floor.text()), ratio >= 0.75),
        Row("  against GoAlert's SQL (1,292/s)", ">= 15 x", "", "%.1f x" % goalert, goalert >= 15),
    ]
