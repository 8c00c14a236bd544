"""One URL means one thing: what the server sees of it is the same in models with libcurl and without,
byte for byte."""

import socket
import threading

import pytest
from conftest import MODELS, WITHOUT_LIBCURL, run_program, why_not
from small_server import SmallServer, read_head

FEW = ["sequential", *WITHOUT_LIBCURL]


class Listener(SmallServer):
    """Notes the request target and the Host field of each request, on IPv4 and IPv6."""

    def __init__(self):
        self.seen = []
        super().__init__(dual_stack=True)

    def converse(self, connection, lines):
        while (head := read_head(lines))[0]:
            line, fields = head
            self.seen.append((line, [field for field in fields if field.lower().startswith(b"host:")]))
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


class Gathering(Listener):
    """Answers when three connections have asked, so that no worker takes the request of another."""

    def __init__(self):
        self.all_here = threading.Barrier(3)
        super().__init__()

    def converse(self, connection, lines):
        head = read_head(lines)
        self.seen.append((head[0], [field for field in head[1] if field.lower().startswith(b"host:")]))
        self.all_here.wait(300)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        read_head(lines)


@pytest.fixture(scope="module")
def listener():
    if not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 here")
    started = Listener()
    yield started
    started.close()


def fetch(listener, model, url):
    """What the server saw, or None, and the exit code."""
    del listener.seen[:]
    done = run_program(f"runner-{model}", "-n", 1, "--timeout-ms", 20000, url)
    return done.returncode, list(listener.seen), done.stderr


PATHS = ["", "/", "?x", "/?x", "/?", "/?#", "/#f", "/x#f?y", "/a/../b", "/a/./b/.", "/a/b/..", "/../..", "/..;/x", "//x//y",
         "/x?a/../b", "/a/../b?c=/../d", "/%2e%2e/x", "/%7Euser/%20", "/a|b\"{}", "/a;b=c,d", "/a?b?c&d=[1]"]
HOSTS = ["127.1", "0x7f.1", "0177.0.0.1", "2130706433", "localhost", "LOCALHOST", "foo.localhost", "Foo.Bar.LocalHost", "[::1]",
         "[::1%lo]", "[::1%25lo]", "[::1%251]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]"]
SHAPES = ["HTTP://127.0.0.1:{}/x", "http:/127.0.0.1:{}/x", "http:///127.0.0.1:{}/x", "http://127.0.0.1:0{}/x"]


def agree(listener, url, models):
    here = [model for model in models if not why_not(model)]
    _, expected, stderr = fetch(listener, "sequential", url)
    assert len(expected) == 1 and len(expected[0][1]) == 1, (url, stderr)
    for model in here:
        assert fetch(listener, model, url)[1] == expected, (model, url)


@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
def test_paths_agree(listener, path):
    agree(listener, f"http://127.0.0.1:{listener.port}{path}", FEW)


@pytest.mark.parametrize("host", HOSTS)
def test_hosts_agree(listener, host):
    agree(listener, f"http://{host}:{listener.port}/x", FEW)


@pytest.mark.parametrize("model", ["coroutines", "threads", *WITHOUT_LIBCURL])
def test_each_address_has_its_host(model):
    """Workers spread over addresses name theirs, with libcurl and without."""
    if why_not(model):
        pytest.skip(why_not(model))
    listener = Gathering()
    done = run_program(f"runner-{model}", "-n", 3, "-c", 3, "--addresses", 3, f"http://127.0.0.1:{listener.port}/x")
    listener.close()
    assert done.returncode == 0, done.stderr
    assert {field for _, fields in listener.seen for field in fields} == \
        {f"Host: 127.0.0.{number}:{listener.port}\r\n".encode() for number in (1, 2, 3)}


@pytest.mark.parametrize("shape", SHAPES, ids=range(len(SHAPES)))
def test_shapes_agree(listener, shape):
    agree(listener, shape.format(listener.port), FEW)


@pytest.mark.parametrize("url", ["http://foo.localhost:{}/a/../b?c#d", "http://[::1%25lo]:{}/./x"])
def test_every_model_agrees(listener, url):
    agree(listener, url.format(listener.port), MODELS)


@pytest.mark.parametrize("url", ["http://", "http://:{}/", "http://[::1:{}/", "http://127.0.0.1:{}/a b", "http://127.0.0.1:99999/",
                                 "http://127.0.0.1:{}/\u00e4?\u00e4"])
def test_what_no_model_takes(listener, url):
    for model in FEW:
        code, seen, stderr = fetch(listener, model, url.format(listener.port))
        assert (code, seen, stderr.count("\n")) == (2, [], 1)


@pytest.mark.parametrize("model", WITHOUT_LIBCURL)
@pytest.mark.parametrize("user", ["", "user", "user:secret", ":secret"])
def test_user_names_are_refused_with_the_way_out(listener, model, user):
    code, seen, stderr = fetch(listener, model, f"http://{user}@127.0.0.1:{listener.port}/")
    assert (code, seen) == (2, []) and "use a model with libcurl" in stderr and "secret" not in stderr
