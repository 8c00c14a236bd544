"""--trace: what began and ended before what, in every model."""

import json

import jsonschema
import pytest
from conftest import MODELS, SOURCE, WITHOUT_LIBCURL, document_of

SCHEMA = json.loads((SOURCE / "results/schema/runner-document.schema.json").read_text())
EVERY_MODEL = pytest.mark.parametrize("model", MODELS)
EVERY_SLEEPER = pytest.mark.parametrize("model", [m for m in MODELS if m not in WITHOUT_LIBCURL])


def order_of(document):
    """What happened, in the order of time: ["A+", "B+", "B-", "A-"]."""
    events = []
    for request, start, end in document["trace_ns"]:
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
    (_, a_start, a_end), (_, b_start, b_end) = document["trace_ns"]
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
    assert [request for request, _, _ in document["trace_ns"]] == list(range(40))
    assert min(start for _, start, _ in document["trace_ns"]) == 0
    assert max(end for _, _, end in document["trace_ns"]) == document["measured_ns"]
    assert sum(end - start for _, start, end in document["trace_ns"]) == document["latency_sum_ns"]


def test_a_failed_request_is_in_it(refused_url):
    document = traced("threads", "-n", 4, refused_url)
    assert document["failed"] == {"connect": 4}
    assert len(document["trace_ns"]) == 4


def test_it_has_the_first_ten_thousand():
    document = traced("coroutines", "--task", "none", "-n", 10500)
    assert [request for request, _, _ in document["trace_ns"]] == list(range(10000))


def test_without_the_flag_there_is_none(origin):
    assert "trace_ns" not in document_of("runner-threads", "-n", 2, origin + "/bytes/10")
