"""Why: speaks HTTP to Muster the way an outside program does, and says what was asked when an answer is not the expected one."""
import http.client
import json
import urllib.parse


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body) if self.body else None

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")


class Unexpected(AssertionError):
    pass


class Client:
    """One connection per request: a server that was killed in between leaves no stale connection behind."""

    def __init__(self, url, token=None, timeout_s=60, tls=None):
        """`tls`: the ssl.SSLContext for an address that begins with https."""
        parts = urllib.parse.urlsplit(url)
        self.tls = tls if parts.scheme == "https" else None
        self.host, self.port, self.prefix = parts.hostname, parts.port, parts.path.rstrip("/")
        self.token, self.timeout_s = token, timeout_s

    def send(self, method, path, body=None, headers=None):
        """Any answer is returned; a dict or list travels as JSON, bytes as they are."""
        sent = dict(headers or {})
        if self.token and "Authorization" not in sent:
            sent["Authorization"] = "Token token=" + self.token
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        if self.tls:
            connection = http.client.HTTPSConnection(self.host, self.port, timeout=self.timeout_s, context=self.tls)
        else:
            connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout_s)
        try:
            connection.request(method, self.prefix + path, body=body, headers=sent)
            answer = connection.getresponse()
            return Answer(answer.status, dict((name.lower(), value) for name, value in answer.getheaders()), answer.read())
        finally:
            connection.close()

    def ask(self, method, path, body=None, headers=None, status=None):
        """The decoded body of an answer that must be 2xx (or `status`)."""
        answer = self.send(method, path, body, headers)
        good = answer.status == status if status else 200 <= answer.status < 300
        if not good:
            raise Unexpected("%s %s answered %d, not %s\nsent: %s\nanswer: %s" % (
                method, path, answer.status, status or "2xx", json.dumps(body)[:2000] if not isinstance(body, bytes) else body[:500], answer.text[:2000]))
        return answer.json if answer.headers.get("content-type", "").startswith("application/json") else answer.text

    def get(self, path, **query):
        return self.ask("GET", path + query_text(query))

    def post(self, path, body=None, headers=None, status=None):
        return self.ask("POST", path, body, headers, status)

    def put(self, path, body=None, headers=None, status=None):
        return self.ask("PUT", path, body, headers, status)

    def delete(self, path, status=None):
        return self.ask("DELETE", path, status=status)


def query_text(query):
    """since=..., user_ids=[..] becomes ?since=...&user_ids[]=..."""
    pairs = []
    for name, value in query.items():
        if isinstance(value, (list, tuple)):
            pairs += [(name + "[]", item) for item in value]
        elif value is not None:
            pairs.append((name, value))
    return "?" + urllib.parse.urlencode(pairs) if pairs else ""
