"""Task http in its other forms, in every model: faults, chunks, POST, TLS, few connections and
HTTP/2. What the runner counted is what the server counted."""

import os
import select
import subprocess

import pytest
from conftest import ENGINES, MODELS, PER_REQUEST, SOURCE, WITHOUT_LIBCURL, document_of, run_program
from origin_process import Origin

SHARING = ["coroutines", "callbacks", "stackless", "multi-poll", "coroutine-threads", "process-loops"]
WITH_LIBCURL = [model for model in MODELS if model not in WITHOUT_LIBCURL]
EVERY_MODEL = pytest.mark.parametrize("model", MODELS)
EVERY_TLS_MODEL = pytest.mark.parametrize("model", WITH_LIBCURL)


class Server(Origin):
    """An origin, in the clear or with TLS, and what a runner needs to fetch from it."""

    def __init__(self, ca=None):
        super().__init__("--threads", "2", ca=ca)
        self.flags = ["--cacert", ca] if ca else []

    def fetch(self, model, target, n, *args):
        """The document and what the origin counted meanwhile."""
        self.stats(reset=True)
        c = 1 if model == "sequential" else 4
        document = document_of(f"runner-{model}", "-n", n, "-c", c, *self.flags, *args, self.url + target)
        assert document["requests"] == n == document["ok"] + sum(document["failed"].values())
        return document, self.await_stats(in_flight=0)


@pytest.fixture(scope="module")
def plain():
    server = Server()
    yield server
    assert server.stop() == (0, "")


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("tls") / "ca.pem")
    yield server
    assert server.stop() == (0, "")


@pytest.fixture
def server(request, where):
    return request.getfixturevalue(where)


def every_case(table, few):
    """(model, where, form) of the engines with the whole table from every origin that they can fetch from, and of
    all others with the few forms in the clear: TLS is libcurl's, and has its own tests in every model below."""
    return pytest.mark.parametrize("model, where, form", [
        *[(model, "plain", form) for model in MODELS for form in (table if model in ENGINES else few)],
        *[(model, "tls", form) for model in ENGINES if model in WITH_LIBCURL for form in table]])


# ---- faults


FAULTS = {"fault=reset": "reset", "fault=close": "reset", "fault=short": "short", "fault=short&chunked=1": "short",
          "fault=garbage": "protocol", "status=503": "status", "status=503&fault=short": "short"}


@every_case(FAULTS, ["fault=close", "fault=short"])
def test_faults_by_class(server, model, form):
    fault, kind = form, FAULTS[form]
    document, stats = server.fetch(model, "/bytes/1000?" + fault, 9)
    assert (document["ok"], document["failed"]) == (0, {kind: 9})
    assert stats["requests"] == 9
    assert document["bytes_received"] == 0
    if kind != "status":
        assert document["connections_opened"] == stats["connections"] == 9


@every_case(["fault=stall"], ["fault=stall"])
def test_a_stall_is_a_timeout(server, model, form):
    for timeout_ms in (500, 10000):
        document, stats = server.fetch(model, f"/bytes/1000?{form}", 4, "--timeout-ms", timeout_ms)
        assert document["failed"] == {"timeout": 4}
        if stats["requests"]:  # those that a busy machine sends too late are not among them
            break
    assert 1 <= stats["requests"] <= 4
    assert document["measured_ns"] >= 500e6


SHARES = {"fault=reset": "reset", "fault=short": "short", "status=500": "status"}


@every_case(SHARES, ["fault=reset"])
def test_a_share_of_faults_is_the_same_for_all(server, model, form):
    """Which requests are struck goes by their number, so that every model meets as many."""
    document, stats = server.fetch(model, f"/bytes/100?fault_ppm=300000&{form}", 60)
    assert document["failed"] == {SHARES[form]: STRUCK_OF_60}
    assert stats["requests"] == 60
    assert document["bytes_received"] == (60 - STRUCK_OF_60) * 100


@every_case(["fault=close"], ["fault=close"])
def test_an_end_on_a_kept_connection_is_no_failure(server, model, form):
    """The request is made again on a new one, as a server may end what idles at any time."""
    document, stats = server.fetch(model, f"/bytes/100?{form}&fault_ppm=100000", 60)
    assert set(document["failed"]) <= {"reset"}
    again = stats["requests"] - 60
    if model in PER_REQUEST[1:]:  # no connection is ever kept
        assert again == 0 and document["failed"]["reset"] > 0
    else:
        assert again > 0
    assert document["ok"] >= 50


def strikes(seed, ppm, count):
    """The generator of origin/delay.c, written a second time."""
    mask = (1 << 64) - 1

    def mix(z):
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & mask
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB & mask
        return z ^ (z >> 31)

    start = mix(~seed & mask)
    return sum(mix((start + (k + 1) * 0x9E3779B97F4A7C15) & mask) * 1000000 >> 64 < ppm for k in range(count))


STRUCK_OF_60 = strikes(1, 300000, 60)


# ---- forms


@every_case(["chunked=1", "chunked=1&chunk_bytes=7", "trickle_ms=2&trickle_bytes=5000",
             "chunked=1&trickle_ms=2&trickle_bytes=5000"], ["chunked=1&trickle_ms=2&trickle_bytes=5000"])
def test_bodies_in_pieces(server, model, form):
    document, stats = server.fetch(model, f"/bytes/20000?{form}", 8)
    assert (document["ok"], document["bytes_received"], stats["requests"]) == (8, 160000, 8)
    if "trickle" in form:
        assert document["latency_min_ns"] >= 3 * 2e6
    if model != "process-per-request":
        assert document["connections_opened"] <= 4


@every_case([1, 65536, 1500000], [65536])
def test_post(server, model, form):
    size = form
    document, stats = server.fetch(model, "/bytes/10", 6, "--post-bytes", size)
    assert (document["ok"], document["bytes_received"], document["failed"]) == (6, 60, {})
    assert (stats["requests"], stats["bytes_received"]) == (6, 6 * size)
    assert document["knobs"]["post_bytes"] == size
    assert document["phases_ns"]["first_byte"] is None
    assert document["connections_opened"] == stats["connections"]


# ---- TLS


def handshakes(model, server, *args):
    document, stats = server.fetch(model, "/bytes/100", 20, *args)
    assert (document["ok"], document["failed"]) == (20, {})
    assert document["connections_opened"] == stats["connections"] == stats["tls_handshakes"]
    assert document["phases_ns"]["tls"] > 0
    return document, stats


def has_tickets_once(document):
    """From 8.12 on, libcurl uses a ticket of TLS 1.3 once, and keeps two of a host for all connections of a loop."""
    return tuple(map(int, document["knobs"]["libcurl"].split("."))) >= (8, 12)


@EVERY_TLS_MODEL
def test_kept_connections_shake_hands_once(tls, model):
    document, stats = handshakes(model, tls)
    assert document["knobs"]["tls_resume"] == "on"
    if model == "process-per-request":
        assert (stats["tls_handshakes"], stats["tls_resumed"]) == (20, 0)
    else:
        assert stats["tls_handshakes"] <= document["knobs"]["max_connections"]
        # The further connections of a loop may resume the session of its first one.
        assert stats["tls_resumed"] == 0 or has_tickets_once(document) and stats["tls_resumed"] < stats["tls_handshakes"]


@EVERY_TLS_MODEL
def test_new_connections_resume(tls, model):
    """The first handshake of each worker is a full one, all others are resumed."""
    document, stats = handshakes(model, tls, "--no-keepalive", "--tls-resume", "on")
    full = stats["tls_handshakes"] - stats["tls_resumed"]
    assert stats["tls_handshakes"] == 20
    if model == "process-per-request":  # a session ends with its process
        assert full == 20
    else:
        assert 1 <= full <= (19 if has_tickets_once(document) and model in SHARING else document["knobs"]["max_connections"])


@EVERY_TLS_MODEL
def test_one_worker_resumes_each_time(tls, model):
    """With one connection after the other the ticket of the last is there, also where it serves once."""
    tls.stats(reset=True)
    document = document_of(f"runner-{model}", "-n", 12, "--no-keepalive", *tls.flags, tls.url + "/bytes/1")
    stats = tls.stats()
    assert (document["ok"], stats["tls_handshakes"]) == (12, 12)
    assert stats["tls_resumed"] == (0 if model == "process-per-request" else 11)


@EVERY_TLS_MODEL
def test_new_connections_that_do_not_resume(tls, model):
    document, stats = handshakes(model, tls, "--no-keepalive", "--tls-resume", "off")
    assert (stats["tls_handshakes"], stats["tls_resumed"]) == (20, 0)
    assert document["knobs"]["tls_resume"] == "off"


@EVERY_TLS_MODEL
def test_every_model_verifies_the_certificate(tls, plain, model, tmp_path):
    other = Origin(ca=tmp_path / "other.pem")
    document = document_of(f"runner-{model}", "-n", 2, "--cacert", tmp_path / "other.pem", tls.url + "/bytes/1")
    assert document["failed"] == {"tls": 2}
    if model in ENGINES:  # to load all that the system trusts takes long
        document = document_of(f"runner-{model}", "-n", 1, tls.url + "/bytes/1")
        assert document["failed"] == {"tls": 1}
    assert other.stop() == (0, "")


@EVERY_MODEL
def test_plain_http_has_no_tls_knob(plain, model):
    document, _ = plain.fetch(model, "/bytes/1", 4)
    assert "tls_resume" not in document["knobs"] and document["knobs"]["http"] == "1.1"


# ---- few connections


@pytest.mark.parametrize("model", SHARING)
def test_many_requests_over_few_connections(plain, model):
    plain.stats(reset=True)
    document = document_of(f"runner-{model}", "-n", 300, "-c", 60, "--connections", 4, plain.url + "/bytes/100?delay_ms=2")
    stats = plain.stats()
    assert (document["ok"], document["connections_opened"], stats["requests"]) == (300, stats["connections"], 300)
    assert stats["peak_in_flight"] <= 4
    if "loops" in document["knobs"]:  # one of which may come too late for its share
        assert 1 <= stats["connections"] <= 4 < document["peak_in_flight"]
    else:  # in hand, most of them in libcurl's queue
        assert (stats["connections"], document["peak_in_flight"]) == (4, 60)
    assert document["knobs"]["max_connections"] == 4
    assert document["measured_ns"] >= 300 / 4 * 2e6


@pytest.mark.parametrize("model", SHARING)
def test_few_connections_that_are_not_kept(plain, model):
    plain.stats(reset=True)
    document = document_of(f"runner-{model}", "-n", 60, "-c", 20, "--connections", 4, "--no-keepalive",
                           plain.url + "/bytes/100?delay_ms=1")
    stats = plain.stats()
    assert (document["ok"], stats["connections"]) == (60, 60)
    assert stats["peak_in_flight"] <= 4


@pytest.mark.parametrize("model", SHARING)
def test_few_connections_and_faults(plain, model):
    """A connection that is lost makes place for another."""
    plain.stats(reset=True)
    document = document_of(f"runner-{model}", "-n", 60, "-c", 20, "--connections", 4,
                           plain.url + "/bytes/100?fault=short&fault_ppm=300000")
    assert document["failed"] == {"short": STRUCK_OF_60}


@EVERY_MODEL
def test_who_cannot_share_says_so(plain, model):
    if model == "sequential":
        pytest.skip("one request, one connection")
    done = run_program(f"runner-{model}", "-n", 8, "-c", 8, "--connections", 4, plain.url + "/bytes/1")
    if model in SHARING:
        assert done.returncode == 0
    else:
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert model in done.stderr and "--connections" in done.stderr
    same = document_of(f"runner-{model}", "-n", 8, "-c", 8, "--connections", 8, plain.url + "/bytes/1")
    assert same["ok"] == 8


@pytest.mark.parametrize("args, named", [(["-c", 4, "--connections", 5], "--connections 5"),
                                         (["-c", 4, "--connections", 0], "--connections"),
                                         (["-c", 4, "--connections", 2, "--addresses", 2], "--addresses"),
                                         (["--http", "3"], "--http"), (["--tls-resume", "yes"], "--tls-resume"),
                                         (["--post-bytes", 67108865], "--post-bytes")])
def test_bad_flags(plain, args, named):
    done = run_program("runner-coroutines", "-n", 8, *args, plain.url + "/bytes/1")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert named in done.stderr


@pytest.mark.parametrize("model", ["coroutine-threads", "process-loops"])
def test_a_connection_for_each_loop(plain, model):
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one CPU, one loop")
    done = run_program(f"runner-{model}", "-n", 8, "-c", 8, "--connections", 1, plain.url + "/bytes/1")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "loops" in done.stderr


# ---- HTTP/2


def libcurl_version():
    text = run_program("runner-coroutines", "--version").stdout.split("libcurl: ")[1].split()[0]
    return tuple(map(int, text.split("-")[0].split(".")))


@pytest.fixture(scope="module")
def nginx(tmp_path_factory):
    """(URL, certificate) of an nginx that speaks HTTP/2."""
    folder = tmp_path_factory.mktemp("nginx") / "private"
    script = SOURCE / "scripts/private-nginx"
    done = subprocess.run([script, "start", folder, "--owner", str(os.getpid()), "--bytes", "100,50000"],
                          capture_output=True, text=True, timeout=300)
    if done.returncode == 3:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    yield done.stdout.strip(), folder / "ca.pem"
    assert subprocess.run([script, "stop", folder], timeout=300).returncode == 0
    assert not folder.exists()


@EVERY_TLS_MODEL
def test_http_2(nginx, model):
    url, certificate = nginx
    n, c = 200, 1 if model == "sequential" else 20
    if model == "process-per-request":  # a handshake for each
        n = c = 10
    document = document_of(f"runner-{model}", "--http", 2, "-n", n, "-c", c, "--cacert", certificate, url + "/bytes/50000")
    assert (document["ok"], document["bytes_received"]) == (n, n * 50000)
    assert document["knobs"]["http"] == "2"
    # One for each loop, whose requests go side by side over it, or for each worker that got a request.
    if model != "process-per-request":
        most = document["knobs"].get("loops", 1) if model in SHARING else c
        assert 1 <= document["connections_opened"] <= most


@pytest.mark.parametrize("model, few", [*[(model, []) for model in WITH_LIBCURL],
                                        *[(model, ["--connections", 3]) for model in SHARING]])
def test_http_2_without_keep_alive(nginx, model, few):
    """One connection per request, though they could go side by side."""
    url, certificate = nginx
    c = 1 if model == "sequential" else 10
    document = document_of(f"runner-{model}", "--http", 2, "--no-keepalive", "-n", 20, "-c", c, *few,
                           "--cacert", certificate, url + "/bytes/50000")
    assert (document["ok"], document["connections_opened"]) == (20, 20)


@pytest.mark.parametrize("model", SHARING)
def test_http_2_over_few_connections(nginx, model):
    url, certificate = nginx
    document = document_of(f"runner-{model}", "--http", 2, "-n", 600, "-c", 300, "--connections", 2,
                           "--cacert", certificate, url + "/bytes/100")
    assert document["ok"] == 600
    assert 1 <= document["connections_opened"] <= 2
    assert document["peak_in_flight"] == 300


@pytest.mark.parametrize("model", SHARING + ["threads"])
def test_http_2_post(nginx, model):
    url, certificate = nginx
    document = document_of(f"runner-{model}", "--http", 2, "-n", 20, "-c", 5, "--post-bytes", 100000,
                           "--cacert", certificate, url + "/bytes/100")
    assert (document["ok"], document["bytes_received"]) == (20, 2000)


@EVERY_TLS_MODEL
def test_a_server_without_http_2_is_not_asked_in_another(tls, model):
    document, _ = tls.fetch(model, "/bytes/1", 4, "--http", 2)
    assert document["failed"] == {"protocol": 4}


@pytest.mark.parametrize("model", WITHOUT_LIBCURL)
def test_models_without_libcurl_speak_http_1_1(plain, model):
    done = run_program(f"runner-{model}", "--http", 2, plain.url + "/bytes/1")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert model in done.stderr and "HTTP/1.1" in done.stderr


@pytest.mark.skipif(libcurl_version() >= (8, 0, 0), reason="this libcurl can")
def test_http_2_without_tls_needs_a_libcurl_that_can(plain):
    done = run_program("runner-coroutines", "--http", 2, plain.url + "/bytes/1")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "8.0.0" in done.stderr and "https" in done.stderr


# ---- private-nginx


@pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "", reason="the script is not built with sanitizers")
def test_private_nginx_ends_with_its_owner(nginx, tmp_path):
    owner = subprocess.Popen(["sleep", "600"])
    folder = tmp_path / "owned"
    done = subprocess.run([SOURCE / "scripts/private-nginx", "start", folder, "--owner", str(owner.pid), "--form", "h1",
                           "--bytes", "7"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    with open(folder / "keeper.pid") as file:
        keeper = os.pidfd_open(int(file.read()))
    assert document_of("runner-threads", "-n", 2, done.stdout.strip() + "/bytes/7")["bytes_received"] == 14
    owner.kill()
    owner.wait()
    assert select.select([keeper], [], [], 300)[0]
    assert not folder.exists()


@pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "", reason="the script is not built with sanitizers")
@pytest.mark.parametrize("args, code", [([], 2), (["start"], 2), (["start", "x", "--form", "h3"], 2),
                                        (["start", "x", "--bytes", "-1"], 2), (["start", "/proc/x"], 3),
                                        (["start", "/etc"], 3), (["stop", "/etc"], 2)])
def test_private_nginx_refuses(nginx, args, code):
    done = subprocess.run([SOURCE / "scripts/private-nginx", *args], capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
