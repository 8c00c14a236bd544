"""Forms of answers and faults, in the clear and through TLS: what docs/origin.md promises."""

import ssl
import time

import pytest
from origin_process import Origin, pattern, read_all, split


@pytest.fixture(params=["plain", "tls"])
def origin(request, tmp_path):
    started = Origin("--threads", "2", ca=tmp_path / "ca.pem" if request.param == "tls" else None)
    yield started
    assert started.stop() == (0, "")


def head_of(target, *fields):
    return ("GET %s HTTP/1.1\r\nHost: h\r\n%s\r\n" % (target, "".join(f + "\r\n" for f in fields))).encode()


# ---- forms


@pytest.mark.parametrize("status", [200, 299, 302, 404, 500, 503, 599])
def test_status(origin, status):
    assert origin.get(f"/bytes/30?status={status}")[0::2] == (status, pattern(30))
    assert origin.stats()["requests"] == 1


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 20, 65520, 1000003])
@pytest.mark.parametrize("chunk", [1, 10, 4096, None, 1 << 24])
def test_chunked_bodies_are_the_same(origin, size, chunk):
    if size > 20 and chunk == 1:
        size = 2000
    target = f"/bytes/{size}?chunked=1" + (f"&chunk_bytes={chunk}" if chunk else "")
    _, headers, body = origin.get(target)
    assert headers["Transfer-Encoding"] == "chunked" and headers["Content-Length"] is None
    assert body == pattern(size)


def test_chunks_on_the_wire(origin):
    answer = origin.raw(head_of("/bytes/25?chunked=1&chunk_bytes=10", "Connection: close"))
    assert split(answer)[2] == b"a\r\nabcdefghij\r\na\r\nklmnopqrst\r\n5\r\nuvwxy\r\n0\r\n\r\n"


def test_http_1_0_gets_no_chunks(origin):
    _, headers, body = split(origin.raw(b"GET /bytes/25?chunked=1 HTTP/1.0\r\n\r\n"))
    assert (headers["content-length"], body) == ("25", pattern(25))


@pytest.mark.parametrize("chunked", ["", "&chunked=1&chunk_bytes=7"])
def test_trickled_bodies_take_their_time(origin, chunked):
    connection = origin.keep()
    start = time.monotonic()
    connection.request("GET", f"/bytes/50?trickle_ms=20&trickle_bytes=10{chunked}")
    assert connection.getresponse().read() == pattern(50)
    assert time.monotonic() - start >= 0.080  # five pieces, four gaps
    connection.request("GET", "/bytes/3")  # nothing of it clings to the connection
    start = time.monotonic()
    assert connection.getresponse().read() == b"abc"
    connection.close()
    assert origin.stats()["connections"] == 1


def test_the_first_piece_comes_before_the_rest(origin):
    with origin.connect() as client:
        client.sendall(head_of("/bytes/50?trickle_ms=600000&trickle_bytes=10"))
        got = b""
        while len(split(got)[2]) < 10:
            got += client.recv(1000)
        assert split(got)[2] == pattern(10)
        assert origin.stats()["in_flight"] == 1
    origin.await_stats(in_flight=0)


# ---- faults


def faulty(origin, fault, extra=""):
    """All that comes, and how it ended."""
    with origin.connect() as client:
        client.sendall(head_of(f"/bytes/100?fault={fault}{extra}"))
        got = b""
        try:
            while part := client.recv(1000):
                got += part
        except ConnectionResetError:
            return got, "reset"
        except ssl.SSLEOFError:
            return got, "no close_notify"
        return got, "end"


@pytest.mark.parametrize("extra", ["", "&delay_ms=5", "&trickle_ms=1&trickle_bytes=30"])
def test_short(origin, extra):
    answer, end = faulty(origin, "short", extra)
    first, headers, body = split(answer)
    assert (headers["content-length"], headers["connection"], body, end) == ("100", "close", pattern(50), "end")


def test_short_in_chunks_has_no_last_one(origin):
    answer, end = faulty(origin, "short", "&chunked=1")
    assert b"\r\n0\r\n" not in answer and answer.endswith(b"y") and end == "end"


def test_reset(origin):
    answer, end = faulty(origin, "reset")
    assert b"\r\n\r\n" not in answer
    # What Python before 3.13 makes of a reset inside TLS is an early end.
    assert end in (["reset", "no close_notify"] if origin.tls else ["reset"])


def test_close(origin):
    assert faulty(origin, "close") == (b"", "end")


def test_garbage(origin):
    answer, end = faulty(origin, "garbage", "&status=503")
    assert answer and not answer.startswith(b"HTTP") and end == "end"


def test_stall(origin):
    with origin.connect() as client:
        client.sendall(head_of("/bytes/100?fault=stall"))
        origin.await_stats(in_flight=1)
        client.settimeout(0.1)
        with pytest.raises(TimeoutError):
            client.recv(1)
        assert origin.stats()["in_flight"] == 1
    origin.await_stats(in_flight=0)


def test_a_stalled_origin_can_be_stopped(tmp_path):
    origin = Origin()
    with origin.connect() as client:
        client.sendall(head_of("/bytes/1?fault=stall") + head_of("/bytes/1"))
        origin.await_stats(in_flight=1)
        assert origin.stop() == (0, "")


def expected_strikes(seed, ppm, count):
    """The generator of delay.c, written a second time."""
    mask = (1 << 64) - 1

    def mix(z):
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & mask
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB & mask
        return z ^ (z >> 31)

    start = mix(~seed & mask)
    return [mix((start + (k + 1) * 0x9E3779B97F4A7C15) & mask) * 1000000 >> 64 < ppm for k in range(count)]


@pytest.mark.parametrize("seed", [1, 2])
def test_faults_follow_seed_and_number_since_reset(seed):
    origin = Origin("--seed", str(seed))
    expected = expected_strikes(seed, 300000, 200)
    assert 20 < sum(expected) < 100
    for _ in range(2):
        origin.stats(reset=True)
        connection = origin.keep()
        struck = []
        for _ in range(200):
            connection.request("GET", "/bytes/10?status=503&fault_ppm=300000")
            answer = connection.getresponse()
            assert answer.read() == pattern(10)
            struck.append(answer.status == 503)
        connection.close()
        assert struck == expected
        origin.stats(reset=True)
        # A fault instead of a status strikes the same ones. (What follows an answer is not awaited.)
        short = "/bytes/10?fault=short&fault_ppm=300000"
        lost = [len(split(origin.raw(head_of(short, "Connection: close")))[2]) < 10 for _ in range(50)]
        assert lost == expected[:50]
    assert origin.stop() == (0, "")


def test_no_fault_in_a_million(origin):
    assert origin.get("/bytes/10?fault=reset&fault_ppm=0")[2] == pattern(10)


# ---- request bodies


@pytest.mark.parametrize("size", [0, 1, 100, 8000, 8192, 100000, 5000000])
def test_post_is_read_counted_and_answered(origin, size):
    connection = origin.keep()
    for _ in range(2):
        connection.request("POST", "/bytes/10?delay_ms=1", pattern(size))
        assert connection.getresponse().read() == pattern(10)
    connection.request("GET", "/bytes/3")  # what followed the body was not lost
    assert connection.getresponse().read() == b"abc"
    connection.close()
    stats = origin.stats(reset=True)
    assert (stats["requests"], stats["bytes_received"], stats["in_flight"]) == (3, 2 * size, 0)
    assert origin.stats()["bytes_received"] == 0


def test_a_post_is_in_flight_only_when_it_is_there(origin):
    with origin.connect() as client:
        client.sendall(b"POST /bytes/3 HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nConnection: close\r\n\r\n01234")
        origin.await_stats(bytes_received=5)
        assert origin.stats()["requests"] == 0
        client.sendall(b"56789")
        assert read_all(client).endswith(b"\r\n\r\nabc")


def test_pipelined_posts(origin):
    post = b"POST /bytes/%d HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s"
    sizes = [0, 5, 20000, 1, 9000, 3]
    requests = b"".join(post % (i, size, b"G" * size) for i, size in enumerate(sizes))
    answer = origin.raw(requests + b"GET /bytes/1 HTTP/1.0\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 OK\r\n") == len(sizes) + 1
    assert origin.stats()["bytes_received"] == sum(sizes)


def test_post_without_a_length(origin):
    answer = origin.raw(b"POST /bytes/3 HTTP/1.1\r\nHost: h\r\n\r\nGET /bytes/2 HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 411 ") and answer.endswith(b"\r\n\r\nab")


def test_a_client_that_vanishes_in_mid_body(origin):
    with origin.connect() as client:
        client.sendall(b"POST /bytes/3 HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n0123")
        origin.await_stats(bytes_received=4)
    assert origin.get("/bytes/2")[2] == b"ab"
    assert origin.stats()["requests"] == 1


def test_nonsense_is_survived(origin):
    """Pseudo-random requests of the right letters: each is answered or ended, and the origin goes on."""
    words = ["/bytes/", "1", "999", "?", "&", "=", "fault", "short", "status", "503", "chunked", "chunk_bytes",
             "trickle_ms", "trickle_bytes", "fault_ppm", "reset", "0", "close", "garbage"]
    state = 1
    for _ in range(300):
        target = "/bytes/5?"
        for _ in range(8):
            state = state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
            target += words[(state >> 33) % len(words)]
        with origin.connect() as client:
            client.sendall(b"GET %s HTTP/1.0\r\n\r\n" % target.encode())
            try:
                read_all(client)
            except ConnectionResetError:
                pass
    assert origin.get("/bytes/2")[2] == b"ab"
    origin.await_stats(in_flight=0)
