"""What becomes of answers that are cut off, malformed or strange: one table, the same class in
every model, and a reason. And of kept connections that end before an answer."""

import collections
import concurrent.futures
import itertools
import socket
import struct
import threading
import time

import pytest
from conftest import ENGINES, MODELS, WITHOUT_LIBCURL, document_of
from small_server import SmallServer, length_of, read_head

# When libcurl 7.88 repeats a request there itself, the timeout begins anew.
ON_MULTI_SOCKET = ["coroutines", "callbacks", "stackless", "coroutine-threads", "process-loops"]
EVERY_MODEL = pytest.mark.parametrize("model", MODELS)
EVERY_ENGINE = pytest.mark.parametrize("model", ENGINES)
OK = b"HTTP/1.1 200 OK\r\n"
BODY = b"Content-Length: 5\r\n\r\nhello"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def concurrency_of(model, wanted=3):
    return 1 if model == "sequential" else wanted


class Server(SmallServer):
    """Reads requests one after the other and lets serve(connection, number of it on this connection)
    answer; False ends the connection, "reset" resets it."""

    def __init__(self, serve):
        self.serve = serve
        super().__init__()

    def converse(self, connection, lines):
        for served in itertools.count():
            line, fields = read_head(lines)
            if not line:
                return
            lines.read(length_of(fields))
            self.count_request()
            goes_on = self.serve(connection, served)
            if goes_on == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if goes_on is not True:
                return


@pytest.fixture
def serving():
    servers = []

    def start(serve):
        servers.append(Server(serve))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def ask_for(serving, model, forms, *args, c=2, least=6):
    """The document of a runner that is answered by one (answer, how the connection goes on) after the other."""
    turns = itertools.cycle(forms)

    def serve(connection, served):
        answer, goes_on = next(turns)
        connection.sendall(answer)
        return goes_on

    return document_of(f"runner-{model}", "-n", max(len(forms), least), "-c", concurrency_of(model, c), *args,
                       serving(serve).url)


# ---- answers that are cut off


KEEP, END, RESET = True, False, "reset"
HEADS = {
    "length": OK + b"X-A: b\r\nContent-Length: 5\r\n\r\n",
    "no length": OK + b"X-A: b\r\nServer: x\r\n\r\n",
    "close": OK + b"Connection: close\r\nX-A: b\r\n\r\n",
    "length 0": OK + b"Content-Length: 0\r\nX-A: b\r\n\r\n",
    "chunked": CHUNKED,
    "1.0": b"HTTP/1.0 200 OK\r\nX-A: b\r\n\r\n",
    "204": b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n",
    "404": b"HTTP/1.1 404 Not Found\r\nX-A: b\r\n\r\n",
    "301": b"HTTP/1.1 301 Moved\r\nLocation: /x\r\n\r\n",
}


def failed_at_every_cut(serving, model, heads, args):
    """What failed and what should have, of these heads cut at every position, each on a connection of its own."""
    cuts = [(HEADS[head][:cut], END) for head in heads for cut in range(len(HEADS[head]))]
    in_status_line = sum(HEADS[head].index(b"\n") + 1 for head in heads)
    document = ask_for(serving, model, cuts, *args, c=3)
    return document["failed"], {"reset": in_status_line, "short": len(cuts) - in_status_line}, document["reasons"]


@pytest.mark.parametrize("model, args, heads", [
    *[(model, args, list(HEADS)) for model in ENGINES for args in ([], ["--no-keepalive"])],
    *[(model, [], ["length", "chunked"]) for model in MODELS if model not in ENGINES]])
def test_a_head_that_is_cut_off_is_never_ok(serving, model, args, heads):
    found, expected, reasons = failed_at_every_cut(serving, model, heads, args)
    if found != expected:  # ask for one after the other, to know which
        alone = {head: failed_at_every_cut(serving, model, [head], args)[:2] for head in heads}
        pytest.fail(f"{found} is not {expected}: {[head for head in heads if alone[head][0] != alone[head][1]]}")
    assert set(reasons) == {"reset", "short"}


@EVERY_MODEL
def test_a_whole_head_is_an_answer(serving, model):
    wholes = ["no length", "close", "1.0", "404", "301", "204"]
    document = ask_for(serving, model, [(HEADS[head], END) for head in wholes], c=3, least=12)
    assert document["failed"] == {"status": 2}  # the 404
    assert document["bytes_received"] == 0


@EVERY_MODEL
def test_a_cut_on_a_kept_connection(serving, model):
    """The second answer of each connection is cut: within its status line it is as if nothing had
    come, and the request is repeated; after it, it is short."""
    text = OK + b"X-A: b\r\nServer: x\r\n\r\n"
    cuts = itertools.count()
    short = itertools.count()

    def serve(connection, served):
        if served == 0:
            connection.sendall(OK + BODY)
            return True
        cut = next(cuts) % len(text)
        if cut >= len(OK):
            next(short)
        connection.sendall(text[:cut])
        return False

    n = 20 if model == "process-per-request" else 120  # it keeps none
    document = document_of(f"runner-{model}", "-n", n, "-c", concurrency_of(model), serving(serve).url)
    expected = next(short)
    assert document["failed"] == ({"short": expected} if expected else {})
    assert expected > 20 or model == "process-per-request"


@EVERY_MODEL
def test_interim_heads_are_no_answer(serving, model):
    early = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    whole = early + HEADS["no length"]
    cuts = itertools.count()

    def serve(connection, served):
        connection.sendall(whole[:next(cuts) % len(whole)])
        return False

    document = document_of(f"runner-{model}", "-n", len(whole), "-c", concurrency_of(model), serving(serve).url)
    lost = len(early) + len(OK)
    assert document["failed"] == {"reset": lost, "short": len(whole) - lost}


# ---- answers that are no HTTP, and those that are


# name: (answer, how the connection goes on, class, and the raw models' where it differs: see
# docs/runner-contract.md)
ANSWERS = {
    "plain": (OK + BODY, KEEP, "ok"),
    "length twice, equal": (OK + b"Content-Length: 5\r\n" + BODY, KEEP, "ok", "protocol"),
    "length and chunks": (OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", KEEP,
                          "ok", "protocol"),
    "lf only": ((OK + BODY).replace(b"\r", b""), KEEP, "ok", "protocol"),
    "status 700": (b"HTTP/1.1 700 Strange\r\n" + BODY, KEEP, "status"),
    "trailer": (CHUNKED + b"5\r\nhello\r\n0\r\nContent-Length: 7\r\nX: y\r\n\r\n", KEEP, "ok"),
    "no chunk": (CHUNKED + b"0\r\n\r\n", KEEP, "ok"),
    "early hints": (b"HTTP/1.1 103 E\r\nContent-Length: 9\r\n\r\n" + OK + BODY, KEEP, "ok"),
    "fold": (OK + b"X-A: one\r\n two\r\n" + BODY, KEEP, "ok"),
    "garbage": (b"hello world\r\n\r\n", END, "protocol"),
    "garbage, open": (b"hello world\r\n\r\n", KEEP, "protocol"),
    "version 3": (b"HTTP/3.0 200 OK\r\n" + BODY, KEEP, "protocol"),
    "status 099": (b"HTTP/1.1 099 OK\r\n" + BODY, KEEP, "protocol"),
    "status 20": (b"HTTP/1.1 20 OK\r\n" + BODY, KEEP, "protocol"),
    "no colon": (OK + b"Nothing\r\n" + BODY, KEEP, "protocol"),
    "nul": (OK + b"X-A: a\0b\r\n" + BODY, KEEP, "protocol"),
    "blank before colon": (OK + b"Content-Length : 5\r\n\r\nhello", KEEP, "protocol"),
    "length negative": (OK + b"Content-Length: -5\r\n\r\nhello", KEEP, "protocol"),
    "length a word": (OK + b"Content-Length: five\r\n\r\nhello", KEEP, "protocol"),
    "length 5x": (OK + b"Content-Length: 5x\r\n\r\nhello", KEEP, "protocol"),
    "length +5": (OK + b"Content-Length: +5\r\n\r\nhello", KEEP, "protocol"),
    "length empty": (OK + b"Content-Length:\r\n\r\nhello", KEEP, "protocol"),
    "length too large": (OK + b"Content-Length: 99999999999999999999\r\n\r\nhello", KEEP, "protocol"),
    "lengths 5 and 7": (OK + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\nhello", KEEP, "protocol"),
    "lengths 7 and 5": (OK + b"Content-Length: 7\r\nContent-Length: 5\r\n\r\nhello", KEEP, "protocol"),
    "length list 5, 7": (OK + b"Content-Length: 5, 7\r\n\r\nhello", KEEP, "protocol"),
    "identity": (OK + b"Transfer-Encoding: identity\r\n\r\nhello", KEEP, "protocol"),
    "gzip": (OK + b"Transfer-Encoding: gzip\r\n\r\nhello", END, "protocol"),
    "gzip, chunked": (OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", KEEP, "protocol"),
    "coding unknown": (OK + b"Transfer-Encoding: foo\r\n\r\nhello", KEEP, "protocol"),
    "chunked twice": (OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", KEEP,
                      "protocol"),
    "101": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", KEEP, "protocol"),
    "chunk negative": (CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n", KEEP, "protocol"),
    "chunk too large": (CHUNKED + b"fffffffffffffffffffff\r\nhello", KEEP, "protocol"),
    "chunk no number": (CHUNKED + b"\r\nhello\r\n0\r\n\r\n", KEEP, "protocol"),
    "chunk too long": (CHUNKED + b"5\r\nhelloXX0\r\n\r\n", KEEP, "protocol"),
    "chunk cut": (CHUNKED + b"5\r\nhel", END, "short"),
    "chunks cut": (CHUNKED + b"5\r\nhello\r\n", END, "short"),
    "trailer cut": (CHUNKED + b"5\r\nhello\r\n0\r\n", END, "short"),
    "body cut": (OK + b"Content-Length: 9\r\n\r\nhello", END, "short"),
    "error cut": (b"HTTP/1.1 500 Error\r\nContent-Length: 9\r\n\r\nhello", END, "short"),
    "nothing": (b"", END, "reset"),
    "nothing, reset": (b"", RESET, "reset"),
}


def classes_of(model):
    """{class: names of the answers that are to be of that class}"""
    classes = collections.defaultdict(list)
    for name, (_, _, expected, *of_raw) in ANSWERS.items():
        classes[of_raw[0] if of_raw and model in WITHOUT_LIBCURL else expected].append(name)
    return classes


@EVERY_MODEL
@pytest.mark.parametrize("expected", ["ok", "status", "protocol", "short", "reset"])
def test_an_answer_has_the_same_class_in_every_model(serving, model, expected):
    """All answers of a class by one runner; if one is of another class, it is found by asking for each alone."""
    names = classes_of(model)[expected]

    def failed(names):
        document = ask_for(serving, model, [ANSWERS[name][:2] for name in names])
        assert expected == "ok" or document["reasons"].get(expected) or not document["failed"].get(expected)
        return document["failed"]

    def right(count):
        return {} if expected == "ok" else {expected: max(count, 6)}

    found = failed(names)
    if found != right(len(names)):
        alone = {name: failed([name]) for name in names}
        pytest.fail(f"{found}: { {name: of for name, of in alone.items() if of != right(1)} }")


@EVERY_MODEL
def test_what_comes_late_is_found_too(serving, model):
    """A kept connection whose server spoke HTTP three times. libcurl tells it when the time is over: so side by side."""
    def ask(name):
        def serve(connection, served):
            connection.sendall(OK + BODY if served < 3 else ANSWERS[name][0])
            return True

        for _ in range(5):  # a machine that stalls may let a good answer come too late
            document = document_of(f"runner-{model}", "-n", 4, "-c", 1, "--timeout-ms", 1500, serving(serve).url)
            if "timeout" not in document["failed"]:
                break
        return document

    names = ["101", "identity", "lengths 5 and 7", "length too large"] if model in ENGINES else ["101"]
    expected = 0 if model == "process-per-request" else 1
    with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
        documents = dict(zip(names, pool.map(ask, names)))
    for name, document in documents.items():
        assert (document["failed"].get("protocol", 0), document["ok"]) == (expected, 4 - expected), name


# ---- kept connections that end before an answer


def closes_unasked(count, how):
    """Answers count requests of a connection; ends it, unanswered, when the next one is there."""
    def serve(connection, served):
        if served == count:
            return how
        connection.sendall(OK + BODY)
        return True

    return serve


LOSSES = [(how, post) for how in (END, RESET) for post in ([], ["--post-bytes", 100])]


@pytest.mark.parametrize("model, how, post", [(model, *loss) for model in MODELS
                                              for loss in (LOSSES if model in ENGINES else [LOSSES[0], LOSSES[3]])])
def test_a_kept_connection_that_is_lost_is_no_failure(serving, model, how, post):
    """libcurl counts what it repeats in the life of a handle, up to five: here are 20 and more on each."""
    server = serving(closes_unasked(1, how))
    c = concurrency_of(model)
    n = 20 if model == "process-per-request" else 90
    document = document_of(f"runner-{model}", "-n", n, "-c", c, *post, server.url)
    assert document["failed"] == {}
    assert (document["ok"], document["bytes_received"]) == (n, 5 * n)
    assert document["connections_opened"] == server.connections
    if model != "process-per-request":
        assert server.requests > 90 + 20 * c


@EVERY_ENGINE
def test_so_in_an_open_loop_when_it_is_reset_while_idle(serving, model):
    """libcurl 7.88 does not see such a reset before it sends on the connection."""
    def serve(connection, served):
        connection.sendall(OK + BODY)
        time.sleep(.005)
        return "reset"

    document = document_of(f"runner-{model}", "-n", 40, "-c", 1, "--rate", 40, "--arrivals", "fixed",
                           serving(serve).url)
    lost = document["failed"].get("reset", 0)  # on a busy machine the reset may overtake the answer
    assert document["failed"] == ({"reset": lost} if lost else {}) and lost <= 20


@pytest.mark.parametrize("model", ["sequential", "threads", "coroutines", "callbacks", "stackless", "multi-poll",
                                   "coroutine-threads", "process-loops", "executor", "thread-per-request"])
def test_so_for_sub_requests(serving, model):
    server = serving(closes_unasked(1, END))
    document = document_of(f"runner-{model}", "--task", "fan-out", "--fan-out", 4, "-n", 60, "-c",
                           concurrency_of(model, 2), server.url)
    assert (document["failed"], document["ok"]) == ({}, 60)
    assert document["bytes_received"] == 60 * 4 * 5
    assert document["connections_opened"] == server.connections
    assert server.requests > 240 + 20


@EVERY_MODEL
def test_a_new_connection_that_is_lost_is_a_failure(serving, model):
    """The second try is the last one."""
    served_at_all = itertools.count()

    def serve(connection, served):
        if served == 0 and next(served_at_all) == 0:
            connection.sendall(OK + BODY)
            return True
        return False

    server = serving(serve)
    document = document_of(f"runner-{model}", "-n", 4, "-c", 1, server.url)
    assert (document["ok"], document["failed"]) == (1, {"reset": 3})
    assert server.requests == (4 if model == "process-per-request" else 5)
    assert document["reasons"]["reset"]


def trace_of_two_tries(serving, model):
    """How long the second of two requests took whose first try the server ends late and whose second it holds."""
    release = threading.Event()

    def serve(connection, served):
        if served == 1:
            release.wait(1.2)
            return False
        if server.connections > 1:
            release.wait(60)
            return False
        connection.sendall(OK + BODY)
        return True

    server = serving(serve)
    document = document_of(f"runner-{model}", "-n", 2, "-c", 1, "--timeout-ms", 1600, "--trace", server.url)
    release.set()
    assert (document["ok"], document["failed"]) == (1, {"timeout": 1})
    assert server.connections == 2
    _, start, end, *_ = document["trace_ns"][1]
    return end - start


@EVERY_ENGINE
def test_one_timeout_bounds_both_tries(serving, model):
    """The first try takes most of the time before it is lost; the second has the rest. A machine that stalls makes
    this longer, never shorter, so of some runs one is enough."""
    for _ in range(5):
        took = trace_of_two_tries(serving, model)
        assert took >= 1.6e9
        if model in ON_MULTI_SOCKET or took < 2.6e9:
            return
    pytest.fail(f"the second try begins a timeout of its own: {took / 1e9} s")
