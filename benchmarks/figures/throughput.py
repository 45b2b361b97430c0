"""Durable events per second: POST /v2/enqueue with 600-byte Events v2 bodies from 64 kept-alive connections, 5 % of them about something new, the others about
one of the 1,000 newest things; each answered only after its commit is on disk. Then the same events in batches of 100 (POST /muster/events/batch, 16
connections). Muster runs as ./run starts it, with 20 services, on-call schedules, policies, people and a provider that takes the pages; a new database
each time. The load generator and the provider share the two cores with Muster.

Peer: Alertmanager, the same load and facts as alerts; it keeps them in memory only."""
from figures.floors import floor
from kit import Alertmanager, Muster, Row, listening, load, memory_mb, program

NAME = "throughput"


def muster(kit, path, batch, connections):
    with kit.room("throughput") as folder, listening(program("receiver"), 0) as hook:
        with Muster(folder, hook_port=hook.port) as server:
            load(server.port, path, 1, server.keys, batch=batch, connections=connections)
            result = load(server.port, path, kit.seconds(8), server.keys, batch=batch, connections=connections)
            return {"per_s": result["events_per_s"], "p99": result["p99_ms"]}


def single_rate(kit):
    """Median of what one event per request reaches; measured once per run, other figures load a part of it."""
    if "single" not in kit.facts:
        kit.facts["single"] = kit.repeat(lambda: muster(kit, "/v2/enqueue", 1, 64))
    return kit.facts["single"]["per_s"]


def alertmanager(kit):
    with kit.room("alertmanager") as folder, listening(program("receiver"), 0) as hook, Alertmanager(folder, hook.port) as peer:
        result = load(peer.port, "/api/v2/alerts", kit.seconds(6), ["-"])
    with kit.room("alertmanager") as folder, Alertmanager(folder) as peer:
        # 100,000 different alerts in one group that calls nobody: the alerts' own memory.
        sent = 0
        while sent < (5000 if kit.quick else 100000):
            sent += load(peer.port, "/api/v2/alerts", 0.5, ["-"], new_percent=100, batch=64)["events"]
        return {"per_s": result["events_per_s"], "memory": memory_mb(peer.process.pid), "alerts": sent}


def measure(kit):
    single, batched = single_rate(kit), kit.repeat(lambda: muster(kit, "/muster/events/batch", 100, 16))["per_s"]
    peer = kit.repeat(lambda: alertmanager(kit))
    smaller = min(floor(kit, "f1").median, floor(kit, "f2").median)
    ratio, ratio_peer = single.median / smaller, single.median / peer["per_s"].median
    ratio_batch = batched.median / floor(kit, "f2_batch").median
    return [
        Row("durable events/s, one per request, 64 connections", ">= 0.75 x min(F1, F2)", single.text(), "%.2f of F2" % ratio, ratio >= 0.75),
        Row("  the same against Alertmanager (not durable)", "> Alertmanager", peer["per_s"].text(), "%.2f x it" % ratio_peer, ratio_peer > 1),
        Row("durable events/s in batches of 100", ">= 0.9 x F2", batched.text(), "%.2f of F2" % ratio_batch, ratio_batch >= 0.9),
        Row("  Alertmanager: memory after %d alerts" % peer["alerts"].median, "peer", peer["memory"].text(" MB")),
    ]
