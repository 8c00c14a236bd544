"""--warm-requests: each worker's first requests, whose results are not recorded, then a line at which all start
together."""

import json
import os
import pathlib
import signal
import subprocess
import threading
import urllib.request

import pytest

from conftest import BIN, ENGINES, MODELS, PATIENCE_S, PER_REQUEST, document_of, fails_first, run_program

C, N, WARM = 8, 24, 2


def connections_of(model):
    """How many the measured part may open: none, but a process takes its connection with it."""
    return N if model == "process-per-request" else 0


@pytest.mark.parametrize("model", MODELS)
def test_measured_requests_meet_open_connections(origin, model):
    c = 1 if model == "sequential" else C
    before = json.load(urllib.request.urlopen(origin + "/stats"))["requests"]
    document = document_of(f"runner-{model}", "-n", N, "-c", c, "--warm-requests", WARM, "--trace",
                           f"{origin}/bytes/100?delay_ms=5")
    after = json.load(urllib.request.urlopen(origin + "/stats"))["requests"]
    assert after - before == N + WARM * c
    assert (document["warm_requests"], document["warm_failed"]) == (WARM * c, {})
    assert (document["ok"], document["failed"], document["bytes_received"]) == (N, {}, N * 100)
    assert document["connections_opened"] == connections_of(model)
    assert sum(count for _, count in document["latency_ns"]) == N
    assert document["units_created"] == (N if model in PER_REQUEST else c)
    assert 1 <= document["peak_in_flight"] <= c
    # a warm request takes 5 ms at least, all of which are before the first measured one
    assert document["setup_ns"] >= WARM * 5e6
    assert sorted(row[0] for row in document["trace_ns"]) == list(range(N))
    assert min(row[1] for row in document["trace_ns"]) == 0


@pytest.mark.parametrize("model", ENGINES + ["threads", "process-loops"])
def test_an_open_loop_begins_at_the_line(origin, model):
    c = 1 if model == "sequential" else 4
    document = document_of(f"runner-{model}", "-n", 8, "-c", c, "--warm-requests", 1, "--rate", 400, "--arrivals",
                           "fixed", "--trace", f"{origin}/bytes/10?delay_ms=1")
    assert (document["ok"], document["warm_requests"]) == (8, c)
    assert sum(count for _, count in document["response_ns"]) == 8
    assert sum(count for _, count in document["lag_ns"]) == 8
    due = [row[1] for row in sorted(document["trace_due_ns"])]
    assert due[-1] - due[0] == pytest.approx(7 / 400 * 1e9, rel=0.01)


@pytest.mark.parametrize("task", ["sleep", "cpu", "switch", "fan-out", "none"])
@pytest.mark.parametrize("model", ["threads", "coroutines", "multi-poll", "callbacks"])
def test_warm_requests_of_other_tasks(origin, model, task):
    if model == "multi-poll" and task == "switch":
        pytest.skip("multi-poll does not run it")
    document = document_of(f"runner-{model}", "-n", 6, "-c", 3, "--warm-requests", 2, "--task", task, "--sleep-ms", 1,
                           "--fan-out", 2, origin + "/bytes/10")
    assert (document["ok"], document["warm_requests"], document["connections_opened"]) == (6, 6, 0)


@pytest.mark.parametrize("model", ENGINES)
def test_failed_warm_requests_are_counted_apart(faulty, model):
    document = document_of(f"runner-{model}", "-n", 2, "--warm-requests", 2, faulty(fails_first()).url)
    assert (document["warm_requests"], document["warm_failed"]) == (2, {"status": 1})
    assert document["reasons"] == {"status": "status 503"}
    assert (document["ok"], document["failed"]) == (2, {})


@pytest.mark.parametrize("model", ["processes", "process-per-request"])
def test_nobody_waits_at_the_line_for_a_dead_worker(faulty, model):
    may_answer = threading.Event()

    def answer(connection):
        may_answer.wait(PATIENCE_S)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        return True

    server = faulty(answer)
    runner = subprocess.Popen([BIN / f"runner-{model}", "--json", "-n", "2", "-c", "2", "--warm-requests", "1", server.url],
                              stdout=subprocess.PIPE, text=True)
    for _ in range(2):
        assert server.arrived.acquire(timeout=PATIENCE_S)
    children = pathlib.Path(f"/proc/{runner.pid}/task/{runner.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
    may_answer.set()
    document = json.loads(runner.communicate(timeout=PATIENCE_S)[0])
    assert (document["ok"], document["failed"], document["warm_requests"]) == (2, {}, 1)


def test_a_queue_has_no_warm_requests():
    done = run_program("runner-threads", "--task", "pipeline", "-n", 4, "-c", 2, "--warm-requests", 1)
    assert done.returncode == 2 and "--warm-requests" in done.stderr
