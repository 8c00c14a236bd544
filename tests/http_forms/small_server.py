"""A small server of the tests: what it answers, and when, is up to each of them."""

import socket
import threading


class SmallServer:
    """Accepts on loopback, and lets converse(connection, lines) speak with each connection in a thread of its own;
    lines is a file of what comes. A connection that the other side ends is no error."""

    def __init__(self, dual_stack=False):
        self.lock = threading.Lock()
        self.requests = self.connections = 0
        if dual_stack:
            self.listener = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True, backlog=512)
        else:
            self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
            threading.Thread(target=self.handle, args=[connection], daemon=True).start()

    def handle(self, connection):
        with connection, connection.makefile("rb") as lines:
            try:
                self.converse(connection, lines)
            except OSError:
                pass

    def converse(self, connection, lines):
        raise NotImplementedError

    def count_request(self):
        """Returns the number of the request, from 0."""
        with self.lock:
            self.requests += 1
            return self.requests - 1

    def close(self):
        self.listener.close()


def read_head(lines):
    """The request line, empty at the end of the connection, and the fields of the next request."""
    line, fields = lines.readline(), []
    while line and (field := lines.readline()) not in (b"\r\n", b""):
        fields.append(field)
    return line, fields


def length_of(fields):
    """What the Content-Length says, or 0."""
    return next((int(field.split(b":")[1]) for field in fields if field.lower().startswith(b"content-length:")), 0)
