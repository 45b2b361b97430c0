"""Why: the stage of a story: Muster with a clock that is moved, people with phones, services that break, providers that fail.

Everything is set up through the public API, seen through the public API and at the fake providers. Every method that
makes something happen is a step; with crash="step" the server is killed after each of them and started again on its data, with crash="midway" while time passes."""
import datetime
import http.client
import os
import random
import re
import threading
import time
import urllib.parse

from . import client, databases, mail, server, twilio
from .people import Person
from .server import eventually

UTC = datetime.timezone.utc
ACCOUNT_START = "2010-01-01T00:00:00Z"


def instant(value):
    """A datetime from RFC 3339 text or a datetime with a zone."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(UTC)
    return datetime.datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone(UTC)


def rfc3339(moment):
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Service:
    def __init__(self, world, document, key):
        self.world, self.id, self.name, self.key = world, document["id"], document["name"], key
        self.policy_id = document["escalation_policy"]["id"]

    def event(self, summary="It is broken", key=None, action="trigger", severity="critical", **payload):
        """One event of the Events API v2; answers its deduplication key."""
        body = {"routing_key": self.key, "event_action": action}
        if key:
            body["dedup_key"] = key
        if action == "trigger":
            body["payload"] = {"summary": summary, "source": self.name + "-1", "severity": severity, **payload}
        answer = self.world.api.post("/v2/enqueue", body, headers={"Authorization": ""}, status=202)
        self.world.step()
        return answer["dedup_key"]

    def breaks(self, summary="It is broken", **more):
        """An event that opens an incident; answers the incident."""
        before = {incident["id"] for incident in self.world.incidents(self)}
        self.event(summary, **more)
        new = [incident for incident in self.world.incidents(self) if incident["id"] not in before]
        assert len(new) == 1, "expected one new incident on %s, got %s" % (self.name, [i["title"] for i in new])
        return Incident(self.world, new[0]["id"])

    def acknowledge_event(self, key):
        return self.event(key=key, action="acknowledge")

    def resolve_event(self, key):
        return self.event(key=key, action="resolve")


class Incident:
    """Looks at the incident anew each time something is read."""

    def __init__(self, world, identifier):
        self.world, self.id = world, identifier

    @property
    def document(self):
        return self.world.api.get("/incidents/" + self.id)["incident"]

    @property
    def status(self):
        return self.document["status"]

    @property
    def number(self):
        return self.document["incident_number"]

    @property
    def assignees(self):
        return sorted(assignment["assignee"]["summary"] for assignment in self.document["assignments"])

    def log(self, kind=None):
        """Log entries, oldest first; `kind` without its _log_entry ending."""
        entries = self.world.everything("/incidents/%s/log_entries" % self.id, "log_entries")[::-1]
        return [entry for entry in entries if kind is None or entry["type"] == kind + "_log_entry"]

    def alerts(self):
        return self.world.everything("/incidents/%s/alerts" % self.id, "alerts")

    def change(self, by, **fields):
        """PUT /incidents/{id} as a person."""
        body = {"incident": {"type": "incident_reference", **fields}}
        answer = self.world.api.put("/incidents/" + self.id, body, headers={"From": by.email})
        self.world.step()
        return answer["incident"]

    def acknowledge(self, by):
        return self.change(by, status="acknowledged")

    def resolve(self, by):
        return self.change(by, status="resolved")

    def reassign(self, by, *people):
        return self.change(by, assignments=[{"assignee": person.reference} for person in people])

    def escalate(self, by, level):
        return self.change(by, escalation_level=level)

    def snooze(self, by, minutes):
        answer = self.world.api.post("/incidents/%s/snooze" % self.id, {"duration": minutes * 60}, headers={"From": by.email})
        self.world.step()
        return answer

    def merge(self, by, *sources):
        answer = self.world.api.put("/incidents/%s/merge" % self.id, {"source_incidents": [
            {"id": source.id, "type": "incident_reference"} for source in sources]}, headers={"From": by.email})
        self.world.step()
        return answer

    def note(self, by, text):
        answer = self.world.api.post("/incidents/%s/notes" % self.id, {"note": {"content": text}}, headers={"From": by.email})
        self.world.step()
        return answer


class World:
    """`test_clock=False` tells the tale in real time; `mail_url` puts a real mail server in the place of ours. `timeout_s` is what a send may take, in real time: a provider
    of this machine that is only slow today must not look like one that hangs."""

    def __init__(self, directory, database_url=None, crash=False, settings="", catch_all=None, test_clock=True, mail_url=None, provider_settings="",
                 environment=None, data=None, program=None, seed=None, timeout_s=30):
        self.directory, self.crash, self.crashes, self.set_up = directory, crash, 0, True
        self.mail_url, self.timeout_s, self.chance = mail_url, timeout_s, random.Random(seed)
        self.mail = mail.MailServer()
        self.sms_a, self.sms_b = twilio.Twilio("sms-a", "sms", "+15005550001"), twilio.Twilio("sms-b", "sms", "+15005550002")
        self.voice_a, self.voice_b = twilio.Twilio("voice-a", "phone", "+15005550003"), twilio.Twilio("voice-b", "phone", "+15005550004")
        self.phones = [self.sms_a, self.sms_b, self.voice_a, self.voice_b]
        for provider in self.phones:
            provider.deliver = self.callback
            if test_clock:
                provider.now = lambda: self.now or instant(ACCOUNT_START)
        self.server = None
        for provider in self.providers():
            provider.run = lambda: self.server.starts if self.server else 0
        config = os.path.join(directory, "muster.conf")
        with open(config, "w") as file:
            file.write(self.configuration(settings, catch_all, provider_settings))
        arguments = ["--config", config, "--no-sample"] + (["--test-clock"] if test_clock else [])
        if database_url:
            arguments += ["--database", database_url]
        self.server = server.Server(directory, arguments, environment, data=data, program=program).start()
        self.api = self.server.client()
        self.database = databases.PostgresFaults(database_url) if database_url else databases.SqliteFaults(self.server)
        self.people_by_name, self.now = {}, None

    def configuration(self, settings, catch_all, provider_settings):
        text = "# Made by the story harness.\n"
        if catch_all:
            text += "catch_all = %s@halden.example\n" % catch_all.lower()
        text += settings + "\n[provider mail]\ntype = smtp\nchannels = email\nbase_url = %s\nfrom = muster@halden.example\ntimeout_s = %d\n" % (self.mail_url or self.mail.url, self.timeout_s)
        for phone in self.phones:
            text += "\n[provider %s]\ntype = twilio\nchannels = %s\nbase_url = %s\naccount = %s\nsecret = %s\nfrom = %s\ntimeout_s = %d\n%s\n" % (
                phone.name, phone.channel, phone.url, phone.account, phone.secret, phone.number, self.timeout_s, provider_settings)
        return text

    # Time -------------------------------------------------------------------------------------------------

    def clock_is(self, moment):
        """Moves the clock there without calling it a step of the story."""
        self.now = instant(moment)
        self.api.put("/test/clock", {"now": rfc3339(self.now)})

    def until(self, moment):
        """Time passes until then; everything due in between happens at its own instant."""
        if self.crash == "midway" and not self.set_up:
            self.die_while_time_passes(moment)
        self.clock_is(moment)
        self.step()

    def die_while_time_passes(self, moment):
        """The server is killed at a random moment of the way; started again it goes on from wherever it was."""
        killer = threading.Timer(self.chance.uniform(0, 0.06), self.server.kill)
        killer.start()
        try:
            self.api.put("/test/clock", {"now": rfc3339(instant(moment))})
        except (OSError, http.client.HTTPException):
            pass
        killer.join()
        self.crashes += 1
        self.server.start()

    def advance(self, days=0, hours=0, minutes=0, seconds=0):
        self.until(self.now + datetime.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))

    def settle(self):
        """Waits until everything that is due now has been handed to the providers."""
        self.api.put("/test/clock", {"now": rfc3339(self.now)})

    def begin(self, moment=None):
        """The end of the set-up: what was sent until here (codes) is forgotten; from here on each step may be followed by a crash."""
        if moment:
            self.clock_is(moment)
        self.settle()
        for provider in self.providers():
            provider.sent.clear()
        self.set_up = False

    # Crashes ----------------------------------------------------------------------------------------------

    def step(self):
        if self.set_up or self.crash != "step":
            return
        self.crashes += 1
        self.server.kill()
        self.server.start()
        self.settle()

    def restart(self):
        self.server.kill()
        self.server.start()

    def close(self):
        code = None
        try:
            code = self.server.stop()
        finally:
            for provider in self.providers():
                provider.stop()
        return code

    def providers(self):
        return self.phones + [self.mail]

    # Set-up -----------------------------------------------------------------------------------------------

    def person(self, name, zone="Europe/Berlin", role="user", methods=("email", "sms", "phone"), ladder=None, low_ladder=None):
        """`ladder`: (minutes, channel) pairs for high urgency; without it mail at 0, SMS after 1 minute, calls after 2, 3 and 4 minutes."""
        person = Person(self, name, zone, role)
        person.add_contacts(methods)
        if ladder is None:
            ladder = [(0, "email"), (1, "sms"), (2, "phone"), (3, "phone"), (4, "phone")]
        person.set_ladder("high", [(after, channel) for after, channel in ladder if channel in methods])
        person.set_ladder("low", low_ladder if low_ladder is not None else [(0, "email")] if "email" in methods else [])
        self.people_by_name[name] = person
        return person

    def people(self, *names, **more):
        return [self.person(name, **more) for name in names]

    def policy(self, levels, name="Policy", minutes=5, loops=0, strategy=None):
        """levels: lists of Person or Schedule (each with .target)."""
        rules = []
        for number, level in enumerate(levels):
            rule = {"escalation_delay_in_minutes": minutes, "targets": [target.target for target in level]}
            if strategy and strategy[number]:
                rule["escalation_rule_assignment_strategy"] = {"type": strategy[number]}
            rules.append(rule)
        return self.api.post("/escalation_policies", {"escalation_policy": {
            "type": "escalation_policy", "name": "%s %d" % (name, time.monotonic_ns()), "num_loops": loops, "escalation_rules": rules}})["escalation_policy"]

    def service(self, name, levels=None, policy=None, minutes=5, loops=0, strategy=None, **fields):
        policy = policy or self.policy(levels, name + " policy", minutes, loops, strategy)
        body = {"type": "service", "name": name, "escalation_policy": {"id": policy["id"], "type": "escalation_policy_reference"},
                "auto_resolve_timeout": None, "acknowledgement_timeout": None,
                "incident_urgency_rule": {"type": "constant", "urgency": "high"}, "alert_creation": "create_alerts_and_incidents"}
        body.update(fields)
        document = self.api.post("/services", {"service": body}, status=201)["service"]
        integration = self.api.post("/services/%s/integrations" % document["id"], {"integration": {
            "type": "events_api_v2_inbound_integration", "name": "monitoring"}}, status=201)["integration"]
        return Service(self, document, integration["integration_key"])

    def schedule(self, name, zone, layers, **more):
        """layers: dictionaries of PagerDuty's layer fields, `users` as Persons, `every` in hours, `start` as local or RFC 3339 time."""
        from .schedules import Schedule
        return Schedule(self, name, zone, layers, **more)

    def maintenance(self, service, start, end, by, description="Planned work"):
        window = self.api.post("/maintenance_windows", {"maintenance_window": {
            "type": "maintenance_window", "start_time": rfc3339(instant(start)), "end_time": rfc3339(instant(end)), "description": description,
            "services": [{"id": service.id, "type": "service_reference"}]}}, headers={"From": by.email}, status=201)["maintenance_window"]
        self.step()
        return window

    # Looking ----------------------------------------------------------------------------------------------

    def everything(self, path, name, **query):
        """All pages of a list."""
        items, offset = [], 0
        while True:
            page = self.api.get(path, limit=100, offset=offset, **query)
            items += page[name]
            if not page.get("more"):
                return items
            offset += len(page[name])

    def incidents(self, service=None, statuses=("triggered", "acknowledged", "resolved")):
        query = {"statuses": list(statuses)}
        if service:
            query["service_ids"] = [service.id]
        return self.everything("/incidents", "incidents", date_range="all", **query)

    def notifications(self, incident):
        """Every attempt to reach somebody about an incident, oldest first, with its provider and what is known of its fate."""
        return self.notifications_by_id(incident.id)

    def notifications_by_id(self, identifier):
        return self.api.get("/muster/incidents/%s/notifications" % identifier)["notifications"]

    def why(self, identifier, person):
        """The decisions of an incident that chose that person, each with its candidate."""
        decisions = self.api.get("/muster/why", incident=identifier)["decisions"]
        return [(decision, candidate) for decision in decisions for candidate in decision["candidates"]
                if candidate["chosen"] and (candidate["user"] or {}).get("id") == person.id]

    def why_not(self, identifier, person):
        """(reason, sentence) for each decision about the incident that passed that person over."""
        decisions = self.api.get("/muster/why-not", incident=identifier, user=person.id)["decisions"]
        return [(candidate["reason"], candidate["text"]) for decision in decisions for candidate in decision["candidates"] if not candidate["chosen"]]

    def everything_is_explained(self):
        """Every decision about every incident names its service, policy, version and the reason for each candidate in words; every call its rule."""
        for incident in self.incidents()[:20]:
            decisions = self.api.get("/muster/why", incident=incident["id"])["decisions"]
            assert decisions, "nobody can say why or why not: %s" % incident["title"]
            for decision in decisions:
                assert decision["service"]["name"] and decision["policy"]["version"] >= 1 and decision["cause"] and decision["text"], decision
                for candidate in decision["candidates"]:
                    assert candidate["reason"] and candidate["text"], candidate
                    assert not candidate["chosen"] or candidate["user"]["summary"] in candidate["text"], candidate
                    for call in (candidate["page"] or {}).get("calls", []):
                        assert call["rule_id"] is not None and call["channel"] and call["state"], call

    def oncall_names(self, policy_id):
        """(level, name) of everyone on call now by that policy."""
        entries = self.api.get("/oncalls", escalation_policy_ids=[policy_id], time_zone="UTC")["oncalls"]
        return sorted({(entry["escalation_level"], entry["user"]["summary"]) for entry in entries})

    def all_sent(self):
        return sorted((sent for provider in self.providers() for sent in list(provider.sent)), key=lambda sent: sent.received_at)

    def nobody_was_paged(self):
        self.settle()
        assert not self.all_sent(), "nobody should have been paged, but: %s" % self.all_sent()

    # The world answers --------------------------------------------------------------------------------------

    def callback(self, url, fields, secret, headers=None):
        """What a provider posts to Muster, signed with the account's secret."""
        body = urllib.parse.urlencode(fields).encode()
        sent = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": twilio.signature(secret, url, fields)}
        sent.update(headers or {})
        parts = urllib.parse.urlsplit(url)
        asked = client.Client("http://127.0.0.1:%d" % self.server.port)
        path = parts.path + ("?" + parts.query if parts.query else "")
        try:
            return asked.send("POST", path, body, sent)
        except (OSError, http.client.HTTPException):
            return None  # the server is down just now: as in life, the callback is lost

    def browser(self):
        """Someone who is not signed in."""
        return client.Client(self.server.url)
