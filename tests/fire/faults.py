"""Why: the ways in which a machine lets a server down, made on purpose, each with evidence that it happened. Nothing here touches anything
but the processes and the folder it is given; the machine's own clock and limits stay as they are."""
import os
import re
import resource
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def children_of(pid):
    found = []
    try:
        for task in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/children" % (pid, task)) as file:
                found += [int(word) for word in file.read().split()]
    except OSError:
        pass  # it ended meanwhile
    return found


def command_of(pid):
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            return file.read().split(b"\0")
    except OSError:
        return []


def roles(server):
    """(core, sender): their process numbers; the sender is None while it is being started. It is the child of a spawner, the core's child."""
    core = server.process.pid
    if b"strace" in (command_of(core) or [b""])[0]:
        core = children_of(core)[0]
    spawners = children_of(core)
    sender = [pid for spawner in spawners for pid in children_of(spawner) if b"sender" in command_of(pid)]
    return core, sender[0] if sender else None


def spawner_of(server):
    return children_of(roles(server)[0])[0]


def is_gone(pid):
    try:
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rsplit(")", 1)[1].split()[0] in "ZX"
    except OSError:
        return True


class Injection:
    """strace on a running core: the k-th (or every) call of a kind fails, is delayed or ends in a signal. `fired` counts from its own record."""

    def __init__(self, pid, call, effect, folder):
        self.path = os.path.join(folder, "strace-%d" % time.monotonic_ns())
        self.process = subprocess.Popen(["strace", "-f", "-q", "-o", self.path, "-p", str(pid), "-e", "trace=" + call, "-e", "inject=%s:%s" % (call, effect)],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def fired(self):
        try:
            with open(self.path, errors="replace") as file:
                return len(re.findall(r"\((?:INJECTED|DELAYED)\)|killed by SIGKILL", file.read()))
        except OSError:
            return 0

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(60)
        return self.fired()


class SmallDisk:
    """A file system of its own with room for so many bytes; needs the right to mount. As much as Muster may take with nothing wrong must fit: the log of writes
    starts anew at 33 MB (src/store/checkpointer.c), and a busy machine gets that far before the first event."""

    def __init__(self, folder, size="64m"):
        self.path = os.path.join(folder, "disk")
        os.mkdir(self.path)
        self.is_mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=" + size, "muster-fire", self.path], stderr=subprocess.DEVNULL).returncode == 0

    def fill(self):
        """Answers how many bytes it took to fill it."""
        taken = 0
        with open(os.path.join(self.path, "ballast"), "wb", buffering=0) as file:
            block = bytes(65536)
            while True:
                try:
                    taken += file.write(block)
                except OSError:
                    if len(block) == 1:
                        return taken
                    block = block[:1] if len(block) <= 512 else block[:len(block) // 2]

    def empty(self):
        os.unlink(os.path.join(self.path, "ballast"))

    def end(self):
        if self.is_mounted:
            subprocess.run(["umount", "-l", self.path])


class Clock:
    """A clock of the wall that can be set, for one process tree: a small library in front of libc's, reading a shared offset."""

    def __init__(self, folder):
        self.library, self.offset = os.path.join(folder, "clock_shim.so"), os.path.join(folder, "clock-offset")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-D_GNU_SOURCE", "-o", self.library, os.path.join(HERE, "clock_shim.c"), "-ldl"], check=True)
        with open(self.offset, "wb") as file:
            file.write(bytes(16))
        self.environment = {"LD_PRELOAD": self.library, "CLOCK_SHIM_OFFSET": self.offset}

    def step(self, seconds):
        with open(self.offset, "r+b") as file:
            file.write(int(seconds * 1000000).to_bytes(8, "little", signed=True))

    def asked(self):
        with open(self.offset, "rb") as file:
            return int.from_bytes(file.read()[8:16], "little")


def limit(pid, what, soft):
    """Answers what was in force before."""
    before = resource.prlimit(pid, what)
    resource.prlimit(pid, what, (soft, before[1]))
    return before


def first_free_file(pid):
    """The lowest number a new file descriptor can get while nobody is connected: a limit of that many leaves none."""
    lowest = []
    for _ in range(40):
        used = {int(name) for name in os.listdir("/proc/%d/fd" % pid)}
        lowest.append(next(number for number in range(len(used) + 1) if number not in used))
        time.sleep(0.005)
    return min(lowest)


class LockedDatabase:
    """Another program has the database for itself."""

    def __init__(self, path):
        self.connection = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
        self.connection.execute("BEGIN IMMEDIATE")

    def end(self):
        self.connection.execute("ROLLBACK")
        self.connection.close()


def stopped(pid):
    os.kill(pid, signal.SIGSTOP)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with open("/proc/%d/stat" % pid) as file:
            if file.read().rsplit(")", 1)[1].split()[0] == "T":
                return True
        time.sleep(0.005)
    return False
