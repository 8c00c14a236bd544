"""The origin's TLS: its certificate, its handshakes and how they are counted."""

import shutil
import socket
import ssl
import subprocess

import pytest
from origin_process import BINARY, PATIENCE_S, Origin, pattern


@pytest.fixture(params=["1", "2"], ids=["1-thread", "2-threads"])
def origin(request, tmp_path):
    started = Origin("--threads", request.param, "--addresses", "3", ca=tmp_path / "ca.pem")
    yield started
    assert started.stop() == (0, "")


def test_ready_line(origin):
    assert origin.line == f"https://127.0.0.1:{origin.port}\n"


@pytest.mark.parametrize("size", [0, 1, 16000, 16384, 16385, 65520, 1048576, 20000001])
def test_contents(origin, size):
    assert origin.get(f"/bytes/{size}")[2] == pattern(size)


@pytest.mark.parametrize("host, address", [("127.0.0.1", "127.0.0.1"), ("127.0.0.3", "127.0.0.3"),
                                           ("127.0.0.64", "127.0.0.1"), ("localhost", "127.0.0.1")])
def test_the_certificate_names_loopback(origin, host, address):
    with socket.create_connection((address, origin.port), timeout=PATIENCE_S) as plain:
        with origin.tls.wrap_socket(plain, server_hostname=host) as client:
            assert client.version() == "TLSv1.3"


@pytest.mark.parametrize("host", ["127.0.0.65", "example.org"])
def test_the_certificate_names_nothing_else(origin, host):
    with origin.connect() as client, pytest.raises(ssl.SSLCertVerificationError):
        with socket.create_connection(("127.0.0.1", origin.port), timeout=PATIENCE_S) as plain:
            origin.tls.wrap_socket(plain, server_hostname=host)


def test_another_origins_certificate_is_not_trusted(origin, tmp_path):
    other = Origin(ca=tmp_path / "other.pem")
    with socket.create_connection(("127.0.0.1", origin.port), timeout=PATIENCE_S) as plain:
        with pytest.raises(ssl.SSLCertVerificationError):
            other.tls.wrap_socket(plain, server_hostname="127.0.0.1")
    assert other.stop() == (0, "")


def test_full_and_resumed_handshakes_are_counted(origin):
    """/stats is asked over TLS too, on one connection: its first handshake is in the counts."""
    origin.stats(reset=True)
    session = None
    for resumed in False, True, True:
        plain = socket.create_connection(("127.0.0.1", origin.port), timeout=PATIENCE_S)
        with origin.tls.wrap_socket(plain, server_hostname="127.0.0.1", session=session) as client:
            client.sendall(b"GET /bytes/1 HTTP/1.0\r\n\r\n")
            while client.recv(1000):
                pass  # the ticket comes before the answer
            assert client.session_reused == resumed
            session = client.session
    stats = origin.stats()
    assert (stats["tls_handshakes"], stats["tls_resumed"]) == (3, 2)


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is missing")
def test_two_tickets_for_a_full_handshake_and_one_for_a_resumed_one(origin, tmp_path):
    """As OpenSSL does: clients that use a ticket once can open a second connection beside the first."""
    for resumed, tickets in (False, 2), (True, 1):
        done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{origin.port}", "-ign_eof",
                               *(["-sess_in", tmp_path / "session"] if resumed else ["-sess_out", tmp_path / "session"])],
                              input="GET /bytes/1 HTTP/1.0\r\n\r\n", capture_output=True, text=True, timeout=PATIENCE_S)
        assert done.stdout.count("New Session Ticket arrived") == tickets, done.stdout
        assert ("\nReused, TLSv1.3" in done.stdout) == resumed


def test_a_broken_handshake_counts_in_nothing(origin):
    origin.stats(reset=True)
    for nonsense in b"GET / HTTP/1.0\r\n\r\n", b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", b"":
        with socket.create_connection(("127.0.0.1", origin.port), timeout=PATIENCE_S) as plain:
            plain.sendall(nonsense)
            if not nonsense:
                plain.shutdown(socket.SHUT_WR)
            try:
                while plain.recv(1000):
                    pass
            except ConnectionResetError:
                pass
    stats = origin.stats()
    assert (stats["tls_handshakes"], stats["requests"], stats["connections"]) == (0, 0, 0)


def test_older_versions_are_refused(origin):
    origin.tls.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        origin.connect()


def test_http_1_1_is_chosen_where_others_are_offered(origin):
    for offered, chosen in (["h2", "http/1.1"], "http/1.1"), (["h2"], None):
        origin.tls.set_alpn_protocols(offered)
        with origin.connect() as client:
            assert client.selected_alpn_protocol() == chosen


@pytest.mark.parametrize("flags, code, named", [
    (["--ca-out", "x"], 2, "--tls"),
    (["--tls", "--ca-out", "/nowhere/ca.pem"], 3, "/nowhere/ca.pem"),
    (["--tls", "--ca-out", "/dev/full"], 3, "/dev/full"),
])
def test_bad_flags(flags, code, named):
    done = subprocess.run([BINARY, *flags], capture_output=True, text=True, timeout=PATIENCE_S)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
    assert named in done.stderr
