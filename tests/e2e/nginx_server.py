"""nginx, a server that nobody here wrote, in a folder of its own, with its own books."""

import collections
import os
import re
import shutil
import signal
import socket
import subprocess
import types
import urllib.request

NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")

SMALL_BYTES, SLOW_BYTES, BIG_BYTES = 1234, 100_000, 10_000_000

Row = collections.namedtuple("Row", "connection serial status body_bytes uri")

# The ports are not bound by nginx: it inherits listening sockets, so nobody can take them first,
# and a client that is early waits in the backlog.
CONFIGURATION = """
daemon off;
{user}
worker_processes 1;
pid nginx.pid;
error_log error.log;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path client; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    log_format books '$connection $connection_requests $status $body_bytes_sent $uri';
    access_log access.log books;
    root files;
    server {{
        listen 127.0.0.1:{plain};
        location /books {{ stub_status; access_log off; }}
        location /slow {{ limit_rate 50k; }}
        location /endless {{ limit_rate 1k; alias files/slow; }}
        location /moved {{ return 301 /small; }}
        location /none {{ return 204; }}
        location /drop {{ return 444; }}
        location /chunked {{ ssi on; ssi_types *; alias files/small; }}
        location /until-closed {{ ssi on; ssi_types *; chunked_transfer_encoding off;
                                  alias files/small; }}
        location /broken {{ return 503; }}
    }}
    server {{
        listen 127.0.0.1:{seven};
        keepalive_requests 7;
    }}
    {tls_server}
}}
"""

TLS_SERVER = """
    server {{
        listen 127.0.0.1:{tls} ssl;
        ssl_certificate cert.pem;
        ssl_certificate_key key.pem;
    }}
"""


def make_files(folder):
    (folder / "files").mkdir()
    for name, size in (("small", SMALL_BYTES), ("slow", SLOW_BYTES), ("big", BIG_BYTES)):
        (folder / "files" / name).write_bytes(bytes(i % 251 for i in range(1000)) * (size // 1000)
                                              + b"x" * (size % 1000))


def make_certificate(folder):
    """A self-signed certificate for 127.0.0.1; None without openssl."""
    if not shutil.which("openssl"):
        return None
    subprocess.run(["openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem",
                    "-out", folder / "cert.pem"], check=True, capture_output=True, timeout=300)
    return folder / "cert.pem"


class Nginx:
    """One nginx in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        make_files(folder)
        self.certificate = make_certificate(folder)
        listeners = [socket.create_server(("127.0.0.1", 0), backlog=256) for _ in range(3)]
        ports = dict(zip(("plain", "seven", "tls"), (s.getsockname()[1] for s in listeners)))
        user = "user root;" if os.geteuid() == 0 else ""
        tls_server = TLS_SERVER.format(**ports) if self.certificate else ""
        (folder / "nginx.conf").write_text(
            CONFIGURATION.format(user=user, tls_server=tls_server, **ports))
        fds = [s.fileno() for s in listeners[:3 if self.certificate else 2]]
        environment = dict(os.environ, NGINX="".join(f"{fd};" for fd in fds))
        self.process = subprocess.Popen(
            [NGINX, "-e", "error.log", "-p", folder, "-c", "nginx.conf"], pass_fds=fds,
            env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        for listener in listeners:
            listener.close()
        self.plain = f"http://127.0.0.1:{ports['plain']}"
        self.seven = f"http://127.0.0.1:{ports['seven']}"
        self.tls = f"https://127.0.0.1:{ports['tls']}"

    def counters(self):
        """The server's own counts of connections and requests, without those of this question."""
        with urllib.request.urlopen(self.plain + "/books", timeout=300) as answer:
            text = answer.read().decode()
        accepts, handled, requests = map(int, re.search(r"(\d+) (\d+) (\d+) ", text).groups())
        assert accepts == handled
        return types.SimpleNamespace(connections=accepts - 1, requests=requests - 1)

    def stop(self):
        """Ends it, once all that is in hand is written down. The rows of the access log."""
        self.process.send_signal(signal.SIGQUIT)
        assert self.process.wait(timeout=300) == 0, (self.folder / "error.log").read_text()
        rows = []
        for line in (self.folder / "access.log").read_text().splitlines():
            connection, serial, status, body_bytes, uri = line.split()
            rows.append(Row(connection, int(serial), int(status), int(body_bytes), uri))
        return rows

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=300)
