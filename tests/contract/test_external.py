"""The external runners keep the runner contract, each where its language is installed."""

import functools
import json
import os
import subprocess
import sys

import pytest
from conftest import BIN, SOURCE, fails_first, run_program
from named_server import named_servers  # noqa: F401  a fixture

pytestmark = pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "",
                                reason="the external runners are not built with sanitizers")

HERE = SOURCE / "runners" / "external"
PYTHON = "/usr/bin/python3" if os.access("/usr/bin/python3", os.X_OK) else sys.executable


def foreign(name):
    """The command of a runner behind the front (runners/external/README.md)."""
    return [BIN / "concbench-foreign", HERE / name / "runner.json"]


def is_built(name):
    """For those whose first build takes minutes: they are tried where somebody has built them."""
    return [BIN / "concbench-foreign", HERE / name / "runner.json", "--probe"]


def python(name, *modules):
    """A runner in Python and the modules that it needs; it runs without the front."""
    return [PYTHON, "-c", "import " + ", ".join(modules)], [PYTHON, HERE / name / "runner.py"], None


# Name: (what must succeed where it can run, the runner, what builds it or None)
RUNNERS = {
    "py-requests": python("py-requests", "requests"),
    "py-aiohttp": python("py-aiohttp", "aiohttp"),
    "py-sequential": python("py-sequential", "requests"),
    "py-multiprocessing": python("py-multiprocessing", "requests"),
    "py-executor": python("py-executor", "requests"),
    "py-uvloop": python("py-uvloop", "aiohttp", "uvloop"),
    "py-gevent": python("py-gevent", "requests", "gevent"),
    "py-pycurl": python("py-pycurl", "pycurl"),
    "php-curl": (["php", "-r", "exit(extension_loaded('curl') ? 0 : 1);"], foreign("php-curl"), None),
    "rust-curl": (is_built("rust-curl"), foreign("rust-curl"), None),
    "lua-cqueues": (["lua5.4", "-l", "cqueues", "-e", "require('openssl.ssl')"], foreign("lua-cqueues"), None),
    "perl-coro": (["perl", "-MCoro::AnyEvent", "-MAnyEvent::HTTP", "-e1"], foreign("perl-coro"), None),
    "java-threads": (is_built("java-threads"), foreign("java-threads"), None),
    "java-async": (is_built("java-async"), foreign("java-async"), None),
    "ruby-threads": (["ruby", "-e", "1"], foreign("ruby-threads"), None),
    "ruby-async": (["ruby", "-e", "gem 'async'; gem 'async-http'"], foreign("ruby-async"), None),
    "rust-tokio-spawn": (is_built("rust-tokio-spawn"), foreign("rust-tokio-spawn"), None),
    "rust-tokio-join": (is_built("rust-tokio-join"), foreign("rust-tokio-join"), None),
    "cpp-asio": (is_built("cpp-asio"), foreign("cpp-asio"), None),
    "erlang-processes": (["erl", "-noinput", "-eval", "halt()."], foreign("erlang-processes"), [HERE / "erlang-processes/build"]),
    "go-nethttp": (["go", "version"], foreign("go-nethttp"), [HERE / "go-nethttp/build"]),
    "node-fetch": (["node", "-e", "fetch"], foreign("node-fetch"), None),
}
# One for each shared contract; what the others add to its files is looked at with one request for each task.
OF_EACH_KIND = ["py-requests", "py-aiohttp", "perl-coro", "go-nethttp", "node-fetch"]
WHOLE = RUNNERS if os.environ.get("CONCBENCH_EXTERNAL") == "all" else OF_EACH_KIND  # make test-external


@functools.cache
def why_not(name):
    """The reason why the runner cannot run here, or None."""
    probe, _, build = RUNNERS[name]
    for command in filter(None, [probe, build]):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
        except OSError as error:
            return f"{name}: {error}"
        if done.returncode != 0:
            assert command is probe, done.stderr
            return f"{name}: {(done.stderr.strip().splitlines() or ['probe failed'])[-1]}"
    return None


@pytest.fixture(name="runner")
def find_runner(name):
    """The words that start the runner."""
    if why_not(name):
        pytest.skip(why_not(name))
    return RUNNERS[name][1]


@pytest.mark.parametrize("name", WHOLE)
def test_it_conforms(runner, name):
    done = run_program("concbench", "conform", "--json", "--limit-s", 300, *runner, timeout=900)
    wrong = {p["name"]: p["text"] for p in json.loads(done.stdout)["points"] if p["status"] != "ok"}
    assert wrong == ({"together": "it takes only -c 1"} if name == "py-sequential" else {})
    assert done.returncode == 0


@pytest.mark.parametrize("name", RUNNERS)
def test_it_does_each_task_that_it_claims(origin, runner, name):
    facts = json.loads(subprocess.run([*runner, "--describe"], capture_output=True, text=True, timeout=300, check=True).stdout)
    for task in facts["tasks"]:
        url = [origin + "/bytes/10"] if task == "http" else []
        done = subprocess.run([*runner, "--json", "--task", task, "-n", "2", *url],
                              capture_output=True, text=True, timeout=300, check=False)
        document = json.loads(done.stdout)
        assert (done.returncode, done.stderr, document["model"], document["ok"]) == (0, "", name, 2), task


@pytest.mark.parametrize("name", OF_EACH_KIND)
def test_it_says_what_it_is(origin, runner, name):
    """What could bias a comparison is in the knobs, the version of the library first of all."""
    done = subprocess.run([*runner, "--json", "-n", "20", "-c", "4", origin + "/bytes/1000"],
                          capture_output=True, text=True, timeout=300, check=False)
    document = json.loads(done.stdout)
    assert document["model"] == name
    assert {"keepalive", "max_connections", "timeout_ms"} < set(document["knobs"])
    assert {"py-requests": "requests", "py-aiohttp": "aiohttp", "go-nethttp": "go", "perl-coro": "perl",
            "node-fetch": "node"}[name] in document["knobs"]
    assert set(document["phases_ns"].values()) == {None}


@pytest.mark.parametrize("name", OF_EACH_KIND)
def test_it_is_a_small_ab_of_its_own(origin, runner, name):
    done = subprocess.run([*runner, "-n", "20", "-c", "4", origin + "/bytes/1000"],
                          capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "requests/s" in done.stdout and "20 requests, 4 at a time" in done.stdout


@pytest.mark.parametrize("name", OF_EACH_KIND)
def test_an_unwritable_result_is_an_error(origin, runner, name):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([*runner, "--json", "-n", "1", origin + "/bytes/1"],
                              stdout=full, stderr=subprocess.PIPE, text=True, timeout=300, check=False)
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", OF_EACH_KIND)
def test_arrivals_follow_from_the_seed(origin, runner, name):
    """By the generator of runtime/schedule.c the last of 40 arrivals at 100/s comes 0.72 s after
    the first with this seed, one of 20,000; with nearly all others after 0.27 to 0.51 s."""
    done = subprocess.run([*runner, "--json", "-n", "40", "-c", "8", "--rate", "100",
                           "--seed", "19301", origin + "/bytes/1"],
                          capture_output=True, text=True, timeout=300, check=True)
    assert json.loads(done.stdout)["measured_ns"] > 0.63e9


@pytest.fixture(scope="module", name="self_signed")
def start_tls(tmp_path_factory):
    """An origin with a certificate that nobody trusts."""
    read_end, write_end = os.pipe()
    with subprocess.Popen([BIN / "concbench-origin", "--tls", "--ca-out", tmp_path_factory.mktemp("tls") / "ca.pem",
                           "--ready-fd", str(write_end)], pass_fds=[write_end]) as process:
        os.close(write_end)
        with os.fdopen(read_end) as ready:
            yield ready.readline().strip()
        process.terminate()


@pytest.mark.parametrize("name", OF_EACH_KIND)
def test_a_certificate_may_go_unverified(self_signed, runner, name):
    """As in the runners of ours: stored as a knob, and refused where there is no certificate."""
    def run(*args):
        return subprocess.run([*runner, "--json", "-n", "4", "-c", "2", *args],
                              capture_output=True, text=True, timeout=300, check=False)
    done = run("--insecure", self_signed + "/bytes/100")
    document = json.loads(done.stdout)
    assert (done.returncode, document["ok"], document["knobs"]["tls_verify"], done.stderr) == (0, 4, "off", "")
    document = json.loads(run(self_signed + "/bytes/100").stdout)
    assert document["ok"] == 0 and document["failed"] == {"tls": 4} and "tls_verify" not in document["knobs"]
    done = run("--insecure", "http://127.0.0.1:1/")
    assert done.returncode == 2 and "--insecure needs an https URL" in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", OF_EACH_KIND)
def test_measured_requests_meet_open_connections(origin, runner, name):
    """--warm-requests as in the runners of ours: in no number but those about them."""
    done = subprocess.run([*runner, "--json", "-n", "12", "-c", "4", "--warm-requests", "2", "--trace", "--rate", "400",
                           "--arrivals", "fixed", origin + "/bytes/100?delay_ms=5"],
                          capture_output=True, text=True, timeout=300, check=True)
    document = json.loads(done.stdout)
    assert (document["warm_requests"], document["warm_failed"]) == (8, {})
    assert (document["ok"], document["failed"], document["bytes_received"]) == (12, {}, 1200)
    assert document["connections_opened"] == 0 and document["units_created"] == 4
    assert 1 <= document["peak_in_flight"] <= 4
    assert [row[0] for row in document["trace_ns"]] == list(range(12)) and document["trace_ns"][0][1] == 0
    assert {row[3] for row in document["trace_ns"]} <= set(range(4))
    assert document["setup_ns"] >= 2 * 5e6
    due = [row[1] for row in document["trace_due_ns"]]
    assert due[-1] - due[0] == pytest.approx(11 / 400 * 1e9, rel=0.01)
    for histogram in ("latency_ns", "response_ns", "lag_ns"):
        assert sum(count for _, count in document[histogram]) == 12


@pytest.mark.parametrize("name", OF_EACH_KIND)
def test_failed_warm_requests_are_counted_apart(faulty, runner, name):
    done = subprocess.run([*runner, "--json", "-n", "2", "--warm-requests", "2", faulty(fails_first()).url],
                          capture_output=True, text=True, timeout=300, check=True)
    document = json.loads(done.stdout)
    assert (document["warm_requests"], document["warm_failed"]) == (2, {"status": 1})
    assert (document["ok"], document["failed"]) == (2, {})


@pytest.mark.parametrize("name", [name for name in OF_EACH_KIND if name != "perl-coro"])  # the front has no --resolve
def test_a_name_without_a_lookup(named_servers, runner, name):
    """--resolve, over IPv4, IPv6 and TLS; the name stays the server's in all else."""
    def run(*args):
        return subprocess.run([*runner, "--json", *args], capture_output=True, text=True, timeout=300, check=False)
    for server in named_servers:
        done = run("-n", "4", "-c", "2", *server.flags())
        assert done.returncode == 0, done.stderr
        server.check(json.loads(done.stdout), 4)
    for bad in ("x", "a:b", ":80:127.0.0.1", "a:0:127.0.0.1", "a:65536:127.0.0.1", "a:80:name", "a:80:", "a:80:1.2.3", "a:80:[::1", "a:80:fe80::1%lo"):
        done = run("--resolve", bad, "http://127.0.0.1:1/")
        assert done.returncode == 2 and "HOST:PORT:ADDRESS" in done.stderr and done.stderr.count("\n") == 1, (bad, done.stderr)


@pytest.mark.parametrize("args", [["-n12", "-c13"], ["-n=12", "-c=13"], ["-n", "12", "--concurrency=13"]])
@pytest.mark.parametrize("name", OF_EACH_KIND)
def test_a_value_may_be_joined_to_its_option(runner, name, args):
    done = subprocess.run([*runner, *args, "http://127.0.0.1/"], capture_output=True, text=True,
                          timeout=300, check=False)
    assert done.returncode == 2 and "--concurrency 13 is more than --requests 12" in done.stderr, done.stderr
