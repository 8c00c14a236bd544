"""What the process-level tests share: the programs under test, an origin, and small servers
that misbehave in one way each."""

import contextlib
import functools
import itertools
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import pytest

BIN = pathlib.Path(os.environ["CONCBENCH_BIN"])
SOURCE = pathlib.Path(os.environ["CONCBENCH_SOURCE"])

# Harnesses refuse each other on one machine; those of other test programs are not in the way.
os.environ.setdefault("CONCBENCH_LOCK_NAME", f"test-{os.getpid()}")

# Runs without --out go to the folder in which a test works, not to somebody's home.
os.environ.setdefault("CONCBENCH_RESULTS", "results")

# The scripts under test ask PATH for python3. A wrapper there (pyenv's takes 0.2 s) is none of their business.
os.environ["PATH"] = f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"

# A suite in the background of a shell without job control inherits an ignored SIGINT, which the programs would keep.
for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

# LeakSanitizer takes a third of a program's start. The unit tests have it, and of these e2e/test_leaks.py, which sends
# every program through what it does. What the caller asks for comes last and wins.
WITH_LEAKS = os.environ.get("ASAN_OPTIONS", "")
os.environ["ASAN_OPTIONS"] = "detect_leaks=0:" + WITH_LEAKS

MODELS = [model for model in re.findall(r"^ *concbench_runner\(([a-z-]+)", (SOURCE / "runners/CMakeLists.txt").read_text(), re.M)
          if model != "null"]
# A worker for every request, instead of one that makes many.
PER_REQUEST = ["thread-per-request", "process-per-request"]
WITHOUT_LIBCURL = ["epoll", "io-uring"]  # they speak plain http only
# One for each way of speaking HTTP that the code has: libcurl that blocks, libcurl behind libevent (runtime/loop),
# libcurl's own poll, and the two drivers of runtime/raw. Every other model reads its answers by the code of one of
# these, so a long table goes through the engines, and through all models goes what differs between models.
ENGINES = ["sequential", "coroutines", "multi-poll", "epoll", "io-uring"]


@functools.cache
def why_not(model):
    """Why a model cannot run here, from its own --probe; None when it can."""
    if model != "io-uring":
        return None
    if not (BIN / "runner-io-uring").exists():
        return "runner-io-uring is not built: liburing is missing"
    done = subprocess.run([BIN / "runner-io-uring", "--probe"], capture_output=True, text=True, timeout=300)
    return done.stderr.strip() if done.returncode == 3 else None


def pytest_collection_modifyitems(items):
    """A test of a model that cannot run here is skipped with the reason."""
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        reason = why_not(parameters.get("model"))
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def detect_leaks(monkeypatch):
    monkeypatch.setenv("ASAN_OPTIONS", WITH_LEAKS)


def run_program(name, *args, timeout=300, wrapper=(), **options):
    """Runs a program of the suite, behind the words of wrapper, and returns its CompletedProcess, with text output."""
    return subprocess.run([*wrapper, BIN / name, *map(str, args)], capture_output=True, text=True,
                          timeout=timeout, stdin=subprocess.DEVNULL, **options)


def document_of(name, *args, **options):
    """Runs a runner with --json and returns its result document."""
    done = run_program(name, "--json", *args, **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def processes_with_token(token):
    """The pids of live (not zombie) processes that have the token in their environment."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if token.encode() in (entry / "environ").read_bytes():
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                if state != "Z":
                    found.append(int(entry.name))
        except OSError:
            pass  # it ended while we looked
    return found


def assert_together(document, c):
    """All c were in flight at once; nearly all, where a busy machine may take longer to make a worker than it works."""
    least = c / 2 if document["model"] in PER_REQUEST else c
    assert least <= document["peak_in_flight"] <= c


PATIENCE_S = 300  # of the clock, not of tries: a fast machine uses up any number of them


def wait_until(holds, what):
    """Returns when holds() is true; fails, saying what, when that takes too long."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.005)


def wait_until_gone(token):
    """The kernel delivers the parent-death signal at once; reaping takes a moment."""
    wait_until(lambda: not processes_with_token(token), "processes remain")


@pytest.fixture(scope="session")
def origin():
    """The URL of a concbench-origin that runs for the whole session."""
    read_end, write_end = os.pipe()
    process = subprocess.Popen([BIN / "concbench-origin", "--ready-fd", str(write_end)],
                               pass_fds=[write_end])
    os.close(write_end)
    with os.fdopen(read_end) as ready:
        url = ready.readline().strip()
    assert url.startswith("http://127.0.0.1:")
    yield url
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=300) == 0


class FaultyServer:
    """Accepts connections and lets `answer(connection)` spoil each; one thread each."""

    def __init__(self, answer):
        self.answer = answer
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = "http://127.0.0.1:%d/" % self.listener.getsockname()[1]
        self.connections = []
        self.arrived = threading.Semaphore(0)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self.handle, args=[connection], daemon=True).start()

    def handle(self, connection):
        try:
            while connection.recv(65536):
                self.arrived.release()
                if not self.answer(connection):
                    return
        except OSError:
            pass

    def close(self):
        self.listener.close()
        for connection in self.connections:
            connection.close()


def stall(connection):
    return True


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    return False


def short(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
    connection.shutdown(socket.SHUT_RDWR)
    return False


def garbage(connection):
    connection.sendall(b"\x00\x01\x02 this is not HTTP \r\n\r\n")
    connection.shutdown(socket.SHUT_RDWR)
    return False


def answer_once(connection):
    """A whole response that promises to keep the connection, which then ends."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    connection.shutdown(socket.SHUT_RDWR)
    return False


def unavailable(connection):
    connection.sendall(b"HTTP/1.1 503 Unavailable\r\nContent-Length: 4\r\n\r\nbusy")
    return True


def fails_first():
    """An answer for a FaultyServer: 503 for its first request, then 200, each with the two bytes "ok"."""
    statuses = itertools.chain(["503 No"], itertools.repeat("200 OK"))

    def answer(connection):
        connection.sendall(f"HTTP/1.1 {next(statuses)}\r\nContent-Length: 2\r\n\r\nok".encode())
        return True
    return answer


@contextlib.contextmanager
def folder_for_all(prefix):
    """A folder that others may enter, which those of pytest are not."""
    with tempfile.TemporaryDirectory(prefix=prefix) as folder:
        os.chmod(folder, 0o755)
        yield pathlib.Path(folder)


@pytest.fixture
def faulty():
    """faulty(answer) starts a FaultyServer; all are closed after the test."""
    servers = []

    def start(answer):
        servers.append(FaultyServer(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def refused_url():
    """A URL where nobody listens, nor will: the port is taken."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield "http://127.0.0.1:%d/" % taken.getsockname()[1]
