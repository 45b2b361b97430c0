"""Why: a PostgreSQL of the tests' own (tests/postgres makes it), a database per story in it, and ways to break a database that is in use."""
import os
import resource
import shutil
import subprocess
import tempfile
import threading
import urllib.parse

SCRIPT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "postgres")


def with_database(url, name):
    return urllib.parse.urlunsplit(urllib.parse.urlsplit(url)._replace(path="/" + name))


def sql(url, statement):
    subprocess.run(["psql", url, "-q", "-v", "ON_ERROR_STOP=1", "-c", statement], check=True, stdout=subprocess.DEVNULL)


class Postgres:
    def __init__(self, settings=""):
        self.folder, self.lock, self.count = tempfile.mkdtemp(prefix="muster-postgres-"), threading.Lock(), 0
        os.chmod(self.folder, 0o755)
        started = subprocess.run([SCRIPT, "start", os.path.join(self.folder, "cluster")], stdout=subprocess.PIPE, text=True,
                                 env={**os.environ, "POSTGRES_SETTINGS": settings})
        self.available = started.returncode == 0
        if not self.available and started.returncode != 3:
            raise AssertionError("PostgreSQL is there but does not start")
        self.url = started.stdout.strip()

    def create(self, name):
        """A fresh database; answers its URL."""
        with self.lock:
            self.count += 1
            database = "%s_%d" % (name[:40], self.count)
            sql(self.url, 'CREATE DATABASE "%s"' % database)
        return with_database(self.url, database)

    def stop(self):
        if self.available:
            subprocess.run([SCRIPT, "stop", os.path.join(self.folder, "cluster")])
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
        self.name, self.admin = urllib.parse.urlsplit(url).path.lstrip("/"), with_database(url, "postgres")

    def fail(self):
        sql(self.admin, 'ALTER DATABASE "%s" ALLOW_CONNECTIONS false' % self.name)
        sql(self.admin, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'" % self.name)

    def heal(self):
        sql(self.admin, 'ALTER DATABASE "%s" ALLOW_CONNECTIONS true' % self.name)
