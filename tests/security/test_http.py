"""Why: bytes that no honest client sends. What one parser reads as one request and another as two, what never ends, what grows when it is opened."""
import gzip
import http.client
import json
import socket
import time

import kit
from harness.server import eventually

HOST = b"Host: muster.example\r\n"
HEALTH = b"GET /openapi.json HTTP/1.1\r\n" + HOST


def test_two_readings_of_one_request_are_refused(folder):
    smuggled = b"GET /muster/tokens HTTP/1.1\r\nHost: m\r\n\r\n"
    chunk = b"5\r\nhello\r\n0\r\n\r\n"
    ambiguous = {
        "length and chunks": b"POST /v2/enqueue HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk,
        "two lengths": b"POST /v2/enqueue HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\nContent-Length: 40\r\n\r\n",
        "a list of lengths": b"POST /v2/enqueue HTTP/1.1\r\n" + HOST + b"Content-Length: 0, 40\r\n\r\n",
        "a signed length": b"POST /v2/enqueue HTTP/1.1\r\n" + HOST + b"Content-Length: +0\r\n\r\n",
        "another coding": b"POST /v2/enqueue HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: xchunked\r\n\r\n",
        "chunked twice": b"POST /v2/enqueue HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk,
        "blank before the colon": b"POST /v2/enqueue HTTP/1.1\r\n" + HOST + b"Transfer-Encoding : chunked\r\n\r\n" + chunk,
        "folded header": b"POST /v2/enqueue HTTP/1.1\r\n" + HOST + b"X: a\r\n Content-Length: 40\r\n\r\n",
        "bare line feeds": b"POST /v2/enqueue HTTP/1.1\nHost: m\nContent-Length: 0\n\n",
        "a NUL": b"GET /openapi.json HTTP/1.1\r\nHost: m\r\nX: a\x00b\r\n\r\n",
        "two hosts": b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    }
    with kit.serving(folder) as server:
        for what, request in ambiguous.items():
            answer = kit.raw(server, request + smuggled)
            # 401 would be the request that was smuggled behind it. A value with a NUL is cut there, so what follows is thrown away with the connection.
            assert set(kit.statuses(answer)) <= ({200, 400} if what == "a NUL" else {400, 501}), (what, answer)
        assert kit.statuses(kit.raw(server, HEALTH + b"Connection: close\r\n\r\n")) == [200], "an honest one is answered"


def test_a_head_has_a_bound(folder):
    with kit.serving(folder) as server:
        for what, head in (("one header", b"X: " + b"a" * 200000 + b"\r\n"), ("many headers", b"".join(b"X-%d: a\r\n" % i for i in range(20000)))):
            answer = kit.raw(server, HEALTH + head + b"\r\n")
            assert not kit.statuses(answer) or kit.statuses(answer)[0] in (400, 413, 414, 431), (what, answer[:200])
        answer = kit.raw(server, b"GET /health?" + b"a" * 200000 + b" HTTP/1.1\r\n" + HOST + b"\r\n")
        assert not kit.statuses(answer) or kit.statuses(answer)[0] in (400, 413, 414, 431), answer[:200]
        assert kit.answers(server)


def test_slow_and_silent_clients_are_closed(folder):
    with kit.serving(folder, settings="request_deadline_s = 1") as server:
        silent = socket.create_connection(("127.0.0.1", server.port))
        slow = socket.create_connection(("127.0.0.1", server.port))
        body = socket.create_connection(("127.0.0.1", server.port))
        body.sendall(b"POST /v2/enqueue HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\n{")
        started, closed = time.monotonic(), False
        while not closed and time.monotonic() - started < 60:
            try:
                slow.sendall(b"G")
                slow.settimeout(0.1)
                closed = slow.recv(100) == b"" or b"408" in slow.recv(100)
            except socket.timeout:
                pass
            except OSError:
                closed = True
        assert closed, "a byte now and then keeps a connection for ever"
        for name, connection in (("silent", silent), ("half a body", body)):
            connection.settimeout(60)
            try:
                answer = connection.recv(1000)
            except ConnectionResetError:
                answer = b""
            assert answer == b"" or b" 408 " in answer, (name, answer)
        eventually("honest requests get through", lambda: healthy(server))


def test_nothing_is_unpacked(folder):
    """A packed body is no bomb where nobody unpacks: it is refused as what it is, bytes that are no JSON."""
    bomb = gzip.compress(b'{"a":"' + b"0" * 30000000 + b'"}')
    assert len(bomb) < 100000
    with kit.serving(folder) as server:
        for path in ("/v2/enqueue", "/generic/2010-04-15/create_event.json"):
            for coding in ("gzip", "deflate", "br"):
                answer = kit.stranger(server).send("POST", path, bomb, {"Content-Type": "application/json", "Content-Encoding": coding})
                assert answer.status in (400, 413, 415), (path, coding, answer.status)
        with open("/proc/%d/status" % server.process.pid) as file:
            memory_kb = int([line for line in file if line.startswith("VmHWM")][0].split()[1])
        assert memory_kb < 200000, memory_kb


def test_depth_size_and_doubles_of_json_are_bounded(folder):
    with kit.serving(folder) as server:
        def send(body, path="/v2/enqueue"):
            return server.client().send("POST", path, body, {"Content-Type": "application/json"})
        event = '{"routing_key":"%s","event_action":"trigger","payload":{"summary":"s","source":"h","severity":"info","custom_details":%%s}}' % server.facts["routing_key"]
        assert send((event % "{}").encode()).status == 202
        for what, details in (("deep lists", "[" * 100000 + "]" * 100000), ("deep objects", '{"a":' * 50000 + "1" + "}" * 50000), ("a huge number", "1" + "0" * 400000)):
            answer = send((event % details).encode())
            assert answer.status in (400, 413), (what, answer.status)
        assert send(b'{"user":' + b"[" * 60000, "/users").status in (400, 413)
        twice = send((event % '{"a":1}').replace('"event_action":"trigger"', '"event_action":"trigger","event_action":"resolve"').encode())
        assert twice.status == 400, "two members of one name are two readings"
        assert kit.answers(server)


def test_no_path_leaves_the_app(folder):
    with kit.serving(folder) as server:
        for path in (b"/app/../../etc/passwd", b"/app/%2e%2e/%2e%2e/etc/passwd", b"/app/assets/../../../etc/passwd", b"/app/assets/..%2f..%2f..%2fetc%2fpasswd",
                     b"/app/assets/%2e%2e%5c%2e%2e%5cetc", b"//etc/passwd", b"/app/assets//etc/passwd", b"/app/assets/%00", b"/app/assets/index.html%00.js",
                     b"/app/assets/..%c0%afetc/passwd", b"/../data/admin-token", b"/app/../muster.db"):
            answer = kit.raw(server, b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
            assert b"root:" not in answer and b"SQLite" not in answer and server.facts["token"].encode() not in answer, path
            assert b"/assets/" not in path or 200 not in kit.statuses(answer), (path, answer[:300])


def test_no_answer_carries_a_line_that_was_asked_for(folder):
    """CR and LF in what is echoed: path, query, host, origin."""
    with kit.serving(folder, "--public-url", "http://muster.example/pd") as server:
        for target in (b"/%0d%0aX-Smuggled:%20yes", b"/app%0d%0aX-Smuggled:%20yes", b"/users?query=%0d%0aX-Smuggled:%20yes", b"/incidents/%0d%0aX-Smuggled:%20yes"):
            head = kit.raw(server, b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n").split(b"\r\n\r\n")[0]
            assert kit.statuses(head) and b"\nx-smuggled" not in head.lower(), (target, head)


def test_methods_and_content_types_that_nobody_asked_for(folder):
    with kit.serving(folder) as server:
        client = server.client()
        for method in ("TRACE", "TRACK", "CONNECT", "DEBUG", "PROPFIND"):
            answer = kit.raw(server, method.encode() + b" /users HTTP/1.1\r\n" + HOST + b"Cookie: a=secret-cookie\r\nConnection: close\r\n\r\n")
            assert b"secret-cookie" not in answer and 200 not in kit.statuses(answer), (method, answer)
        override = client.send("POST", "/users/PNOBODY", b"{}", {"X-HTTP-Method-Override": "DELETE"})
        assert override.status in (404, 405), override.status
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
            cookie = kit.cookie_of(kit.sign_in(kit.stranger(server), **credentials(client)))
            answer = kit.stranger(server).send("POST", "/teams", json.dumps({"team": {"name": "By form"}}).encode(),
                                               {**cookie, "Content-Type": kind, "Sec-Fetch-Site": "cross-site"})
            assert answer.status == 403, "a form of another site makes a team: %d" % answer.status


def credentials(client):
    user = client.get("/users")["users"][0]
    client.put("/muster/users/%s/password" % user["id"], {"password": "a long password"}, status=204)
    return {"email": user["email"], "password": "a long password"}


def test_a_flood_of_connections_leaves_room_for_others(folder):
    with kit.serving(folder, settings="connections_max = 60\nconnections_per_peer_max = 50\nrequest_deadline_s = 2") as server:
        flood = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
        eventually("honest requests get through again", lambda: healthy(server))
        for connection in flood:
            connection.close()


def healthy(server):
    try:
        return kit.answers(server)
    except (OSError, http.client.HTTPException):
        return False
