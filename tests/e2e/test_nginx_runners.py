"""Every runner against nginx, a server that nobody here wrote, whose own books must agree."""

import json
import os
import re
import signal
import subprocess

import pytest
from conftest import BIN, WITHOUT_LIBCURL, document_of, run_program
from nginx_server import BIG_BYTES, NGINX, SLOW_BYTES, SMALL_BYTES, Nginx

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")

# One of each way of speaking HTTP (conftest.ENGINES), with workers beside each other.
VARIANTS = [("threads", 6, []), ("coroutines", 6, []), ("multi-poll", 6, []), ("epoll", 6, []), ("io-uring", 6, [])]
EVERY_VARIANT = pytest.mark.parametrize("model,c,extra", VARIANTS, ids=[
    "-".join([model, *extra[1:]]) for model, _, extra in VARIANTS])
EVERY_TLS_VARIANT = pytest.mark.parametrize("model,c,extra", [
    variant for variant in VARIANTS if variant[0] not in WITHOUT_LIBCURL])


@pytest.fixture
def nginx(tmp_path):
    tmp_path.chmod(0o755)
    server = Nginx(tmp_path)
    yield server
    server.close()


@pytest.fixture
def certificate(nginx):
    if nginx.certificate is None:
        pytest.skip("openssl is not installed")
    return nginx.certificate


def fetch(model, extra, requests, c, url, *args):
    document = document_of(f"runner-{model}", "-n", requests, "-c", c, *extra, *args, url)
    assert document["ok"] + sum(document["failed"].values()) == requests
    return document


def check_books(nginx, document, status, uri):
    """What the runner counted is what the server counted."""
    counters = nginx.counters()
    assert counters.connections == document["connections_opened"]
    assert counters.requests == document["requests"]
    rows = nginx.stop()
    assert len(rows) == document["requests"]
    assert {(row.status, row.uri) for row in rows} == {(status, uri)}
    assert len({row.connection for row in rows}) == document["connections_opened"]
    return rows


@EVERY_VARIANT
def test_keep_alive(nginx, model, c, extra):
    document = fetch(model, extra, 120, c, nginx.plain + "/small")
    assert document["ok"] == 120
    assert document["bytes_received"] == 120 * SMALL_BYTES
    assert 1 <= document["connections_opened"] <= c
    rows = check_books(nginx, document, 200, "/small")
    assert {row.body_bytes for row in rows} == {SMALL_BYTES}


@EVERY_VARIANT
def test_no_keepalive_is_one_connection_per_request(nginx, model, c, extra):
    document = fetch(model, extra, 60, c, nginx.plain + "/small", "--no-keepalive")
    assert document["ok"] == document["connections_opened"] == 60
    rows = check_books(nginx, document, 200, "/small")
    assert {row.serial for row in rows} == {1}


@EVERY_VARIANT
def test_a_server_that_closes_every_seventh_time(nginx, model, c, extra):
    document = fetch(model, extra, 140, c, nginx.seven + "/small")
    assert document["ok"] == 140
    assert 20 <= document["connections_opened"] <= 20 + c
    rows = check_books(nginx, document, 200, "/small")
    assert max(row.serial for row in rows) == 7


@EVERY_VARIANT
@pytest.mark.parametrize("path,status", [("/missing", 404), ("/broken", 503)])
def test_an_error_page_is_a_failed_request_on_a_connection_that_stays(nginx, model, c, extra, path,
                                                                     status):
    document = fetch(model, extra, 30, c, nginx.plain + path)
    assert document["failed"] == {"status": 30}
    assert document["bytes_received"] == 0
    assert document["connections_opened"] <= c
    check_books(nginx, document, status, path)


@EVERY_VARIANT
@pytest.mark.parametrize("path,status", [("/moved", 301), ("/none", 204)])
def test_below_400_is_ok_and_nothing_is_followed(nginx, model, c, extra, path, status):
    document = fetch(model, extra, 30, c, nginx.plain + path)
    assert document["ok"] == 30
    rows = check_books(nginx, document, status, path)
    assert document["bytes_received"] == sum(row.body_bytes for row in rows)


@EVERY_VARIANT
def test_a_server_that_hangs_up_without_an_answer(nginx, model, c, extra):
    document = fetch(model, extra, 12, c, nginx.plain + "/drop")
    assert document["failed"] == {"reset": 12}
    check_books(nginx, document, 444, "/drop")


@EVERY_VARIANT
def test_a_body_in_chunks(nginx, model, c, extra):
    document = fetch(model, extra, 30, c, nginx.plain + "/chunked")
    assert document["ok"] == 30
    assert document["bytes_received"] == 30 * SMALL_BYTES
    assert document["connections_opened"] <= c
    rows = check_books(nginx, document, 200, "/chunked")
    assert min(row.body_bytes for row in rows) > SMALL_BYTES  # the chunks' own lines


@EVERY_VARIANT
def test_a_body_that_ends_with_its_connection(nginx, model, c, extra):
    document = fetch(model, extra, 30, c, nginx.plain + "/until-closed")
    assert document["ok"] == document["connections_opened"] == 30
    assert document["bytes_received"] == 30 * SMALL_BYTES
    check_books(nginx, document, 200, "/until-closed")


@EVERY_VARIANT
def test_large_bodies(nginx, model, c, extra):
    document = fetch(model, extra, 8, min(c, 4), nginx.plain + "/big")
    assert document["ok"] == 8
    assert document["bytes_received"] == 8 * BIG_BYTES
    check_books(nginx, document, 200, "/big")


@EVERY_VARIANT
def test_a_slow_trickle_is_fine(nginx, model, c, extra):
    """The server sends the first half at once, and the other a second later."""
    document = fetch(model, extra, c, c, nginx.plain + "/slow")
    assert document["ok"] == c
    assert document["bytes_received"] == c * SLOW_BYTES
    assert document["latency_min_ns"] > 0.5e9
    assert document["peak_in_flight"] == c
    check_books(nginx, document, 200, "/slow")


@EVERY_VARIANT
def test_the_timeout_is_of_the_whole_body(nginx, model, c, extra):
    document = fetch(model, extra, c, c, nginx.plain + "/slow", "--timeout-ms", 300)
    assert document["failed"] == {"timeout": c}
    assert document["bytes_received"] == 0


@EVERY_VARIANT
def test_a_server_that_goes_away(nginx, model, c, extra):
    """It ends in the middle of the first bodies; every further connection is refused."""
    with subprocess.Popen([BIN / f"runner-{model}", "--json", "-n", str(c * 5), "-c", str(c),
                           *extra, nginx.plain + "/endless"],
                          stdout=subprocess.PIPE, text=True) as process:
        asked = 0
        while nginx.counters().requests - asked < c:  # all are in flight
            asked += 1
        nginx.close()
        document = json.loads(process.communicate(timeout=300)[0])
    assert process.returncode == 0
    assert sum(document["failed"].values()) == c * 5
    assert set(document["failed"]) <= {"short", "reset", "connect"}
    assert document["failed"]["connect"] >= c * 3


@EVERY_VARIANT
def test_a_proxy_in_the_environment_is_not_used(nginx, refused_url, model, c, extra):
    environment = dict(os.environ, http_proxy=refused_url, ALL_PROXY=refused_url)
    document = document_of(f"runner-{model}", "-n", 12, "-c", c, *extra, nginx.plain + "/small",
                           env=environment)
    assert document["ok"] == 12


@EVERY_TLS_VARIANT
def test_https_with_a_certificate_that_is_trusted(nginx, certificate, model, c, extra):
    document = fetch(model, extra, 60, c, nginx.tls + "/small", "--cacert", certificate)
    assert document["ok"] == 60
    assert document["bytes_received"] == 60 * SMALL_BYTES
    assert 1 <= document["connections_opened"] <= c
    assert document["phases_ns"]["tls"] > 0
    check_books(nginx, document, 200, "/small")


@EVERY_TLS_VARIANT
def test_https_without_keep_alive(nginx, certificate, model, c, extra):
    document = fetch(model, extra, 24, c, nginx.tls + "/small", "--cacert", certificate,
                     "--no-keepalive")
    assert document["ok"] == document["connections_opened"] == 24
    check_books(nginx, document, 200, "/small")


@EVERY_TLS_VARIANT
@pytest.mark.parametrize("trusted,host", [(False, "127.0.0.1"), (True, "localhost")],
                         ids=["unknown", "other-name"])
def test_https_with_a_certificate_that_is_not(nginx, certificate, model, c, extra, trusted, host):
    trust = ["--cacert", certificate] if trusted else []
    document = fetch(model, extra, 6, c, nginx.tls.replace("127.0.0.1", host) + "/small", *trust)
    assert document["failed"] == {"tls": 6}
    assert document["bytes_received"] == 0
    counters = nginx.counters()
    assert counters.requests == 0
    assert document["connections_opened"] == counters.connections == 6


@EVERY_VARIANT
def test_a_host_name(nginx, model, c, extra):
    url = nginx.plain.replace("127.0.0.1", "localhost") + "/small"
    document = fetch(model, extra, 30, c, url)
    assert document["ok"] == 30
    check_books(nginx, document, 200, "/small")


@EVERY_VARIANT
def test_standing_alone(nginx, model, c, extra):
    done = run_program(f"runner-{model}", "-n", 100, "-c", c, *extra, nginx.plain + "/small")
    assert done.returncode == 0, done.stderr
    assert re.search(r"mean response size +1234 bytes", done.stdout)
    assert re.search(r"latency p90 +[0-9.]+ ms", done.stdout)
    assert re.search(r"failed +0\n", done.stdout)
