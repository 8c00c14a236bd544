#!/usr/bin/env python3
"""py-sequential: one request after the other, in Python.

     [request 1 ....wait....][request 2 ....wait....][request 3 ....wait....]    time ->

What a loop over requests.get() does, and what every other Python program here is compared with.

What it costs: time; nothing waits together. Against `sequential` it shows what Python and the
library requests cost without any concurrency.

What to look for in the results: the CPU per request, which is all Python's, and the memory,
which is the interpreter with its libraries."""

import os.path
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True  # beside it, where concbench may be installed
import contract

# Before the libraries, which take longer to load than Python itself: --describe and a refused flag wait for none.
RUN = contract.Run("py-sequential", family="single", about="one request after the other, with requests",
                   tasks=contract.PIPELINE, is_single=True)

import fetch_requests


def main(run):
    fetch_requests.count_connections(run)
    session = fetch_requests.make_session(run.settings)
    for _ in run.parts():
        fetch_requests.work(run, 0, session)
    run.finish(1, fetch_requests.KNOBS)


main(RUN)
