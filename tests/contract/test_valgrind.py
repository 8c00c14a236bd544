"""The models with coroutines under valgrind, which has to be told about every stack."""

import os
import shutil

import pytest
from conftest import SOURCE, run_program

pytestmark = [
    pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind is not installed"),
    pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "", reason="the sanitizers and valgrind exclude each other")]

# Every model once; how stacks are switched and what runs on them is the same code in all of them.
CASES = [("coroutines", "fcontext", "http"), ("coroutines", "ucontext", "http"), ("coroutine-threads", "fcontext", "http"),
         ("process-loops", "ucontext", "http"), ("executor", "fcontext", "sleep")]


@pytest.mark.parametrize("model, switch, task", CASES)
def test_no_error_under_valgrind(origin, model, switch, task):
    work = ["--task", "sleep", "--sleep-ms", 5] if task == "sleep" else [origin + "/bytes/5000?delay_ms=5"]
    done = run_program(f"runner-{model}", "-n", 40, "-c", 10, "--switch", switch, *work, timeout=900,
                       wrapper=["valgrind", "--quiet", "--error-exitcode=99", f"--suppressions={SOURCE}/tests/contract/valgrind.supp", "--leak-check=full",
                                "--errors-for-leak-kinds=definite", "--trace-children=no"])
    assert done.returncode == 0, done.stderr[-3000:]
