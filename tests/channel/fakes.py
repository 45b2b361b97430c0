"""Why: the other ends, with every way of misbehaving that a test may ask for. Plain sockets: a library would be too well-mannered."""
import os
import socket
import ssl
import subprocess
import threading
import time


class Fake:
    """Listens; each connection is talked to by `talk` in a thread of its own."""

    def __init__(self, host="127.0.0.1"):
        self.listener = socket.create_server((host, 0), backlog=1024, family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port = self.listener.getsockname()[1]
        self.connections, self.open, self.stopping = 0, [], threading.Event()
        self.lock = threading.Lock()
        self.acceptor = threading.Thread(target=self.accept, daemon=True)
        self.acceptor.start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self.open.append(connection)
            threading.Thread(target=self.guard, args=(connection,), daemon=True).start()

    def guard(self, connection):
        try:
            self.talk(connection, connection.makefile("rb"))
        except (OSError, ValueError):
            pass
        finally:
            self.shut(connection)

    @staticmethod
    def shut(connection):
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *rest):
        self.stopping.set()
        # A thread still in accept() would take the connections of whichever fake gets the same descriptor next.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.acceptor.join(10)
        self.listener.close()
        for connection in self.open:
            self.shut(connection)


class Http(Fake):
    """`mode`: a number is answered as status; "hang", "drop" (reads, then closes), "half" (answers half), "close" (closes unread)."""

    def __init__(self, mode=201, body=b'{"sid": "SM00000000000000000000000000000001", "status": "queued"}', headers=(), host="127.0.0.1"):
        self.mode, self.body, self.headers, self.requests = mode, body, list(headers), []
        super().__init__(host)

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.port

    def talk(self, connection, file):
        while True:
            line = file.readline()
            if not line:
                return
            headers = {}
            while True:
                header = file.readline().decode().rstrip("\r\n")
                if not header:
                    break
                name, value = header.split(":", 1)
                headers[name.lower()] = value.strip()
            body = file.read(int(headers.get("content-length", "0")))
            with self.lock:
                self.requests.append((line.decode().split()[1], headers, body))
            mode = self.mode
            if mode == "hang":
                self.stopping.wait(600)
                return
            if mode == "drop":
                return
            status = 201 if mode == "half" else mode
            head = "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n" % (status, len(self.body), "".join("%s: %s\r\n" % h for h in self.headers))
            connection.sendall(head.encode() + (self.body[:5] if mode == "half" else self.body))
            if mode == "half":
                return


class Smtp(Fake):
    """`script`: step -> answer. Steps: greeting EHLO AUTH MAIL RCPT DATA dot. An answer is a line, "hang" or "drop"."""

    def __init__(self, auth=False, certificate=None, **script):
        """`certificate`: (certificate, key) files: STARTTLS is offered. Commands behind it are kept with "TLS " in front."""
        self.script, self.auth, self.certificate, self.mails, self.commands = script, auth, certificate, [], []
        super().__init__()

    def turn_to_tls(self, connection):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.certificate)
        connection.sendall(b"220 go ahead\r\n")
        connection = context.wrap_socket(connection, server_side=True)
        with self.lock:
            self.open.append(connection)
        return connection, connection.makefile("rb")

    @property
    def url(self):
        return "smtp://127.0.0.1:%d" % self.port

    def step(self, connection, name, usual):
        answer = self.script.get(name, usual)
        if answer == "hang":
            self.stopping.wait(600)
        if answer in ("hang", "drop"):
            raise OSError(answer)
        connection.sendall(answer.encode() + b"\r\n")
        return answer[0] in "23"

    def talk(self, connection, file):
        if not self.step(connection, "greeting", "220 mail.fake ESMTP"):
            return
        tls = ""
        while True:
            line = file.readline()
            if not line:
                return
            verb = line.decode().split()[0].upper()
            with self.lock:
                self.commands.append(tls + line.decode().rstrip())
            if verb == "STARTTLS" and self.certificate:
                connection, file = self.turn_to_tls(connection)
                tls = "TLS "
            elif verb == "EHLO":
                if self.certificate and not tls:
                    connection.sendall(b"250-STARTTLS\r\n")
                if "EHLO" not in self.script:
                    connection.sendall(b"250-mail.fake\r\n" + (b"250-AUTH PLAIN\r\n" if self.auth else b""))
                self.step(connection, "EHLO", "250 8BITMIME")
            elif verb == "DATA":
                if self.step(connection, "DATA", "354 go on"):
                    data = b""
                    while True:
                        line = file.readline()
                        if not line:
                            return
                        if line == b".\r\n":
                            break
                        data += line[1:] if line.startswith(b".") else line
                    with self.lock:
                        self.mails.append(data)
                    self.step(connection, "dot", "250 2.0.0 queued as 7E5A")
            elif verb == "AUTH" and "AUTH" not in self.script:
                connection.sendall(b"334 \r\n")
                file.readline()
                connection.sendall(b"235 2.7.0 welcome\r\n")
            elif verb == "QUIT":
                self.step(connection, "QUIT", "221 bye")
                return
            else:
                self.step(connection, verb, "250 fine")


def certificate(folder, name="localhost"):
    """(certificate, key) of a server that nobody else vouches for: trusted only where it is put among the authorities."""
    files = os.path.join(folder, "certificate.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=" + name,
                    "-addext", "subjectAltName=DNS:%s,IP:127.0.0.1" % name, "-keyout", files[1], "-out", files[0]], check=True, stderr=subprocess.DEVNULL)
    return files


def trusting(certificate_file):
    """A command in front of another, which then trusts this certificate and no other; None where that is not allowed."""
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    words = ["unshare", "--mount", "--map-root-user", "sh", "-c", 'mount --bind "$0" %s && exec "$@"' % bundle, certificate_file]
    return words if os.path.exists(bundle) and subprocess.run(words + ["true"], stderr=subprocess.DEVNULL).returncode == 0 else None


def has_ipv6():
    """Some containers have none, not even to themselves."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        return True
    except OSError:
        return False


kept_closed = []


def closed_port():
    """Nobody listens there, and nobody will: it is bound, by us."""
    holder = socket.socket()
    holder.bind(("127.0.0.1", 0))
    kept_closed.append(holder)
    return holder.getsockname()[1]


def eventually(what, condition, within_s=60):
    until = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < until, "not within %s s: %s" % (within_s, what)
        time.sleep(0.01)
