"""Why: the engine's end of the seam (src/channel/frames.h), so that a test can play the engine to the real sender process."""
import json
import os
import socket
import struct
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("MUSTER_BINARY", os.path.join(ROOT, "build", "muster"))
DRIVER = os.environ.get("CHANNEL_DRIVER") or os.path.join(os.path.dirname(BINARY), "channel-driver")


def render(what, content):
    done = subprocess.run([DRIVER, what], input=json.dumps(content).encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0, "render %s: %s %s" % (what, done.returncode, done.stderr.decode())
    return done.stdout if what == "mail" else done.stdout.decode()


class Sender:
    def __init__(self, folder, providers, environment=None, prefix=()):
        ours, theirs = socket.socketpair()
        path = os.path.join(folder, "providers.json")
        with open(path, "w") as file:
            json.dump(providers, file)
        self.log = open(os.path.join(folder, "sender.log"), "w+")
        self.process = subprocess.Popen(list(prefix) + [DRIVER, "serve", str(theirs.fileno()), path], pass_fds=[theirs.fileno()], stderr=self.log,
                                        env={**os.environ, **(environment or {})})
        theirs.close()
        self.socket, self.waiting, self.next_id, self.settled = ours, b"", 1, {}
        assert self.read() == {"type": "ready"}

    def __enter__(self):
        return self

    def __exit__(self, kind, *rest):
        if kind is None:
            assert self.close() == 0, "the sender ended badly: " + self.log_text()
        else:
            self.process.kill()
            print(self.log_text())
        self.log.close()

    def log_text(self):
        self.log.seek(0)
        return self.log.read()

    def write(self, frame):
        document = json.dumps(frame).encode()
        self.socket.sendall(struct.pack(">I", len(document)) + document)

    def read(self, timeout_s=60):
        self.socket.settimeout(timeout_s)
        while len(self.waiting) < 4 or len(self.waiting) < 4 + struct.unpack(">I", self.waiting[:4])[0]:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError("the sender has closed the seam")
            self.waiting += more
        size = struct.unpack(">I", self.waiting[:4])[0]
        frame, self.waiting = json.loads(self.waiting[4:4 + size]), self.waiting[4 + size:]
        return frame

    def send(self, provider, channel, to, **content):
        number, self.next_id = self.next_id, self.next_id + 1
        self.write({"type": "send", "id": number, "provider": provider, "channel": channel, "to": to, **content})
        return number

    def outcome(self, number, timeout_s=60):
        """Of this send; other outcomes are kept. Two outcomes for one send are a failure."""
        until = time.monotonic() + timeout_s
        while number not in self.settled:
            frame = self.read(max(0.1, until - time.monotonic()))
            assert frame["type"] == "outcome", frame
            assert frame["id"] not in self.settled, "a second outcome: %s" % frame
            self.settled[frame["id"]] = frame
        return self.settled[number]

    def sends(self, *arguments, **content):
        return self.outcome(self.send(*arguments, **content))

    def verify(self, provider, url, params, signature):
        number, self.next_id = self.next_id, self.next_id + 1
        self.write({"type": "verify", "id": number, "provider": provider, "url": url, "params": params, "signature": signature})
        frame = self.read()
        assert frame["type"] == "verdict" and frame["id"] == number, frame
        return frame["valid"]

    def close(self):
        """Ends it as the core does; no frame may come after what was asked for."""
        self.socket.shutdown(socket.SHUT_WR)
        self.socket.settimeout(60)
        rest = self.waiting
        while True:
            more = self.socket.recv(65536)
            if not more:
                break
            rest += more
        assert not rest, "unasked frames: %r" % rest
        return self.process.wait(60)
