"""A system that refuses threads in the middle of making them."""

import os
import subprocess

import pytest
from conftest import BIN


@pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "",
                    reason="a sanitizer needs more address space than the test allows")
@pytest.mark.parametrize("attempt", range(10))
def test_refused_threads_are_one_line_and_exit_3(attempt):
    """Those already made must neither be waited for in vain nor run on while main returns."""
    done = subprocess.run(["bash", "-c", 'ulimit -v 9000000; exec "$@"', "-",
                           BIN / "runner-threads", "-n", "100", "-c", "100",
                           "--stack-bytes", "1073741824", "http://127.0.0.1:9/"],
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 3, done.stderr
    assert done.stderr.count("\n") == 1
    assert "of 100" in done.stderr and "lower -c" in done.stderr
    assert done.stdout == ""


@pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "",
                    reason="a sanitizer needs more address space than the test allows")
def test_loops_are_as_many_as_the_cpus():
    """A smaller -c makes no fewer of them, so that is not the advice."""
    done = subprocess.run(["bash", "-c", 'ulimit -s 8000000 && ulimit -v 4000000 && exec "$@"', "-",
                           BIN / "runner-coroutine-threads", "-n", "100", "-c", "100", "http://127.0.0.1:9/"],
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 3, done.stderr
    assert "one for each CPU" in done.stderr and "--cpus" in done.stderr and "-c" not in done.stderr.split()
    assert done.stderr.count("\n") == 1 and done.stdout == ""
