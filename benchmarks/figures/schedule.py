"""Who is on call through a whole year on one schedule: 20 people in two layers, the upper one only in office hours, clock changes included; and the same people on a
shift-based schedule, weeks beside office hours, all twenty at once on Saturdays. core/ alone, one thread (resolve.c); the median of 2,000 renderings, repeated."""
from kit import Row, program, run

NAME = "schedule"


def measure(kit):
    rows, times = [], 200 if kit.quick else 2000
    for name, form in (("a schedule of 20 people", ()), ("a shift-based schedule of 20 people", ("rotations",))):
        result = kit.repeat(lambda form=form: run(program("resolve"), times, *form))
        rows.append(Row("a year of %s (%d shifts)" % (name, result["spans"].median), "<= 1 ms", result["median_us"].text(" us"), "", result["median_us"].median <= 1000))
    return rows
