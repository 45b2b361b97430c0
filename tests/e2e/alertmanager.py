"""Debian's Alertmanager fires, once by its webhook and once by its PagerDuty receiver; a mail leaves through a real postfix and an SMS through a
Twilio-like provider; the SMS reply acknowledges; Alertmanager resolves and the incident closes."""
import datetime
import json
import os
import shutil
import subprocess
import urllib.request

from harness import Skipped
from harness.postfix import Postfix
from harness.server import eventually, free_port
from harness.world import Incident, World

CONFIG = """
route:
  receiver: webhook
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 1h
  routes:
  - receiver: pagerduty
    matchers: [team="database"]
receivers:
- name: webhook
  webhook_configs:
  - url: {url}/integrations/alertmanager/{webhook_key}
- name: pagerduty
  pagerduty_configs:
  - url: {url}/v2/enqueue
    routing_key: {pagerduty_key}
"""


class Alertmanager:
    def __init__(self, folder, config):
        self.port = free_port()
        path = os.path.join(folder, "alertmanager.yml")
        with open(path, "w") as file:
            file.write(config)
        self.log = open(os.path.join(folder, "alertmanager.log"), "w+")
        self.process = subprocess.Popen(["prometheus-alertmanager", "--config.file=" + path, "--storage.path=" + os.path.join(folder, "alertmanager"),
                                         "--web.listen-address=127.0.0.1:%d" % self.port, "--cluster.listen-address="], stdout=self.log, stderr=self.log)
        eventually("Alertmanager answers", self.is_ready)

    def is_ready(self):
        try:
            return urllib.request.urlopen("http://127.0.0.1:%d/-/ready" % self.port, timeout=60).status == 200
        except OSError:
            return False

    def alert(self, firing, **labels):
        now = datetime.datetime.now(datetime.timezone.utc)
        document = {"labels": labels, "annotations": {"summary": "%s on %s" % (labels["alertname"], labels["instance"])}, "startsAt": (now - datetime.timedelta(seconds=5)).isoformat()}
        if not firing:
            document["endsAt"] = (now - datetime.timedelta(seconds=1)).isoformat()
        request = urllib.request.Request("http://127.0.0.1:%d/api/v2/alerts" % self.port, json.dumps([document]).encode(), {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=60)

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        self.log.close()


def one_incident(world, service):
    found = world.incidents(service)
    return Incident(world, found[0]["id"]) if len(found) == 1 else None


def run(folder):
    if not shutil.which("prometheus-alertmanager"):
        raise Skipped("prometheus-alertmanager is not installed")
    os.makedirs(os.path.join(folder, "postfix"))
    postfix = Postfix(os.path.join(folder, "postfix"))
    if postfix.unavailable:
        raise Skipped(postfix.unavailable)
    world, alertmanager = None, None
    try:
        world = World(folder, test_clock=False, mail_url=postfix.url)
        ana = world.person("Ana", ladder=[(0, "email"), (0, "sms")])
        checkout = world.service("checkout", [[ana]], minutes=30)
        ledger = world.service("ledger-db", [[ana]], minutes=30)
        alertmanager = Alertmanager(folder, CONFIG.format(url=world.server.url, webhook_key=checkout.key, pagerduty_key=ledger.key))

        # By webhook: labels and fingerprint arrive.
        alertmanager.alert(True, alertname="ErrorRateHigh", instance="web-1", severity="critical", team="payments")
        incident = eventually("an incident from the webhook", lambda: one_incident(world, checkout))
        assert "ErrorRateHigh on web-1" in incident.document["title"], incident.document["title"]
        mail = eventually("a mail through postfix", lambda: [mail for mail in postfix.mails() if "ErrorRateHigh" in str(mail["Subject"])])[0]
        assert mail["To"].addresses[0].addr_spec == ana.email and mail["Auto-Submitted"] == "auto-generated"
        sms = eventually("an SMS", lambda: [sms for sms in ana.heard("sms") if "ErrorRateHigh" in sms.text])[0]
        ana.replies("4", sms)
        assert incident.status == "acknowledged"
        alertmanager.alert(False, alertname="ErrorRateHigh", instance="web-1", severity="critical", team="payments")
        eventually("the incident closes", lambda: incident.status == "resolved")

        # By the PagerDuty receiver, an independent client of the Events API.
        alertmanager.alert(True, alertname="ReplicaLag", instance="db-1", severity="critical", team="database")
        incident = eventually("an incident from the PagerDuty receiver", lambda: one_incident(world, ledger))
        eventually("a second SMS", lambda: [sms for sms in ana.heard("sms") if "ReplicaLag" in sms.text])
        alertmanager.alert(False, alertname="ReplicaLag", instance="db-1", severity="critical", team="database")
        eventually("the second incident closes", lambda: incident.status == "resolved")
        assert world.close() == 0
        world = None
    except Exception:
        print(postfix.log()[-3000:])
        if alertmanager:
            alertmanager.log.seek(0)
            print(alertmanager.log.read()[-3000:])
        if world:
            print(world.server.log_tail())
        raise
    finally:
        if alertmanager:
            alertmanager.stop()
        if world:
            world.server.kill()
        postfix.stop()
