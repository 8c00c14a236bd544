#!/usr/bin/env python3
"""py-pycurl: libcurl's own loop in Python, with pycurl's CurlMulti.

     thread      select(all sockets) ... look at every handle, select(all sockets) ...
     client A    [request ....wait...............]
     client B    [request ....wait.......................]
                 each turn costs as much as there are handles            time ->

The `multi-poll` model in Python: the same library does the same work with the same options, so what is
left between the two is the language. Python sees a request begin and end, and each piece of its body.

What it costs: some calls of the interpreter for each request; a turn looks at all handles. pycurl has no
curl_multi_poll, only select, so at most 1,000 requests are in flight.

What to look for in the results: CPU per request beside `multi-poll`, and beside `py-aiohttp`, whose HTTP
is in Python."""

import heapq
import os.path
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True  # beside it, where concbench may be installed
import contract

RUN = contract.Run("py-pycurl", family="loops", about="libcurl's multi interface by pycurl",
                   needs={"kib": 32})

import pycurl

IN_FLIGHT_MAX = 1000  # select knows descriptors up to 1023
LONGEST_WAIT_S = 1.0
CLASSES = {
    "resolve": [pycurl.E_COULDNT_RESOLVE_HOST], "connect": [pycurl.E_COULDNT_CONNECT], "short": [pycurl.E_PARTIAL_FILE],
    "tls": [pycurl.E_SSL_CONNECT_ERROR, pycurl.E_PEER_FAILED_VERIFICATION, pycurl.E_SSL_CACERT_BADFILE, pycurl.E_SSL_CIPHER,
            pycurl.E_SSL_CERTPROBLEM, pycurl.E_SSL_ISSUER_ERROR],
    "timeout": [pycurl.E_OPERATION_TIMEDOUT], "reset": [pycurl.E_SEND_ERROR, pycurl.E_RECV_ERROR, pycurl.E_GOT_NOTHING],
    "protocol": [pycurl.E_UNSUPPORTED_PROTOCOL, pycurl.E_FTP_WEIRD_SERVER_REPLY, pycurl.E_BAD_CONTENT_ENCODING]}


class Client:
    """A handle of libcurl, and the request that it has in hand."""

    def __init__(self, worker):
        settings = RUN.settings
        self.worker, self.size, self.ticket, self.start_ns, self.tickets = worker, 0, None, 0, None
        self.easy = easy = pycurl.Curl()
        easy.client = self
        easy.setopt(pycurl.URL, RUN.url(worker))  # the options of runtime/task/fetch.c
        easy.setopt(pycurl.NOSIGNAL, 1)
        easy.setopt(pycurl.NOPROXY, "*")
        easy.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
        easy.setopt(pycurl.TIMEOUT_MS, settings.timeout_ms)
        easy.setopt(pycurl.BUFFERSIZE, settings.buffer_bytes or 16384)
        easy.setopt(pycurl.USERAGENT, "")  # else pycurl sends its own
        easy.setopt(pycurl.WRITEFUNCTION, self.count_body)
        if settings.no_keepalive:
            easy.setopt(pycurl.FORBID_REUSE, 1)
        if settings.cacert:
            easy.setopt(pycurl.CAINFO, settings.cacert)
        if settings.insecure:
            easy.setopt(pycurl.SSL_VERIFYPEER, 0)
            easy.setopt(pycurl.SSL_VERIFYHOST, 0)
        if settings.resolve:
            host, port, address = settings.resolve
            easy.setopt(pycurl.RESOLVE, [f"{host}:{port}:{address}"])

    def count_body(self, piece):
        self.size += len(piece)

    def end(self, code, message):
        easy = self.easy
        for _ in range(easy.getinfo(pycurl.NUM_CONNECTS)):
            RUN.connected()
        outcome = "status" if easy.getinfo(pycurl.RESPONSE_CODE) >= 400 else "ok"
        if code:
            outcome = next((name for name, codes in CLASSES.items() if code in codes), "other")
        elif easy.getinfo(pycurl.RESPONSE_CODE) == 101:
            outcome = "protocol"
        if outcome == "reset" and "chunk" in message:  # libcurl has one code for both
            outcome = "protocol"
        RUN.end(self.ticket, self.start_ns, outcome, self.size)


class Loop:
    def __init__(self, clients):
        self.multi, self.clients, self.due, self.in_flight = pycurl.CurlMulti(), clients, [], 0
        self.multi.setopt(pycurl.M_MAXCONNECTS, len(clients))

    def take(self, client):
        """The client's next request: begun, or kept until it is due."""
        client.ticket = next(client.tickets, None)
        if client.ticket and RUN.seconds_until(client.ticket) > 0:
            heapq.heappush(self.due, (client.ticket, client.worker))
        elif client.ticket:
            self.begin(client)

    def begin(self, client):
        client.size, client.start_ns = 0, RUN.begin()
        self.multi.add_handle(client.easy)
        self.in_flight += 1

    def wait(self):
        wait_s = min(LONGEST_WAIT_S, RUN.seconds_until(self.due[0][0]) if self.due else LONGEST_WAIT_S)
        limit_ms = self.multi.timeout()
        if limit_ms >= 0:
            wait_s = min(wait_s, limit_ms / 1000)
        if not self.in_flight:
            time.sleep(wait_s)
        elif wait_s > 0 and self.multi.select(wait_s) < 0:  # no socket yet: a name is being looked up
            time.sleep(0.001)

    def end_finished(self):
        left, ended = 1, []
        while left:
            left, good, bad = self.multi.info_read()
            ended += [(easy, 0, "") for easy in good] + bad
        for easy, code, message in ended:
            self.multi.remove_handle(easy)
            self.in_flight -= 1
            easy.client.end(code, message)
            self.take(easy.client)

    def run(self):
        for client in self.clients:
            client.tickets = RUN.tickets(client.worker)
            self.take(client)
        while self.in_flight or self.due:
            self.wait()
            while self.due and RUN.seconds_until(self.due[0][0]) == 0:
                self.begin(self.clients[heapq.heappop(self.due)[1]])
            self.multi.perform()
            self.end_finished()


def main():
    count = RUN.settings.concurrency
    if count > IN_FLIGHT_MAX:
        contract.fail(3, f"select, which pycurl waits with, knows no more than {IN_FLIGHT_MAX} connections: use a smaller -c")
    loop = Loop([Client(worker) for worker in range(count)])
    for _ in RUN.parts():
        loop.run()
    version = pycurl.version_info()
    RUN.finish(count, {"libcurl": version[1], "tls": version[5], "pycurl": pycurl.version.split()[0].split("/")[1]})


main()
