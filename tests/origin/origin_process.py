"""A concbench-origin under test, and what reads its answers."""

import http.client
import json
import os
import secrets
import signal
import socket
import ssl
import subprocess
import time

BINARY = os.path.join(os.environ["CONCBENCH_BIN"], "concbench-origin")
PATIENCE_S = 300


def pipe_of(text):
    """A descriptor from which the text can be read, once."""
    read_end, write_end = os.pipe()
    os.write(write_end, text.encode())
    os.close(write_end)
    return read_end


class Origin:
    """A running origin. Its exit status is checked when the test ends."""

    def __init__(self, *flags, ca=None, **popen):
        """With ca, the path of a file for its certificate, it speaks TLS."""
        if ca:
            flags = [*flags, "--tls", "--ca-out", str(ca)]
        ready, ready_end = os.pipe()
        self.token = secrets.token_hex(16)
        self.orders = {"Authorization": f"Bearer {self.token}"}
        token_fd = pipe_of(self.token)
        self.process = subprocess.Popen(
            [BINARY, "--ready-fd", str(ready_end), "--token-fd", str(token_fd), *flags],
            pass_fds=[ready_end, token_fd], stderr=subprocess.PIPE, text=True, **popen)
        os.close(ready_end)
        os.close(token_fd)
        with os.fdopen(ready) as pipe:
            self.line = pipe.read()
        self.url = self.line.rstrip("\n")
        self.port = int(self.url.rsplit(":", 1)[1])
        self.tls = ssl.create_default_context(cafile=ca) if ca else None
        self.kept = self.keep()

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)
        if not self.tls:
            return plain
        return self.tls.wrap_socket(plain, server_hostname="127.0.0.1", suppress_ragged_eofs=False)

    def keep(self):
        """A connection for many requests."""
        if self.tls:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE_S, context=self.tls)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)

    def get(self, target, method="GET", body=None, fields=None):
        """(status, headers, body) on a connection of its own, with the token unless fields are given."""
        connection = self.keep()
        try:
            connection.request(method, target, body, self.orders if fields is None else fields)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def raw(self, request):
        """All that comes until the origin closes."""
        with self.connect() as client:
            client.sendall(request)
            return read_all(client)

    def stats(self, reset=False):
        self.kept.request("POST" if reset else "GET", "/stats/reset" if reset else "/stats",
                          headers=self.orders)
        answer = self.kept.getresponse()
        assert answer.status == 200
        return json.loads(answer.read())

    def await_stats(self, **wanted):
        deadline = time.monotonic() + PATIENCE_S
        while True:
            stats = self.stats()
            if all(stats[key] == value for key, value in wanted.items()):
                return stats
            assert time.monotonic() < deadline, (stats, wanted)

    def stop(self, number=signal.SIGTERM):
        self.kept.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        stderr = self.process.communicate(timeout=PATIENCE_S)[1]
        return self.process.returncode, stderr


def read_all(client):
    parts = []
    while part := client.recv(65536):
        parts.append(part)
    return b"".join(parts)


def pattern(size):
    return (b"abcdefghijklmnopqrstuvwxyz" * (size // 26 + 1))[:size]


def split(answer):
    """(status line, lower-case header dict, body) of raw bytes."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return first, dict(line.lower().split(": ", 1) for line in lines), body
