"""Why: stands in for an account at a Twilio-compatible provider: takes messages and calls, keeps every request, and can be told to
fail in the ways that real providers do. The other direction (replies, digits, receipts) is signed as Twilio signs."""
import base64
import datetime
import email.utils
import hashlib
import hmac
import http.server
import json
import threading
import time
import urllib.parse
import xml.etree.ElementTree

# What a provider can be told to do with a request:
#   ok       accepts and sends a receipt          silent  accepts, never sends a receipt
#   500, 400, 429 ...  refuses with that status   hang    reads the request and never answers
#   drop     takes the message, then closes the connection without an answer: the sender cannot know
#   refuse   closes the connection before reading: the sender can know that nothing left
#   swallow  takes the message and never answers: the sender's deadline passes, the message arrives
#   noisy    accepts, then sends receipts twice, late, in the wrong order, and one that is forged
MODES = ("ok", "silent", "hang", "drop", "refuse", "swallow", "noisy")


def signature(secret, url, fields):
    text = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()


class Sent:
    """One message or call as the provider received it."""

    def __init__(self, provider, kind, fields, sid, mode):
        self.provider, self.channel, self.fields, self.sid, self.mode = provider, kind, fields, sid, mode
        self.to, self.sender = fields.get("To", ""), fields.get("From", "")
        self.text = fields.get("Body", "") or fields.get("Twiml", "")
        self.received_at = time.monotonic()
        self.accepted = mode in ("ok", "silent", "drop", "swallow", "noisy")

    def __repr__(self):
        return "<%s by %s to %s, %s: %r>" % (self.channel, self.provider.name, self.to, self.mode, self.text or self.fields.get("Url"))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def reply(self, status, document, headers=()):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        provider = self.server.provider
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        path = urllib.parse.urlsplit(self.path).path
        kind = {"Messages.json": "sms", "Calls.json": "phone"}.get(path.rsplit("/", 1)[-1])
        fields = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
        expected = "Basic " + base64.b64encode(("%s:%s" % (provider.account, provider.secret)).encode()).decode()
        if self.headers.get("Authorization") != expected:
            provider.complaints.append("wrong credentials: %s" % self.headers.get("Authorization"))
            return self.reply(401, {"code": 20003, "message": "Authenticate"})
        if kind is None or "/Accounts/%s/" % provider.account not in path:
            provider.complaints.append("no such resource: %s" % path)
            return self.reply(404, {"code": 20404, "message": "not found"})
        sent = provider.record(kind, fields)
        if sent.mode in ("hang", "swallow"):
            provider.released.wait(provider.patience_s)
            self.close_connection = True
        elif sent.mode == "drop":
            self.close_connection = True
        elif sent.mode in ("ok", "silent", "noisy"):
            self.reply(201, provider.resource(sent, "queued"))
            if sent.mode == "noisy":
                provider.later(lambda: provider.make_noise(sent))
            if sent.mode == "ok":
                provider.later(lambda: provider.receipt(sent, "delivered" if kind == "sms" else None))
        else:
            status = int(sent.mode)
            self.reply(status, {"code": 20500 if status >= 500 else 20429 if status == 429 else 21211, "message": "scripted failure %d" % status, "status": status},
                       [("Retry-After", "30")] if status == 429 else [])

    def do_GET(self):
        """The lookup a sender makes when it is in doubt: what did this account send to that number?"""
        provider = self.server.provider
        parts = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        provider.lookups.append(self.path)
        if not provider.answers_lookups:
            return self.reply(503, {"code": 20503, "message": "lookups are scripted to fail"})
        kind = {"Messages.json": "sms", "Calls.json": "phone"}.get(parts.path.rsplit("/", 1)[-1])
        found = [provider.resource(sent, "sent") for sent in provider.sent if sent.accepted and sent.channel == kind and query.get("To") in (None, sent.to)]
        self.reply(200, {{"sms": "messages", "phone": "calls"}.get(kind, "items"): found[::-1], "next_page_uri": None})


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # a sender that was killed in mid-request is no news

    def process_request(self, request, client_address):
        if self.provider.mode == "refuse":
            self.provider.refused += 1
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)


class Twilio:
    def __init__(self, name, channel, number):
        self.name, self.channel, self.number = name, channel, number
        self.account, self.secret = "AC" + hashlib.md5(name.encode()).hexdigest(), "secret-of-" + name
        self.mode, self.queue, self.answers_lookups = "ok", [], True
        self.sent, self.complaints, self.lookups, self.refused = [], [], [], 0
        self.lock, self.released = threading.Lock(), threading.Event()
        self.patience_s = 600  # how long a connection is held that gets no answer
        self.weather = None  # function(fields) -> mode: decides for each request instead of `will`
        self.forged, self.forged_answers = 0, []
        self.now = lambda: datetime.datetime.now(datetime.timezone.utc)  # the provider's clock; the world's where that is moved
        self.run = lambda: 0  # which start of the server this is; set by the world
        self.deliver = None  # posts to Muster: function(url, fields, secret); set by the world
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.provider = self
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.server.server_address[1]

    def will(self, *modes):
        """The next requests are treated so, one each; the last mode stays."""
        with self.lock:
            self.queue, self.mode = [str(mode) for mode in modes[:-1]], str(modes[-1])
            self.released.set()
            self.released = threading.Event()

    def record(self, kind, fields):
        with self.lock:
            mode = self.weather(fields) if self.weather else self.queue.pop(0) if self.queue else self.mode
            sid = ("SM" if kind == "sms" else "CA") + hashlib.md5(("%s %d" % (self.name, len(self.sent))).encode()).hexdigest()
            sent = Sent(self, kind, fields, sid, mode)
            sent.run, sent.at = self.run(), self.now()
            self.sent.append(sent)
            return sent

    def resource(self, sent, status):
        return {"sid": sent.sid, "status": status, "to": sent.to, "from": sent.sender, "body": sent.fields.get("Body"), "account_sid": self.account,
                "date_created": email.utils.format_datetime(sent.at), "error_code": None, "error_message": None, "uri": "/2010-04-01/Accounts/%s/x/%s.json" % (self.account, sent.sid)}

    def later(self, action):
        threading.Timer(0.02, action).start()

    def make_noise(self, sent):
        """Receipts as bad days bring them; whatever their order, the message was delivered and stays so."""
        final, earlier = ("delivered", ("sent", "queued")) if sent.channel == "sms" else ("completed", ("ringing", "initiated"))
        for status in (final, final) + earlier + (final,):
            self.receipt(sent, status)
        self.forged += 1
        answer = self.receipt(sent, "failed", error=30005, secret="not the secret")
        if answer is not None:  # the server may be down just then
            self.forged_answers.append(answer.status)

    def receipt(self, sent, status, error=None, secret=None):
        """A status callback, as often and in whatever order the story likes."""
        callback = sent.fields.get("StatusCallback")
        if not callback or status is None:
            return None
        fields = {"AccountSid": self.account, "To": sent.to, "From": sent.sender}
        if sent.channel == "sms":
            fields.update({"MessageSid": sent.sid, "SmsSid": sent.sid, "MessageStatus": status, "SmsStatus": status})
        else:
            fields.update({"CallSid": sent.sid, "CallStatus": status})
        if error:
            fields["ErrorCode"] = str(error)
        return self.deliver(callback, fields, secret or self.secret)

    def stop(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


def gather_of(twiml):
    """The action URL of the first <Gather>, and all words that are said."""
    root = xml.etree.ElementTree.fromstring(twiml)
    gather = next(root.iter("Gather"), None)
    return (gather.get("action") if gather is not None else None), " ".join((node.text or "") for node in root.iter("Say"))
