"""The open loop of the runner contract (--rate), asked of every model alike."""

import json

import jsonschema
import pytest
from conftest import MODELS, SOURCE, document_of, run_program

SCHEMA = json.loads((SOURCE / "results/schema/runner-document.schema.json").read_text())
EVERY_MODEL = pytest.mark.parametrize("model", MODELS)


def quantile(buckets, q):
    total = sum(count for _, count in buckets)
    seen = 0
    for edge, count in buckets:
        seen += count
        if seen >= q * total:
            return edge
    return None


def count(buckets):
    return sum(n for _, n in buckets)


@EVERY_MODEL
@pytest.mark.parametrize("arrivals", ["poisson", "fixed"])
def test_requests_are_made_when_they_are_due(origin, model, arrivals):
    """200 arrivals at 400/s take at least the half second that the schedule takes."""
    c = 1 if model == "sequential" else 10
    document = document_of(f"runner-{model}", "-n", 200, "-c", c, "--rate", 400, "--arrivals",
                           arrivals, origin + "/bytes/10")
    jsonschema.validate(document, SCHEMA)
    assert document["ok"] == 200
    assert document["rate_per_s"] == 400 and document["arrivals"] == arrivals
    assert count(document["response_ns"]) + document["response_overflow"] == 200
    assert count(document["lag_ns"]) + document["lag_overflow"] == 200
    assert document["measured_ns"] > 0.35e9
    assert document["response_max_ns"] >= document["latency_max_ns"]


@EVERY_MODEL
def test_the_response_time_counts_the_wait_for_a_worker(origin, model):
    """One worker serves 100/s at best; 400/s become due. Service stays at 10 ms while the
    responses fall behind without bound: the n-th by n x (10 - 2.5) ms."""
    document = document_of(f"runner-{model}", "-n", 100, "-c", 1, "--rate", 400, "--arrivals",
                           "fixed", origin + "/bytes/10?delay_ms=10")
    assert document["response_max_ns"] > 0.7e9
    assert quantile(document["response_ns"], 0.5) > 0.3e9
    assert quantile(document["lag_ns"], 0.5) > 0.3e9
    assert quantile(document["latency_ns"], 0.5) < quantile(document["response_ns"], 0.5) / 5


@EVERY_MODEL
def test_a_closed_loop_has_no_schedule(origin, model):
    document = document_of(f"runner-{model}", "-n", 5, origin + "/bytes/10")
    assert not {"rate_per_s", "response_ns", "lag_ns"} & set(document)


@EVERY_MODEL
def test_the_summary_shows_response_and_lag(origin, model):
    done = run_program(f"runner-{model}", "-n", 30, "--rate", 1000, origin + "/bytes/10")
    assert done.returncode == 0
    assert "response p50" in done.stdout and "start lag p50" in done.stdout
