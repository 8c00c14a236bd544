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

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True  # beside it, where concbench may be installed
import contract

# Before the libraries, which take longer to load than Python itself: --describe and a refused flag wait for none.
RUN = contract.Run("py-requests", family="threads", about="a pool of Python threads with requests",
                   tasks=contract.PIPELINE, needs={"threads": 1, "mappings": 2})

import queue
from concurrent.futures import ThreadPoolExecutor

import fetch_requests


def work(run, worker, session, barrier, numbers):
    barrier.wait()  # so that the pool makes all its threads, and all start together
    fetch_requests.work(run, worker, session, numbers)


def main(run):
    fetch_requests.count_connections(run)
    count = run.settings.concurrency
    sessions = [fetch_requests.make_session(run.settings) for _ in range(count)]
    barrier = threading.Barrier(count)
    numbers = queue.Queue(run.settings.queue_slots) if count > 1 else None
    with ThreadPoolExecutor(count) as pool:
        for _ in run.parts():
            try:
                workers = [pool.submit(work, run, i, sessions[i], barrier, numbers) for i in range(count)]
            except RuntimeError as error:
                contract.fail(3, f"{count} threads: {error}; lower -c")
            for worker in workers:
                worker.result()
    run.finish(count, fetch_requests.KNOBS)


main(RUN)
