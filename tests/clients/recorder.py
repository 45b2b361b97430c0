"""Why: stands between a client and Muster, both sides over TLS, changes nothing and remembers every exchange, so that what real clients ask is
judged by the same shapes and keys as the contract suite's own requests."""
import http.client
import http.server
import json
import ssl
import threading

PASSED_ON_NOT = {"connection", "keep-alive", "transfer-encoding", "host"}


class Exchange:
    def __init__(self, client, method, path, sent, status, kind, body):
        self.client, self.method, self.path, self.sent, self.status, self.kind, self.body = client, method, path, sent, status, kind, body

    def __str__(self):
        return "%s: %s %s answered %d" % (self.client, self.method, self.path, self.status)


class Recorder:
    """Listens at `port`; `behind` names Muster's port once it runs. `client` is who speaks now."""

    def __init__(self, certificate, key):
        self.behind, self.client, self.exchanges = None, "", []
        self.inward = ssl.create_default_context(cafile=certificate)
        self.outward = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.outward.load_cert_chain(certificate, key)
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def forward(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name: value for name, value in self.headers.items() if name.lower() not in PASSED_ON_NOT}
                connection = http.client.HTTPSConnection("localhost", recorder.behind, timeout=60, context=recorder.inward)
                try:
                    connection.request(self.command, self.path, body=body or None, headers=headers)
                    answer = connection.getresponse()
                    text = answer.read()
                finally:
                    connection.close()
                recorder.exchanges.append(Exchange(recorder.client, self.command, self.path, body, answer.status, answer.headers.get("Content-Type", ""), text))
                self.send_response_only(answer.status)
                for name, value in answer.headers.items():
                    if name.lower() not in PASSED_ON_NOT and name.lower() != "content-length":
                        self.send_header(name, value)
                if answer.status != 204:
                    self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = forward

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def get_request(self):
                plain, peer = super().get_request()
                # The handshake is the connection's own thread's business: one that never speaks delays nobody.
                return recorder.outward.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), peer

            def handle_error(self, request, client_address):
                pass  # a client that hangs up

        self.listener = Listener(("127.0.0.1", 0), Handler)
        self.port = self.listener.server_address[1]
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()

    def stop(self):
        self.listener.shutdown()
        self.listener.server_close()


def is_of_old(exchange):
    """One override without a list is what PagerDuty took before it published a description; its libraries still send it."""
    return exchange.method == "POST" and exchange.path.split("?")[0].endswith("/overrides") and b'"override":' in exchange.sent


def judge(suite, exchanges, prefix):
    """Successes must be published operations with the published shape; refusals must carry the envelope; nothing redirects."""
    for exchange in exchanges:
        path = exchange.path[len(prefix):] if exchange.path.startswith(prefix) else exchange.path
        plain = path.split("?")[0]
        if plain.startswith(("/v2/", "/generic/", "/muster/")):
            continue
        suite.check(not 300 <= exchange.status < 400, "%s redirects" % exchange)
        decoded = json.loads(exchange.body) if exchange.body and exchange.kind.startswith("application/json") else None
        if exchange.status >= 400:
            error = decoded.get("error") if isinstance(decoded, dict) else None
            suite.check(isinstance(error, dict) and isinstance(error.get("code"), int) and error.get("errors"), "%s without the envelope: %s" % (exchange, exchange.body[:300]))
            continue
        template = suite.reference.template_of(plain)
        if template and not is_of_old(exchange):
            suite.note(exchange.method, template, "calls", True)
            suite.judge(exchange.method, plain, template, exchange.status, decoded)
