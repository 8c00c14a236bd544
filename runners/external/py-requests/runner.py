#!/usr/bin/env python3
"""py-requests: a pool of Python threads, one blocking request at a time each.

     thread 1   [request ....wait....]   [request ....wait....]
     thread 2      [request ....wait....]   [request ....wait....]
     thread 3         [request ....wait....]   [request ....wait....]
                one of them runs Python at a time: the GIL                time ->

The `threads` model in Python, as most people write it: requests for HTTP, ThreadPoolExecutor for
the threads. Waiting for the network releases the interpreter's lock (the GIL), so the threads wait
together. Everything else (building the request, parsing headers, copying the body) they do one
after the other, on one CPU, however many CPUs there are.

What it costs: a thread per request in flight, as in C, and some twenty times the CPU time of
libcurl for a request of 1 KB: requests is a convenient library on top of urllib3, which is on
top of http.client, all in Python.

What to look for in the results: throughput that stops rising after a few threads, with one
CPU busy; many voluntary switches per request, as the lock goes from hand to hand; waits
(slow-origin, mini-ab) that overlap nearly as well as those in C; memory that starts with the
interpreter and the libraries, and then grows little with each thread."""

import os.path
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True  # beside it, where concbench may be installed
import contract

# Before the libraries, which take longer to load than Python itself: --describe and a refused flag wait for none.
RUN = contract.Run("py-requests", family="threads", about="a pool of Python threads with requests",
                   needs={"threads": 1, "mappings": 2})

from concurrent.futures import ThreadPoolExecutor

import requests
import urllib3
import urllib3.util.connection

CHUNK_BYTES = 65536


def count_connections(run):
    """Counts connections: urllib3 makes every socket with this function."""
    create = urllib3.util.connection.create_connection

    def create_and_count(*args, **options):
        made = create(*args, **options)
        run.connected()
        return made
    urllib3.util.connection.create_connection = create_and_count


def make_session(settings):
    """Makes the session of a worker. Sharing one between threads may not be safe."""
    session = requests.Session()
    session.trust_env = False  # no proxies, no .netrc
    if settings.insecure:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # once a request
    session.verify = False if settings.insecure else settings.cacert or True
    session.headers["Accept-Encoding"] = "identity"
    if settings.no_keepalive:
        session.headers["Connection"] = "close"
    return session


def fetch(session, url, timeout_s):
    """One GET: (outcome, bytes of the body). The library limits each wait; this limits the whole
    request. The library also ignores a body that ends too soon; this does not."""
    deadline = time.monotonic() + timeout_s
    size = 0
    try:
        with session.get(url, timeout=timeout_s, allow_redirects=False, stream=True) as response:
            for chunk in response.iter_content(CHUNK_BYTES):
                size += len(chunk)
                if time.monotonic() > deadline:
                    return "timeout", size
        if size < int(response.headers.get("Content-Length", 0)):
            return "short", size
        return ("ok" if response.status_code < 400 else "status"), size
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        return contract.failure_class(
            error, [(urllib3.exceptions.NewConnectionError, "connect"),
                    (urllib3.exceptions.ProtocolError, "protocol")]), size


def work(run, worker, session, barrier):
    url = run.url(worker)
    barrier.wait()  # so that the pool makes all its threads, and all start together
    for ticket in run.tickets(worker):
        time.sleep(run.seconds_until(ticket))
        start_ns = run.begin()
        outcome, size = fetch(session, url, run.settings.timeout_ms / 1000)
        run.end(ticket, start_ns, outcome, size)


def main(run):
    count_connections(run)
    count = run.settings.concurrency
    sessions = [make_session(run.settings) for _ in range(count)]
    barrier = threading.Barrier(count)
    with ThreadPoolExecutor(count) as pool:
        for _ in run.parts():
            try:
                workers = [pool.submit(work, run, i, sessions[i], barrier) for i in range(count)]
            except RuntimeError as error:
                contract.fail(3, f"{count} threads: {error}; lower -c")
            for worker in workers:
                worker.result()
    run.finish(count, {"requests": requests.__version__, "urllib3": urllib3.__version__})


main(RUN)
