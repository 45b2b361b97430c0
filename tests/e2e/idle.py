"""An idle server sleeps: with an open incident whose next step is minutes away no thread of server or sender wakes up, and a step that comes due is taken
at its time all the same."""
import glob
import subprocess
import time

from harness.server import eventually
from harness.world import World

REST_S = 17  # longer than the heart-beat of streams, which must not beat for nobody
SNOOZE_S = 3


def switches(pids):
    """How often any thread was put on a processor and left it again."""
    count = {}
    for pid in pids:
        for path in glob.glob("/proc/%d/task/*/status" % pid):
            with open(path) as status:
                count[path] = sum(int(line.split()[1]) for line in status if "ctxt_switches" in line)
    return count


def processes(main):
    return [main] + [int(pid) for pid in subprocess.run(["pgrep", "-P", str(main)], stdout=subprocess.PIPE, text=True).stdout.split()]


def run(folder):
    world = World(folder, test_clock=False, settings="canary_interval_s = 0\n")  # the canary is work by choice
    try:
        ana = world.person("Ana", methods=("sms",), ladder=[(0, "sms"), (9, "sms")])
        incident = world.service("checkout", [[ana]], minutes=30).breaks()
        eventually("she is paged", lambda: ana.heard("sms"))
        pids = processes(world.server.process.pid)
        assert len(pids) == 2, "server and sender, got %s" % pids

        def rested(seconds):
            before = switches(pids)
            time.sleep(seconds)
            after = switches(pids)
            return {path: after[path] - count for path, count in before.items() if after.get(path) != count}
        first = rested(4)  # what was still to be done after the page
        for _ in range(3):  # on a busy machine that takes longer; what wakes up by itself does so each time
            woken = rested(REST_S)
            print("wake-ups in %d s: %d, before that %d" % (REST_S, sum(woken.values()), sum(first.values())))
            if not woken:
                break
            first = woken
        assert not woken, woken

        incident.acknowledge(ana)
        began = time.monotonic()
        world.api.post("/incidents/%s/snooze" % incident.id, {"duration": SNOOZE_S}, headers={"From": ana.email})
        eventually("the snooze ends", lambda: incident.status == "triggered")
        took = time.monotonic() - began
        print("a snooze of %d s ended after %.2f s" % (SNOOZE_S, took))
        assert SNOOZE_S - 0.1 <= took <= SNOOZE_S + 10, took
    finally:
        world.close()
