"""The sender process itself: one outcome for each send, nobody waits for anybody, nonsense ends it."""
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time

from twilio.request_validator import RequestValidator

from content import page
from fakes import Http, Smtp, eventually
from harness import Skipped
from sender import DRIVER, Sender


def twilio(name, url, **more):
    return {"name": name, "type": "twilio", "base_url": url, "account": "AC1", "secret": "token-1", "from": "+15005550001", "timeout_s": 30, **more}


PRACTICE = {"name": "practice", "type": "practice"}


def test_practice_delivers_at_once(folder):
    with Sender(folder, [PRACTICE]) as sender:
        for channel in ("sms", "email", "phone", "push"):
            outcome = sender.sends("practice", channel, "ana", **page())
            assert outcome["outcome"] == "delivered" and outcome["ref"], outcome


def test_what_cannot_be_tried_is_temporary(folder):
    with Sender(folder, [PRACTICE, twilio("sms-a", "http://127.0.0.1:1")]) as sender:
        for provider, channel in (("nobody", "sms"), ("practice", "pigeon"), ("sms-a", "email"), (None, None)):
            outcome = sender.sends(provider, channel, "+4915112345678", **page())
            assert outcome["outcome"] == "temporary" and outcome["error"], outcome


def test_one_that_hangs_delays_no_other(folder):
    with Http("hang") as hanging, Http() as good, Smtp(greeting="hang") as mail:
        providers = [twilio("slow", hanging.url, timeout_s=10), twilio("good", good.url),
                     {"name": "mail", "type": "smtp", "base_url": mail.url, "from": "muster@halden.example", "timeout_s": 10}]
        with Sender(folder, providers) as sender:
            slow = [sender.send("slow", "sms", "+491", **page()) for _ in range(20)] + [sender.send("mail", "email", "ana@halden.example", **page())]
            started = time.monotonic()
            for _ in range(50):
                assert sender.sends("good", "sms", "+492", **page())["outcome"] == "accepted"
            assert not any(number in sender.settled for number in slow), "50 good sends waited for a provider that hangs"
            outcomes = [sender.outcome(number)["outcome"] for number in slow]
            assert outcomes == ["unknown"] * 20 + ["temporary"], outcomes
            assert 9 < time.monotonic() - started < 50, "they had not 10 s each, side by side"


def test_a_name_server_that_hangs_delays_no_other(folder):
    if not shutil.which("cc"):
        raise Skipped("no C compiler to make a slow name server with")
    source, library = os.path.join(folder, "slow.c"), os.path.join(folder, "slow.so")
    with open(source, "w") as file:
        file.write('#define _GNU_SOURCE\n#include <dlfcn.h>\n#include <netdb.h>\n#include <string.h>\n#include <unistd.h>\n'
                   'int getaddrinfo(const char *n, const char *s, const struct addrinfo *h, struct addrinfo **r)\n'
                   '{ if (n && strstr(n, "slow.example")) { sleep(300); return EAI_AGAIN; }\n'
                   '  int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo"); return real(n, s, h, r); }\n')
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    environment = {"LD_PRELOAD": library, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
    with Http() as good, Sender(folder, [twilio("slow", "http://slow.example", timeout_s=1), twilio("good", good.url)], environment) as sender:
        started = time.monotonic()
        slow = sender.send("slow", "sms", "+491", **page())
        assert sender.sends("good", "sms", "+492", **page())["outcome"] == "accepted"
        outcome = sender.outcome(slow)
        assert outcome["outcome"] == "temporary", outcome
        assert sender.sends("good", "sms", "+492", **page())["outcome"] == "accepted"
        assert time.monotonic() - started < 60, "the name server held the loop for %.1f s" % (time.monotonic() - started)
        sender.process.kill()
        sender.close = lambda: 0  # its exit would wait for the thread that sleeps


def test_a_mail_server_that_does_not_say_goodbye_delays_no_other(folder):
    with Smtp(QUIT="hang", RCPT="550 5.1.1 unknown") as mail, Smtp(QUIT="hang") as kept, Sender(folder, [
            PRACTICE, {"name": "mail", "type": "smtp", "base_url": mail.url, "from": "m@halden.example", "timeout_s": 30}, {"name": "kept", "type": "smtp", "base_url": kept.url, "from": "m@halden.example", "timeout_s": 30}]) as sender:
        started = time.monotonic()
        assert sender.sends("kept", "email", "ana@halden.example", **page())["outcome"] == "accepted"
        for _ in range(3):
            outcome = sender.sends("mail", "email", "ana@halden.example", **page())
            assert outcome["outcome"] == "permanent", outcome
            assert sender.sends("practice", "sms", "ana")["outcome"] == "delivered"
        # A kept connection that goes bad: opened by one send, ended by another.
        kept.script["RCPT"] = "550 5.1.1 unknown"
        assert sender.sends("kept", "email", "ana@halden.example", **page())["outcome"] == "permanent"
        assert sender.sends("practice", "sms", "ana")["outcome"] == "delivered"
        assert kept.connections == 1 and time.monotonic() - started < 20, time.monotonic() - started
        eventually("QUIT was said", lambda: "QUIT" in mail.commands and "QUIT" in kept.commands)


def test_too_many_at_one_provider_are_told_so(folder):
    with Http("hang") as hanging, Sender(folder, [twilio("sms-a", hanging.url, in_flight_max=3, timeout_s=5)]) as sender:
        sends = [sender.send("sms-a", "sms", "+491", **page()) for _ in range(5)]
        for number in sends[3:]:
            outcome = sender.outcome(number)
            assert (outcome["outcome"], outcome["error"]) == ("temporary", "busy"), outcome
        assert [sender.outcome(number)["outcome"] for number in sends[:3]] == ["unknown"] * 3
        assert sender.sends("sms-a", "sms", "+491", **page())["outcome"] == "unknown", "the place is free again"


def test_a_cancelled_send_has_an_outcome_too(folder):
    with Http("hang") as hanging, Sender(folder, [twilio("sms-a", hanging.url, timeout_s=30), PRACTICE]) as sender:
        number = sender.send("sms-a", "sms", "+491", **page())
        eventually("the request arrived", lambda: hanging.requests)
        sender.write({"type": "cancel", "id": number})
        assert sender.outcome(number)["outcome"] == "unknown"
        sender.write({"type": "cancel", "id": number})
        sender.write({"type": "cancel", "id": 999999})
        assert sender.sends("practice", "sms", "ana")["outcome"] == "delivered"


def test_each_of_many_gets_exactly_one_outcome(folder):
    with Http() as good, Sender(folder, [PRACTICE, twilio("sms-a", good.url, in_flight_max=400, timeout_s=50)]) as sender:
        sends = [sender.send(random.choice(["practice", "sms-a"]), "sms", "+491", **page()) for _ in range(600)]
        assert {sender.outcome(number)["outcome"] for number in sends} <= {"accepted", "delivered", "temporary"}
        assert len(sender.settled) == 600


def test_connections_are_kept(folder):
    with Http() as good, Smtp() as mail:
        providers = [twilio("sms-a", good.url), {"name": "mail", "type": "smtp", "base_url": mail.url, "from": "muster@halden.example"}]
        with Sender(folder, providers) as sender:
            for _ in range(5):
                assert sender.sends("sms-a", "sms", "+491", **page())["outcome"] == "accepted"
                assert sender.sends("mail", "email", "ana@halden.example", **page())["outcome"] == "accepted"
            assert (good.connections, mail.connections, len(mail.mails)) == (1, 1, 5)


def test_nonsense_ends_it(folder):
    frame = lambda text: struct.pack(">I", len(text)) + text
    for number, bytes_ in enumerate([b"\xff\xff\xff\xff", frame(b"{"), frame(b"[]"), frame(b""), frame(b'{"type":"dance","id":1}'), frame(b'{"type":"send"}'),
                                     frame(b'{"type":"send","id":-1}'), frame(b"[" * 5000), frame(b"\xff\xfe"), frame(b'{"type":"send","id":1,"id":2}')]):
        inner = os.path.join(folder, str(number))
        os.mkdir(inner)
        sender = Sender(inner, [PRACTICE])
        sender.socket.sendall(bytes_)
        assert sender.process.wait(60) == 1, bytes_
        assert "malformed" in sender.log_text()
        sender.log.close()


def test_a_number_in_use_is_nonsense(folder):
    with Http("hang") as hanging:
        sender = Sender(folder, [twilio("sms-a", hanging.url)])
        sender.send("sms-a", "sms", "+491", **page())
        sender.next_id = 1
        sender.send("sms-a", "sms", "+491", **page())
        assert sender.process.wait(60) == 1
        sender.log.close()


def test_frames_in_pieces(folder):
    with Sender(folder, [PRACTICE]) as sender:
        document = b'{"type":"send","id":7,"provider":"practice","channel":"sms","to":"ana"}'
        for byte in struct.pack(">I", len(document)) + document:
            sender.socket.sendall(bytes([byte]))
            time.sleep(0.001)
        assert sender.outcome(7)["outcome"] == "delivered"


def test_a_core_that_reads_late_loses_nothing(folder):
    with Sender(folder, [PRACTICE]) as sender:
        writer = threading.Thread(target=lambda: [sender.send("practice", "sms", "ana") for _ in range(30000)], daemon=True)
        writer.start()
        writer.join(2)
        assert writer.is_alive(), "30000 outcomes should not fit between the two"
        for number in range(1, 30001):
            assert sender.outcome(number)["outcome"] == "delivered"
        writer.join(60)
        memory = [int(line.split()[1]) for line in open("/proc/%d/status" % sender.process.pid) if line.startswith("VmRSS")][0]
        assert "asan" in DRIVER or memory < 200000, "%d kB for answers that wait" % memory


def test_signals_leave_it_to_the_core(folder):
    with Sender(folder, [PRACTICE]) as sender:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            sender.process.send_signal(number)
        assert sender.sends("practice", "sms", "ana")["outcome"] == "delivered"


def test_no_secret_reaches_the_log(folder):
    with Http(401, b'{"code": 20003, "message": "Authenticate"}') as bad, Smtp(auth=True, AUTH="535 5.7.8 wrong") as mail:
        providers = [twilio("sms-a", bad.url, secret="s3cr3t-token"), {"name": "mail", "type": "smtp", "base_url": mail.url, "from": "m@halden.example", "account": "muster", "secret": "s3cr3t-word"}]
        with Sender(folder, providers) as sender:
            one, two = sender.sends("sms-a", "sms", "+491", **page()), sender.sends("mail", "email", "ana@halden.example", **page())
            assert "s3cr3t" not in str(one) + str(two) + sender.log_text()


def test_signatures_are_those_of_the_independent_validator(folder):
    generator = random.Random(20260210)
    judge = RequestValidator("token-1")
    with Sender(folder, [twilio("sms-a", "http://127.0.0.1:1"), PRACTICE]) as sender:
        for round_ in range(120):
            url = generator.choice(["https://muster.example.org", "http://muster.example.org:8080", "https://muster.example.org:443", "http://m.example/pd"]) + \
                generator.choice(["/twilio/sms-a/sms", "/twilio/voice/7", "/twilio/status/9?x=1&y=%20", "/"])
            params = {generator.choice(["From", "To", "Body", "Digits", "a", "B", "z", "Ä", "AccountSid"]) + str(i): "".join(generator.choice("ab 4+&=%Öя✓\n") for _ in range(generator.randrange(12)))
                      for i in range(generator.randrange(8))}
            signature = judge.compute_signature(url, params)
            assert judge.validate(url, params, signature)
            assert sender.verify("sms-a", url, params, signature), (url, params)
            bent = list(signature)
            at = generator.randrange(len(bent))
            bent[at] = "A" if bent[at] != "A" else "B"
            for other_url, other_params, other in ((url, params, "".join(bent)), (url + "x", params, signature), (url, {**params, "x": "y"}, signature), (url, params, "")):
                assert not sender.verify("sms-a", other_url, other_params, other)
                assert not judge.validate(other_url, other_params, other)
            assert not sender.verify("practice", url, params, signature) and not sender.verify("nobody", url, params, signature)
