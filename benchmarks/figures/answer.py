"""How long a sender waits for its 202 at half of the load of `throughput`: 64 connections, open loop: each request has a planned time and the wait counts from the
plan, so that a stall (a checkpoint, say) is charged to everybody it would have hit. 5 % new incidents; long enough for several checkpoints."""
from figures.throughput import single_rate
from kit import Muster, Row, listening, load, program

NAME = "answer"


def once(kit, rate):
    with kit.room("answer") as folder, listening(program("receiver"), 0) as hook, Muster(folder, hook_port=hook.port) as server:
        load(server.port, "/v2/enqueue", 1, server.keys, rate=rate)
        return load(server.port, "/v2/enqueue", kit.seconds(15), server.keys, rate=rate)


def measure(kit):
    rate = single_rate(kit).median / 2
    result = kit.repeat(lambda: once(kit, rate))
    return [
        Row("answer p50 at half that load (%d/s)" % rate, "", result["p50_ms"].text(" ms", 2)),
        Row("answer p99 at half that load", "<= 10 ms", result["p99_ms"].text(" ms", 2), "", result["p99_ms"].median <= 10),
        Row("answer p99.9 at half that load", "<= 30 ms", result["p999_ms"].text(" ms", 2), "", result["p999_ms"].median <= 30),
    ]
