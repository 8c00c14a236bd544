#!/usr/bin/env python3
"""py-gevent: Python greenlets; blocking code that does not block.

     loop          [g1][g2][g3].....[g1][g3].....[g2]
     greenlet 1    [send]...wait....[read]
     greenlet 2        [send]....wait............[read]               time ->

The `coroutines` model in Python with stacks of their own, as in C: gevent replaces the sockets and
sleeps of the standard library by ones that switch to another greenlet while they wait. The program
is that of py-requests, without a word of it changed; py-aiohttp has to say `await` at each wait.

What it costs: a piece of stack, copied at each switch, per request in flight.

What to look for in the results: hardly any voluntary switches, as there is one thread; the CPU per
request of requests, which is more than that of aiohttp."""

import os.path
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True  # beside it, where concbench may be installed
import contract

# Before the libraries, which take longer to load than Python itself: --describe and a refused flag wait for none.
RUN = contract.Run("py-gevent", family="coroutines", about="Python greenlets with requests",
                   tasks=contract.PIPELINE)

import gevent
import gevent.monkey
import gevent.queue

gevent.monkey.patch_all()
if RUN.settings.resolve:
    contract.use_address(RUN.settings.resolve)  # again: what looks names up is another function now

import fetch_requests


def main(run):
    fetch_requests.count_connections(run)
    sessions = [fetch_requests.make_session(run.settings) for _ in range(run.settings.concurrency)]
    numbers = gevent.queue.JoinableQueue(run.settings.queue_slots) if len(sessions) > 1 else None
    for _ in run.parts():
        gevent.joinall([gevent.spawn(fetch_requests.work, run, i, session, numbers) for i, session in enumerate(sessions)],
                       raise_error=True)
    run.finish(len(sessions), {**fetch_requests.KNOBS, "gevent": gevent.__version__})


main(RUN)
