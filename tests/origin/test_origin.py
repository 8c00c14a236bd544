"""Process tests of concbench-origin: what docs/origin.md promises, seen from outside.

Each test has an origin of its own, found through the ready fd. Nothing sleeps and nothing
asserts that something was fast: delays have lower bounds only, and what must be awaited
is asked of /stats until it is so."""

import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from origin_process import BINARY, PATIENCE_S, Origin, pattern, read_all, split

@pytest.fixture(params=[1, 2], ids=["1-thread", "2-threads"])
def origin(request):
    started = Origin("--threads", str(request.param))
    yield started
    assert started.stop() == (0, "")  # a sanitizer's findings would be on stderr


# ---- answers


@pytest.mark.parametrize("size", [0, 1, 25, 26, 27, 1024, 65519, 65520, 65521, 152551,
                                  1048576, 5000001])
def test_contents_and_length(origin, size):
    status, headers, body = origin.get(f"/bytes/{size}")
    assert status == 200
    assert headers["Content-Length"] == str(size)
    assert body == pattern(size)


def test_one_gibibyte_is_announced_and_costs_no_memory(origin):
    size = 1 << 30
    with origin.connect() as client:
        client.sendall(b"GET /bytes/%d HTTP/1.1\r\nHost: h\r\n\r\n" % size)
        got = b""
        while len(got) < 3 << 20:
            got += client.recv(1 << 20)
        first, headers, body = split(got)
        assert headers["content-length"] == str(size)
        assert body == pattern(len(body))
        with open(f"/proc/{origin.process.pid}/statm") as statm:
            resident = int(statm.read().split()[1]) * resource.getpagesize()
        assert resident < 256 << 20  # a sanitizer's own memory fits, the body would not
    origin.await_stats(in_flight=0)


def test_keep_alive_answers_many_on_one_connection(origin):
    connection = http.client.HTTPConnection("127.0.0.1", origin.port, timeout=PATIENCE_S)
    for size in range(100):
        connection.request("GET", f"/bytes/{size}")
        assert connection.getresponse().read() == pattern(size)
    connection.close()
    stats = origin.stats()
    assert (stats["requests"], stats["connections"]) == (100, 1)
    assert stats["peak_in_flight"] == 1


def test_head_has_the_length_and_no_body(origin):
    connection = http.client.HTTPConnection("127.0.0.1", origin.port, timeout=PATIENCE_S)
    for target in "/bytes/500", "/bytes/0?delay_ms=1":
        connection.request("HEAD", target)
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.read() == b""
    connection.request("GET", "/bytes/3")  # nothing was left on the connection
    assert connection.getresponse().read() == b"abc"
    connection.close()
    assert split(origin.raw(b"HEAD /bytes/500 HTTP/1.0\r\n\r\n"))[1:] == (
        {"content-type": "text/plain", "content-length": "500", "connection": "close"}, b"")


def test_connection_close_is_honoured(origin):
    first, headers, body = split(origin.raw(
        b"GET /bytes/5 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"))
    assert first == "HTTP/1.1 200 OK"
    assert headers["connection"] == "close"
    assert body == b"abcde"


def test_http_1_0_closes_unless_asked_to_keep(origin):
    assert split(origin.raw(b"GET /bytes/5 HTTP/1.0\r\n\r\n"))[2] == b"abcde"
    keep = b"GET /bytes/2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    answer = origin.raw(keep + b"GET /bytes/3 HTTP/1.0\r\n\r\n")
    assert answer.lower().count(b"connection: keep-alive") == 1
    assert answer.endswith(b"\r\n\r\nabc")


def test_large_body_then_close_arrives_whole(origin):
    answer = origin.raw(b"GET /bytes/20000000 HTTP/1.0\r\n\r\n")
    assert split(answer)[2] == pattern(20000000)


def test_pipelined_requests_are_answered_in_order(origin):
    sizes = [3, 200000, 0, 1, 70000] + list(range(100))
    requests = b"".join(b"GET /bytes/%d?delay_ms=%d HTTP/1.1\r\nHost: h\r\n\r\n"
                        % (size, size == 1) for size in sizes)
    last = b"GET /bytes/1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    rest = origin.raw(requests + last)
    for size in sizes + [1]:
        first, headers, rest = split(rest)
        assert first == "HTTP/1.1 200 OK"
        assert headers["content-length"] == str(size)
        assert rest[:size] == pattern(size)
        rest = rest[size:]
    assert rest == b""


def test_more_pipelined_than_the_buffer_holds_behind_a_delay(origin):
    count = 1000  # about 40 KB, five times what is read ahead
    request = b"GET /bytes/1 HTTP/1.1\r\nHost: h\r\n\r\n"
    with origin.connect() as client:
        client.sendall(b"GET /bytes/1?delay_ms=50 HTTP/1.1\r\nHost: h\r\n\r\n"
                       + request * count)
        client.shutdown(socket.SHUT_WR)
        answers = read_all(client)
    # the end of input may be seen while an answer is held back only if it was read, and
    # it lies behind the full buffer
    assert answers.count(b"200 OK") == count + 1


def test_request_in_single_bytes(origin):
    with origin.connect() as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"POST /bytes/0 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{":
            client.send(bytes([byte]))
        client.send(b"}GET /bytes/2 HTTP/1.0\r\n\r\n")
        assert read_all(client).endswith(b"\r\n\r\nab")


# ---- delays


def test_delay_is_a_lower_bound(origin):
    for delay_ms in 1, 30, 100:
        start = time.monotonic()
        assert origin.get(f"/bytes/10?delay_ms={delay_ms}")[2] == pattern(10)
        assert time.monotonic() - start >= delay_ms / 1000


def test_tail_of_everyone_adds_to_delay(origin):
    start = time.monotonic()
    origin.get("/bytes/1?delay_ms=20&jitter_ms=5&tail_ppm=1000000&tail_ms=30")
    assert time.monotonic() - start >= 0.050


def test_short_delay_overtakes_long_one(origin):
    with origin.connect() as slow:
        slow.sendall(b"GET /bytes/1?delay_ms=600000 HTTP/1.1\r\nHost: h\r\n\r\n")
        origin.await_stats(in_flight=1)
        assert origin.get("/bytes/1?delay_ms=5")[0] == 200
        assert origin.stats()["in_flight"] == 1
    origin.await_stats(in_flight=0)


def slow_ones(origin, count):
    """Which of the first count requests after a reset are in the tail: measured on a
    tail so long that no noise is mistaken for it."""
    origin.stats(reset=True)
    connection = http.client.HTTPConnection("127.0.0.1", origin.port, timeout=PATIENCE_S)
    slow = []
    for k in range(count):
        start = time.monotonic()
        connection.request("GET", "/bytes/1?tail_ppm=200000&tail_ms=150")
        connection.getresponse().read()
        if time.monotonic() - start >= 0.150:
            slow.append(k)
    connection.close()
    return slow


def expected_slow_ones(seed, count):
    """The generator of delay.c, written a second time."""
    mask = (1 << 64) - 1

    def mix(z):
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & mask
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB & mask
        return z ^ (z >> 31)

    def word(i):
        return mix((mix(seed) + (i + 1) * 0x9E3779B97F4A7C15) & mask)

    return [k for k in range(count) if word(2 * k + 1) * 1000000 >> 64 < 200000]


def test_delays_follow_seed_and_number_since_reset():
    for seed in 1, 2:
        origin = Origin("--seed", str(seed))
        expected = expected_slow_ones(seed, 16)
        # a slow machine can make a fast answer late, but no slow answer early
        assert set(expected) <= set(slow_ones(origin, 16))
        assert set(expected) <= set(slow_ones(origin, 16))
        assert origin.stop() == (0, "")


# ---- counts


def test_stats_and_reset(origin):
    threads = origin.stats()["threads"]
    for _ in range(5):
        origin.get("/bytes/1")
    assert origin.get("/nothing")[0] == 404
    stats = origin.stats()
    assert set(stats) == {"requests", "in_flight", "peak_in_flight", "connections",
                          "bytes_received", "tls_handshakes", "tls_resumed", "cpu_ns", "threads"}
    assert stats["requests"] == 6
    assert stats["connections"] == 6
    assert stats["in_flight"] == 0
    assert stats["cpu_ns"] > 0
    assert threads in (1, 2)
    before = origin.stats(reset=True)
    assert before["requests"] == 6
    after = origin.stats()
    assert (after["requests"], after["peak_in_flight"], after["connections"]) == (0, 0, 0)
    assert after["cpu_ns"] >= before["cpu_ns"]


def test_stats_requests_count_in_nothing(origin):
    assert origin.get("/stats")[0] == 200
    assert origin.get("/stats", "HEAD")[0] == 200
    assert origin.get("/stats", "POST")[0] == 405
    assert origin.get("/stats/reset")[0] == 405
    stats = origin.stats()
    assert (stats["requests"], stats["peak_in_flight"], stats["connections"]) == (0, 0, 0)


def test_peak_in_flight_is_the_concurrency(origin):
    clients = [origin.connect() for _ in range(20)]
    for client in clients:
        client.sendall(b"GET /bytes/1?delay_ms=600000 HTTP/1.1\r\nHost: h\r\n\r\n")
    stats = origin.await_stats(in_flight=20)
    assert (stats["requests"], stats["peak_in_flight"], stats["connections"]) == (20, 20, 20)
    for client in clients:
        client.close()
    assert origin.await_stats(in_flight=0)["peak_in_flight"] == 20
    assert origin.stats(reset=True)["peak_in_flight"] == 20
    assert origin.stats()["peak_in_flight"] == 0


def test_the_counts_of_one_answer_agree(origin):
    """While clients come, ask, hang and leave on all threads, and with resets in between."""
    over = threading.Event()

    def storm():
        while not over.is_set():
            clients = [origin.connect() for _ in range(5)]
            for client in clients:
                client.sendall(b"GET /bytes/1 HTTP/1.1\r\nHost: h\r\n\r\n")
            for client in clients:
                client.recv(1000)
                client.sendall(b"GET /bytes/1?delay_ms=600000 HTTP/1.1\r\nHost: h\r\n\r\n")
            for client in clients:
                client.close()

    threads = [threading.Thread(target=storm) for _ in range(4)]
    for thread in threads:
        thread.start()
    carried = 0
    for i in range(400):
        stats = origin.stats(reset=i % 50 == 49)
        assert stats["peak_in_flight"] >= stats["in_flight"]
        assert stats["requests"] + carried >= stats["peak_in_flight"]
        assert stats["requests"] >= stats["connections"]
        if i % 50 == 49:
            carried = stats["in_flight"]
    over.set()
    for thread in threads:
        thread.join()
    origin.await_stats(in_flight=0)


def test_twenty_delayed_requests_all_complete(origin):
    bodies = []

    def fetch():
        bodies.append(origin.get("/bytes/100?delay_ms=200")[2])

    threads = [threading.Thread(target=fetch) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bodies == [pattern(100)] * 20
    stats = origin.stats()
    assert (stats["requests"], stats["in_flight"]) == (20, 0)
    assert stats["peak_in_flight"] <= 20


def test_peak_never_exceeds_what_the_client_had_open(origin):
    """Requests in turn over connections that land on different threads."""
    clients = [http.client.HTTPConnection("127.0.0.1", origin.port, timeout=PATIENCE_S)
               for _ in range(8)]
    for i in range(800):
        clients[i % 8].request("GET", "/bytes/1024")
        clients[i % 8].getresponse().read()
    for client in clients:
        client.close()
    stats = origin.stats()
    assert (stats["requests"], stats["peak_in_flight"]) == (800, 1)


@pytest.mark.parametrize("how", ["close", "reset", "half-close"])
def test_client_vanishing_in_mid_delay(origin, how):
    clients = [origin.connect() for _ in range(10)]
    for client in clients:
        client.sendall(b"GET /bytes/1?delay_ms=600000 HTTP/1.1\r\nHost: h\r\n\r\n")
    origin.await_stats(in_flight=10)
    for client in clients:
        if how == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        if how == "half-close":
            client.shutdown(socket.SHUT_WR)
        else:
            client.close()
    assert origin.await_stats(in_flight=0)["peak_in_flight"] == 10
    for client in clients:
        client.close()
    assert origin.get("/bytes/2")[2] == b"ab"


REQUEST = b"GET /bytes/1 HTTP/1.1\r\nHost: h\r\n\r\n"


@pytest.mark.parametrize("size", [100, 8192, 20000, 2800000])
@pytest.mark.parametrize("how", ["close", "reset", "half-close"])
@pytest.mark.parametrize("query", ["delay_ms=600000", "fault=stall"])
def test_client_vanishing_behind_requests_that_wait(origin, size, how, query):
    """The end of the connection lies behind what nobody reads while the answer is held back."""
    client = origin.connect()
    client.sendall(b"GET /bytes/1?%s HTTP/1.1\r\nHost: h\r\n\r\n" % query.encode())
    origin.await_stats(in_flight=1)
    client.sendall((REQUEST * (size // len(REQUEST) + 1))[:size])
    if how == "reset":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    if how == "half-close":
        client.shutdown(socket.SHUT_WR)
    else:
        client.close()
    assert origin.await_stats(in_flight=0)["requests"] == 1
    client.close()
    assert origin.get("/bytes/2")[2] == b"ab"


def test_requests_that_follow_a_vanished_client_do_not_stick(origin):
    slow = b"GET /bytes/1?delay_ms=300 HTTP/1.1\r\nHost: h\r\n\r\n" * 2
    stuck = b"GET /bytes/1?delay_ms=600000 HTTP/1.1\r\nHost: h\r\n\r\n" * 400
    with origin.connect() as client:
        client.sendall(slow + stuck)
        client.shutdown(socket.SHUT_WR)
        origin.await_stats(in_flight=0)
        origin.await_stats(requests=3)  # the third is held back for ever, by nobody's wish
        assert origin.stats()["in_flight"] == 0


def test_who_sends_too_much_ahead_is_dropped(origin):
    with origin.connect() as client:
        client.sendall(b"GET /bytes/1?delay_ms=600000 HTTP/1.1\r\nHost: h\r\n\r\n")
        with pytest.raises(OSError):
            for _ in range(64):
                client.sendall(REQUEST * (1 << 15))
    origin.await_stats(in_flight=0)


def test_much_that_was_sent_ahead_is_answered(origin):
    count = 30000  # over 1 MB
    with origin.connect() as client:
        client.sendall(b"GET /bytes/1?delay_ms=300 HTTP/1.1\r\nHost: h\r\n\r\n" + REQUEST * count)
        client.sendall(b"POST /bytes/1 HTTP/1.0\r\nContent-Length: 100000\r\n\r\n" + bytes(100000))
        assert read_all(client).count(b"200 OK") == count + 2
    assert origin.stats()["bytes_received"] == 100000


def test_client_vanishing_in_mid_body(origin):
    with origin.connect() as client:
        client.sendall(b"GET /bytes/1073741824 HTTP/1.1\r\nHost: h\r\n\r\n")
        client.recv(10)
        assert origin.stats()["in_flight"] == 1
    origin.await_stats(in_flight=0)


def test_reset_during_a_delay_leaves_it_in_flight(origin):
    with origin.connect() as client:
        client.sendall(b"GET /bytes/1?delay_ms=600000 HTTP/1.1\r\nHost: h\r\n\r\n")
        origin.await_stats(in_flight=1)
        origin.stats(reset=True)
        stats = origin.stats()
        assert (stats["requests"], stats["in_flight"], stats["peak_in_flight"]) == (0, 1, 1)
    origin.await_stats(in_flight=0)


# ---- refusals


@pytest.mark.parametrize("target, status, named", [
    ("/", 404, "'/'"),
    ("/byte/1", 404, "/byte/1"),
    ("/bytes/x", 400, "'x'"),
    ("/bytes/1073741825", 400, "1073741824"),
    ("/bytes/1?delay=3", 400, "'delay'"),
    ("/bytes/1?delay_ms=-3", 400, "delay_ms"),
    ("/bytes/1?delay_ms=1&delay_ms=2", 400, "twice"),
    ("/bytes/1?tail_ppm=1000001", 400, "tail_ppm"),
    ("/stats?x=1", 400, "'x'"),
])
def test_bad_queries_are_named_and_keep_the_connection(origin, target, status, named):
    connection = http.client.HTTPConnection("127.0.0.1", origin.port, timeout=PATIENCE_S)
    connection.request("GET", target)
    answer = connection.getresponse()
    text = answer.read().decode()
    assert answer.status == status
    assert named in text and text.count("\n") == 1 and text.endswith("\n")
    sock = connection.sock
    connection.request("GET", "/bytes/1")
    assert connection.getresponse().read() == b"a"
    assert connection.sock is sock
    connection.close()


def test_methods(origin):
    for method in "PUT", "DELETE", "OPTIONS", "BREW":
        status, headers, _ = origin.get("/bytes/1", method)
        assert (status, headers["Allow"]) == (405, "GET, HEAD, POST")
    status, headers, _ = origin.get("/stats/reset")
    assert (status, headers["Allow"]) == (405, "POST")


HOST = b"GET /bytes/1 HTTP/1.1\r\nHost: h\r\n"


@pytest.mark.parametrize("request_bytes, status", [
    (b"\x16\x03\x01\x00\xa5\x01\n", 400),
    (b"nonsense\r\n\r\n", 400),
    (b"GET /bytes/1 HTTP/1.1\r\n\r\n", 400),
    (b"GET /bytes/1 HTTP/2.0\r\n\r\n", 505),
    (HOST + b"no colon\r\n\r\n", 400),
    (HOST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400),
    (HOST + b"Content-Length: 67108865\r\n\r\n" + b"x" * 100000, 413),
    (HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501),
    (HOST + b"X: " + b"y" * 200000 + b"\r\n\r\n", 431),
    (b"G" * 200000, 431),
], ids=range(10))
def test_malformed_requests_end_the_connection(origin, request_bytes, status):
    answer = origin.raw(request_bytes)
    first, headers, body = split(answer)
    assert first.startswith(f"HTTP/1.1 {status} ")
    assert headers["connection"] == "close"
    assert headers["content-length"] == str(len(body))
    stats = origin.stats()
    assert (stats["requests"], stats["in_flight"], stats["connections"]) == (0, 0, 0)


def test_accept_storm_and_release_of_fds(origin):
    before = len(os.listdir(f"/proc/{origin.process.pid}/fd"))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(500, soft // 2)
    clients = [socket.socket() for _ in range(count)]
    for client in clients:
        client.setblocking(False)
        client.connect_ex(("127.0.0.1", origin.port))
    for client in clients:
        client.settimeout(PATIENCE_S)
        client.sendall(b"GET /bytes/3 HTTP/1.0\r\n\r\n")
    for client in clients:
        assert read_all(client).endswith(b"abc")
        client.close()
    assert origin.stats()["connections"] == count
    deadline = time.monotonic() + PATIENCE_S
    # the kept /stats connection may have come after the first look
    while len(os.listdir(f"/proc/{origin.process.pid}/fd")) > before + 1:
        assert time.monotonic() < deadline


def test_too_few_fds_is_survived():
    few = 40
    origin = Origin(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (few, few)))
    clients = [origin.connect() for _ in range(2 * few)]  # half stay in the backlog
    for client in clients:
        client.sendall(b"GET /bytes/3 HTTP/1.0\r\n\r\n")
    for client in clients:
        assert read_all(client).endswith(b"abc")
        client.close()
    assert origin.stats()["connections"] == 2 * few
    assert origin.stop() == (0, "")


# ---- life and death


def test_ready_line():
    origin = Origin("--threads", "3")
    assert origin.line == f"http://127.0.0.1:{origin.port}\n"
    assert origin.stats()["threads"] == 3
    assert origin.stop() == (0, "")


def test_ready_line_on_stdout():
    process = subprocess.Popen([BINARY], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True)
    line = process.stdout.readline()
    assert line.startswith("http://127.0.0.1:") and line.endswith("\n")
    process.terminate()
    assert process.communicate(timeout=PATIENCE_S) == ("", "")
    assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_stops_cleanly_with_clients_in_every_state(number):
    origin = Origin("--threads", "2")
    clients = [origin.connect() for _ in range(12)]
    states = [b"", b"GET /byt", b"GET /bytes/1?delay_ms=600000 HTTP/1.0\r\n\r\n",
              b"GET /bytes/1073741824 HTTP/1.0\r\n\r\n"]
    for i, client in enumerate(clients):
        client.sendall(states[i % 4])
    origin.await_stats(in_flight=6)
    assert origin.stop(number) == (0, "")
    for client in clients:
        client.close()


def run(*flags, **options):
    return subprocess.run([BINARY, *flags], capture_output=True, text=True,
                          timeout=PATIENCE_S, **options)


@pytest.mark.parametrize("flags, named", [
    (["--prot", "1"], "--prot"),
    (["--port", "65536"], "--port"),
    (["--port", "x"], "--port"),
    (["--threads", "0"], "--threads"),
    (["--threads"], "--threads"),
    (["--seed", "-1"], "--seed"),
    (["--ready-fd", "99"], "99"),
    (["--address", "localhost"], "localhost"),
    (["extra"], "extra"),
])
def test_bad_flags_exit_2_with_one_line(flags, named):
    done = run(*flags)
    assert done.returncode == 2
    assert done.stdout == ""
    assert named in done.stderr and done.stderr.count("\n") == 1


def test_port_in_use_exits_3_and_names_it():
    origin = Origin("--threads", "2")
    for threads in "1", "2":  # SO_REUSEPORT must not let a second origin in
        done = run("--port", str(origin.port), "--threads", threads)
        assert done.returncode == 3
        assert str(origin.port) in done.stderr and done.stderr.count("\n") == 1
    port = origin.port
    assert origin.get("/bytes/1")[0] == 200
    assert origin.stop() == (0, "")
    again = Origin("--port", str(port))  # TIME_WAIT is no hindrance
    assert again.port == port
    assert again.stop() == (0, "")


def test_full_stdout_exits_3():
    with open("/dev/full", "w") as full:
        done = subprocess.run([BINARY], stdout=full, stderr=subprocess.PIPE, text=True,
                              timeout=PATIENCE_S)
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1


def limit_files_to_ten_bytes():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))


def test_a_ready_line_that_is_written_in_part_is_continued(tmp_path):
    """The first write takes 10 bytes of it, and the next one says why no more."""
    path = tmp_path / "ready"
    with open(path, "w") as file:
        done = run(preexec_fn=limit_files_to_ten_bytes, stdin=subprocess.DEVNULL,
                   pass_fds=[file.fileno()], *["--ready-fd", str(file.fileno())])
    assert path.read_text() == "http://127"
    assert (done.returncode, done.stdout) == (3, "")
    assert "File too large" in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_what_cannot_be_printed_exits_3(flag):
    with open("/dev/full", "w") as full:
        done = subprocess.run([BINARY, flag], stdout=full, stderr=subprocess.PIPE, text=True,
                              timeout=PATIENCE_S)
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)


def test_help():
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for flag in "--address", "--port", "--threads", "--seed", "--ready-fd":
        assert flag in done.stdout


def test_other_address():
    origin = Origin("--address", "127.0.0.2")
    assert origin.url == f"http://127.0.0.2:{origin.port}"
    with socket.create_connection(("127.0.0.2", origin.port), timeout=PATIENCE_S) as client:
        client.sendall(b"GET /bytes/1 HTTP/1.0\r\n\r\n")
        assert read_all(client).endswith(b"\r\n\r\na")
    assert origin.stop() == (0, "")


PARENT = """
import os, subprocess, sys
ready, end = os.pipe()
process = subprocess.Popen([sys.argv[1], "--ready-fd", str(end)], pass_fds=[end])
os.close(end)
os.read(ready, 100)
print(process.pid, flush=True)
sys.stdin.read()
os.kill(os.getpid(), 9)
"""


def test_dies_with_the_parent_that_gave_a_ready_fd():
    parent = subprocess.Popen([sys.executable, "-c", PARENT, BINARY], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert int(parent.stdout.readline()) > 0
    parent.stdin.close()
    # the origin holds the parent's stdout: its end of file is the origin's end
    assert parent.stdout.read() == ""
    parent.wait(timeout=PATIENCE_S)
    parent.stdout.close()


# ---- freeze


def post(origin, target):
    status, _, body = origin.get(target, "POST")
    assert status == 200
    return json.loads(body)


def seconds_of(call):
    start = time.monotonic()
    call()
    return time.monotonic() - start


def test_a_freeze_holds_everything_up_once(origin):
    """Also new connections, answers that are due, and /stats; and then it is over."""
    assert post(origin, "/freeze?after_ms=100&for_ms=600") == {"after_ms": 100, "for_ms": 600}
    start = time.monotonic()
    origin.get("/bytes/1")  # starts the clock
    with origin.connect() as due:
        due.sendall(b"GET /bytes/1?delay_ms=300 HTTP/1.1\r\nHost: h\r\n\r\n")
        time.sleep(max(0, start + 0.2 - time.monotonic()))  # into the freeze
        origin.get("/bytes/1")
        assert time.monotonic() - start >= 0.7
        assert b"200" in due.recv(100)
    origin.stats()
    assert origin.stats()["requests"] == 3
    # Against the first, which took 0.5 s or more: a freeze that came again would show.
    assert min(seconds_of(lambda: origin.get("/bytes/1")) for _ in range(5)) < 0.4


def test_a_freeze_begins_with_the_first_counted_request(origin):
    post(origin, "/freeze?after_ms=0&for_ms=400")
    assert origin.stats()["requests"] == 0  # does not start it
    start = time.monotonic()
    origin.get("/bytes/1")
    origin.get("/bytes/1")
    origin.stats()
    assert time.monotonic() - start >= 0.4


def test_a_reset_disarms_and_a_later_freeze_replaces(origin):
    post(origin, "/freeze?after_ms=0&for_ms=500000")
    origin.stats(reset=True)
    origin.get("/bytes/1")
    origin.get("/bytes/1")
    post(origin, "/freeze?after_ms=500000&for_ms=500000")
    origin.get("/bytes/1")
    post(origin, "/freeze")
    origin.get("/bytes/1")
    assert origin.stats()["requests"] == 4


def test_a_frozen_origin_can_be_stopped(origin):
    post(origin, "/freeze?after_ms=0&for_ms=600000")
    origin.get("/bytes/1")
    with origin.connect() as held:
        held.sendall(b"GET /bytes/1 HTTP/1.1\r\nHost: h\r\n\r\n")
        assert origin.stop()[0] == 0


def test_freeze_takes_post_alone(origin):
    status, headers, _ = origin.get("/freeze?for_ms=1")
    assert (status, headers["Allow"]) == (405, "POST")
    assert origin.get("/freeze?for_ms=x", "POST")[0] == 400
