"""A server with a name that nobody can look up, and what it was called by those who reach it with --resolve."""

import http.server
import socket
import ssl
import subprocess
import threading

import pytest

NAME = "named.example.test"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.hosts.append(self.headers["Host"])
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


class NamedServer(http.server.ThreadingHTTPServer):
    """Notes Host fields in hosts, and in names what TLS handshakes ask for; certificate: for https."""
    daemon_threads = True

    def __init__(self, address, certificate=None):
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        super().__init__((address, 0), Handler)
        self.hosts, self.names, self.certificate = [], [], certificate
        self.url = f"http{'s' if certificate else ''}://{NAME}:{self.server_port}/"
        self.given = f"{NAME.upper()}:{self.server_port}:{address}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            context.sni_callback = lambda _, name, __: self.names.append(name)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def flags(self):
        return ["--resolve", self.given, *(["--cacert", self.certificate] if self.certificate else []), self.url]

    def check(self, document, requests):
        """All requests were answered, and those that came here called it by its name. How many come is for conform to
        check, with an origin that counts."""
        assert (document["ok"], document["failed"]) == (requests, {})
        assert set(self.hosts) == {f"{NAME}:{self.server_port}"}, (self.hosts, document)
        assert set(self.names) == ({NAME} if self.certificate else set())
        self.hosts.clear()
        self.names.clear()

    def close(self):
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        pass  # a client that has seen enough


@pytest.fixture(scope="module")
def named_servers(tmp_path_factory):
    """One for each of http and https on IPv4 and IPv6, as far as they are here; their certificate is to be trusted."""
    path = tmp_path_factory.mktemp("named") / "named.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-out", path, "-keyout", path],
                   check=True, capture_output=True)
    addresses = ["127.0.0.1"]
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        addresses.append("::1")
    except OSError:
        pass  # no IPv6 here
    servers = [NamedServer(address, certificate) for address in addresses for certificate in (None, str(path))]
    yield servers
    for server in servers:
        server.close()
