"""scripts/private-postgres: it starts, it ends with its owner, and nothing of it is left."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile

import pytest
from conftest import wait_until, wait_until_gone
from postgres_server import SCRIPT, Server, private_server, script

pytestmark = pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "", reason="the script is not built with sanitizers")


def segments_of(pids):
    """The System V segments that these processes made."""
    rows = [line.split() for line in pathlib.Path("/proc/sysvipc/shm").read_text().splitlines()[1:]]
    return [row for row in rows if int(row[4]) in pids]


def server_pid(server):
    return int(pathlib.Path(server.folder, "data", "postmaster.pid").read_text().splitlines()[0])


def keeper_pid(server):
    return int(pathlib.Path(server.folder, "keeper.pid").read_text())


def test_it_serves_and_leaves_nothing():
    with private_server() as server:
        assert f"host={server.folder} " in server.conninfo
        assert server.ask("SELECT count(*), min(id), max(id), min(length(value)) FROM concbench_rows") == [
            ["10000", "1", "10000", "100"]]
        assert server.ask("SELECT length(current_setting('listen_addresses'))") == [["0"]]
        assert int(server.ask("SHOW max_connections")[0][0]) >= 520
        assert os.stat(server.folder).st_mode & 0o077 == 0
        pids = server.processes()
        assert keeper_pid(server) in pids and server_pid(server) in pids
        assert segments_of(pids) != []
        again = script("start", server.folder)
        assert (again.returncode, again.stdout, again.stderr.count("\n")) == (3, "", 1)
    assert segments_of(pids) == []
    assert script("stop", server.folder).returncode == 0  # it is not there: that is what was asked


@pytest.mark.parametrize("how", ["default", "--owner"])
def test_it_ends_with_its_owner(how):
    """The owner is killed, so that it cannot end anything itself."""
    if how == "--owner":
        with subprocess.Popen(["sleep", "600"]) as owner:
            try:
                server = Server(owner=owner.pid)  # skips where there is no PostgreSQL
            finally:
                owner.kill()
        token, folder = server.token, server.folder
    else:
        folder = tempfile.mkdtemp(prefix="concbench-pg-")
        token = f"concbench-test-{folder}"
        code = "import subprocess, sys, time; print(subprocess.call(sys.argv[1:]), flush=True); time.sleep(600)"
        with subprocess.Popen([sys.executable, "-c", code, SCRIPT, "start", folder], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=dict(os.environ, TOKEN=token)) as owner:
            said = owner.stdout.readline()  # the connection string, or the exit code at once
            code = said if said.strip() == "3" else owner.stdout.readline()
            owner.kill()
            if code.strip() == "3":
                pytest.skip(owner.stderr.read().strip())
            assert code.strip() == "0"
    wait_until_gone(token)
    assert not os.path.exists(folder)


def test_it_ends_with_its_keeper():
    server = Server()
    pids = server.processes()
    os.kill(keeper_pid(server), signal.SIGKILL)
    wait_until(lambda: not server.processes(), "the server goes on")
    server.stop()
    assert not os.path.exists(server.folder)
    assert segments_of(pids) == []


def test_a_server_that_is_killed_is_cleaned_up_after():
    server = Server()
    pids = server.processes()
    os.kill(server_pid(server), signal.SIGKILL)
    wait_until(lambda: not server.processes(), "its processes go on")
    assert not os.path.exists(server.folder)
    assert segments_of(pids) == []


def test_bad_command_lines(tmp_path):
    for words in ([], ["start"], ["start", "x", "y"], ["stop"], ["begin", "x"], ["start", "x", "--owner", "me"]):
        done = script(*words)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), words
    assert script("stop", tmp_path / "none").returncode == 0
    (tmp_path / "mine").write_text("keep")
    done = script("stop", tmp_path)
    assert done.returncode == 2 and (tmp_path / "mine").read_text() == "keep"


@pytest.mark.parametrize("name", ["with blank", "with'quote", "x" * 120])
def test_a_folder_that_will_not_do(name, tmp_path):
    done = script("start", tmp_path / name)
    assert done.returncode in (2, 3) and done.stderr.count("\n") == 1
    assert not (tmp_path / name).exists()
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine").write_text("keep")
    done = script("start", full)
    assert done.returncode == 3 and (full / "mine").read_text() == "keep"
