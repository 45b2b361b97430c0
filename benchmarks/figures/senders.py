"""Pages per second to one provider on loopback, 100 in flight: the real sender process, fed through its socket pair (sender_feed.c), against a bare libcurl loop that posts a
body of the same size (curl_loop.c). Both to the same receiver. The processor time is of the sender process alone and of the loop alone."""
import os

from kit import PROVIDER, Row, listening, program, run

NAME = "senders"


def once(kit):
    count = 2000 if kit.quick else 60000
    config = os.path.join(kit.folder, "senders.conf")
    with open(config, "w") as file:
        file.write("data = %s\n" % kit.folder + PROVIDER % 100)
    with listening(program("receiver"), 0) as hook:
        url = "http://127.0.0.1:%d/hook" % hook.port
        bare = run(program("curl_loop"), url, count, 100)
        ours = run(program("sender_feed"), os.environ["MUSTER_BINARY"], config, "hooks", url, count, 100)
    if ours["failed"] or bare["failed"]:
        raise AssertionError("not all were delivered: %s %s" % (ours, bare))
    return {"ours": ours["per_s"], "bare": bare["per_s"], "ours_cpu": ours["cpu_us"], "bare_cpu": bare["cpu_us"]}


def measure(kit):
    result = kit.repeat(lambda: once(kit))
    ratio = result["ours"].median / result["bare"].median
    return [
        Row("pages/s to one provider, 100 in flight", ">= 0.7 x libcurl", result["ours"].text(), "%.2f" % ratio, ratio >= 0.7),
        Row("  a bare libcurl loop, posts/s", "peer", result["bare"].text()),
        Row("  processor time of one, sender / libcurl loop", "", "%s / %s" % (result["ours_cpu"].text(" us", 1), result["bare_cpu"].text(" us", 1)),
            "%.2f" % (result["ours_cpu"].median / result["bare_cpu"].median)),
    ]
