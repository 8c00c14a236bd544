"""Task fan-out: one request is K sub-requests, gathered and computed on."""

import json
import re
import resource

import conftest
import jsonschema
import pytest
from conftest import MODELS, SOURCE, WITHOUT_LIBCURL, document_of, run_program

SCHEMA = json.loads((SOURCE / "results/schema/runner-document.schema.json").read_text())
WITHOUT = WITHOUT_LIBCURL + ["processes", "process-per-request"]
FANNING = [model for model in MODELS if model not in WITHOUT]
EVERY_MODEL = pytest.mark.parametrize("model", FANNING)


def fan_out(model, k, *args, c=1, **options):
    c = 1 if model == "sequential" else c
    document = document_of(f"runner-{model}", "--task", "fan-out", "--fan-out", k, "-c", c, *args, **options)
    jsonschema.validate(document, SCHEMA)
    assert document["task"] == "fan-out"
    assert document["concurrency"] == c
    assert document["ok"] + sum(document["failed"].values()) == document["requests"]
    assert document["knobs"]["fan_out"] == k
    assert document["knobs"]["max_connections"] == c * k
    return document


@EVERY_MODEL
def test_sub_requests_are_made_together(origin, model):
    """8 of 200 ms: 1.6 s in turn, 0.2 s together."""
    document = fan_out(model, 8, "-n", 1, origin + "/bytes/10?delay_ms=200")
    assert document["ok"] == 1
    if model == "sequential":
        assert document["latency_min_ns"] >= 1.6e9
    else:
        assert 200e6 <= document["latency_min_ns"] < 0.8e9


@EVERY_MODEL
def test_in_a_row_each_sub_request_waits_for_the_one_before_it(origin, model):
    document = fan_out(model, 4, "-n", 2, "--await", "in-a-row", origin + "/bytes/10?delay_ms=50", c=2)
    assert document["ok"] == 2 and document["bytes_received"] == 2 * 4 * 10
    assert document["knobs"]["await"] == "in-a-row" and document["latency_min_ns"] >= 200e6


@EVERY_MODEL
def test_everything_is_added_up(origin, model):
    document = fan_out(model, 5, "-n", 40, "--work", 1000, origin + "/bytes/1000", c=4)
    c = document["concurrency"]
    assert (document["ok"], document["failed"]) == (40, {})
    assert document["bytes_received"] == 40 * 5 * 1000
    assert 5 <= document["connections_opened"] <= c * 5
    assert 1 <= document["peak_in_flight"] <= c  # of requests, not of their parts
    assert document["units_created"] == (40 if model == "thread-per-request" else c)
    assert document["cpu_measured_ns"] > 40 * 5 * 1000
    assert document["knobs"]["work_tests"] == 1000


@EVERY_MODEL
def test_without_keepalive_each_has_a_connection(origin, model):
    document = fan_out(model, 3, "-n", 6, "--no-keepalive", origin + "/bytes/1", c=2)
    assert document["ok"] == 6
    assert document["connections_opened"] == 18


@EVERY_MODEL
def test_the_origin_sees_them_all(faulty, model):
    def answer(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        return True
    server = faulty(answer)
    document = fan_out(model, 4, "-n", 6, server.url, c=2)
    assert document["ok"] == 6
    for _ in range(6 * 4):
        assert server.arrived.acquire(timeout=0)
    assert not server.arrived.acquire(timeout=0)


@EVERY_MODEL
@pytest.mark.parametrize("fault,expected", [(conftest.stall, "timeout"), (conftest.unavailable, "status")],
                         ids=lambda v: v if isinstance(v, str) else "")
def test_a_fault_is_counted_once_a_request(faulty, model, fault, expected):
    document = fan_out(model, 3, "-n", 2, "--timeout-ms", 300, faulty(fault).url, c=2)
    assert document["failed"] == {expected: 2}
    assert document["bytes_received"] == 0


@EVERY_MODEL
def test_one_bad_part_spoils_the_request(faulty, model):
    """A server of which every second connection is refused an answer: half the parts of each request."""
    served = []

    def every_second(connection):
        served.append(connection)
        if len(served) % 2 == 0:
            return conftest.unavailable(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        return True
    document = fan_out(model, 2, "-n", 5, faulty(every_second).url)
    assert document["failed"] == {"status": 5}


@EVERY_MODEL
def test_a_refused_port(refused_url, model):
    document = fan_out(model, 3, "-n", 4, refused_url, c=2)
    assert document["failed"] == {"connect": 4}


@EVERY_MODEL
def test_one_sub_request_is_a_request(origin, model):
    document = fan_out(model, 1, "-n", 20, origin + "/bytes/100", c=4)
    assert document["ok"] == 20
    assert document["bytes_received"] == 2000


@EVERY_MODEL
def test_in_an_open_loop(origin, model):
    document = fan_out(model, 3, "-n", 20, "--rate", 200, origin + "/bytes/100", c=4)
    assert document["ok"] == 20
    assert document["bytes_received"] == 20 * 300


@pytest.mark.parametrize("model", WITHOUT)
def test_a_model_that_cannot_says_so(model):
    done = run_program(f"runner-{model}", "--task", "fan-out", "http://127.0.0.1:9/")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "fan-out" in done.stderr and model in done.stderr


@pytest.mark.parametrize("model,fds", [("threads", 3 * 50 * 10), ("coroutines", 50 * 10), ("executor", 3 * 50 * 10)])
def test_descriptors_are_counted_for_all_parts(model, fds):
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (fds, fds))
    done = run_program(f"runner-{model}", "--task", "fan-out", "--fan-out", 10, "-c", 50,
                       "http://127.0.0.1:9/", preexec_fn=few)
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert re.search(r"needs %d file descriptors" % (fds + 32), done.stderr)


def test_the_default_is_ten(origin):
    document = document_of("runner-callbacks", "--task", "fan-out", "-n", 2, origin + "/bytes/1")
    assert document["knobs"]["fan_out"] == 10
    assert document["bytes_received"] == 20


def test_other_tasks_know_nothing_of_it(origin):
    document = document_of("runner-coroutines", "--fan-out", 7, "-n", 4, "-c", 2, origin + "/bytes/1")
    assert "fan_out" not in document["knobs"]
    assert document["knobs"]["max_connections"] == 2
    assert document["bytes_received"] == 4
