"""Task pipeline: producers, a bounded queue, consumers. Nothing is lost and nobody waits for ever."""

import json
import os
import pathlib
import signal
import subprocess
import time

import conftest
import jsonschema
import pytest
from conftest import BIN, MODELS, SOURCE, document_of, run_program

SCHEMA = json.loads((SOURCE / "results/schema/runner-document.schema.json").read_text())
PIPING = ["sequential", "threads", "processes", "coroutines", "callbacks", "stackless", "executor"]
WITHOUT = [model for model in MODELS if model not in PIPING]
WITH_QUEUE = [model for model in PIPING if model != "sequential"]
EVERY_MODEL = pytest.mark.parametrize("model", PIPING)
EVERY_QUEUE = pytest.mark.parametrize("model", WITH_QUEUE)


def check(document, n, c, slots):
    jsonschema.validate(document, SCHEMA)
    assert document["task"] == "pipeline"
    assert (document["requests"], document["concurrency"]) == (n, c)
    assert document["ok"] + sum(document["failed"].values()) == n
    assert sum(count for _, count in document["latency_ns"]) + document["overflow"] == document["ok"]
    assert document["units_created"] == c
    assert 1 <= document["peak_in_flight"] <= slots + c
    assert document["knobs"]["queue_slots"] == slots


def pipeline(model, n, c, *args, slots=64):
    c = 1 if model == "sequential" else c
    document = document_of(f"runner-{model}", "--task", "pipeline", "-n", n, "-c", c,
                           "--queue-slots", slots, *args)
    check(document, n, c, slots)
    return document


@EVERY_MODEL
@pytest.mark.parametrize("c", [1, 2, 3, 4, 17])
def test_every_number_is_answered(model, c):
    document = pipeline(model, 3000, c, "--work", 100)
    assert (document["ok"], document["failed"]) == (3000, {})
    assert document["bytes_received"] == 0


@EVERY_QUEUE
@pytest.mark.parametrize("slots", [1, 2, 100000])
def test_whatever_fits_into_the_queue(model, slots):
    document = pipeline(model, 2000, 6, "--work", 50, slots=slots)
    assert document["ok"] == 2000
    if slots > 2000:
        assert document["producer_waits"] == 0


@EVERY_QUEUE
def test_as_many_workers_as_numbers(model):
    assert pipeline(model, 40, 40)["ok"] == 40


@EVERY_QUEUE
def test_slow_consumers_make_producers_wait(model):
    """Computing takes far longer than counting down, so the queue fills up again and again: at the
    latest with as many as fit, one in each hand, and one more that has to wait."""
    document = pipeline(model, 200, 2, "--work", 100000, slots=4)
    assert document["ok"] == 200
    assert document["producer_waits"] >= 200 // (4 + 3)
    assert document["peak_in_flight"] >= 5  # the queue, and what is in hand


@EVERY_MODEL
def test_one_worker_alone_waits_for_nobody(model):
    document = pipeline(model, 500, 1)
    assert document["ok"] == 500
    assert (document["producer_waits"], document["consumer_waits"]) == (0, 0)
    assert document["peak_in_flight"] == 1


@EVERY_MODEL
def test_it_computes(model):
    document = pipeline(model, 50, 4, "--work", 200000)
    assert document["knobs"]["work_tests"] == 200000
    assert document["cpu_measured_ns"] > 50 * 200000 / 100  # a hundred tests per ns there are nowhere


@EVERY_MODEL
def test_the_work_has_a_default(model):
    assert pipeline(model, 10, 2)["knobs"]["work_tests"] == 1000


@EVERY_MODEL
def test_the_trace_is_by_number(model):
    document = pipeline(model, 300, 4, "--trace")
    assert [request for request, *_ in document["trace_ns"]] == list(range(300))
    assert sum(end - start for _, start, end, *_ in document["trace_ns"]) == document["latency_sum_ns"]


def test_other_tasks_have_no_queue():
    document = document_of("runner-threads", "--task", "none", "-n", 10, "-c", 2)
    assert "producer_waits" not in document and "consumer_waits" not in document
    assert "queue_slots" not in document["knobs"]


@pytest.mark.parametrize("model", WITHOUT)
def test_a_model_without_a_queue_says_so(model):
    done = run_program(f"runner-{model}", "--task", "pipeline")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "pipeline" in done.stderr and model in done.stderr


@EVERY_MODEL
def test_there_is_no_open_loop(model):
    done = run_program(f"runner-{model}", "--task", "pipeline", "--rate", 10)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "--rate" in done.stderr


def start(model, *args, **options):
    return subprocess.Popen([BIN / f"runner-{model}", "--json", "--task", "pipeline", *map(str, args)],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def cpu_ticks(pid):
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    except OSError:
        return 0


def children_of(pid):
    return [int(word) for word in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def roles_of(process, busy):
    """The consumers and the producers among its children, once `busy` of them have computed: only
    consumers do."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        children = children_of(process.pid)
        consumers = [child for child in children if cpu_ticks(child) >= 10]
        if len(consumers) == busy:
            return consumers, [child for child in children if child not in consumers]
        time.sleep(0.01)
    raise AssertionError("the consumers do not compute")


@pytest.mark.parametrize("whom,lost", [("consumer", 1), ("producer", 1), ("consumers", 30), ("producers", 30)])
def test_a_killed_process_is_not_waited_for(whom, lost):
    """Of 2 and 2, on a queue that is always full. What they had in hand is lost, no more, as long as
    there is another."""
    with start("processes", "-n", 30, "-c", 4, "--work", 10000000, "--queue-slots", 1) as process:
        consumers, producers = roles_of(process, 2)
        victims = consumers if whom.startswith("consumer") else producers
        for pid in victims if whom.endswith("s") else victims[:1]:
            os.kill(pid, signal.SIGKILL)
        out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    document = json.loads(out)
    check(document, 30, 4, 1)
    assert set(document["failed"]) <= {"worker"}
    assert document["failed"].get("worker", 0) <= lost
    if whom == "consumers":
        assert document["failed"]["worker"] >= 1


@EVERY_QUEUE
def test_sigterm_ends_it_at_once(model):
    token = f"token-{os.getpid()}-pipeline-{model}"
    with start(model, "-n", 100000, "-c", 4, "--work", 10000000,
               env={**os.environ, "CONCBENCH_TEST_TOKEN": token}) as process:
        deadline = time.monotonic() + 300
        while sum(map(cpu_ticks, [process.pid, *children_of(process.pid)])) < 10:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=300)
    assert process.returncode == -signal.SIGTERM
    conftest.wait_until_gone(token)


@pytest.mark.parametrize("switch", ["fcontext", "ucontext"])
def test_with_each_switch(switch):
    assert pipeline("coroutines", 2000, 10, "--switch", switch, slots=3)["ok"] == 2000
