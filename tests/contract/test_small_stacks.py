"""Coroutines on stacks of less than a page: packed, without guard pages, with a canary that is looked at after every run.
Whether a task fits is found by a rehearsal, so the numbers here are the runner's own: under the sanitizers they are others."""

import json
import os
import re

import pytest
from conftest import run_program

COROUTINES = ["coroutines", "coroutine-threads", "process-loops", "executor"]
SANITIZED = bool(os.environ.get("CONCBENCH_SANITIZE"))  # whose frames are several times as large


def run(model, *words):
    return run_program(f"runner-{model}", "-n", 300, "-c", 100, "--sleep-ms", 1, "--json", *words)


def enough_for(model, *words):
    """The least stack, in bytes, by the runner's own word."""
    done = run(model, *words, "--stack-bytes", 1024)
    if done.returncode == 0:
        return 1024
    found = re.search(r"uses (\d+) bytes of a coroutine's stack here, too many for --stack-bytes 1024: use (\d+) or more", done.stderr)
    assert done.returncode == 3 and found and 896 < int(found[1]) < int(found[2]), done.stderr
    return int(found[2])


@pytest.mark.parametrize("switch", ["fcontext", "ucontext"])
@pytest.mark.parametrize("model", COROUTINES)
def test_a_task_runs_on_the_stack_that_it_needs(model, switch):
    words = ["--task", "sleep", "--switch", switch]
    least = enough_for(model, *words)
    done = run(model, *words, "--stack-bytes", least)
    if SANITIZED and done.returncode == 3 and "not in this build" in done.stderr:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["ok"] == 300 and document["knobs"]["stack_bytes"] == least
    assert 100 < document["stack_used_bytes"] <= least - 64
    assert document["knobs"]["stack_guard"] == "canary" or least >= 4096
    assert SANITIZED or switch == "ucontext" or least == 1024


@pytest.mark.parametrize("model", COROUTINES)
def test_a_stack_is_refused_by_the_failures_to_come(model, origin):
    """A request that fails prints why, which takes far more of a stack than one that succeeds. The executor's threads have
    stacks of that size, too, and a sanitizer's malloc takes more of those."""
    least = enough_for(model, origin + "/bytes/4")
    size = least + (32768 if SANITIZED and model == "executor" else 0)
    good, refused, bad = (run(model, "--stack-bytes", size, url) for url in
                          (origin + "/bytes/4", "http://127.0.0.1:1/", origin + "/bytes/4?status=503"))
    assert (good.returncode, refused.returncode, bad.returncode) == (0, 0, 0), good.stderr + refused.stderr + bad.stderr
    used = [json.loads(done.stdout)["stack_used_bytes"] for done in (good, refused, bad)]
    assert json.loads(refused.stdout)["failed"] == {"connect": 300}
    assert used[0] < used[1] and max(used) <= least - 64


@pytest.mark.parametrize("words", [[], ["--warm-requests", 2], ["--rate", 20000], ["--trace"]])
@pytest.mark.parametrize("task", ["none", "sleep", "block", "cpu", "switch", "http", "fan-out"])
def test_what_is_rehearsed_is_what_is_used(task, words, origin):
    line = ["--task", task, "--block-ms", 1, *words]
    line += [origin + "/bytes/4"] if task in ("http", "fan-out") else []
    least = enough_for("coroutines", *line)
    done = run("coroutines", *line, "--stack-bytes", least)
    assert done.returncode == 0 and json.loads(done.stdout)["stack_used_bytes"] <= least - 64, done.stderr


def test_the_server_sees_nothing_of_a_rehearsal(origin):
    line = [origin + "/bytes/4"]
    document = json.loads(run("coroutines", *line, "--stack-bytes", enough_for("coroutines", *line)).stdout)
    assert document["ok"] == 300 and document["failed"] == {} and document["connections_opened"] <= 100
    assert document["peak_in_flight"] <= 100 and "reasons" not in document


@pytest.mark.parametrize("task", ["file", "spawn", "pipeline"])
def test_a_task_that_cannot_be_rehearsed_keeps_its_least(task):
    done = run("coroutines", "--task", task, "--stack-bytes", 16383)
    assert done.returncode == 3 and f"what task {task} needs of a stack cannot be measured before: use --stack-bytes 16384" in done.stderr
    done = run("coroutines", "--task", task, "-n", 4, "-c", 4, "--stack-bytes", 32768)
    assert done.returncode == 0 and json.loads(done.stdout)["ok"] == 4, done.stderr


def test_models_without_such_stacks_say_nothing():
    for model in ("threads", "callbacks", "sequential"):
        done = run_program(f"runner-{model}", "--task", "none", "-n", 2, "--json")
        assert "stack_used_bytes" not in json.loads(done.stdout)


@pytest.mark.parametrize("guard", ["mprotect", "madvise"])
def test_a_small_stack_has_no_room_for_another_guard(guard):
    done = run_program("runner-coroutines", "--task", "none", "--stack-bytes", 2048, "--guard", guard)
    if SANITIZED and "too many for" in done.stderr:
        pytest.skip("a sanitizer's frames do not fit on less than a page: " + done.stderr)
    assert done.returncode == 3 and f"--guard {guard} needs stacks of at least a page: use --guard canary" in done.stderr, done.stderr
