"""Faults of the machine are told as what they are, and an interrupt is heard while the origin is silent."""

import errno
import os
import shutil
import signal
import subprocess

import pytest
from cli_helpers import concbench, start_run, write_scenario
from conftest import processes_with_token

SMALL = {"models": ["sequential"], "load": {"concurrency": [1], "requests": 4}}


def unshared(*options):
    """The words that run a program without something, or a skip."""
    words = ["unshare", *options]
    if not shutil.which("unshare") or subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip(f"{' '.join(words)} is not allowed here")
    return words


def test_loopback_that_is_down(tmp_path):
    """Nothing can be measured then, which is not a fault of the program (1)."""
    done = concbench("run", write_scenario(tmp_path, **SMALL), "--out", tmp_path / "out", "--no-report", wrapper=unshared("-rn"))
    assert done.returncode == 3, done.stderr
    assert "lo up" in done.stderr and done.stderr.count("concbench:") == 1


@pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "", reason="the sanitizers themselves need /proc")
def test_without_proc(tmp_path):
    """The programs are there; it is /proc by which they are found that is not."""
    hidden = [*unshared("-rm"), "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"]
    if subprocess.run([*hidden, "true"], capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    done = concbench("run", write_scenario(tmp_path, **SMALL), "--out", tmp_path / "out", "--no-report", wrapper=hidden)
    assert done.returncode == 3, done.stderr
    assert "is /proc mounted?" in done.stderr and "not built" not in done.stderr


def origins(token):
    found = []
    for pid in processes_with_token(token):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                found += [pid] if b"concbench-origin\0" in file.read() else []
        except OSError:
            pass
    return found


def test_one_interrupt_ends_a_wait_for_the_origin(tmp_path):
    """The origin is stopped, so that its counts do not come: the first SIGINT is enough, and the seconds of the wait are not waited."""
    token = f"stopped-{os.getpid()}"
    path = write_scenario(tmp_path, models=["sequential"], load={"concurrency": [1], "requests": 500})
    process = start_run(tmp_path / "out", path, "--blocks", 200, token=token)
    origin, = origins(token)
    os.kill(origin, signal.SIGSTOP)
    try:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=600)
        assert process.returncode == -signal.SIGINT, err
        assert os.strerror(errno.EAGAIN) not in err  # what the end of the wait would say
    finally:
        process.kill()
        process.wait()


def test_doctor_tells_a_small_stack():
    small = ["sh", "-c", 'ulimit -Ss 512; exec "$@"', "sh"]
    assert "512 KiB" in concbench("doctor", wrapper=small).stdout
    assert " KiB; raise it with `ulimit -s" not in concbench("doctor", wrapper=["sh", "-c", 'ulimit -Ss 8192; exec "$@"', "sh"]).stdout
