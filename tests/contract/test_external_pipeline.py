"""Task pipeline of the external runners: nothing is lost, nobody waits for ever, and who has to wait is counted."""

import json
import os
import subprocess

import jsonschema
import pytest
from conftest import SOURCE
from test_external import HERE, RUNNERS, WHOLE, why_not

pytestmark = pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "",
                                reason="the external runners are not built with sanitizers")

SCHEMA = json.loads((SOURCE / "results/schema/runner-document.schema.json").read_text())


def claims(name):
    said = json.loads((HERE / name / "runner.json").read_text())
    return "pipeline" in said.get("tasks", []) if "program" in said else "PIPELINE" in (HERE / name / "runner.py").read_text()


PIPING = [name for name in RUNNERS if claims(name)]
WITH_QUEUE = [name for name in PIPING if name != "py-sequential"]
WITHOUT = [name for name in RUNNERS if name not in PIPING]
EVERY_QUEUE = pytest.mark.parametrize("name", WITH_QUEUE)
SOME = pytest.mark.parametrize("name", [name for name in WITH_QUEUE if name in WHOLE])


def start(name, *words):
    """The runner with task pipeline, after its end."""
    if why_not(name):
        pytest.skip(why_not(name))
    return subprocess.run([*RUNNERS[name][1], "--json", "--task", "pipeline", *map(str, words)],
                          capture_output=True, text=True, timeout=300, check=False)


def pipeline(name, n, c, *words, slots=64):
    done = start(name, "-n", n, "-c", c, "--queue-slots", slots, *words)
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    jsonschema.validate(document, SCHEMA)
    assert (document["task"], document["requests"], document["concurrency"]) == ("pipeline", n, c)
    assert (document["ok"], document["failed"], document["bytes_received"]) == (n, {}, 0)
    assert sum(count for _, count in document["latency_ns"]) + document["overflow"] == n
    assert document["units_created"] == c and document["knobs"]["queue_slots"] == slots
    assert 1 <= document["peak_in_flight"] <= slots + c
    return document


@EVERY_QUEUE
def test_every_number_is_answered(name):
    pipeline(name, 600, 7, "--work", 100, slots=2)


@SOME
@pytest.mark.parametrize("c, slots", [(2, 64), (3, 1)])
def test_whatever_fits_into_the_queue(name, c, slots):
    pipeline(name, 200, c, "--work", 100, slots=slots)


@EVERY_QUEUE
def test_no_producer_waits_where_all_numbers_fit(name):
    assert pipeline(name, 600, 17, "--work", 100, slots=1000)["producer_waits"] == 0


@SOME
def test_as_many_workers_as_numbers(name):
    pipeline(name, 20, 20)


@SOME
def test_slow_consumers_make_producers_wait(name):
    """Computing takes far longer than counting down, so the queue fills up again and again."""
    document = pipeline(name, 60, 2, "--work", 30000, slots=4)
    assert document["producer_waits"] >= 60 // (4 + 3)
    assert document["peak_in_flight"] >= 5  # the queue, and what is in hand


@SOME
def test_many_consumers_of_one_slot_wait(name):
    """A consumer at least finds nothing there before the first number, and no producer is ahead by much."""
    assert pipeline(name, 40, 9, "--work", 1, slots=1)["consumer_waits"] >= 1


@pytest.mark.parametrize("name", PIPING)
def test_one_worker_alone_waits_for_nobody(name):
    document = pipeline(name, 30, 1, "--trace")
    assert (document["producer_waits"], document["consumer_waits"], document["peak_in_flight"]) == (0, 0, 1)
    assert document["knobs"]["work_tests"] == 1000 and not document.get("trace_queue_ns")


@EVERY_QUEUE
def test_a_number_is_put_and_taken(name):
    """Producers are the first half of the workers, and a consumer computes what it has taken."""
    document = pipeline(name, 60, 4, "--trace", slots=2)
    spans = {row[0]: row for row in document["trace_ns"]}
    assert list(spans) == list(range(60)) and {row[3] for row in spans.values()} <= {2, 3}
    assert sum(end - start for _, start, end, *_ in spans.values()) == document["latency_sum_ns"]
    assert [row[0] for row in document["trace_queue_ns"]] == list(range(60))
    assert {row[3] for row in document["trace_queue_ns"]} <= {0, 1}
    for request, put, taken, _ in document["trace_queue_ns"]:
        assert spans[request][1] <= put <= taken <= spans[request][2]


@SOME
@pytest.mark.parametrize("words", [("--rate", 10), ("--warm-requests", 1)])
def test_there_is_no_open_loop_and_nothing_to_warm(name, words):
    done = start(name, *words)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1) and words[0] in done.stderr


@pytest.mark.parametrize("name", WITHOUT)
def test_a_runner_without_a_queue_says_so(name):
    done = start(name)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1) and "pipeline" in done.stderr
