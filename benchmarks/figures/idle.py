"""What an idle Muster costs: voluntary and involuntary context switches of all threads of server and sender in 20 s, after 3 s of rest. Once without anything to do, once with an
open incident whose page was delivered and whose next step is minutes away. Both are over before the first canary, which is work by choice."""
import glob
import json

from kit import Muster, Row, listening, program, sleep

NAME = "idle"


def switches(pids):
    count = 0
    for pid in pids:
        for path in glob.glob("/proc/%d/task/*/status" % pid):
            with open(path) as status:
                count += sum(int(line.split()[1]) for line in status if "ctxt_switches" in line)
    return count


def during(server, seconds):
    sleep(3)
    pids = server.pids()
    before = switches(pids)
    sleep(seconds)
    return switches(pids) - before


def measure(kit):
    seconds = 3 if kit.quick else 20
    with kit.room("idle") as folder, listening(program("receiver"), 0) as hook, Muster(folder, hook_port=hook.port) as server:
        nothing = during(server, seconds)
        server.server.client().send("POST", "/v2/enqueue", json.loads(
            '{"routing_key":"%s","event_action":"trigger","payload":{"summary":"a","source":"b","severity":"critical"}}' % server.keys[0]))
        waiting = during(server, seconds)
    return [
        Row("wake-ups in %d s without work" % seconds, "0", "%d" % nothing, "", nothing == 0),
        Row("  with a timer minutes away", "0", "%d" % waiting, "", waiting == 0),
    ]
