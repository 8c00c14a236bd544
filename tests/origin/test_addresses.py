"""concbench-origin on several loopback addresses, and ten thousand connections at once."""

import contextlib
import resource
import socket
import time

import pytest

from test_origin import Origin, run


@contextlib.contextmanager
def origin_with(*flags):
    origin = Origin(*flags)
    yield origin
    assert origin.stop() == (0, "")


def refused(flags, code, named):
    done = run(*flags)
    assert done.returncode == code and done.stdout == ""
    assert named in done.stderr and done.stderr.count("\n") == 1


def connect(address, port):
    return socket.create_connection((address, port), timeout=300)


def status_at(address, port):
    with connect(address, port) as client:
        client.sendall(b"GET /bytes/3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        return client.recv(12)


@pytest.mark.parametrize("threads", [1, 2])
def test_every_address_answers_and_no_other(threads):
    with origin_with("--addresses", "5", "--threads", str(threads)) as origin:
        for last in range(1, 6):
            for _ in range(4):  # more than there are loops
                assert status_at(f"127.0.0.{last}", origin.port) == b"HTTP/1.1 200"
        assert origin.stats()["requests"] == 20
        with pytest.raises(ConnectionRefusedError):
            connect("127.0.0.6", origin.port)


def test_as_many_as_there_may_be():
    with origin_with("--addresses", "64", "--threads", "4") as origin:
        assert status_at("127.0.0.64", origin.port) == b"HTTP/1.1 200"


def test_bad_numbers_of_addresses():
    for flags, named in ((["--addresses", "0"], "--addresses"), (["--addresses", "65"], "--addresses"),
                         (["--addresses", "2", "--address", "127.0.0.2"], "--address 127.0.0.1"),
                         (["--addresses", "2", "--address", "::1"], "--address 127.0.0.1")):
        refused(flags, 2, named)


def port_taken_at_third(stack):
    """A port that is taken at 127.0.0.3 until stack ends. Nobody has it at the others: the kernel gives none of these away."""
    for port in range(20000, 30000):
        with contextlib.suppress(OSError):
            for last in (1, 2, 4):
                socket.create_server((f"127.0.0.{last}", port)).close()
            stack.enter_context(socket.create_server(("127.0.0.3", port)))
            return port
    pytest.skip("no port from 20000 to 30000 is free")


def test_a_given_port_that_is_taken_at_one_address_is_named():
    with contextlib.ExitStack() as stack:
        port = port_taken_at_third(stack)
        refused(["--addresses", "4", "--port", str(port)], 3, f"127.0.0.3 port {port}")


def test_a_free_port_is_free_at_every_address():
    """With every second pair of ports taken at the second address, eight origins in a row find one
    only by trying again."""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        low, high = map(int, file.read().split())
    taken = []
    try:
        for port in range(low, high):
            if port // 2 % 2:
                taken.append(socket.socket())
                try:
                    taken[-1].bind(("127.0.0.2", port))
                except OSError:
                    pass  # somebody else has it
    except OSError:
        pytest.skip(f"only {len(taken)} descriptors")
    else:
        for _ in range(8):
            with origin_with("--addresses", "2") as origin:
                assert status_at("127.0.0.2", origin.port) == b"HTTP/1.1 200"
    finally:
        for each in taken:
            each.close()


def test_ten_thousand_at_once():
    """All connect before any answer is read; all are in flight together; none is lost."""
    count = 10000
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < count + 300:
        pytest.skip("too few descriptors")
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft[1], soft[1]))
    clients = []
    try:
        with origin_with("--addresses", "16", "--threads", "2") as origin:
            for i in range(count):
                clients.append(connect(f"127.0.0.{i % 16 + 1}", origin.port))
            start = time.monotonic()
            for client in clients:
                client.sendall(b"GET /bytes/1?delay_ms=4000 HTTP/1.1\r\nHost: h\r\n\r\n")
            while origin.stats()["requests"] < count:
                pass
            slow = time.monotonic() - start >= 4  # then the first were answered before the last came
            for client in clients:
                head = b""
                while b"\r\n\r\na" not in head:
                    more = client.recv(4096)
                    assert more
                    head += more
                assert head.startswith(b"HTTP/1.1 200")
            stats = origin.stats()
            assert stats["requests"] == stats["connections"] == count
            assert stats["peak_in_flight"] == count or slow
    finally:
        for client in clients:
            client.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, soft)
