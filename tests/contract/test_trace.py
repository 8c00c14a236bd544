"""--trace: what began and ended before what, in every model."""

import json
import os

import jsonschema
import pytest
from conftest import MODELS, SOURCE, WITHOUT_LIBCURL, document_of

SCHEMA = json.loads((SOURCE / "results/schema/runner-document.schema.json").read_text())
EVERY_MODEL = pytest.mark.parametrize("model", MODELS)
EVERY_SLEEPER = pytest.mark.parametrize("model", [m for m in MODELS if m not in WITHOUT_LIBCURL])
CPUS = os.sched_getaffinity(0)


def are_apart(rows):
    """Whether each worker has one request in hand at a time."""
    ends = {}
    for _, start, end, worker, *_ in sorted(rows, key=lambda row: row[1]):
        if ends.get(worker, 0) > start:
            return False
        ends[worker] = end
    return True


def order_of(document):
    """What happened, in the order of time: ["A+", "B+", "B-", "A-"]."""
    events = []
    for request, start, end, *_ in document["trace_ns"]:
        name = "ABCDEF"[request]
        events += [(start, 0, name + "+"), (end, 1, name + "-")]
    return [event for _, _, event in sorted(events)]


def traced(model, *args):
    c = 1 if model == "sequential" else 2
    document = document_of(f"runner-{model}", "--trace", "-c", c, *args)
    jsonschema.validate(document, SCHEMA)
    return document


@EVERY_SLEEPER
def test_gather(model):
    """A of 2 units and B of 1: together, what begins last ends first; in turn it is A, A, B, B. The
    beginnings are 100 ms apart, as two CPUs may otherwise begin two requests in either order."""
    document = traced(model, "--task", "sleep", "--sleep-ms", "800,400", "-n", 2,
                      "--rate", 10, "--arrivals", "fixed")
    together = model != "sequential"
    assert order_of(document) == (["A+", "B+", "B-", "A-"] if together else ["A+", "A-", "B+", "B-"])
    (_, a_start, a_end, *_), (_, b_start, b_end, *_) = document["trace_ns"]
    assert a_start == 0
    assert a_end - a_start >= 800e6
    assert b_end - b_start >= 400e6
    assert document["knobs"]["sleep_ms"] == "800,400"


@EVERY_SLEEPER
def test_gather_at_once(model):
    """The same without an appointed time: both begin before either ends."""
    order = order_of(traced(model, "--task", "sleep", "--sleep-ms", "600,300", "-n", 2))
    if model == "sequential":
        assert order == ["A+", "A-", "B+", "B-"]
    else:
        assert (sorted(order[:2]), order[2:]) == (["A+", "B+"], ["B-", "A-"])


@EVERY_MODEL
def test_every_request_is_in_it_once(origin, model):
    document = traced(model, "-n", 40, origin + "/bytes/10")
    rows = document["trace_ns"]
    assert [row[0] for row in rows] == list(range(40))
    assert min(row[1] for row in rows) == 0
    assert max(row[2] for row in rows) == document["measured_ns"]
    assert sum(row[2] - row[1] for row in rows) == document["latency_sum_ns"]
    assert all(start <= work <= end and cpu in CPUS for _, start, end, _, work, cpu in rows)
    assert are_apart(rows)


@EVERY_MODEL
def test_a_lane_is_a_worker(origin, model):
    """Ten requests at once are in ten lanes, whatever carries them; one after the other they are in one."""
    lanes = 1 if model == "sequential" else 10
    document = document_of(f"runner-{model}", "--trace", "-c", lanes, "-n", max(lanes, 3),
                           origin + "/bytes/10?delay_ms=1000")
    assert {row[3] for row in document["trace_ns"]} == set(range(lanes))


@EVERY_SLEEPER
def test_lanes_are_numbered_from_0(model):
    """However many requests a worker makes, or is made for."""
    lanes = 1 if model == "sequential" else 4
    document = document_of(f"runner-{model}", "--trace", "-c", lanes, "-n", 40, "--task", "sleep", "--sleep-ms", 20)
    assert {row[3] for row in document["trace_ns"]} <= set(range(lanes))
    assert are_apart(document["trace_ns"])


@pytest.mark.skipif(len(CPUS) < 2, reason="this machine gives the runner one CPU")
@pytest.mark.parametrize("model, cpus", [("sequential", 1), ("coroutines", 1), ("callbacks", 1), ("threads", 2),
                                         ("processes", 2)])
def test_computing_on_several_cpus(model, cpus):
    """One thread computes on one CPU at a time, and two threads on two: of the time in which something
    computes, two things do for a part only where there are two threads or processes."""
    c = 1 if model == "sequential" else 4
    document = document_of(f"runner-{model}", "--trace", "--task", "cpu", "--work-us", 20000, "-c", c, "-n", 40,
                           "--cpus", 2)
    rows = document["trace_ns"]
    if cpus == 2:
        assert len({row[5] for row in rows}) == 2
        return
    rows.sort()
    assert all(before[2] <= after[1] for before, after in zip(rows, rows[1:]))


@EVERY_SLEEPER
def test_who_stands_still_while_a_call_blocks(model):
    """The thread of a loop, which the others need; the worker's own; or one for such calls."""
    c = 1 if model == "sequential" else 4
    document = document_of(f"runner-{model}", "--trace", "--task", "block", "--block-ms", 20, "-c", c, "-n", 8)
    spans = {row[0]: row for row in document["trace_ns"]}
    calls = document["trace_calls_ns"]
    blocks_alone = ("sequential", "threads", "thread-per-request", "processes", "process-per-request")
    expected = "executor" if model == "executor" else "worker" if model in blocks_alone else "loop"
    assert [row[0] for row in calls] == list(range(8))
    assert {row[3] for row in calls} == {expected}
    assert all(end - start >= 20e6 for _, start, end, _ in calls)
    assert all(spans[request][1] <= start and end <= spans[request][2] for request, start, end, _ in calls)


def test_a_call_to_a_file_is_one_that_blocks(tmp_path):
    document = document_of("runner-executor", "--trace", "--task", "file", "--file-dir", tmp_path, "-c", 2, "-n", 4)
    assert [(row[0], row[3]) for row in document["trace_calls_ns"]] == [(i, "executor") for i in range(4)]


@EVERY_SLEEPER
def test_when_a_request_was_due(model):
    document = traced(model, "--task", "none", "-n", 6, "--rate", 100, "--arrivals", "fixed")
    starts = {row[0]: row[1] for row in document["trace_ns"]}
    dues = [due for _, due in document["trace_due_ns"]]
    assert [request for request, _ in document["trace_due_ns"]] == list(range(6))
    assert all(due <= starts[request] for request, due in document["trace_due_ns"])
    assert [after - before for before, after in zip(dues, dues[1:])] == [10e6] * 5


@pytest.mark.parametrize("model", ["threads", "processes", "coroutines", "callbacks", "executor"])
def test_a_number_is_put_and_taken(model):
    """Producers are the odd members, and a consumer computes what it has taken."""
    document = document_of(f"runner-{model}", "--trace", "--task", "pipeline", "-c", 4, "-n", 60, "--queue-slots", 2)
    spans = {row[0]: row for row in document["trace_ns"]}
    assert [row[0] for row in document["trace_queue_ns"]] == list(range(60))
    producers = {row[3] for row in document["trace_queue_ns"]}
    assert not producers & {row[3] for row in spans.values()} and producers <= set(range(4))
    for request, put, taken, _ in document["trace_queue_ns"]:
        _, start, end, _, work, cpu = spans[request]
        assert start <= put <= taken <= work <= end and cpu in CPUS


def test_other_tasks_have_no_other_tables(origin):
    document = traced("threads", "-n", 4, origin + "/bytes/10")
    assert [key for key in document if key.startswith("trace_")] == ["trace_ns"]


def test_a_failed_request_is_in_it(refused_url):
    document = traced("threads", "-n", 4, refused_url)
    assert document["failed"] == {"connect": 4}
    assert len(document["trace_ns"]) == 4


def test_it_has_the_first_ten_thousand():
    document = traced("coroutines", "--task", "none", "-n", 10500)
    assert [row[0] for row in document["trace_ns"]] == list(range(10000))


def test_without_the_flag_there_is_none(origin):
    assert "trace_ns" not in document_of("runner-threads", "-n", 2, origin + "/bytes/10")
