"""Why: a person in a story: gets mail, messages and calls, and answers them the way people do."""
import re
import urllib.parse

from . import client, twilio
from .server import eventually

TYPES = {"email": "email_contact_method", "sms": "sms_contact_method", "phone": "phone_contact_method"}
REPEAT = re.compile(r"possible repeat|possibly again", re.I)  # how mail, SMS and voice label the second copy


class Person:
    count = 0

    def __init__(self, world, name, zone, role):
        self.world, self.name = world, name
        self.email = name.lower() + "@halden.example"
        self.position = len(world.people_by_name) + 1
        self.number = "+49151%07d" % self.position
        self.methods = {}
        document = world.api.post("/users", {"user": {"type": "user", "name": name, "email": self.email, "role": role, "time_zone": zone}}, status=201)["user"]
        self.id = document["id"]
        self.reference = {"id": self.id, "type": "user_reference"}
        self.target = self.reference

    # Set-up -----------------------------------------------------------------------------------------------

    def add_contacts(self, channels):
        """The administrator vouches for the addresses; proving them by a code is a story of its own (unverified_contact)."""
        path = "/users/%s/contact_methods" % self.id
        existing = {method["type"]: method for method in self.world.api.get(path)["contact_methods"]}
        for channel in channels:
            kind = TYPES[channel]
            method = {"type": kind, "label": channel, "address": self.email if channel == "email" else self.number[3:], "verified": True}
            if channel != "email":
                method["country_code"] = 49
            if kind in existing:
                answer = self.world.api.put(path + "/" + existing[kind]["id"], {"contact_method": method})
            else:
                answer = self.world.api.post(path, {"contact_method": method}, status=201)
            assert answer["contact_method"].get("verified"), answer
            self.methods[channel] = answer["contact_method"]["id"]

    def code_in(self, sent):
        """Six digits; a voice says them one by one."""
        words = self.words_of_call(sent) if sent.channel == "phone" else sent.text
        return re.sub(r"\D", "", re.search(r"\b\d(?:[, ]*\d){5}\b", words).group(0))

    def set_ladder(self, urgency, steps):
        path = "/users/%s/notification_rules" % self.id
        for rule in self.world.api.get(path)["notification_rules"]:
            if rule["urgency"] == urgency:
                self.world.api.delete(path + "/" + rule["id"], status=204)
        for minutes, channel in steps:
            self.world.api.post(path, {"notification_rule": {
                "type": "assignment_notification_rule", "start_delay_in_minutes": minutes, "urgency": urgency,
                "contact_method": {"id": self.methods[channel], "type": TYPES[channel]}}}, status=201)

    # What reached the person ------------------------------------------------------------------------------

    def heard(self, channel=None):
        """Everything a provider took for this person, in order, raw."""
        addresses = (self.number, self.email)
        return [sent for sent in self.world.all_sent() if sent.to in addresses and sent.accepted and channel in (None, sent.channel)]

    def got(self, channel=None):
        """The same without the labelled repeats of what had arrived: a crash may add one for each message that was under way when the
        server died (invariant N3). So a repeat is forgiven only beside a copy that came in the life of the server before (or was still
        on the wire when it died)."""
        if not self.world.crash:
            return self.heard(channel)
        kept, before = [], []
        for sent in self.heard(channel):
            originals = [other for other in before if self.is_original(other, sent)] if self.is_repeat(sent) else []
            if originals:
                before.remove(originals[0])
            else:
                kept.append(sent)
            before.append(sent)
        return kept

    def is_original(self, other, sent):
        near = other.run == sent.run - 1 or (other.run == sent.run and not self.is_repeat(other))
        return near and self.about(other) == self.about(sent)

    @staticmethod
    def about(sent):
        """What tells one message from another, the label aside. Calls are told apart by their words only, and all sound alike."""
        return sent.channel, sent.subject if sent.channel == "email" else REPEAT.sub("", sent.text).strip(": \n").split("\n")[0]

    def is_repeat(self, sent):
        return bool(REPEAT.search(sent.text)) or bool(REPEAT.search(self.words_of_call(sent)))

    def words_of_call(self, sent):
        if sent.channel != "phone":
            return ""
        if sent.fields.get("Twiml"):
            return sent.fields["Twiml"]
        if not hasattr(sent, "words"):
            sent.words = self.twiml_of(sent)[1]
        return sent.words

    def expect(self, *, email=0, sms=0, phone=0):
        """Exactly this many, by now."""
        self.world.settle()
        found = {channel: len(self.got(channel)) for channel in TYPES}
        wanted = {"email": email, "sms": sms, "phone": phone}
        if self.could_be_calls(phone):
            found["phone"] = phone
        if found != wanted:
            raise AssertionError("%s should have got %s by %s, but got %s: %s" % (self.name, wanted, self.world.now, found, self.heard()))

    def could_be_calls(self, count):
        """Calls look alike, so after a crash nobody outside can tell whether a labelled one stands beside its original or in its place."""
        labelled = sum(map(self.is_repeat, self.heard("phone"))) if self.world.crash else 0
        return len(self.heard("phone")) - labelled <= count <= len(self.heard("phone"))

    def expect_calls(self, count):
        self.world.settle()
        assert self.could_be_calls(count), "%s should have got %d calls by %s, but got %s" % (self.name, count, self.world.now, self.heard("phone"))

    def expect_nothing(self):
        self.expect()

    def last(self, channel):
        self.world.settle()
        found = self.got(channel)
        assert found, "%s got no %s; everything sent: %s" % (self.name, channel, self.world.all_sent())
        return found[-1]

    # Answers ----------------------------------------------------------------------------------------------

    def replies(self, text, to=None):
        """An SMS back to the number the message came from; answers Muster's reply text, if any."""
        sms = to or self.last("sms")
        provider = sms.provider
        fields = {"AccountSid": provider.account, "MessageSid": "SM%032x" % (len(provider.sent) * 1000 + len(text)), "From": self.number, "To": provider.number, "Body": text,
                  "NumMedia": "0", "NumSegments": "1"}
        answer = self.world.callback("%s/twilio/%s/sms" % (self.world.server.url, provider.name), fields, provider.secret)
        assert answer is not None and answer.status == 200, "the reply was answered %s %s" % (answer and answer.status, answer and answer.text)
        self.world.step()
        return answer.text

    def twiml_of(self, call, answered_by="human"):
        """Picks up: (address for digits, words that were said)."""
        provider = call.provider
        if call.fields.get("Twiml"):
            return twilio.gather_of(call.fields["Twiml"])
        fields = {"AccountSid": provider.account, "CallSid": call.sid, "From": provider.number, "To": self.number, "CallStatus": "in-progress", "Direction": "outbound-api"}
        if answered_by:
            fields["AnsweredBy"] = answered_by
        answer = self.world.callback(call.fields["Url"], fields, provider.secret)
        assert answer is not None and answer.status == 200, "the call's words were answered %s %s" % (answer and answer.status, answer and answer.text)
        return twilio.gather_of(answer.text)

    def presses(self, digit, call=None):
        """Picks up and presses a key; answers what the voice said then."""
        call = call or self.last("phone")
        action, _ = self.twiml_of(call)
        assert action, "the call does not ask for a digit"
        url = urllib.parse.urljoin(self.world.server.url + "/", action)
        provider = call.provider
        answer = self.world.callback(url, {"AccountSid": provider.account, "CallSid": call.sid, "From": provider.number, "To": self.number,
                                           "CallStatus": "in-progress", "Digits": digit}, provider.secret)
        assert answer is not None and answer.status == 200, "the digit was answered %s %s" % (answer and answer.status, answer and answer.text)
        self.world.step()
        return twilio.gather_of(answer.text)[1]

    def link(self, mail, action):
        found = [link for link in mail.links() if action in link]
        assert found, "no %s link in: %s" % (action, mail.body)
        return urllib.parse.urlsplit(found[0])

    def opens(self, mail, action):
        """Follows a link of a mail: a page, nothing more."""
        parts = self.link(mail, action)
        return self.world.browser().ask("GET", parts.path + ("?" + parts.query if parts.query else ""), status=200)

    def clicks(self, mail, action):
        """Opens the page behind the link and presses its button."""
        parts = self.link(mail, action)
        path = parts.path + ("?" + parts.query if parts.query else "")
        page = self.world.browser().ask("GET", path, status=200)
        form = re.search(r'<form[^>]*method="?post"?[^>]*>(.*?)</form>', page, re.I | re.S)
        assert form, "the page of the link has no form: %s" % page
        target = re.search(r'action="([^"]*)"', form.group(0))
        fields = dict(re.findall(r'name="([^"]+)"[^>]*value="([^"]*)"', form.group(1)))
        to = urllib.parse.urlsplit(urllib.parse.urljoin(parts.geturl(), target.group(1).replace("&amp;", "&") if target else ""))
        answer = self.world.browser().ask("POST", to.path + ("?" + to.query if to.query else ""), urllib.parse.urlencode(fields).encode(),
                                          {"Content-Type": "application/x-www-form-urlencoded"}, status=200)
        self.world.step()
        return answer
