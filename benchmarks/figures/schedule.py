"""Who is on call through a whole year on one schedule: 20 people in two layers, the upper one only in office hours, clock changes included. core/ alone, one thread
(resolve.c); the median of 2,000 renderings, repeated."""
from kit import Row, program, run

NAME = "schedule"


def measure(kit):
    result = kit.repeat(lambda: run(program("resolve"), 200 if kit.quick else 2000))
    return [Row("a year of a schedule of 20 people (%d shifts)" % result["spans"].median, "<= 1 ms", result["median_us"].text(" us"), "",
                result["median_us"].median <= 1000)]
