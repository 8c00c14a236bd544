"""A PostgreSQL server of the tests' own, from scripts/private-postgres."""

import contextlib
import glob
import os
import shutil
import subprocess
import tempfile

import pytest
from conftest import SOURCE, processes_with_token, run_program

SCRIPT = SOURCE / "scripts" / "private-postgres"
PSQL = (sorted(glob.glob("/usr/lib/postgresql/*/bin/psql")) or [shutil.which("psql")])[-1]


def script(*words, **options):
    return subprocess.run([SCRIPT, *map(str, words)], capture_output=True, text=True, timeout=300, check=False,
                          stdin=subprocess.DEVNULL, **options)


def why_no_task_db():
    """From a runner; None where it was built with libpq."""
    done = run_program("runner-sequential", "--task", "db")
    return "this build has no libpq" if "no libpq" in done.stderr else None


class Server:
    """One server, in a folder that user postgres can enter, which pytest's are not."""

    def __init__(self, owner=None):
        self.folder = tempfile.mkdtemp(prefix="concbench-pg-")
        self.token = f"concbench-test-{self.folder}"
        done = script("start", self.folder, *(["--owner", owner] if owner else []),
                      env=dict(os.environ, TOKEN=self.token))
        self.conninfo = done.stdout.strip()
        if done.returncode:
            with contextlib.suppress(OSError):
                os.rmdir(self.folder)
            assert (done.returncode, done.stderr.count("\n")) == (3, 1), done.stderr
            pytest.skip(done.stderr.strip())
        assert done.stdout.count("\n") == 1 and done.stderr == ""

    def ask(self, sql, dbname="postgres"):
        """What psql prints, as lists of words."""
        done = subprocess.run([PSQL, "-X", "-A", "-t", "-q", "-F", " ", "-v", "ON_ERROR_STOP=1", "-c", sql,
                               f"{self.conninfo} dbname={dbname}"], capture_output=True, text=True, timeout=300,
                              check=False, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stderr
        return [line.split() for line in done.stdout.splitlines()]

    def sleepers(self):
        """The numbers of the backends that are asleep for a runner."""
        return {row[0] for row in self.ask("SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'")}

    def processes(self):
        return processes_with_token(self.token)

    def stop(self):
        done = script("stop", self.folder)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@contextlib.contextmanager
def private_server(**options):
    server = Server(**options)
    try:
        yield server
    finally:
        server.stop()
        assert not os.path.exists(server.folder)
        assert server.processes() == []


@pytest.fixture(name="postgres", scope="module")
def make_postgres():
    """A Server for all tests of a module; they are skipped where there is none."""
    with private_server() as server:
        yield server
