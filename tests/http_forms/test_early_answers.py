"""A server may answer a POST before it has read the body (RFC 9112, 9.5), and be done with the
connection. Models without libcurl do their own sending and receiving: whatever the order, the answer
is what counts."""

import socket
import threading

import pytest
from conftest import WITHOUT_LIBCURL, document_of
from small_server import SmallServer, length_of, read_head

RAW_MODEL = pytest.mark.parametrize("model", WITHOUT_LIBCURL)
MIB = 1 << 20


class EarlyServer(SmallServer):
    """Answers each POST when a part of its body has been read, and then does what `after` says:

    keep    reads the rest and keeps the connection
    linger  ends its side, reads the rest, closes
    close   closes at once: with bytes unread, that is a reset
    """

    def __init__(self, answer, part, after):
        self.answer, self.part, self.after = answer, part, after
        super().__init__()

    @staticmethod
    def read(file, size):
        while size > 0 and (part := file.read1(min(size, MIB))):
            size -= len(part)

    def converse(self, connection, lines):
        while (head := read_head(lines))[0]:
            length = length_of(head[1])
            early = int(length * self.part)
            self.read(lines, early)
            self.count_request()
            connection.sendall(self.answer)
            if self.after == "close":
                return
            if self.after == "linger":
                connection.shutdown(socket.SHUT_WR)
            self.read(lines, length - early)
            if self.after == "linger":
                self.read(lines, 1 << 40)
                return


def answer(status, fields=b"Content-Length: 5\r\n", body=b"hello"):
    return b"HTTP/1.1 %d Early\r\n%s\r\n%s" % (status, fields, body)


@pytest.fixture
def early():
    servers = []

    def start(*args):
        servers.append(EarlyServer(*args))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def post(server, model, size, n=4, c=2):
    document = document_of(f"runner-{model}", "-n", n, "-c", c, "--post-bytes", size, "--timeout-ms", 50000, server.url)
    assert server.requests == n
    return document


@RAW_MODEL
@pytest.mark.parametrize("size, part", [(1, 0), (4 * MIB, 0), (64 * MIB, 0), (16 * MIB, 0.5), (MIB, 1)])
def test_the_rest_is_sent_after_an_early_success(early, model, size, part):
    server = early(answer(200), part, "keep")
    document = post(server, model, size)
    assert (document["ok"], document["failed"], document["bytes_received"]) == (4, {}, 20)
    assert document["connections_opened"] == server.connections <= 2


@RAW_MODEL
@pytest.mark.parametrize("after", ["keep", "linger", "close"])
@pytest.mark.parametrize("size, part", [(1, 0), (16 * MIB, 0), (8 * MIB, 0.5), (MIB, 1)])
def test_a_refusal_is_a_status_however_the_connection_ends(early, model, size, part, after):
    fields = b"Content-Length: 5\r\n" + b"Connection: close\r\n" * (part == 0.5)
    server = early(answer(413, fields), part, after)
    document = post(server, model, size)
    assert (document["ok"], document["failed"]) == (0, {"status": 4})


@RAW_MODEL
@pytest.mark.parametrize("size", [MIB, 16 * MIB])
@pytest.mark.parametrize("status, outcome", [(200, (4, {})), (413, (0, {"status": 4}))])
def test_an_early_answer_without_a_length_ends_with_the_connection(early, model, size, status, outcome):
    document = post(early(answer(status, b""), 0, "linger"), model, size)
    assert (document["ok"], document["failed"]) == outcome


@RAW_MODEL
@pytest.mark.parametrize("after", ["linger", "close"])
def test_an_early_success_with_a_close_is_one(early, model, after):
    document = post(early(answer(200, b"Content-Length: 5\r\nConnection: close\r\n"), 0, after), model, 16 * MIB)
    assert (document["ok"], document["failed"]) == (4, {})


@RAW_MODEL
def test_many_clients_with_early_refusals(early, model):
    """Connections are closed while the kernel still sends on them, and others made at once."""
    document = post(early(answer(413), 0, "close"), model, 4 * MIB, n=200, c=16)
    assert document["failed"] == {"status": 200}


@RAW_MODEL
def test_a_server_that_stops_reading_is_waited_for(early, model):
    """Neither an answer nor room to send: the time limit ends it, sending and receiving."""
    release = threading.Event()
    server = early(b"", 0, "keep")
    server.read = lambda file, size: release.wait(60)
    document = document_of(f"runner-{model}", "-n", 2, "-c", 2, "--post-bytes", 16 * MIB, "--timeout-ms", 300, server.url)
    release.set()
    assert document["failed"] == {"timeout": 2}


@RAW_MODEL
@pytest.mark.parametrize("head, kind", [(b"HTTP/1.1 413 Too", "reset"), (b"HTTP/1.1 413 Too Large\r\nA: b\r\n", "short"),
                                        (b"nonsense\r\n\r\n", "protocol")])
def test_what_is_no_whole_answer_fails_as_ever(early, model, head, kind):
    document = post(early(head, 0, "linger"), model, 16 * MIB, n=2)
    assert document["failed"] == {kind: 2}
