"""Why: kill -9 is blind to the disk: the kernel keeps what was written. Here a run of the real binary under load is recorded (recorder.c: every
write, truncation and flush of the database and its log, every 202), and the power is cut at its boundaries: a disk is made of everything
flushed and of a random, possibly torn part of what was not. SQLite opens it, the real `muster audit` opens it, and every event that had been
answered must be on it. The same under synchronous=NORMAL must lose something, or the model proves nothing.

Limits: creating a file counts as durable, the shared-memory file is not looked at, a sector is 512 bytes and is written whole or not."""
import json
import os
import random
import re
import shutil
import sqlite3
import struct
import subprocess
import threading
import time

from harness.client import Client
from harness.server import binary
from harness.world import World

HERE = os.path.dirname(os.path.abspath(__file__))
WRITE, TRUNCATE, FLUSH_BEGINS, FLUSHED, ANSWER = range(1, 6)
HEAD = struct.Struct("<IIqqq")
SECTOR = 512
STREAMS = 3
NAMES = {1: "muster.db", 2: "muster.db-wal"}


def compiled(folder, name):
    library = os.path.join(folder, name + ".so")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-D_GNU_SOURCE", "-o", library, os.path.join(HERE, name + ".c"), "-ldl"], check=True)
    return library


def record(folder, events, is_normal, program):
    """A server under load from its first start; answers the path of the record and how many events it accepted."""
    log = os.path.join(folder, "record")
    environment = {"LD_PRELOAD": compiled(folder, "recorder"), "RECORDER_LOG": log, "RECORDER_NORMAL": "1" if is_normal else "0"}
    world = World(folder, test_clock=False, timeout_s=2, environment=environment, program=program)
    people = [world.person("Person%02d" % number, methods=("sms",), ladder=[(0, "sms")], low_ladder=[]) for number in range(20)]
    services = [world.service("service-%02d" % number, [[person]], minutes=600) for number, person in enumerate(people)]
    accepted = []

    def load(stream):
        client = Client(world.server.url)
        for number in range(1, events // STREAMS + 1):
            key = "event-%05d" % (stream * 10000 + number)
            for action in ("trigger", "resolve") if number % 3 == 0 else ("trigger",):
                body = {"routing_key": services[(stream * 7 + number) % len(services)].key, "event_action": action, "dedup_key": key}
                if action == "trigger":
                    body["payload"] = {"summary": "Trouble <%s>" % key, "source": "power", "severity": "critical"}
                assert client.send("POST", "/v2/enqueue", body).status == 202
                accepted.append((action, key))
    streams = [threading.Thread(target=load, args=(stream,)) for stream in range(STREAMS)]
    try:
        for stream in streams:
            stream.start()
        for stream in streams:
            stream.join()
    finally:
        world.server.kill()  # not a clean end: what a server does when it stops is not what is cut here
        world.close()
    return log, accepted


def read_record(path):
    with open(path, "rb") as file:
        content = file.read()
    at = 0
    while at + HEAD.size <= len(content):
        kind, file, position, size, time_us = HEAD.unpack_from(content, at)
        at += HEAD.size
        data = content[at:at + size] if kind in (WRITE, ANSWER) else b""
        at += len(data)
        yield kind, file, position, data, time_us


class Disk:
    def __init__(self, chance):
        self.chance = chance
        self.flushed, self.pending, self.beginnings = {1: bytearray(), 2: bytearray()}, {1: [], 2: []}, {}

    @staticmethod
    def put(image, at, data):
        if at > len(image):
            image.extend(bytes(at - len(image)))
        image[at:at + len(data)] = data

    def apply(self, image, write):
        at, data = write
        if data is None:
            del image[at:]
        else:
            self.put(image, at, data)

    def note(self, kind, file, at, data):
        if kind == WRITE:
            self.pending[file].append((at, data))
        elif kind == TRUNCATE:
            self.pending[file].append((at, None))
        elif kind == FLUSH_BEGINS:
            self.beginnings[at] = len(self.pending[file]), self.pending[file][-1:]
        elif kind == FLUSHED:
            # Another thread's flush of the same file may have taken some of these; whatever was noted before this one began is down.
            count, last = self.beginnings.pop(at)
            if last:
                for place in range(min(count, len(self.pending[file])) - 1, -1, -1):
                    if self.pending[file][place] is last[0]:
                        for write in self.pending[file][:place + 1]:
                            self.apply(self.flushed[file], write)
                        del self.pending[file][:place + 1]
                        break

    def after_a_cut(self, file):
        """What was flushed, and of the rest each write wholly, partly or not at all."""
        image = bytearray(self.flushed[file])
        for write in self.pending[file]:
            luck = self.chance.randrange(4)
            if luck == 0:
                continue
            at, data = write
            if luck <= 2 or data is None:
                self.apply(image, write)
                continue
            for start in range(0, len(data), SECTOR):
                if self.chance.randrange(2):
                    self.put(image, at + start, data[start:start + SECTOR])
        return image


class Replay:
    def __init__(self, folder, program, seed, audit_every, clock):
        self.program, self.folder, self.disk, self.audit_every, self.clock = program, os.path.join(folder, "cut"), Disk(random.Random(seed)), audit_every, clock
        self.answered, self.boundaries, self.states, self.audits, self.copied = {}, 0, 0, 0, 0
        self.lost, self.damaged, self.findings = 0, 0, []
        os.mkdir(self.folder)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}

    def run(self, path, wanted, states_each):
        """`wanted`: how many boundaries to cut at; None: all. Chosen evenly over those at which something is at stake."""
        operations = list(read_record(path))
        first = next(index for index, operation in enumerate(operations) if operation[0] == ANSWER)
        candidates = [index for index, operation in enumerate(operations) if operation[0] != FLUSH_BEGINS]
        at_stake = [index for index in candidates if index >= first]
        self.copied = sum(kind == WRITE and file == 1 for kind, file, *_ in operations[first:])  # from the log into the database
        chosen = set(candidates if wanted is None else self.disk.chance.sample(at_stake, min(wanted, len(at_stake))))
        for index, (kind, file, at, data, time_us) in enumerate(operations):
            if kind == ANSWER:
                for key in re.findall(rb'"dedup_key":\s*"(event-\d{5})"', data):
                    self.answered[key.decode()] = self.answered.get(key.decode(), 0) + 1
            else:
                self.disk.note(kind, file, at, data)
            if index in chosen:
                self.boundaries += 1
                for _ in range(states_each):
                    self.cut(time_us)
        return sum(self.answered.values())

    def cut(self, time_us):
        for file, name in NAMES.items():
            with open(os.path.join(self.folder, name), "wb") as out:
                out.write(self.disk.after_a_cut(file))
        self.states += 1
        self.look()
        if self.audit_every and self.states % self.audit_every == 0 and self.answered:
            self.audit(time_us)
        for name in os.listdir(self.folder):
            os.unlink(os.path.join(self.folder, name))

    def look(self):
        path = os.path.join(self.folder, "muster.db")
        try:
            database = sqlite3.connect(path)
            found = dict(database.execute("SELECT dedup_key, status FROM alerts")) if self.answered else {}
            sound = database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            database.close()
        except sqlite3.DatabaseError as error:
            self.damaged += 1
            self.findings.append("damaged: %s" % error)
            return
        self.damaged += not sound
        missing = [key for key, times in self.answered.items() if key not in found or (times > 1 and found[key] != "resolved")]
        if missing:
            self.lost += 1
            self.findings.append("%d of %d answered events are missing, first %s" % (len(missing), len(self.answered), missing[0]))

    def audit(self, time_us):
        """The real program on the same disk, at the time of the cut."""
        self.clock.step(time_us / 1000000 - time.time())
        result = subprocess.run([self.program, "audit", "--data", self.folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                env={**self.environment, **self.clock.environment})
        self.audits += 1
        if result.returncode != 0:
            self.damaged += 1
            self.findings.append("audit: " + "; ".join(line for line in result.stdout.splitlines() if not line.startswith("holds"))[:600])


def run(folder, seed, events, cuts, states_each, audit_every, is_normal):
    """Figures of one recorded run."""
    import faults
    program = shutil.copy(binary(), os.path.join(folder, "muster"))  # the same from the first write to the last audit
    log, accepted = record(folder, events, is_normal, program)
    shared = "/dev/shm" if os.access("/dev/shm", os.W_OK) else folder
    place = os.path.join(shared, "muster-power-%d" % os.getpid())
    os.mkdir(place)
    try:
        replay = Replay(place, program, seed, audit_every, faults.Clock(folder))
        answered = replay.run(log, cuts, states_each)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    assert answered >= len(accepted) > 0, "the record has %d answers, the senders had %d" % (answered, len(accepted))
    return {"answered": answered, "boundaries": replay.boundaries, "states": replay.states, "audits": replay.audits, "pages_copied": replay.copied, "lost": replay.lost,
            "damaged": replay.damaged}, replay.findings
