"""Why: a PostgreSQL of the tests' own: a fresh cluster in a temporary folder, reached over a socket there, gone afterwards."""
import glob
import os
import pwd
import resource
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.parse


class Postgres:
    def __init__(self):
        folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2]))
        self.available = bool(folders)
        if not self.available:
            return
        self.bin, self.lock, self.count = folders[-1], threading.Lock(), 0
        self.folder = tempfile.mkdtemp(prefix="muster-pg-")
        os.chmod(self.folder, 0o755)
        # PostgreSQL refuses to run as root.
        self.user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        self.prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        if self.prefix:
            shutil.chown(self.folder, "postgres", "postgres")
        self.data = os.path.join(self.folder, "data")
        self.call("initdb", "-D", self.data, "-U", "muster", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        # The cluster itself is never crashed by these tests, so it need not sync; Muster's own commits are what is looked at.
        self.server = subprocess.Popen(self.prefix + [os.path.join(self.bin, "postgres"), "-D", self.data, "-k", self.folder, "-c", "listen_addresses=",
                                                      "-c", "fsync=off", "-c", "max_connections=200", "-c", "shared_buffers=64MB"],
                                       stdout=subprocess.DEVNULL, stderr=open(os.path.join(self.folder, "log"), "ab"), cwd=self.folder, start_new_session=True)
        end = time.monotonic() + 30
        while subprocess.run([os.path.join(self.bin, "pg_isready"), "-q", "-h", self.folder, "-U", "muster", "-d", "postgres"]).returncode != 0:
            if time.monotonic() > end or self.server.poll() is not None:
                raise AssertionError("PostgreSQL did not start: " + open(os.path.join(self.folder, "log")).read()[-2000:])
            time.sleep(0.05)

    def call(self, program, *arguments):
        result = subprocess.run(self.prefix + [os.path.join(self.bin, program), *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.folder)
        if result.returncode != 0:
            raise AssertionError("%s failed: %s" % (program, result.stdout))

    def create(self, name):
        """A fresh database; answers its URL."""
        with self.lock:
            self.count += 1
            database = "%s_%d" % (name[:40], self.count)
        self.call("createdb", "-h", self.folder, "-U", "muster", database)
        return "postgresql:///%s?host=%s&user=muster" % (database, self.folder)

    def stop(self):
        if self.available:
            self.server.terminate()
            try:
                self.server.wait(20)
            except subprocess.TimeoutExpired:
                self.server.kill()
            shutil.rmtree(self.folder, ignore_errors=True)


class SqliteFaults:
    """The disk under a running server is full: no file can be written any more. Reading still works."""

    def __init__(self, server):
        self.server = server

    def fail(self):
        self.limit(1)

    def heal(self):
        self.limit(resource.RLIM_INFINITY)

    def limit(self, size):
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


class PostgresFaults:
    """The database lets nobody in any more and throws out who is there."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.name = parts.path.lstrip("/")
        self.admin = urllib.parse.urlunsplit(parts._replace(netloc="", path="/postgres")).replace("postgresql:/postgres", "postgresql:///postgres")

    def ask(self, sql):
        subprocess.run(["psql", self.admin, "-q", "-v", "ON_ERROR_STOP=1", "-c", sql], check=True, stdout=subprocess.DEVNULL)

    def fail(self):
        self.ask('ALTER DATABASE "%s" ALLOW_CONNECTIONS false' % self.name)
        self.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'" % self.name)

    def heal(self):
        self.ask('ALTER DATABASE "%s" ALLOW_CONNECTIONS true' % self.name)
