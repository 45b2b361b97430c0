"""Debian's promtool finds nothing wrong with /metrics, and Debian's Prometheus scrapes it with a read-only token and answers what happened."""
import json
import os
import shutil
import subprocess
import urllib.parse
import urllib.request

from harness import Skipped
from harness.server import eventually, free_port
from harness.world import World

CONFIG = """
global:
  scrape_interval: 1s
scrape_configs:
- job_name: muster
  authorization:
    credentials_file: {token}
  static_configs:
  - targets: ["127.0.0.1:{port}"]
- job_name: stranger
  static_configs:
  - targets: ["127.0.0.1:{port}"]
"""


class Prometheus:
    def __init__(self, folder, muster_port, token):
        self.port = free_port()
        path, token_file = os.path.join(folder, "prometheus.yml"), os.path.join(folder, "token")
        with open(token_file, "w") as file:
            file.write(token)
        with open(path, "w") as file:
            file.write(CONFIG.format(token=token_file, port=muster_port))
        self.log = open(os.path.join(folder, "prometheus.log"), "w+")
        self.process = subprocess.Popen(["prometheus", "--config.file=" + path, "--storage.tsdb.path=" + os.path.join(folder, "tsdb"),
                                         "--web.listen-address=127.0.0.1:%d" % self.port], stdout=self.log, stderr=self.log)

    def value(self, expression):
        """The one number the expression gives; None while it gives none."""
        url = "http://127.0.0.1:%d/api/v1/query?%s" % (self.port, urllib.parse.urlencode({"query": expression}))
        try:
            found = json.load(urllib.request.urlopen(url, timeout=60))["data"]["result"]
        except OSError:
            return None
        return float(found[0]["value"][1]) if len(found) == 1 else None

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        self.log.close()


def run(folder):
    if not shutil.which("prometheus") or not shutil.which("promtool"):
        raise Skipped("Debian's prometheus is not installed")
    world = World(folder, test_clock=False)
    prometheus = None
    try:
        ana, = world.people("Ana", ladder=[(0, "email")])
        checkout = world.service("checkout", [[ana]])
        checkout.event("Checkout is down", key="one")
        checkout.event("Checkout is down", key="one")
        reader = world.api.post("/muster/tokens", {"token": {"name": "prometheus", "role": "read_only_user"}})["token"]["token"]
        text = urllib.request.urlopen(urllib.request.Request(world.server.url + "/metrics", headers={"Authorization": "Bearer " + reader}), timeout=60).read()
        judged = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, check=False)
        assert judged.returncode == 0 and not judged.stderr and not judged.stdout, judged
        broken = subprocess.run(["promtool", "check", "metrics"], input=text.replace(b"# TYPE muster_queued_jobs gauge", b"# TYPE muster_queued_jobs counter"), capture_output=True, check=False)
        assert broken.returncode != 0, "promtool finds nothing wrong with anything"
        prometheus = Prometheus(folder, world.server.port, reader)
        expected = {
            'muster_events_total{disposition="opened"}': 1, 'muster_events_total{disposition="merged"}': 1,
            'sum(muster_page_latency_seconds_count)': None, 'muster_sender_up': 1, 'muster_database_up': 1,
            'sum(muster_messages_total{channel="email"})': None, 'muster_event_answer_duration_seconds_count': 2,
            'up{job="muster"}': 1, 'up{job="stranger"}': 0,
        }
        for expression, wanted in expected.items():
            def is_so(expression=expression, wanted=wanted):
                value = prometheus.value(expression)
                return value is not None and (value >= 1 if wanted is None else value == wanted)
            eventually("%s is %s" % (expression, wanted or "counted"), is_so)
        assert eventually("a quantile", lambda: prometheus.value('histogram_quantile(0.99, sum by (le) (muster_page_latency_seconds_bucket))')) < 600
    finally:
        if prometheus:
            prometheus.stop()
        world.close()
