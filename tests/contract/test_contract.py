"""The runner contract (docs/runner-contract.md), asked of every runner alike."""

import json
import os
import signal
import subprocess

import conftest
import jsonschema
import pytest
from conftest import BIN, ENGINES, MODELS, PER_REQUEST, SOURCE, WITHOUT_LIBCURL, assert_together, document_of, run_program
from origin_process import Origin

SCHEMA = json.loads((SOURCE / "results/schema/runner-document.schema.json").read_text())

# Each way of running a model that could behave differently.
VARIANTS = [(model, []) for model in MODELS] + [
    ("coroutines", ["--switch", "ucontext"]), ("coroutines", ["--guard", "mprotect"]),
    ("coroutines", ["--guard", "canary"]), ("process-loops", ["--switch", "ucontext"])]
EVERY_VARIANT = pytest.mark.parametrize(
    "model,extra", VARIANTS, ids=lambda v: v if isinstance(v, str) else "".join(v[1:]))
EVERY_MODEL = pytest.mark.parametrize("model", MODELS)
EVERY_RUNNER = pytest.mark.parametrize("model", MODELS + ["null"])


def concurrency_of(model, wanted):
    return 1 if model in ("sequential", "null") else wanted


def check(document, model, requests, concurrency):
    jsonschema.validate(document, SCHEMA)
    assert document["model"] == model
    assert document["requests"] == requests
    assert document["concurrency"] == concurrency
    assert document["ok"] + sum(document["failed"].values()) == requests
    counts = sum(count for _, count in document["latency_ns"])
    assert counts + document["overflow"] == document["ok"]
    edges = [edge for edge, _ in document["latency_ns"]]
    assert edges == sorted(set(edges))


@EVERY_VARIANT
@pytest.mark.parametrize("keepalive", [True, False], ids=["keepalive", "no-keepalive"])
def test_counts_add_up(origin, model, extra, keepalive):
    c = concurrency_of(model, 8)
    args = extra + ([] if keepalive else ["--no-keepalive"])
    n = 40 if model == "process-per-request" else 200
    document = document_of(f"runner-{model}", "-n", n, "-c", c, *args, origin + "/bytes/1000")
    check(document, model, n, c)
    assert document["ok"] == n
    assert document["failed"] == {}
    assert document["bytes_received"] == n * 1000
    assert document["units_created"] == (n if model in PER_REQUEST else c)
    assert 1 <= document["peak_in_flight"] <= c
    assert document["knobs"]["keepalive"] is keepalive
    if keepalive and model != "process-per-request":  # a connection ends with its process
        assert 1 <= document["connections_opened"] <= c
    else:
        assert document["connections_opened"] == n


@pytest.fixture(scope="module")
def counting():
    server = Origin()
    yield server
    assert server.stop() == (0, "")


@EVERY_VARIANT
def test_all_workers_are_in_flight_together(counting, model, extra):
    """As the runner counts it, and as the server sees it, who has one at a time when they wait in turn."""
    c = concurrency_of(model, 20)
    delay_ms = 1000 if model in PER_REQUEST else 300  # of which a busy machine takes 25 to make each worker
    counting.stats(reset=True)
    document = document_of(f"runner-{model}", "-n", c * 2, "-c", c, *extra,
                           f"{counting.url}/bytes/10?delay_ms={delay_ms}")
    check(document, model, c * 2, c)
    assert_together(document, c)
    assert counting.stats()["peak_in_flight"] > (0 if c == 1 else 1)
    assert document["latency_min_ns"] >= delay_ms * 1e6
    assert document["measured_ns"] >= 2 * delay_ms * 1e6
    assert document["phases_ns"]["first_byte"] >= 290e6


@EVERY_VARIANT
def test_more_workers_than_tickets_are_not_needed(origin, model, extra):
    """Every worker must take part without any being left over with nothing to join."""
    c = concurrency_of(model, 100)
    document = document_of(f"runner-{model}", "-n", 100, "-c", c, *extra, origin + "/bytes/152551")
    check(document, model, 100, c)
    assert document["bytes_received"] == 100 * 152551


FAULTS = {"timeout": conftest.stall, "reset": conftest.reset, "short": conftest.short, "protocol": conftest.garbage,
          "status": conftest.unavailable}


@pytest.mark.parametrize("model,expected", [(model, expected) for model in MODELS
                                            for expected in (FAULTS if model in ENGINES else ["timeout", "reset"])])
def test_a_fault_is_counted_by_its_class(faulty, model, expected):
    c = concurrency_of(model, 4)
    timeout_ms = 400 if expected == "timeout" else 200000  # which a machine that stalls must not reach
    document = document_of(f"runner-{model}", "-n", 8, "-c", c, "--timeout-ms", timeout_ms,
                           faulty(FAULTS[expected]).url)
    check(document, model, 8, c)
    assert document["failed"] == {expected: 8}
    assert document["latency_min_ns"] is None


@EVERY_MODEL
def test_a_refused_port_is_a_failed_connect(refused_url, model):
    c = concurrency_of(model, 4)
    document = document_of(f"runner-{model}", "-n", 8, "-c", c, refused_url)
    check(document, model, 8, c)
    assert document["failed"] == {"connect": 8}


@pytest.mark.parametrize("model", WITHOUT_LIBCURL)
def test_a_kept_connection_that_ended_is_no_failure(faulty, model):
    """Whether the end is seen before the next request or after it: it is sent again. libcurl does
    so too, but not in every order in which a response and an end can come."""
    document = document_of(f"runner-{model}", "-n", 40, "-c", 4, faulty(conftest.answer_once).url)
    check(document, model, 40, 4)
    assert document["ok"] == 40
    assert document["bytes_received"] == 80
    assert document["connections_opened"] == 40


class HangsUpAtOnce(conftest.FaultyServer):
    """Resets every connection as soon as it is there, mostly before it was asked for anything."""

    def handle(self, connection):
        conftest.reset(connection)


@EVERY_MODEL
def test_a_server_that_resets_before_it_is_asked(model):
    """The end may meet connecting, sending or receiving: each request ends, none waits for its timeout."""
    server = HangsUpAtOnce(None)
    n, c = 20 if model == "process-per-request" else 200, concurrency_of(model, 4)
    document = document_of(f"runner-{model}", "-n", n, "-c", c, "--timeout-ms", 300000, server.url)
    server.close()
    check(document, model, n, c)
    assert set(document["failed"]) <= {"connect", "reset"} and document["ok"] == 0


@pytest.mark.parametrize("model", WITHOUT_LIBCURL)
def test_a_model_without_tls_says_so(model):
    done = run_program(f"runner-{model}", "https://127.0.0.1:9/")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "TLS" in done.stderr


@pytest.mark.parametrize("model", [m for m in ENGINES if m not in WITHOUT_LIBCURL])
def test_plain_http_is_not_tls(origin, model):
    document = document_of(f"runner-{model}", "-n", 1, origin.replace("http:", "https:") + "/")
    assert document["failed"] == {"tls": 1}


@EVERY_MODEL
def test_an_unknown_host_does_not_resolve(model):
    document = document_of(f"runner-{model}", "-n", 2, "http://no-such-host.invalid/")
    assert document["failed"] == {"resolve": 2}


@EVERY_RUNNER
def test_result_fd_gets_the_document_and_stdout_stays_empty(origin, model):
    read_end, write_end = os.pipe()
    with subprocess.Popen([BIN / f"runner-{model}", "--result-fd", str(write_end), "-n", "10",
                           origin + "/bytes/1"],
                          pass_fds=[write_end], stdout=subprocess.PIPE) as process:
        os.close(write_end)
        with os.fdopen(read_end) as result:
            document = json.load(result)
        assert process.stdout.read() == b""
    assert process.returncode == 0
    check(document, model, 10, 1)


@EVERY_RUNNER
def test_standing_alone_it_prints_what_ab_prints(origin, model):
    done = run_program(f"runner-{model}", "-n", 50, origin + "/bytes/100")
    assert done.returncode == 0
    for words in ("requests/s", "latency mean", "latency p50", "mean response size", "failed"):
        assert words in done.stdout
    assert done.stderr == ""


BAD_INPUT = [
    (["--frobnicate"], "--frobnicate"), (["-n"], "--requests"), (["-n", "0"], "--requests"),
    (["-n", "ten"], "ten"), (["-n", "99999999999999999999"], "--requests"),
    (["-n", "5", "-c", "9"], "--concurrency"), (["--task", "juggle"], "juggle"),
    (["--switch", "longjmp"], "longjmp"), (["--result-fd", "77"], "77"),
    (["--timeout-ms", "-1"], "-1"), (["--cacert", "/no/such.pem"], "/no/such.pem"), (["ftp://127.0.0.1/"], "ftp"), (["http://["], "URL"),
    (["http://127.0.0.1/", "http://127.0.0.1/"], "URL")]


# One parser reads the command lines of all runners: the whole table goes through two, a line through each.
@pytest.mark.parametrize("model,args,named", [
    (model, *line) for model in MODELS + ["null"]
    for line in (BAD_INPUT if model in ("sequential", "epoll") else [BAD_INPUT[0], BAD_INPUT[10]])],
    ids=lambda v: v if isinstance(v, str) else " ".join(v)[:20])
def test_bad_input_is_one_line_and_exit_2(model, args, named):
    url = [] if any("://" in arg for arg in args) else ["http://127.0.0.1:9/"]
    done = run_program(f"runner-{model}", *args, *url)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert named in done.stderr
    assert done.stdout == ""


@EVERY_MODEL
def test_a_missing_url_is_one_line_and_exit_2(model):
    done = run_program(f"runner-{model}")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


@EVERY_MODEL
def test_a_password_in_a_bad_url_is_not_shown(model):
    done = run_program(f"runner-{model}", "ftp://user:secret@127.0.0.1/")
    assert done.returncode == 2
    assert "secret" not in done.stderr


@EVERY_RUNNER
def test_help_and_version(model):
    assert "--requests" in run_program(f"runner-{model}", "--help").stdout
    assert f"runner-{model}" in run_program(f"runner-{model}", "--version").stdout


@pytest.mark.parametrize("model,need", [("threads", "3032"), ("coroutines", "1032"), ("epoll", "1032")])
def test_too_few_file_descriptors_are_known_before_the_run(model, need):
    done = subprocess.run(["bash", "-c", 'ulimit -n 256; exec "$@"', "-", BIN / f"runner-{model}",
                           "-n", "1000", "-c", "1000", "http://127.0.0.1:9/"],
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert need in done.stderr and "256" in done.stderr


@EVERY_MODEL
def test_a_full_stdout_is_an_error(origin, model):
    with open("/dev/full", "w") as full:
        done = subprocess.run([BIN / f"runner-{model}", "--json", "-n", "1", origin + "/bytes/1"],
                              stdout=full, stderr=subprocess.PIPE, text=True, timeout=300)
    assert done.returncode == 3
    assert "stdout" in done.stderr


def start_stalled(model, faulty, token, workers, *args):
    """A runner all of whose workers wait for a server that never answers."""
    server = faulty(conftest.stall)
    c = concurrency_of(model, workers)
    process = subprocess.Popen([BIN / f"runner-{model}", "-n", str(workers), "-c", str(c), *args,
                                server.url], env=dict(os.environ, CONCBENCH_TEST_TOKEN=token),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for _ in range(c):
        assert server.arrived.acquire(timeout=300)
    return process


@EVERY_MODEL
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_all_its_workers(faulty, model, number):
    token = f"token-{os.getpid()}-{model}-{number}"
    process = start_stalled(model, faulty, token, 6)
    assert conftest.processes_with_token(token)
    process.send_signal(number)
    process.communicate(timeout=300)
    assert process.returncode == -number
    conftest.wait_until_gone(token)


@EVERY_MODEL
def test_its_workers_die_with_it_even_by_sigkill(faulty, model):
    token = f"token-{os.getpid()}-{model}-kill"
    process = start_stalled(model, faulty, token, 6)
    process.kill()
    process.communicate(timeout=300)
    conftest.wait_until_gone(token)


def test_a_killed_worker_process_is_a_failed_request(faulty):
    process = start_stalled("processes", faulty, "none", 4, "--timeout-ms", "1500", "--json")
    children = open(f"/proc/{process.pid}/task/{process.pid}/children").read().split()
    assert len(children) == 4
    os.kill(int(children[0]), signal.SIGKILL)
    stdout, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    assert json.loads(stdout)["failed"] == {"timeout": 3, "worker": 1}
