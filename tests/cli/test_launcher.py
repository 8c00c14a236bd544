"""concbench-launch outlives the harness, whenever that dies: nothing of the runner remains."""

import os
import pathlib
import shutil
import signal
import subprocess

import pytest
from conftest import BIN, processes_with_token, wait_until, wait_until_gone

# A runner with a worker in its group and one in a session of its own.
WORKERS = "sleep 600 & setsid sleep 600 & exec sleep 600"


def name_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def names_with_token(token):
    return sorted(name_of(pid) for pid in processes_with_token(token))


def parent_of(pid):
    return int(pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])


def end_all(token):
    for pid in processes_with_token(token):
        os.kill(pid, signal.SIGKILL)


def launch(token, script, report_fd, command_fd, wrapper=()):
    """Starts the launcher with its pipes where launch_report.h says they are."""
    def place_fds():
        for fd in (3, 4, 5):  # the numbers are taken: pytest and Popen have their own
            os.dup2({3: high[0], 4: high[1], 5: high[2]}[fd], fd)
    null = os.open("/dev/null", os.O_WRONLY)
    high = [os.dup2(fd, 100 + place) for place, fd in enumerate([report_fd, command_fd, null])]
    try:
        return subprocess.Popen([*wrapper, BIN / "concbench-launch", "--", "/bin/sh", "-c", script],
                                env=dict(os.environ, TOKEN=token), preexec_fn=place_fds,
                                close_fds=False, stderr=subprocess.DEVNULL)
    finally:
        for fd in [*high, null]:
            os.close(fd)


@pytest.mark.parametrize("reads_report", [True, False])
def test_nothing_remains_when_the_harness_dies(reads_report):
    """Also when it is gone before the first report, which has no reader then."""
    token = f"launcher-{os.getpid()}-{reads_report}"
    report_out, report_in = os.pipe()
    command_out, command_in = os.pipe()
    if not reads_report:
        os.close(report_out)
    with launch(token, WORKERS, report_in, command_out) as process:
        os.close(report_in)
        os.close(command_out)
        # the launcher and the three, or what it has not ended yet
        wait_until(lambda: len(processes_with_token(token)) == 4, "the workers did not start")
        os.close(command_in)
        wait_until_gone(token)
        assert process.wait(timeout=300) == 0
    if reads_report:
        os.close(report_out)


def test_the_runner_has_the_default_of_sigpipe(tmp_path):
    """The launcher ignores it, and what is ignored would stay so over exec."""
    told = tmp_path / "told"
    token = f"launcher-{os.getpid()}-sigpipe"
    report_out, report_in = os.pipe()
    command_out, command_in = os.pipe()
    with launch(token, f"grep SigIgn /proc/self/status > {told}", report_in, command_out) as process:
        assert process.wait(timeout=300) == 0
    for fd in (report_out, report_in, command_out, command_in):
        os.close(fd)
    ignored = int(told.read_text().split()[1], 16)
    assert not ignored & 1 << 12  # SIGPIPE is 13


def test_the_runner_dies_with_its_launcher():
    """By the death signal: nobody else is there to end it."""
    token = f"launcher-{os.getpid()}-death"
    report_out, report_in = os.pipe()
    command_out, command_in = os.pipe()
    with launch(token, "exec sleep 600", report_in, command_out) as process:
        try:
            wait_until(lambda: names_with_token(token) == ["concbench-launc", "sleep"], "the runner did not start")
            process.kill()
            wait_until_gone(token)
        finally:
            end_all(token)
    for fd in (report_out, report_in, command_out, command_in):
        os.close(fd)


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not here")
def test_a_runner_whose_launcher_died_before_the_death_signal_was_armed(tmp_path):
    """strace holds the child before that call. The signal comes too late then, so the child has to look for its parent."""
    token = f"launcher-{os.getpid()}-race"
    report_out, report_in = os.pipe()
    command_out, command_in = os.pipe()
    strace = ["strace", "-f", "-qq", "-o", tmp_path / "calls", "-e", "trace=prctl", "-e", "inject=prctl:delay_enter=2000000"]
    with launch(token, "exec sleep 600", report_in, command_out, wrapper=strace) as process:
        try:
            wait_until(lambda: names_with_token(token).count("concbench-launc") == 2 or process.poll() is not None,
                       "the launcher did not fork")
            if process.poll() is not None:
                pytest.skip("strace may not trace here")
            launchers = [pid for pid in processes_with_token(token) if name_of(pid) == "concbench-launc"]
            os.kill(next(pid for pid in launchers if parent_of(pid) not in launchers), signal.SIGKILL)
            wait_until_gone(token)
        finally:
            end_all(token)
    for fd in (report_out, report_in, command_out, command_in):
        os.close(fd)
