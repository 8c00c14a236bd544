"""Tasks that need no server, in every model that runs them."""

import os
import re
import subprocess

import pytest
from conftest import BIN, MODELS, PER_REQUEST, WITHOUT_LIBCURL, assert_together, document_of, run_program

OWN_TASKS = [model for model in MODELS if model not in WITHOUT_LIBCURL]
SANITIZED = os.environ["CONCBENCH_SANITIZE"] != ""
EVERY_MODEL = pytest.mark.parametrize("model", OWN_TASKS)


def concurrency_of(model, wanted):
    return 1 if model == "sequential" else wanted


@EVERY_MODEL
def test_sleepers_sleep_together(model):
    c = concurrency_of(model, 20)
    sleep_ms = 1000 if model in PER_REQUEST else 200  # of which a busy machine takes 25 to make each worker
    document = document_of(f"runner-{model}", "--task", "sleep", "--sleep-ms", sleep_ms, "-n", c * 2, "-c", c)
    assert document["task"] == "sleep"
    assert (document["ok"], document["failed"]) == (c * 2, {})
    assert_together(document, c)
    assert document["latency_min_ns"] >= sleep_ms * 1e6
    assert document["measured_ns"] >= 2 * sleep_ms * 1e6
    assert document["knobs"]["sleep_ms"] == sleep_ms
    if c > 1:
        assert document["measured_ns"] < c * sleep_ms * 1e6  # half of what it takes in turn


@EVERY_MODEL
def test_a_call_blocks_whoever_makes_it(model):
    """On a loop the calls come one after the other; where threads or processes make them they may overlap, and do."""
    c = concurrency_of(model, 4)
    document = document_of(f"runner-{model}", "--task", "block", "--block-ms", 100, "-n", c * 2, "-c", c)
    assert (document["task"], document["ok"], document["failed"]) == ("block", c * 2, {})
    assert document["latency_min_ns"] >= 100e6 and document["measured_ns"] >= 200e6
    assert document["knobs"]["block_ms"] == 100
    if model in ("coroutines", "callbacks", "stackless", "multi-poll"):
        assert document["measured_ns"] >= c * 2 * 100e6
        assert document["peak_in_flight"] == 1
    if model in ("threads", "processes", "executor"):
        assert document["peak_in_flight"] == c


@EVERY_MODEL
@pytest.mark.parametrize("start_by", ["fork", "posix_spawn"])
def test_a_request_starts_a_program(model, start_by):
    c = concurrency_of(model, 2)
    document = document_of(f"runner-{model}", "--task", "spawn", "--start-by", start_by, "--heap-bytes", 1 << 20, "-n", 4, "-c", c)
    assert (document["task"], document["ok"], document["failed"]) == ("spawn", 4, {})
    assert (document["knobs"]["start_by"], document["knobs"]["heap_bytes"]) == (start_by, 1 << 20)
    assert document["cpu_measured_ns"] > 0


def test_a_heap_is_touched_before_the_first_request_or_refused():
    """Where memory is limited, with what the kernel says."""
    sizes = {}
    for size in (0, 64 << 20):
        with subprocess.Popen([BIN / "runner-sequential", "--task", "spawn", "-n", "1", "--heap-bytes", str(size)],
                              stdout=subprocess.DEVNULL) as runner:
            _, runner.returncode, used = os.wait4(runner.pid, 0)
        sizes[size] = used.ru_maxrss
        assert runner.returncode == 0
    assert sizes[64 << 20] - sizes[0] >= 32 << 10  # KiB; a program begins with what its parent had
    if not SANITIZED:  # which needs terabytes of addresses
        done = subprocess.run(["bash", "-c", 'ulimit -v 600000; exec "$0" --task spawn --heap-bytes 1073741824',
                               BIN / "runner-sequential"], capture_output=True, text=True, check=False)
        assert done.returncode == 3 and "--heap-bytes 1073741824" in done.stderr, done.stderr


@pytest.mark.parametrize("model", WITHOUT_LIBCURL)
@pytest.mark.parametrize("task", ["block", "spawn"])
def test_models_without_a_call_that_blocks_say_so(model, task):
    done = run_program(f"runner-{model}", "--task", task)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1) and f"'{task}'" in done.stderr


@EVERY_MODEL
def test_a_task_that_never_waits(model):
    """More requests than would fit on a stack, if each began the next one."""
    c = concurrency_of(model, 4)
    n = 200 if model.endswith("-per-request") else 200000
    document = document_of(f"runner-{model}", "--task", "none", "-n", n, "-c", c)
    assert (document["ok"], document["failed"]) == (n, {})


@EVERY_MODEL
def test_work_is_the_same_for_all(model):
    c = concurrency_of(model, 2)
    document = document_of(f"runner-{model}", "--task", "cpu", "--work", 100000, "-n", 8, "-c", c)
    assert (document["ok"], document["failed"]) == (8, {})
    assert document["knobs"]["work_tests"] == 100000
    assert document["cpu_measured_ns"] > 8 * 100000 / 100  # a hundred tests per ns there are nowhere


@pytest.mark.parametrize("model", MODELS)
def test_work_after_each_fetch(origin, model):
    c = concurrency_of(model, 2)
    args = ["-n", 8, "-c", c, origin + "/bytes/10"]
    worked = document_of(f"runner-{model}", "--work-us", 5000, *args)
    plain = document_of(f"runner-{model}", *args)
    assert worked["ok"] == plain["ok"] == 8
    assert "work_tests" in worked["knobs"] and "work_tests" not in plain["knobs"]
    assert worked["latency_min_ns"] > 1e6  # 5 ms of work, on a CPU that may have been busy before


@EVERY_MODEL
def test_a_stack_can_be_touched(model):
    c = concurrency_of(model, 3)
    document = document_of(f"runner-{model}", "--task", "sleep", "--sleep-ms", 1, "-n", 6, "-c", c,
                           "--touch-stack", 16000 if SANITIZED else 50000,  # their frames are larger
                           "--stack-bytes", 65536)
    assert document["ok"] == 6


@pytest.mark.skipif(SANITIZED, reason="the sanitizers have memory of their own")
def test_touching_makes_memory_honest():
    """2,000 sleeping coroutines that used 40 KB of their stacks each hold 80 MB. (What a process begins
    with counts as well, which is why the other side is only a fraction.)"""
    def max_rss_kb(touch):
        with subprocess.Popen([BIN / "runner-coroutines", "--json", "--task", "sleep", "--sleep-ms", "50",
                               "-n", "2000", "-c", "2000", "--touch-stack", str(touch)],
                              stdout=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        return usage.ru_maxrss
    assert max_rss_kb(40000) > 80000 > 1.5 * max_rss_kb(0)


@EVERY_MODEL
def test_a_stack_that_is_too_small_is_refused(model):
    done = run_program(f"runner-{model}", "--task", "sleep", "--touch-stack", 65536)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert re.search("--touch-stack.*65536", done.stderr)


@pytest.mark.parametrize("model", WITHOUT_LIBCURL)
def test_a_task_that_a_model_does_not_run_is_named(model):
    done = run_program(f"runner-{model}", "--task", "sleep")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "sleep" in done.stderr and model in done.stderr
