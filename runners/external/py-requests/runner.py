#!/usr/bin/env python3
"""py-requests: a pool of Python threads, one blocking request at a time each.

     thread 1   [request ....wait....]   [request ....wait....]
     thread 2      [request ....wait....]   [request ....wait....]
     thread 3         [request ....wait....]   [request ....wait....]
                one of them runs Python at a time: the GIL                time ->

The `threads` model in Python, as most people write it: requests for HTTP, ThreadPoolExecutor for
the threads. Waiting for the network gives the interpreter's lock (the GIL) back, so the threads
wait together; all that is not waiting (building the request, parsing headers, copying the body)
they do one after the other, on one CPU, however many there are.

What it costs: a thread per request in flight, as in C, and per request of 1 KB some twenty times
the CPU time of libcurl: requests is a convenient library on urllib3 on http.client, all Python.

What to look for in the results: throughput that stops rising after a few threads, with one
CPU busy; many voluntary switches per request, as the lock goes from hand to hand; waits
(slow-origin, mini-ab) that overlap nearly as well as those in C; memory that starts with the
interpreter and the libraries, and then grows little by thread."""

import os.path
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import contract

from concurrent.futures import ThreadPoolExecutor

import requests
import urllib3
import urllib3.util.connection

CHUNK_BYTES = 65536


def count_connections(run):
    """urllib3 makes every socket by this function."""
    create = urllib3.util.connection.create_connection

    def create_and_count(*args, **options):
        made = create(*args, **options)
        run.connected()
        return made
    urllib3.util.connection.create_connection = create_and_count


def make_session(settings):
    """A session for each thread: sharing one is not promised to be safe."""
    session = requests.Session()
    session.trust_env = False  # no proxies, no .netrc
    session.verify = settings.cacert or True
    session.headers["Accept-Encoding"] = "identity"
    if settings.no_keepalive:
        session.headers["Connection"] = "close"
    return session


def fetch(session, url, timeout_s):
    """One GET: (outcome, bytes of the body). The library limits only each wait; the whole request
    is limited here. Nor does it mind a body that ends too soon."""
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


def work(run, worker, gate):
    session = make_session(run.settings)
    url = run.url(worker)
    gate.wait()  # so that the pool makes all its threads, and all start together
    for ticket in run.tickets():
        time.sleep(run.seconds_until(ticket))
        start_ns = run.begin()
        outcome, size = fetch(session, url, run.settings.timeout_ms / 1000)
        run.end(ticket, start_ns, outcome, size)


def main():
    run = contract.Run("py-requests")
    count_connections(run)
    count = run.settings.concurrency
    gate = threading.Barrier(count)
    with ThreadPoolExecutor(count) as pool:
        try:
            workers = [pool.submit(work, run, i, gate) for i in range(count)]
        except RuntimeError as error:
            contract.fail(3, f"{count} threads: {error}; lower -c")
        for worker in workers:
            worker.result()
    run.finish(count, {"requests": requests.__version__, "urllib3": urllib3.__version__})


main()
