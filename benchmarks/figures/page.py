"""From an event to the provider's socket at half load. While load.c sends half of what `throughput` reaches, 5 % new incidents, receiver.c, which is also the provider,
sends 20 further events a second on its own connection, each about something new on a service of its own (400 services, 1,600 people: nobody is called often
enough for pages to be bundled), and takes the time of its 202 and of the request that brings the page, on one clock.

Alertmanager: the same with its webhook receiver, group_wait 0, each alert its own group, the same background load relative to its own throughput
of this run. A 5 s poller (GoAlert's engine interval) waits between 0 and 5 s whatever its speed: p50 2,500 ms, p99 4,950 ms by arithmetic."""
from figures.throughput import alertmanager, single_rate
from kit import Alertmanager, Muster, Row, free_port, program, result_of, run, start_load

NAME = "page"
RATE = 20


def muster(kit, rate):
    hook = free_port()
    with kit.room("page") as folder, Muster(folder, services=420, people=1680, hook_port=hook) as server:
        seconds = kit.seconds(12)
        background = start_load(server.port, "/v2/enqueue", seconds + 1, server.keys[:20], rate=rate)
        probe = run(program("receiver"), hook, "muster", "127.0.0.1", server.port, RATE, seconds, ",".join(server.keys[20:]))
        result_of(background)
        return values(probe)


def peer(kit, rate):
    hook = free_port()
    with kit.room("page") as folder, Alertmanager(folder, hook) as server:
        seconds = kit.seconds(8)
        background = start_load(server.port, "/api/v2/alerts", seconds + 1, ["-"], rate=rate)
        probe = run(program("receiver"), hook, "alertmanager", "127.0.0.1", server.port, RATE, seconds)
        result_of(background)
        return values(probe)


def values(probe):
    return {"p50": probe["from_answer_ms"][0], "p99": probe["from_answer_ms"][1], "event_p50": probe["from_event_ms"][0],
            "event_p99": probe["from_event_ms"][1], "lost": probe["sent"] - probe["paged"]}


def measure(kit):
    rate = single_rate(kit).median / 2
    ours = kit.repeat(lambda: muster(kit, rate))
    theirs = kit.repeat(lambda: peer(kit, alertmanager(kit)["per_s"] / 2 if kit.quick else 5000))
    ratio = ours["event_p50"].median / max(theirs["event_p50"].median, 0.001)
    return [
        Row("202 -> request at the provider's socket, p50", "<= 2 ms", ours["p50"].text(" ms", 2), "", ours["p50"].median <= 2),
        Row("202 -> request at the provider's socket, p99", "<= 20 ms", ours["p99"].text(" ms", 2), "", ours["p99"].median <= 20),
        Row("event sent -> provider's socket, p50 / p99", "", "%s / %s" % (ours["event_p50"].text(" ms", 2), ours["event_p99"].text(" ms", 2)),
            "%.2f x Alertmanager" % ratio),
        Row("  Alertmanager, p50 / p99 (5,000 alerts/s beside it)", "peer",
            "%s / %s" % (theirs["event_p50"].text(" ms", 2), theirs["event_p99"].text(" ms", 2))),
        Row("  a 5 s poller, p50 / p99", "peer", "2,500 / 4,950 ms (arithmetic)"),
        Row("  probes that were never paged", "0", "%d" % ours["lost"].values[-1], "", ours["lost"].values[-1] == 0),
    ]
