"""Why: stands in for programs that subscribe to webhooks: keeps every request, judges its signature by itself (hmac of Python's library, nothing of Muster's), and can be
told to fail in the ways that real receivers do."""
import hashlib
import hmac
import http.server
import json
import threading
import time

EVERY_INCIDENT_EVENT = ["incident." + name for name in (
    "acknowledged", "annotated", "conference_bridge.updated", "custom_field_values.updated", "delegated", "escalated", "incident_type.changed", "priority_updated", "reassigned", "reopened", "resolved", "responder.added",
    "responder.replied", "status_update_published", "triggered", "unacknowledged")]

# ok, or a status; hang: reads and never answers; garbage: 200 with nonsense; endless: 200 and a body that never ends; drop: takes it and closes; refuse: closes before
# reading; redirect: 302 to another place
FAILURES = ("hang", "garbage", "endless", "drop", "refuse", "redirect")


class Received:
    def __init__(self, path, headers, body):
        self.path, self.headers, self.body, self.at = path, {name.lower(): value for name, value in headers.items()}, body, time.monotonic()
        self.event = json.loads(body)["event"]
        self.id, self.type = self.headers["x-webhook-id"], self.event["event_type"]
        self.data = self.event["data"]

    @property
    def resource(self):
        return (self.data.get("incident") or self.data).get("id", self.event["resource_type"])

    def __repr__(self):
        return "<%s of %s, %s>" % (self.type, self.resource, self.id)


def is_signed(received, *secrets):
    """Every secret has one signature, in order, and there is no further one."""
    wanted = ["v1=" + hmac.new(secret.encode(), received.body, hashlib.sha256).hexdigest() for secret in secrets]
    return received.headers.get("x-pagerduty-signature") == ",".join(wanted)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        receiver = self.server.receiver
        mode = receiver.mode_of(self.path)
        if mode == "refuse":
            self.close_connection = True
            return
        received = Received(self.path, self.headers, self.rfile.read(int(self.headers["Content-Length"])))
        with receiver.lock:
            receiver.attempts.append(received)
        if mode == "hang":
            receiver.released.wait(600)
        if mode in ("hang", "drop"):
            self.close_connection = True
            return
        status = 302 if mode == "redirect" else mode if isinstance(mode, int) else 200
        if status < 300:
            with receiver.lock:
                receiver.taken.append(received)
        body = b"\x00\xff{not json at all" if mode == "garbage" else b'{"error":"no"}'
        self.send_response(status)
        if mode == "redirect":
            self.send_header("Location", receiver.url + "/trap")
        if mode == "endless":
            self.end_headers()
            try:
                while not receiver.released.wait(0.01):
                    self.wfile.write(b"x" * 65536)
            except OSError:
                pass
            self.close_connection = True
            return
        for name, value in receiver.answer_headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass


class Subscriber:
    """`attempts`: everything that arrived whole; `taken`: what was answered with 2xx."""

    def __init__(self, world, mode="ok"):
        self.world, self.modes, self.answer_headers = world, {"": mode}, {}
        self.lock, self.released, self.attempts, self.taken = threading.Lock(), threading.Event(), [], []
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.receiver = self
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def mode_of(self, path):
        return self.modes.get(path, self.modes[""])

    def be(self, mode, path=""):
        self.modes[path] = mode

    def subscribe(self, events=EVERY_INCIDENT_EVENT, filter=None, path="/hook", headers=(), **fields):
        """Answers the subscription as it was created, with its secret."""
        return self.world.api.post("/webhook_subscriptions", {"webhook_subscription": {
            "type": "webhook_subscription", "events": list(events), "filter": filter or {"type": "account_reference"},
            "delivery_method": {"type": "http_delivery_method", "url": self.url + path, "custom_headers": [{"name": name, "value": value} for name, value in headers]},
            **fields}}, status=200)["webhook_subscription"]

    def once(self, path, taken=True):
        """What arrived there, in order; a repeat of what was taken before counts once."""
        seen, result = set(), []
        with self.lock:
            for received in self.taken if taken else self.attempts:
                if received.path == path and (not taken or received.id not in seen):
                    seen.add(received.id)
                    result.append(received)
        return result

    def types(self, path, taken=True):
        return [received.type for received in self.once(path, taken)]

    def deliveries(self, subscription, **query):
        return self.world.api.get("/muster/webhook_subscriptions/%s/deliveries" % subscription["id"], **query)["deliveries"]

    def stop(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
