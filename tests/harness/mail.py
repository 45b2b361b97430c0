"""Why: stands in for a mail server: speaks enough SMTP for any client, keeps every message, fails on demand."""
import email
import email.policy
import re
import socket
import socketserver
import threading
import time


class Mail:
    def __init__(self, sender, recipients, raw, mode):
        self.channel, self.sender, self.recipients, self.raw, self.mode = "email", sender, recipients, raw, mode
        self.to = recipients[0]
        self.document = email.message_from_bytes(raw, policy=email.policy.default)
        self.subject = self.document["Subject"] or ""
        plain = self.document.get_body(("plain",))
        html = self.document.get_body(("html",))
        self.body = plain.get_content() if plain else ""
        self.html = html.get_content() if html else ""
        self.text = self.subject + "\n" + self.body
        self.received_at = time.monotonic()
        self.accepted = True

    def links(self):
        return re.findall(r"https?://[^\s<>\"')]+", self.body)

    def __repr__(self):
        return "<mail to %s: %r>" % (self.to, self.subject)


class Handler(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        try:
            self.talk()
        except (ConnectionError, socket.timeout, ValueError):
            pass

    def talk(self):
        server = self.server.owner
        mode = server.next_mode()
        if mode == "refuse":
            return
        if mode == "hang":
            server.released.wait(server.patience_s)
            return
        self.say("220 mail.halden.example ESMTP")
        sender, recipients, first = "", [], True
        while True:
            line = self.rfile.readline()
            if not line:
                return
            words = line.decode("utf-8", "replace").strip()
            verb = words.split(" ")[0].upper()
            if verb == "EHLO":
                self.say("250-mail.halden.example")
                self.say("250-8BITMIME")
                self.say("250 SIZE 10485760")
            elif verb in ("HELO", "NOOP"):
                self.say("250 ok")
            elif verb == "MAIL":
                mode = mode if first else server.next_mode()  # a connection may carry several messages
                first = False
                if mode == "hang":
                    server.released.wait(server.patience_s)
                    return
                if mode == "refuse":
                    return
                sender, recipients = re.search(r"<([^>]*)>", words).group(1), []
                self.say("250 ok")
            elif verb == "RCPT":
                if mode.isdigit():
                    self.say("%s scripted failure" % mode)
                    server.refusals.append((mode, words))
                    continue
                recipients.append(re.search(r"<([^>]*)>", words).group(1))
                self.say("250 ok")
            elif verb == "DATA":
                if not recipients:
                    self.say("503 no recipient")
                    continue
                self.say("354 go ahead")
                lines = []
                while True:
                    data = self.rfile.readline()
                    if not data or data == b".\r\n":
                        break
                    lines.append(data[1:] if data.startswith(b"..") else data)
                if not data:
                    return
                server.record(Mail(sender, recipients, b"".join(lines), mode))
                if mode == "drop":
                    return
                self.say("250 2.0.0 queued")
            elif verb == "RSET":
                self.say("250 ok")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("502 not here")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass


class MailServer:
    """Modes as in twilio.py: ok, drop, hang, refuse, or an SMTP status such as 451 and 550 in answer to RCPT."""

    def __init__(self):
        self.name, self.mode, self.queue, self.sent, self.refusals = "mail", "ok", [], [], []
        self.lock, self.released = threading.Lock(), threading.Event()
        self.patience_s, self.weather = 600, None  # as in twilio.py; the weather of mail knows nothing of the message
        self.run = lambda: 0
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.owner = self
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self):
        return "smtp://127.0.0.1:%d" % self.server.server_address[1]

    def will(self, *modes):
        with self.lock:
            self.queue, self.mode = [str(mode) for mode in modes[:-1]], str(modes[-1])
            self.released.set()
            self.released = threading.Event()

    def next_mode(self):
        with self.lock:
            return self.weather() if self.weather else self.queue.pop(0) if self.queue else self.mode

    def record(self, mail):
        with self.lock:
            mail.run = self.run()
            self.sent.append(mail)

    def stop(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
