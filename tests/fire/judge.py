"""Why: compares what the outside world was told (the ledger) with what came of it, seen from outside only: the API, what the providers
received, and when faults were made. The names are those of the promises: E1-E3, E5, N1-N3, K1, K4."""
import collections

from harness.people import REPEAT

from ledger import ACCEPTED, DEADLINE_S, KEY, REFUSED

AMBIGUOUS = ("drop", "swallow", "hang", "502", "504")
REFUSING = ("500", "503", "429", "451")
SLACK_S = 3.0        # around a fault: it began a little before we noted it, and mending takes a moment
LATE_S = 30.0        # a page of a healthy time that takes longer is a broken promise; the machine may be busy with other things


class Verdict:
    def __init__(self):
        self.broken, self.checked = collections.defaultdict(list), collections.Counter()

    def demand(self, name, good, text):
        self.checked[name] += 1
        if not good:
            self.broken[name].append(text)


def keys_of(sent):
    return sorted(set(KEY.findall(sent.text)))


class Judge:
    def __init__(self, world, ledger, faults):
        """`faults`: (name, from, until) in this process's monotonic time."""
        self.world, self.entries, self.faults, self.verdict = world, ledger.entries(), faults, Verdict()
        self.incidents, self.sent = collections.defaultdict(list), []
        self.latencies = []

    def fault_near(self, start, end, slack_s=SLACK_S):
        return any(begin - slack_s <= end and start <= over + slack_s for _, begin, over in self.faults)

    def look(self):
        self.incidents.clear()
        self.sent = self.world.all_sent()
        for incident in self.world.incidents():
            self.incidents[incident["incident_key"]].append(incident)

    def accepted(self, *deeds):
        return {entry["key"]: entry for entry in self.entries if entry["deed"] in deeds and entry["answer"] == ACCEPTED}

    def untold(self):
        """Incidents that still wait for an answer and nobody was told of. While there are any, the dust has not settled."""
        waiting, named = [], {key for sent in self.sent if sent.accepted for key in keys_of(sent)}
        for key, incidents in self.incidents.items():
            for incident in incidents:
                if incident["status"] == "triggered" and key not in named:
                    states = [(n["state"], n["id"]) for n in self.world.notifications_by_id(incident["id"])]
                    if not any(state in ("accepted", "delivered") for state, _ in states):
                        waiting.append((key, states))
        return waiting

    # The promises ---------------------------------------------------------------------------------------------

    def events(self):
        for key in self.accepted("trigger"):
            self.verdict.demand("E1", len(self.incidents.get(key, ())) >= 1, "accepted, but without effect: %s" % key)
        for key in self.accepted("resolve"):
            states = [incident["status"] for incident in self.incidents.get(key, ())]
            self.verdict.demand("E1", states == ["resolved"], "a resolve was accepted: %s is %s" % (key, states))
        for key in self.accepted("acknowledge", "api", "reply"):
            states = [incident["status"] for incident in self.incidents.get(key, ())]
            self.verdict.demand("K1", states in (["acknowledged"], ["resolved"]), "an acknowledgement was accepted: %s is %s" % (key, states))
        for key in {entry["key"] for entry in self.entries}:
            incidents = self.incidents.get(key, ())
            self.verdict.demand("E3", len(incidents) <= 1, "one key, %d incidents: %s" % (len(incidents), key))
            for incident in incidents:
                self.verdict.demand("E3", incident["alert_counts"]["all"] == 1, "one key, %d alerts: %s" % (incident["alert_counts"]["all"], key))
        for entry in self.entries:
            if entry["kind"] == "event" and entry["answer"] == REFUSED:
                excused = entry["status"] >= 500 and self.fault_near(entry["began"], entry["ended"])
                self.verdict.demand("E5", excused, "refused with %s while all was well: %s" % (entry["status"], entry["key"]))

    def pages(self):
        untold = dict(self.untold())
        accepted = {entry["key"]: entry for entry in reversed(self.entries) if entry["deed"] == "trigger" and entry["answer"] == ACCEPTED}  # the first of each
        first, unlucky = {}, set()
        for sent in self.sent:
            for key in keys_of(sent):
                if sent.mode not in ("ok", "silent", "noisy"):
                    unlucky.add(key)
                if sent.accepted:
                    first.setdefault(key, sent.received_at)
        for key, incidents in self.incidents.items():
            if any(incident["status"] == "triggered" for incident in incidents):
                self.verdict.demand("N1", key not in untold, "nobody was told: %s %s" % (key, untold.get(key)))
        for key, entry in accepted.items():
            if key in first and not self.fault_near(entry["began"], first[key], slack_s=0.3):
                self.latencies.append(first[key] - entry["began"])
                if key not in unlucky:
                    self.verdict.demand("N1", self.latencies[-1] <= LATE_S, "%.1f s in healthy time: %s" % (self.latencies[-1], key))

    def copies(self):
        """Every message that follows another about the same thing must have a reason that a bystander can see."""
        chains = collections.defaultdict(list)
        for sent in self.sent:
            for key in keys_of(sent):
                chains[(key, sent.to, sent.channel)].append(sent)
        for (key, to, channel), chain in chains.items():
            before, doubted = None, False
            for sent in chain:
                labelled = bool(REPEAT.search(sent.text))
                name, text = self.reason_for(before, sent, labelled)
                doubted = doubted or labelled
                if doubted and not labelled and not self.fault_near(before.received_at, sent.received_at):
                    name, text = "N3", "an earlier copy is in doubt, but this one has no label"
                self.verdict.demand(name, text is None, "%s to %s by %s: %s (%s)" % (key, to, channel, text, [(s.mode, bool(REPEAT.search(s.text))) for s in chain]))
                before = sent

    def reason_for(self, before, sent, labelled):
        """(promise, what is wrong or None)."""
        if before is None:
            # The attempt before it may have died inside Muster, before any provider saw it.
            return "N3", None if not labelled or self.fault_near(0, sent.received_at) else "labelled a repeat, but nothing came before"
        interrupted = self.fault_near(before.received_at - 4, sent.received_at)
        if not labelled:
            return "N2", None if before.mode in REFUSING else "sent again without a label after '%s'" % before.mode
        return "N3", None if before.mode in AMBIGUOUS or interrupted else "repeated although '%s' was an answer" % before.mode

    def crossings(self):
        """No page is decided after an acknowledgement: what still arrives was on its way (a provider's deadline, and as much again)."""
        taken = {}
        for key, entry in self.accepted("resolve", "acknowledge", "api", "reply").items():
            taken[key] = min(entry["ended"], taken.get(key, entry["ended"]))
        for sent in self.sent:
            keys = keys_of(sent)
            if keys and all(key in taken for key in keys):  # a bundle still speaks for the others
                late = min(sent.received_at - taken[key] for key in keys)
                if late > 0:
                    self.verdict.demand("K1", late <= 2 * DEADLINE_S or self.fault_near(sent.received_at - late, sent.received_at), "paged %.1f s after it was taken: %s" % (late, keys))
        for key in taken:
            self.verdict.demand("K1", True, "")

    def callbacks(self):
        for phone in self.world.phones:
            for status in phone.forged_answers:
                self.verdict.demand("K4", status in (401, 403) or status >= 500, "a forged receipt was answered %s" % status)
            for complaint in phone.complaints:
                self.verdict.demand("N4", False, "a provider complained: %s" % complaint)

    def judge(self):
        self.look()
        self.events()
        self.pages()
        self.copies()
        self.crossings()
        self.callbacks()
        return self.verdict
