"""The first minute, as the README tells it: ./run, one curl, the practice phone rings, an answer on it takes the incident."""
import http.client
import os
import re
import signal
import subprocess
import threading
import time

from harness.client import Client
from harness.server import ROOT, eventually, free_port


def run(folder):
    port = free_port()
    process = subprocess.Popen([os.path.join(ROOT, "run"), "--data", os.path.join(folder, "data"), "--listen", "127.0.0.1:%d" % port],
                               stdout=subprocess.PIPE, stderr=open(os.path.join(folder, "log"), "wb"), start_new_session=True, text=True)
    lines = []
    threading.Thread(target=lambda: lines.extend(line.rstrip("\n") for line in process.stdout), daemon=True).start()
    try:
        started = time.monotonic()

        def ready():
            assert process.poll() is None, open(os.path.join(folder, "log"), errors="replace").read()[-3000:]
            return Client("http://127.0.0.1:%d" % port) if answers(port) else None
        client = eventually("the server answers", ready, within_s=500)  # a first build may be part of it
        print("ready after %.1f s" % (time.monotonic() - started))
        eventually("it prints what a script needs", lambda: "ready" in lines)
        facts = dict(line.split("=", 1) for line in lines if re.match(r"^(url|token|routing_key)=", line))
        assert set(facts) == {"url", "token", "routing_key"}, lines

        client = Client(facts["url"], facts["token"])
        answer = Client(facts["url"]).send("POST", "/v2/enqueue", {"routing_key": facts["routing_key"], "event_action": "trigger", "payload": {
            "summary": "Checkout is down", "source": "readme", "severity": "critical"}})
        assert answer.status == 202, (answer.status, answer.text)
        rung = eventually("the practice phone rings", lambda: [m for m in client.get("/muster/practice/messages")["messages"] if "Checkout is down" in str(m)])
        print("the practice phone rings: %s by %s" % (rung[0]["user"]["summary"], rung[0].get("channel")))
        incident = client.get("/incidents", statuses=["triggered"])["incidents"][0]
        client.post("/muster/practice/messages/%s/answer" % rung[0]["id"], {"action": "acknowledge"})
        eventually("the answer takes the incident", lambda: client.get("/incidents/" + incident["id"])["incident"]["status"] == "acknowledged")
        os.killpg(process.pid, signal.SIGTERM)
        assert process.wait(60) == 0
    except Exception:
        print("\n".join(lines[-40:]))
        raise
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def answers(port):
    try:
        return Client("http://127.0.0.1:%d" % port, timeout_s=60).send("GET", "/openapi.json").status == 200
    except (OSError, http.client.HTTPException):
        return False
