"""Coroutines on stacks of less than a page: packed, without guard pages, with a canary that is looked at after every run."""

import json
import os

import pytest
from conftest import run_program

COROUTINES = ["coroutines", "coroutine-threads", "process-loops", "executor"]
SANITIZED = bool(os.environ.get("CONCBENCH_SANITIZE"))  # whose frames are several times as large
LEAST = 8192 if SANITIZED else 1024


@pytest.mark.parametrize("model", COROUTINES)
def test_a_task_that_needs_little_runs_on_the_least_stack(model):
    done = run_program(f"runner-{model}", "--task", "sleep", "--sleep-ms", 1, "-n", 300, "-c", 100, "--stack-bytes", LEAST, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["ok"] == 300 and document["knobs"]["stack_bytes"] == LEAST
    assert SANITIZED or document["knobs"]["stack_guard"] == "canary"


@pytest.mark.parametrize("guard", ["mprotect", "madvise"])
def test_a_small_stack_has_no_room_for_another_guard(guard):
    done = run_program("runner-coroutines", "--task", "none", "--stack-bytes", 2048, "--guard", guard)
    assert done.returncode == 3 and f"--guard {guard} needs stacks of at least a page: use --guard canary" in done.stderr, done.stderr
