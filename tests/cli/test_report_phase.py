"""A signal to the harness alone while the report is drawn: it ends soon, and so does all that it has started."""

import os
import signal
import subprocess

import pytest
from cli_helpers import concbench, small_run, write_scenario  # noqa: F401
from conftest import BIN, processes_with_token, wait_until, wait_until_gone

DRAWERS = {"run": 2, "report": 2, "compare": 2}  # gnuplots at once


def lives(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.fixture(name="drawing")
def start_drawing(tmp_path):
    """Starts the program with gnuplots that sleep, and returns it and their pids, when they do."""
    said, programs, scratch, started = tmp_path / "pids", tmp_path / "bin", tmp_path / "scratch", []
    programs.mkdir()
    scratch.mkdir()
    (programs / "gnuplot").write_text(f"#!/bin/sh\necho $$ >>{said}\nexec sleep 600\n")
    (programs / "gnuplot").chmod(0o755)

    def pids():
        return [int(pid) for pid in said.read_text().split()] if said.exists() else []

    def start(token, *words):
        env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "TMPDIR": str(scratch), "TEST_TOKEN": token}
        process = subprocess.Popen([BIN / "concbench", *map(str, words)], env=env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        started.append(process)
        wait_until(lambda: len(pids()) >= DRAWERS[words[0]] or process.poll() is not None, "nothing is drawn")
        assert process.poll() is None
        return process, pids(), scratch
    yield start
    for process in started:
        process.kill()
        process.wait()
    for pid in filter(lives, pids()):
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("verb", ["run", "report", "compare"])
def test_nothing_is_left_of_a_report(tmp_path, small_run, drawing, verb, number):
    words = {"run": [write_scenario(tmp_path, models=["sequential"], load={"concurrency": [1], "requests": 4}), "--blocks", 1,
                     "--out", tmp_path / "out"],
             "report": [small_run, "--out", tmp_path / "drawn"],
             "compare": [small_run, small_run, "--html", tmp_path / "page.html"]}[verb]
    token = f"report-{os.getpid()}-{verb}-{number}"
    process, pids, scratch = drawing(token, verb, *words)
    process.send_signal(number)
    assert process.wait(timeout=300) != 0
    wait_until_gone(token)
    wait_until(lambda: not any(map(lives, pids)), "a gnuplot is left")
    assert not (tmp_path / "drawn/report.html").exists() and not (tmp_path / "page.html").exists()
    if number == signal.SIGKILL:  # what could not be removed then is at the next start
        done = concbench("report", small_run, "--out", tmp_path / "again", env={**os.environ, "TMPDIR": str(scratch)})
        assert done.returncode == 0, done.stderr
    assert not list(scratch.iterdir())
