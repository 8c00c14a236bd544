"""One machine, one measuring harness, whatever its results directory."""

import os
import pathlib
import signal
import socket
import subprocess

import pytest
from cli_helpers import concbench, small_run, start_run, write_scenario  # noqa: F401
from conftest import BIN, wait_until


@pytest.fixture(name="measuring")
def fixture_measuring(tmp_path):
    """A harness that measures until the end of the test."""
    process = start_run(tmp_path / "first", write_scenario(tmp_path), "--blocks", 200)
    yield process
    process.kill()
    process.communicate()


def assert_refused(done, pid):
    assert done.returncode == 3
    assert f"another concbench measures on this machine (process {pid})" in done.stderr


def test_another_folder_is_no_way_round(tmp_path, measuring):
    path = write_scenario(tmp_path, "other")
    for _ in range(3):  # those who asked are not taken for the one who has it
        done = concbench("run", path, "--out", tmp_path / "second", "--no-report")
        assert_refused(done, measuring.pid)
    assert not [entry for entry in (tmp_path / "second").iterdir() if entry.is_dir()]


def test_check_and_conform_measure_too(tmp_path, measuring):
    assert_refused(concbench("check", "--out", tmp_path / "second"), measuring.pid)
    assert_refused(concbench("conform", BIN / "runner-sequential"), measuring.pid)


def test_what_measures_nothing_is_free(tmp_path, measuring, small_run):
    assert measuring.poll() is None
    for words in (["run", write_scenario(tmp_path, "other"), "--dry-run"], ["list"], ["compare", small_run, small_run],
                  ["validate", small_run / "results.json"]):
        assert concbench(*words).returncode == 0


@pytest.mark.parametrize("kind", ["closed", "file", "socket", "words"])
def test_only_the_lock_itself_is_inherited(kind, tmp_path, measuring):
    """What CONCBENCH_LOCK_FD names is believed if it is a socket that has the name of the lock."""
    with socket.socket(socket.AF_UNIX) as other, open(tmp_path / "file", "w") as file:
        other.bind("\0concbench.measures.not-" + str(os.getpid()))
        number = {"closed": 999, "file": file.fileno(), "socket": other.fileno(), "words": "4x"}[kind]
        done = concbench("run", write_scenario(tmp_path, "other"), "--out", tmp_path / "second", "--no-report",
                         env={**os.environ, "CONCBENCH_LOCK_FD": str(number)}, pass_fds=[other.fileno(), file.fileno()])
    assert_refused(done, measuring.pid)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_dead_harness_holds_nothing(tmp_path, measuring, number):
    measuring.send_signal(number)
    measuring.communicate(timeout=300)
    done = concbench("run", write_scenario(tmp_path, "other"), "--out", tmp_path / "second", "--blocks", 1, "--no-report")
    assert done.returncode == 0, done.stderr


def test_a_stopped_harness_still_holds_it(tmp_path, measuring):
    measuring.send_signal(signal.SIGSTOP)
    assert_refused(concbench("run", write_scenario(tmp_path, "other"), "--out", tmp_path / "second"), measuring.pid)


def test_without_the_variable_of_the_tests(tmp_path):
    """The default name, in a network namespace of its own so that nobody else is disturbed."""
    new = ["unshare", "--net", "--map-root-user"]
    if subprocess.run([*new, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no new network namespace here")
    environment = {name: value for name, value in os.environ.items() if name != "CONCBENCH_LOCK_NAME"}
    path = write_scenario(tmp_path, models=["sequential"], task="sleep", origin=None, options={"sleep_ms": 1})
    script = ('ip link set lo up; "$1" run "$2" --out "$3/a" --blocks 200 --no-report 2>"$3/first" & first=$!; '
              'for i in $(seq 3000); do grep -q @concbench.measures /proc/net/unix && break; sleep 0.01; done; '
              '"$1" run "$2" --out "$3/b" --no-report; echo "$? $first"; kill -9 $first')
    done = subprocess.run([*new, "sh", "-c", script, "sh", BIN / "concbench", path, tmp_path], capture_output=True, text=True,
                          timeout=600, env=environment, check=False)
    code, first = done.stdout.split()[-2:]
    assert code == "3" and f"(process {first})" in done.stderr, done.stderr + pathlib.Path(tmp_path / "first").read_text()


def test_a_lock_file_that_is_none_is_told_and_left(tmp_path):
    path = write_scenario(tmp_path)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    for kind, make in [("link", lambda lock: lock.symlink_to(victim)), ("dangling", lambda lock: lock.symlink_to(tmp_path / "new")),
                       ("fifo", os.mkfifo), ("folder", lambda lock: lock.mkdir())]:
        out = tmp_path / kind
        out.mkdir()
        make(out / ".lock")
        done = concbench("run", path, "--out", out, "--no-report")
        assert done.returncode == 3 and str(out / ".lock") in done.stderr and "full" not in done.stderr, done.stderr
    assert victim.read_text() == "precious" and not (tmp_path / "new").exists()
