"""A small installation: from exec to the first accepted event on a database that exists; idle memory of server and sender together, with what both share (the binary, libraries)
counted once; the sum of their resident sizes stands beside it; the size of the stripped binary, which carries the SQL and, where it was built, the browser app."""
import os
import subprocess

from figures.growth import first_event_ms
from kit import BUILD, Muster, Row, Series, sleep

NAME = "start"


def measure(kit):
    stripped = os.path.join(kit.folder, "muster-stripped")
    subprocess.run(["strip", "-o", stripped, os.path.join(BUILD, "muster")], check=True)
    size = os.path.getsize(stripped) / 1e6
    with kit.room("start") as folder:
        with Muster(folder) as server:
            sleep(1 if kit.quick else 3)
            memory, resident = server.distinct_memory_mb(), server.memory_mb()
        took = Series([first_event_ms(kit, folder, server.keys, 9) for _ in range(kit.runs)])
    return [
        Row("start of a small installation to the first accepted event", "<= 200 ms", took.text(" ms"), "", took.median <= 200),
        Row("idle memory, server and sender (sum of resident sizes %.1f MB)" % resident, "<= 20 MB", "%.1f MB" % memory, "", memory <= 20),
        Row("stripped binary", "<= 5 MB", "%.1f MB" % size, "", size <= 5),
    ]
