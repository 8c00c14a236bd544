"""The task switch: one request gives the others a turn, in every model that can wait for one."""

import json
import resource

import jsonschema
import pytest
from conftest import MODELS, PER_REQUEST, SOURCE, document_of, run_program

SCHEMA = json.loads((SOURCE / "results/schema/runner-document.schema.json").read_text())
LACKING = ["multi-poll", "epoll", "io-uring"]
LOOPS = ["coroutines", "callbacks", "stackless", "executor", "coroutine-threads", "process-loops"]
BLOCKING = ["threads", "processes"]


def switch(model, n, c, *args):
    document = document_of(f"runner-{model}", "--task", "switch", "--cpus", 1, "-n", n, "-c", c, *args)
    assert (document["ok"], document["failed"], document["units_created"]) == (
        n, {}, n if model in PER_REQUEST else c)
    return document


@pytest.mark.parametrize("model", [m for m in MODELS if m not in LACKING])
def test_every_model(model):
    c = 1 if model == "sequential" else 3
    document = switch(model, 300, c, "--turns", 4)
    jsonschema.validate(document, SCHEMA)
    assert (document["task"], document["knobs"]["turns"]) == ("switch", 4)


@pytest.mark.parametrize("model", LACKING)
def test_models_that_lack_it_say_so(model):
    done = run_program(f"runner-{model}", "--task", "switch", "--probe")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"{model} does not run task 'switch'" in done.stderr


def rounds(document, c):
    """How many of the requests saw each of the others begin once, and nobody twice, while they waited."""
    trace = document["trace_ns"]
    at = {request: (start, end) for request, start, end, *_ in trace}
    fair = 0
    for request, start, end, *_ in trace[:-c]:
        fair += start <= at[request + c - 1][0] <= end <= at[request + c][0]
    return fair / (len(trace) - c)


@pytest.mark.parametrize("model", LOOPS)
def test_turns_go_round(model):
    """Tickets are taken in the order of the turns, so request k ends when c - 1 more have begun: exactly."""
    assert rounds(switch(model, 3000, 3, "--trace"), 3) == 1


@pytest.mark.parametrize("model", LOOPS)
def test_more_than_the_queue_begins_with(model):
    assert rounds(switch(model, 4000, 500, "--trace"), 500) == 1


@pytest.mark.parametrize("model", BLOCKING)
def test_the_kernel_switches(model):
    """sched_yield is the kernel's decision, and others may run on that CPU too: so only most of them."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    document = switch(model, 5000, 3, "--trace")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    switches = after.ru_nvcsw + after.ru_nivcsw - before.ru_nvcsw - before.ru_nivcsw
    assert switches > 2500
    assert rounds(document, 3) > 0.5


def test_turns_are_switches():
    """Ten times the turns are about ten times the switches of the kernel."""
    def switches(turns):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        switch("threads", 500, 2, "--turns", turns)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_nvcsw + after.ru_nivcsw - before.ru_nvcsw - before.ru_nivcsw
    assert switches(20) > 3 * switches(2)


@pytest.mark.parametrize("backend", ["fcontext", "ucontext"])
def test_both_backends(backend):
    done = run_program("runner-coroutines", "--task", "none", "--switch", backend)
    if done.returncode == 3:
        pytest.skip(done.stderr)
    assert switch("coroutines", 1000, 2, "--switch", backend)["knobs"]["switch_backend"] == backend
