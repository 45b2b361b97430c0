"""Why: the process that parses what strangers send holds no provider secret and opens no connection; the one that holds the secrets has no database.
Seen from outside, in the running processes."""
import contextlib
import os
import queue
import re
import signal
import socket
import sqlite3
import threading

import kit
from harness.server import eventually
from harness.twilio import Twilio
from harness.world import World

SECRETS = {"mail": "M4ilS3cret" + "Qz" * 9, "phone": "Ph0neS3cret" + "Xw" * 9}


def settings():
    return ("log_level = debug\n[provider mail]\ntype = smtp\nbase_url = smtp://127.0.0.1:9\nfrom = muster@halden.example\naccount = muster\nsecret = %(mail)s\n"
            "[provider phone]\ntype = twilio\nbase_url = http://127.0.0.1:9\naccount = AC1\nsecret = %(phone)s\nfrom = +15005550001\n" % SECRETS)


def read(path):
    """Nothing of a process that has just ended."""
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def below(pid):
    return [int(word) for word in read("/proc/%d/task/%d/children" % (pid, pid)).split()]


def processes(server):
    """(core, spawner, sender) when the sender has taken up its work."""
    core = server.process.pid

    def find():
        for spawner in below(core):
            for child in below(spawner):
                if re.search(r"^Seccomp:\s+2", read("/proc/%d/status" % child), re.M):
                    return core, spawner, child
    return eventually("the sender runs", find)


def open_files(pid):
    found = {}
    for name in os.listdir("/proc/%d/fd" % pid):
        try:
            found[int(name)] = os.readlink("/proc/%d/fd/%s" % (pid, name))
        except OSError:
            pass
    return found


def memory_holds(pid, wanted):
    """Which of the byte strings stand in the writable memory of a process, its environment or command line."""
    found = set()

    def look(bytes_seen):
        found.update(name for name, value in wanted.items() if value in bytes_seen)
    for name in ("environ", "cmdline"):
        with open("/proc/%d/%s" % (pid, name), "rb") as file:
            look(file.read())
    with open("/proc/%d/maps" % pid) as maps, open("/proc/%d/mem" % pid, "rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            start, end = (int(part, 16) for part in span.split("-"))
            if not rights.startswith("rw") or "[v" in line or end - start > 256 << 20:
                continue
            try:
                memory.seek(start)
                look(memory.read(end - start))
            except (OSError, ValueError):
                continue
    return found


def test_secrets_are_in_the_sender_only(folder):
    wanted = {name: value.encode() for name, value in SECRETS.items()}
    with kit.serving(folder, settings=settings()) as server:
        core, spawner, sender = processes(server)
        assert memory_holds(sender, wanted) == set(wanted), "the search finds what is there"
        for who, pid in (("core", core), ("spawner", spawner)):
            assert not memory_holds(pid, wanted), "the %s holds a provider's secret" % who
            assert memory_holds(pid, {"path": server.data.encode()}), "the memory of the %s can be read at all" % who


def test_the_sender_has_no_database_and_the_core_no_way_out(folder):
    with kit.serving(folder, settings=settings()) as server:
        core, spawner, sender = processes(server)
        assert any(path.endswith("muster.db") for path in open_files(core).values())
        for pid in (spawner, sender):
            assert not any(server.data in path for path in open_files(pid).values()), open_files(pid)
        listening = {line.split()[9] for name in ("tcp", "tcp6") for line in open("/proc/%d/net/%s" % (core, name)).read().split("\n")[1:] if line and line.split()[3] == "0A"}
        connected = {line.split()[9] for name in ("tcp", "tcp6") for line in open("/proc/%d/net/%s" % (core, name)).read().split("\n")[1:]
                     if line and line.split()[3] != "0A" and int(line.split()[1].split(":")[1], 16) != server.port}
        sockets = {path[8:-1] for path in open_files(core).values() if path.startswith("socket:[")}
        assert sockets & listening, "the core listens"
        assert not sockets & connected, "the core has a connection that nobody opened to it"


def test_every_process_is_locked(folder):
    with kit.serving(folder) as server:
        for who, pid in zip(("core", "spawner", "sender"), processes(server)):
            with open("/proc/%d/status" % pid) as file:
                status = file.read()
            with open("/proc/%d/limits" % pid) as file:
                core_files = re.search(r"^Max core file size\s+(\S+)\s+(\S+)", file.read(), re.M).groups()
            assert core_files == ("0", "0"), who
            assert re.search(r"^NoNewPrivs:\s+1", status, re.M), who
            assert re.search(r"^Umask:\s+0077", status, re.M), who
            assert who == "spawner" or re.search(r"^Seccomp:\s+2", status, re.M), who
            if os.getuid() != 0:
                assert os.stat("/proc/%d/mem" % pid).st_uid == 0, "%s can be read by its own account" % who


def test_files_are_for_their_owner_only(folder):
    with kit.serving(folder, "--sample") as server:
        names = os.listdir(server.data)
        assert {"muster.db", "admin-token", "secret-key", "sample-password"} <= set(names), names
        assert os.stat(server.data).st_mode & 0o077 == 0
        for name in names:
            assert os.stat(os.path.join(server.data, name)).st_mode & 0o077 == 0, name


def test_required_confinement_is_kept_and_a_lost_spawner_ends_the_server(folder):
    with kit.serving(folder, "--confine", "off") as server:
        with open("/proc/%d/status" % server.process.pid) as file:
            assert re.search(r"^Seccomp:\s+0", file.read(), re.M), "off is off"
    server.arguments += ["--confine", "required"]
    server.start()
    try:
        core, spawner, sender = processes(server)
        os.kill(sender, signal.SIGKILL)
        eventually("another sender", lambda: processes(server)[2] != sender)
        sender = processes(server)[2]
        os.kill(spawner, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):  # it may have ended with its spawner
            os.kill(sender, signal.SIGKILL)
        assert server.process.wait(60) == 1, "a server that cannot page any more ends, to be started anew"
        assert "nobody can be paged" in server.log_since_last_start()
    finally:
        server.kill()


def test_a_damaged_secret_key_stops_the_start(folder):
    with kit.serving(folder) as server:
        pass
    with open(os.path.join(server.data, "secret-key"), "w") as file:
        file.write("short\n")
    try:
        server.start()
    except AssertionError as reason:
        assert "secret-key" in str(reason), reason
    else:
        server.kill()
        raise AssertionError("it starts with a key that anybody can guess")


class Manager:
    """The end of sd_notify that systemd holds."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.heard = queue.Queue()
        threading.Thread(target=self.listen, daemon=True).start()  # always: the kernel keeps ten messages, and throws away what comes then

    def listen(self):
        while True:
            self.heard.put(self.socket.recv(4096).decode())

    def said(self, within_s=60):
        try:
            return self.heard.get(timeout=within_s)
        except queue.Empty:
            return None


def test_the_service_manager_hears_what_is_true(folder):
    manager = Manager(folder)
    environment = {"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "300000"}
    with kit.serving(folder, environment=environment) as server:
        assert manager.said() == "READY=1"
        assert [manager.said() for _ in range(3)] == ["WATCHDOG=1"] * 3
        _, _, sender = processes(server)
        with open("/proc/%d/environ" % sender, "rb") as file:
            assert b"NOTIFY_SOCKET" not in file.read(), "nobody else speaks in the server's name"
        # The writer thread hangs: the database is locked by somebody else.
        other = sqlite3.connect(os.path.join(server.data, "muster.db"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        eventually("no sign of life while nothing can be written", lambda: manager.said(1.5) is None)
        other.execute("ROLLBACK")
        other.close()
        assert manager.said() == "WATCHDOG=1", "it lives again"
    while (word := manager.said()) == "WATCHDOG=1":
        pass
    assert word == "STOPPING=1", word


def test_no_secret_is_stored_or_logged(folder):
    """One night with everything that carries a secret, at the chattiest log level; then every output and every file of the database is searched."""
    world = World(folder, settings="log_level = debug")
    secrets = {}
    try:
        ana = world.person("Ana", methods=("email", "sms"), ladder=[(0, "email"), (0, "sms")])
        world.api.put("/muster/users/%s/password" % ana.id, {"password": "P4ssw0rd-of-Ana-Zz"}, status=204)
        secrets["password"] = "P4ssw0rd-of-Ana-Zz"
        secrets["session"] = world.server.client().send("POST", "/muster/session", {"email": ana.email, "password": "P4ssw0rd-of-Ana-Zz"}, {"Authorization": ""}).headers["set-cookie"].split(";")[0].split("=")[1]
        secrets["token"] = world.api.post("/muster/tokens", {"token": {"name": "x", "user": ana.reference}}, status=201)["token"]["token"]
        secrets["wrong password"] = "Wr0ng-Guess-Zz"
        world.server.client().send("POST", "/muster/session", {"email": ana.email, "password": "Wr0ng-Guess-Zz"}, {"Authorization": ""})
        secrets["wrong token"] = "Wr0ng-T0ken-Zzzzzzzzzz"
        world.server.client().send("GET", "/users", headers={"Authorization": "Token token=Wr0ng-T0ken-Zzzzzzzzzz"})
        secrets["first token"] = world.server.facts["token"]
        secrets["provider"] = world.sms_a.secret
        checkout = world.service("checkout", [[ana]], minutes=30)
        world.begin("2026-02-10T02:00:00Z")
        incident = checkout.breaks("Checkout is down")
        world.settle()
        link = [link for link in ana.last("email").links() if "/act/acknowledge" in link][0]
        secrets["signature of a link"] = link.rsplit("-", 1)[1]
        world.callback("%s/twilio/sms-a/sms" % world.server.url, {"From": ana.number, "Body": "4", "To": world.sms_a.number}, "Wr0ng-Signing-Zz")
        assert world.server.client().send("GET", link[len(world.server.url):], headers={"Authorization": ""}).status == 200
        ana.replies("4", ana.last("sms"))
        assert incident.status == "acknowledged"
        with open(os.path.join(world.server.data, "secret-key")) as file:
            secrets["key of the links"] = file.read().strip()
        logged_key = checkout.key
    finally:
        world.close()
    with open(world.server.log_path) as file:
        log = file.read()
    assert len(log) > 300, "something was logged"
    assert logged_key not in log, "an integration key in the log"
    stored = b""
    for name in ("muster.db", "muster.db-wal"):
        path = os.path.join(world.server.data, name)
        if os.path.exists(path):
            with open(path, "rb") as file:
                stored += file.read()
    assert b"checkout" in stored, "the search finds what is there"
    for name, secret in secrets.items():
        assert len(secret) >= 12, name
        assert secret not in log, "in the log: " + name
        assert secret.encode() not in stored, "in the database: " + name
