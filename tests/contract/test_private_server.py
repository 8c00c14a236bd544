"""scripts/private_server.py: whatever is killed, and whenever, no server of private-nginx or private-postgres is left."""

import contextlib
import fcntl
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import pytest
from conftest import SOURCE, processes_with_token, wait_until

pytestmark = pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "", reason="the scripts are not built with sanitizers")

START = {"nginx": ["--form", "h1", "--bytes", "7"], "postgres": []}
EVERY_SERVER = pytest.mark.parametrize("kind", START)


class Place:
    """A folder for a server, and all the processes that have to do with it."""

    def __init__(self, kind):
        self.script = SOURCE / "scripts" / f"private-{kind}"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="concbench-private-"))  # where user postgres can enter
        self.environment = dict(os.environ, TOKEN=f"private-server-{self.folder}")
        self.start = [self.script, "start", self.folder, *START[kind]]

    @contextlib.contextmanager
    def starting(self, *words, **options):
        """The process of start, which may wait for ever when a test of it fails."""
        with subprocess.Popen([*self.start, *map(str, words)], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              **{"env": self.environment, **options}) as process:
            try:
                yield process
            except BaseException:
                process.kill()
                raise

    def processes(self):
        """nginx writes its title over its environment, and works in the folder."""
        found = set(processes_with_token(self.environment["TOKEN"]))
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if os.readlink(process / "cwd").startswith(str(self.folder)):
                    found.add(int(process.name))
        return found

    def programs(self):
        """The names of what runs, some of which may end meanwhile."""
        names = set()
        for pid in self.processes():
            with contextlib.suppress(OSError):
                names.add(pathlib.Path(f"/proc/{pid}/comm").read_text().strip())
        return names

    def keeper(self):
        path = self.folder / "keeper.pid"
        wait_until(path.exists, "there is no keeper")
        return int(path.read_text())

    def assert_all_end(self):
        wait_until(lambda: not self.processes(), "processes remain")


@pytest.fixture(name="place")
def make_place(kind):
    place = Place(kind)
    check = subprocess.run([place.script, "check"], capture_output=True, text=True, timeout=300, check=False)
    try:
        if check.returncode:
            pytest.skip(check.stderr.strip())
        yield place
    finally:
        subprocess.run([place.script, "stop", place.folder], capture_output=True, timeout=300, check=False)
        for pid in place.processes():
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(place.folder, ignore_errors=True)


@EVERY_SERVER
def test_a_line_that_nobody_reads(place):
    """Who called may be gone, while the owner is another process, which lives."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    with place.starting("--owner", os.getpid(), stdout=write_end) as start:
        os.close(write_end)
        said = start.stderr.read()
    assert (start.returncode, said) == (3, f"{place.script.name}: stdout: Broken pipe\n")
    assert not place.folder.exists()
    place.assert_all_end()


def is_in_call_on_stdout(pid):
    """The kernel shows the call that a process sleeps in: its number and its arguments."""
    call = pathlib.Path(f"/proc/{pid}/syscall")
    if not call.exists():
        pytest.skip("this kernel does not show system calls in /proc")
    return call.read_text().split()[1:2] == ["0x1"]


@EVERY_SERVER
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_start_that_is_killed_before_its_line_is_out(place, number):
    """The pipe is full, so it has the line and cannot pass it on."""
    read_end, write_end = os.pipe()
    fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, 4096)
    os.write(write_end, bytes(4096))
    with place.starting("--owner", os.getpid(), stdout=write_end) as start:
        place.keeper()
        wait_until(lambda: is_in_call_on_stdout(start.pid) or start.poll() is not None, "it does not write")
        assert start.returncode is None, start.stderr.read()
        start.send_signal(number)
        start.stderr.read()
    assert start.returncode == -number
    place.assert_all_end()
    assert not place.folder.exists()
    os.close(read_end)
    os.close(write_end)


@EVERY_SERVER
def test_a_caller_that_ended_before_start_began(place):
    """Without --owner the owner would be the process that adopts orphans, which lives for ever."""
    code = """
import os, sys, time
caller = os.getpid()
if os.fork() == 0:
    while os.getppid() == caller:
        time.sleep(0.001)
    os.execv(sys.argv[1], sys.argv[1:])
"""
    with subprocess.Popen([sys.executable, "-c", code, *place.start], env=place.environment, start_new_session=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as caller:
        said, why = caller.communicate(timeout=300)
    assert (said, why.count("\n")) == ("", 1)
    assert "--owner" in why
    place.assert_all_end()


@pytest.mark.parametrize("kind", ["nginx"])
@pytest.mark.parametrize("handling", [signal.SIG_DFL, signal.SIG_IGN])
def test_a_keeper_that_is_killed_before_its_server_handles_signals(place, tmp_path, handling):
    """This server never gets so far. What the caller ignores must not be ignored in it."""
    (tmp_path / "nginx").write_text("#!/bin/sh\nexec sleep 600\n")
    (tmp_path / "nginx").chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    with place.starting("--owner", os.getpid(), stdout=subprocess.PIPE, env=dict(place.environment, PATH=path),
                     preexec_fn=lambda: signal.signal(signal.SIGTERM, handling)) as start:
        keeper = place.keeper()
        wait_until(lambda: "sleep" in place.programs(), "it has no server")
        os.kill(keeper, signal.SIGKILL)
        said, why = start.communicate(timeout=300)
    assert (start.returncode, said, why.count("\n")) == (3, "", 1)
    place.assert_all_end()
    assert not place.folder.exists()


@EVERY_SERVER
def test_stop_after_a_killed_keeper(place):
    with place.starting("--owner", os.getpid(), stdout=subprocess.PIPE) as start:
        said, why = start.communicate(timeout=300)
        assert (start.returncode, said.count("\n"), why) == (0, 1, "")
    os.kill(place.keeper(), signal.SIGKILL)
    done = subprocess.run([place.script, "stop", place.folder], capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not place.folder.exists()
    place.assert_all_end()
