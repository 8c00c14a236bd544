"""concbench-launch outlives the harness, whenever that dies: nothing of the runner remains."""

import os
import subprocess

import pytest
from conftest import BIN, processes_with_token, wait_until, wait_until_gone

# A runner with a worker in its group and one in a session of its own.
WORKERS = "sleep 600 & setsid sleep 600 & exec sleep 600"


def launch(token, script, report_fd, command_fd):
    """Starts the launcher with its pipes where launch_report.h says they are."""
    def place_fds():
        for fd in (3, 4, 5):  # the numbers are taken: pytest and Popen have their own
            os.dup2({3: high[0], 4: high[1], 5: high[2]}[fd], fd)
    null = os.open("/dev/null", os.O_WRONLY)
    high = [os.dup2(fd, 100 + place) for place, fd in enumerate([report_fd, command_fd, null])]
    try:
        return subprocess.Popen([BIN / "concbench-launch", "--", "/bin/sh", "-c", script],
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
