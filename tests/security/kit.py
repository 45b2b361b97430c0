"""Why: what the cases of this folder share: a server with the sample organisation, people of each role, sockets that say what no client would."""
import contextlib
import os
import socket

from harness.client import Client
from harness.server import Server

ROLES = ("admin", "user", "limited_user", "observer", "restricted_access", "read_only_user", "read_only_limited_user")


@contextlib.contextmanager
def serving(folder, *arguments, environment=None, settings=""):
    path = os.path.join(folder, "muster.conf")
    with open(path, "w") as file:
        file.write(settings + "\n")
    server = Server(folder, ["--config", path, *arguments], environment).start()
    try:
        yield server
    finally:
        assert server.stop() == 0, server.log_tail()


def person(api, role, name=None, password="a long password"):
    """A user of that role with a password and a token of their own."""
    name = name or "Person " + role
    email = name.lower().replace(" ", ".") + "@halden.example"
    user = api.post("/users", {"user": {"type": "user", "name": name, "email": email, "role": role, "time_zone": "Etc/UTC"}}, status=201)["user"]
    api.put("/muster/users/%s/password" % user["id"], {"password": password}, status=204)
    token = api.post("/muster/tokens", {"token": {"name": name, "user": {"id": user["id"], "type": "user_reference"}}}, status=201)["token"]["token"]
    user["token"], user["password"] = token, password
    return user


def stranger(server):
    return Client(server.url)


def sign_in(client, email, password, **headers):
    return client.send("POST", "/muster/session", {"email": email, "password": password}, headers)


def cookie_of(answer):
    assert answer.status == 201, answer.text
    return {"Cookie": answer.headers["set-cookie"].split(";")[0]}


def raw(server, request, timeout_s=10):
    """Everything that comes back until the server closes, or until it stays silent."""
    with socket.create_connection(("127.0.0.1", server.port), timeout_s) as connection:
        connection.sendall(request)
        answer = b""
        try:
            while True:
                part = connection.recv(65536)
                if not part:
                    return answer
                answer += part
        except (socket.timeout, ConnectionResetError):
            return answer


def statuses(answer):
    return [int(line.split()[1]) for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


def answers(server):
    """An honest request is served. Not /health: that is 503 while the sender is still starting."""
    return stranger(server).send("GET", "/app/").status == 200
