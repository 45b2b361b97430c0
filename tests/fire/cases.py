"""Why: the faults themselves, a function for each kind. `rounds` grows with the time there is; a slice makes one or a few of each."""
import contextlib
import os
import resource
import shutil
import signal
import socket
import subprocess
import time

from harness import Skipped
from harness.server import binary, eventually

import faults
from fire import Fire


def needs_strace():
    if not shutil.which("strace"):
        raise Skipped("strace is not installed")


def sender_of(fire):
    return eventually("there is a sender", lambda: faults.roles(fire.server)[1])


def kills(folder, seed, rounds):
    """kill -9 of everything, of the core alone, of the sender alone; a stop as an operator makes it."""
    fire = Fire(folder, seed)
    for number in range(3 * rounds):
        fire.pause(0.1, 0.6)
        with fire.fault("kill -9 of everything") as evidence:
            process = fire.server.process
            fire.restart_after_death()
            evidence.append(process.returncode == -signal.SIGKILL)
    for number in range(rounds):
        fire.pause(0.1, 0.5)
        with fire.fault("kill -9 of the core") as evidence:
            sender = sender_of(fire)
            os.kill(faults.roles(fire.server)[0], signal.SIGKILL)
            fire.server.process.wait(60)
            eventually("the sender ends with its core", lambda: faults.is_gone(sender))
            fire.restart()
            evidence.append(fire.server.starts > 1)
        with fire.fault("kill -9 of the sender") as evidence:
            sender = sender_of(fire)
            os.kill(sender, signal.SIGKILL)
            eventually("another sender is started", lambda: faults.roles(fire.server)[1] not in (None, sender))
            evidence.append(True)
        with fire.fault("kill -9 of the spawner, then of the sender") as evidence:
            sender = sender_of(fire)
            os.kill(faults.spawner_of(fire.server), signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):  # it may have ended with its spawner
                os.kill(sender, signal.SIGKILL)
            # Nobody could ever start a sender again: it ends, so that whoever keeps it running starts all of it.
            fire.server.process.wait(60)
            evidence.append(fire.server.process.returncode not in (0, None))
            fire.restart()
        with fire.fault("SIGTERM and start (the same version)") as evidence:
            evidence.append(fire.server.stop() == 0)
            fire.restart()
    return fire


SWEPT = ("pwrite64", "fdatasync", "sendmsg", "write", "read", "pread64", "fcntl")


def swept_kills(folder, seed, rounds):
    """kill -9 at the k-th call of a kind, counted from a moment under load; k is swept."""
    needs_strace()
    fire = Fire(folder, seed)
    for number in range(2 * rounds):
        for call in SWEPT if rounds > 1 else fire.chance.sample(SWEPT, 4):
            k = 1 + number * 3 + fire.chance.randrange(12)
            with fire.fault("kill -9 at %s" % call) as evidence, fire.injected(call, "signal=KILL:when=%d" % k) as injection:
                eventually("the server dies at %s number %d" % (call, k), lambda: not fire.server.is_running())
                injection.process.wait(60)
                evidence += [fire.server.process.returncode == -signal.SIGKILL, injection.fired() >= 1]
                fire.restart_after_death()
    for number in range(rounds):
        for call in ("pwrite64", "fdatasync", "openat"):
            k = 1 + fire.chance.randrange(40 if call == "openat" else 4)
            with fire.fault("kill -9 at %s while starting" % call) as evidence:
                fire.server.kill()
                record = os.path.join(folder, "start-%d" % time.monotonic_ns())
                fire.server.prefix = ["strace", "-f", "-q", "-o", record, "-e", "trace=" + call, "-e", "inject=%s:signal=KILL:when=%d" % (call, k)]
                try:
                    fire.server.start()
                    eventually("it dies under load at last", lambda: not fire.server.is_running())
                except AssertionError:
                    pass  # it died before it was ready
                with open(record) as file:
                    evidence.append(any(line.rstrip().endswith(("= ?", "killed by SIGKILL +++")) for line in file))
                fire.server.prefix = []
                fire.restart_after_death()
    return fire


def standstill(folder, seed, rounds):
    """SIGSTOP of the core and of the sender: callers get no answer, then everything goes on."""
    fire = Fire(folder, seed, per_second=6)  # more would be bundled, and a bundle waits a minute
    for number in range(rounds):
        for role in (0, 1):
            least, most = (1, 4) if rounds == 1 else (1, 60)
            with fire.fault("SIGSTOP of the %s" % ("core", "sender")[role]) as evidence:
                pid = sender_of(fire) if role else faults.roles(fire.server)[0]
                evidence.append(faults.stopped(pid))
                fire.pause(least, most)
                with contextlib.suppress(ProcessLookupError):  # a sender that stood still too long is replaced
                    os.kill(pid, signal.SIGCONT)
        with fire.fault("SIGSTOP of the sender for good") as evidence:
            sender = sender_of(fire)
            evidence.append(faults.stopped(sender))
            eventually("the sender is replaced", lambda: faults.is_gone(sender), within_s=120)
            eventually("there is another", lambda: faults.roles(fire.server)[1] not in (None, sender))
    return fire


def full_disk(folder, seed, rounds):
    """No room: on a small file system of its own, or by a limit on the size of files where mounting is not allowed."""
    disk = faults.SmallDisk(folder)
    fire = None
    try:
        fire = Fire(folder, seed, data=os.path.join(disk.path, "data") if disk.is_mounted else None)
        for number in range(rounds):
            if disk.is_mounted:
                with fire.fault("ENOSPC") as evidence:
                    evidence.append(disk.fill() > 0)
                    refused = fire.ledger.counts["refused"]
                    # A log of writes that has just started anew holds room of its own.
                    eventually("events are refused", lambda: fire.ledger.counts["refused"] > refused + 3)
                    evidence.append(eventually("it says so", lambda: fire.health() == 503))
                    disk.empty()
                with fire.fault("started on a full disk") as evidence:
                    fire.server.stop()  # a clean stop leaves no log of writes that has room in it
                    evidence.append(disk.fill() > 0)
                    start_without_room(fire, evidence)
                    disk.empty()
                    eventually("it works when there is room", lambda: works_again(fire))
            with fire.fault("RLIMIT_FSIZE") as evidence:
                core, _ = faults.roles(fire.server)
                faults.limit(core, resource.RLIMIT_FSIZE, 1)
                refused = fire.ledger.counts["refused"]
                eventually("events are refused", lambda: fire.ledger.counts["refused"] > refused + 3)
                evidence.append(eventually("it says so", lambda: fire.health() == 503))
                faults.limit(core, resource.RLIMIT_FSIZE, resource.RLIM_INFINITY)
        return fire
    finally:
        if fire:
            fire.clean_up = disk.end
        else:
            disk.end()


def start_without_room(fire, evidence):
    """It may find room enough in what it has; otherwise it says why and ends, and whoever keeps it running starts it again."""
    lines, ready = fire.server.start_unready()
    ready.wait(180)
    try:
        code = fire.server.process.wait(2 if "ready" in lines else 60)
    except subprocess.TimeoutExpired:
        code = None
    evidence.append(code in (None, 3))
    if code is not None:
        evidence.append(eventually("it said why", lambda: "error" in fire.server.log_since_last_start()))


def works_again(fire):
    if not fire.server.is_running():
        fire.restart()
    return fire.health() == 200


def disk_errors(folder, seed, rounds):
    """EIO of a flush, a write, a read: once, and every time until the disk is replaced. A slow disk."""
    needs_strace()
    fire = Fire(folder, seed)
    calls = [(call, when) for call in ("fdatasync", "pwrite64", "pread64") for when in ("1", "1+")]
    for number in range(rounds):
        for call, when in calls if rounds > 1 else fire.chance.sample(calls[:4], 2) + [("pread64", "1")]:
            with fire.fault("EIO of %s %s" % (call, "once" if when == "1" else "until healed")) as evidence:
                with fire.injected(call, "error=EIO:when=" + when) as injection:
                    eventually("%s fails" % call, lambda: injection.fired() >= 1)
                    fire.pause(0.2, 1.5)
                evidence.append(injection.fired() >= 1)
        with fire.fault("a slow disk") as evidence:
            with fire.injected("fdatasync", "delay_enter=%d" % fire.chance.choice((100000, 400000))) as injection:
                eventually("a flush is delayed", lambda: injection.fired() >= 1)
                fire.pause(1.5, 3)
            evidence.append(injection.fired() >= 1)
    return fire


def scarcity(folder, seed, rounds):
    """No file descriptor left; the database locked by another program; no binary on disk when the sender must be started; the port taken."""
    fire = Fire(folder, seed)
    path = os.path.join(folder, "muster-copy")
    for number in range(rounds):
        with fire.fault("RLIMIT_NOFILE") as evidence:
            core, _ = faults.roles(fire.server)
            before = faults.limit(core, resource.RLIMIT_NOFILE, faults.first_free_file(core))
            unknown = fire.ledger.counts["unknown"] + fire.ledger.counts["refused"]
            eventually("somebody gets no answer", lambda: fire.ledger.counts["unknown"] + fire.ledger.counts["refused"] > unknown)
            faults.limit(core, resource.RLIMIT_NOFILE, before[0])
            evidence.append(True)
        with fire.fault("the database is locked") as evidence:
            locked = faults.LockedDatabase(os.path.join(fire.server.data, "muster.db"))
            seen = fire.accepted()
            fire.pause(1, 3)
            evidence.append(fire.accepted() <= seen + len(fire.loads))
            locked.end()
        with fire.fault("the program is replaced and then missing") as evidence:
            shutil.copy(binary(), path)
            fire.server.program = path
            fire.server.stop()
            fire.restart()
            os.unlink(path)
            sender = sender_of(fire)
            os.kill(sender, signal.SIGKILL)
            eventually("a sender is started without the file", lambda: faults.roles(fire.server)[1] not in (None, sender))
            fire.server.program = None
            evidence.append(not os.path.exists(path))
        with fire.fault("the port is taken") as evidence:
            fire.server.stop()
            with socket.socket() as squatter:
                squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                squatter.bind(("127.0.0.1", fire.server.port))
                squatter.listen()
                ended = subprocess.run([binary(), "serve", "--data", fire.server.data, "--listen", "127.0.0.1:%d" % fire.server.port] + fire.server.arguments,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120, env=fire.server.outside())
                evidence += [ended.returncode != 0, "ready" not in ended.stdout.split(), "in use" in ended.stderr]
            fire.restart()
    return fire


def clock_steps(folder, seed, rounds):
    """The wall clock is set forward and back while pages are under way."""
    if "asan" in os.path.realpath(binary()):
        raise Skipped("a library in front of libc does not go with the address sanitizer")
    clock = faults.Clock(folder)
    fire = Fire(folder, seed, environment=clock.environment)
    for number in range(rounds):
        for seconds in (1, -1, 900, -900, 45, -45) if rounds > 1 else (600, -600, 2, -2):
            with fire.fault("the clock is set") as evidence:
                asked = clock.asked()
                clock.step(seconds)
                fire.pause(0.5, 1.5)
                evidence.append(clock.asked() > asked)
    clock.step(0)
    fire.excused = ("K1", "K1_notices", "N3")  # the audit compares instants of the clock that was set; here the judge saw the order
    return fire


def deaf_providers(folder, seed, rounds):
    """All providers of text messages hold every request for a while; then half of all requests go wrong in some way."""
    fire = Fire(folder, seed)
    for number in range(rounds):
        with fire.fault("the providers hold every request") as evidence:
            before = len(fire.world.sms_a.sent)
            held = [fire.world.sms_a, fire.world.sms_b]
            for phone in held:
                phone.weather = lambda fields: "swallow"
            fire.pause(2, 4)
            for phone in held:
                phone.weather = fire.weather.over_phones
            evidence.append(any(sent.mode == "swallow" for sent in fire.world.sms_a.sent[before:]))
        with fire.fault("foul weather") as evidence:
            usual, fire.weather.bad = fire.weather.bad, 0.6
            before = dict(fire.weather.counts)
            fire.pause(3, 5)
            fire.weather.bad = usual
            evidence.append(sum(fire.weather.counts.values()) > sum(before.values()))
    return fire


CASES = [kills, swept_kills, standstill, full_disk, disk_errors, scarcity, clock_steps, deaf_providers]
