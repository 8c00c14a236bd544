#!/usr/bin/env python3
"""py-multiprocessing: a pool of Python processes, one blocking request at a time each.

     parent      fork fork fork  ......wait for the children......
     process 1      [request ....wait....][request ....wait....]
     process 2        [request ....wait....][request ....wait....]
     process 3          [request ....wait....][request ....wait....]
                each has a GIL of its own, so they compute together     time ->

The `processes` model in Python: ProcessPoolExecutor, the usual way round the GIL. Each process has
an interpreter of its own, made by fork, so what was loaded before is shared until it is written,
which counting references does to every object that is only looked at.

What it costs: an interpreter per request in flight, some megabytes each; results cross from process
to process pickled, here once a worker.

What to look for in the results: tree memory; start-up; and with task cpu the only Python program
that computes on all CPUs."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True  # beside it, where concbench may be installed
import contract

# Before the libraries, which take longer to load than Python itself: --describe and a refused flag wait for none.
RUN = contract.Run("py-multiprocessing", family="processes", about="a pool of Python processes with requests",
                   tasks=contract.PIPELINE, needs={"threads": 1, "kib": 6144, "kib_bare": 6144})

import concurrent.futures.process
import ctypes
import multiprocessing
import signal

import fetch_requests

PR_SET_PDEATHSIG = 1


def begin(parent, barrier, numbers):
    """The first that runs in a process of the pool, which ends with its parent."""
    global SESSION, BARRIER, NUMBERS
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it has ended already, and all others would be waited for in vain
        os._exit(1)
    SESSION, BARRIER, NUMBERS = fetch_requests.make_session(RUN.settings), barrier, numbers


def work(worker, is_warm):
    """All requests of a worker, and what became of them."""
    RUN.start_part(is_warm)
    BARRIER.wait()  # so that each process is a worker, and all start together
    fetch_requests.work(RUN, worker, SESSION, NUMBERS)
    return RUN.part()


def main(run):
    fetch_requests.count_connections(run)
    count, context = run.settings.concurrency, multiprocessing.get_context("fork")
    run.share(context)
    numbers = context.JoinableQueue(run.settings.queue_slots) if count > 1 else None
    try:
        with concurrent.futures.ProcessPoolExecutor(count, context, begin, (os.getpid(), context.Barrier(count), numbers)) as pool:
            for _ in run.parts():
                for record in pool.map(work, range(count), [run.is_warm] * count):
                    run.add(record)
    except (OSError, concurrent.futures.process.BrokenProcessPool) as error:
        contract.fail(3, f"{count} processes: {error}; lower -c")
    run.finish(count, fetch_requests.KNOBS)


main(RUN)
