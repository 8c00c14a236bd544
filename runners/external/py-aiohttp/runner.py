#!/usr/bin/env python3
"""py-aiohttp: Python coroutines on one event loop, with aiohttp.

     loop    [r1][r2][r3].....[r1][r3].....[r2]
     task 1  [send]...wait....[read]
     task 2      [send]....wait............[read]
     task 3          [send]...wait....[read]               time ->

The `coroutines` model in Python: `await` is where a task gives the only thread back to
asyncio's loop, which goes on with any task that has its response. This program and py-requests
look alike and differ only in how they wait.

What it costs: no thread and no stack per request in flight, only some Python objects. A request
of 1 KB takes some ten times the CPU time of libcurl: the loop, the tasks and most of aiohttp
are interpreted (its HTTP parser is C).

What to look for in the results: next to no voluntary switches; CPU per request below that of
py-requests, as there are fewer layers and no lock to fight for; with many requests in flight,
latencies that all grow, because the only thread is busy with other responses."""

import os.path
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True  # beside it, where concbench may be installed
import contract

# Before the libraries, which take longer to load than Python itself: --describe and a refused flag wait for none.
RUN = contract.Run("py-aiohttp", family="coroutines", about="Python coroutines with aiohttp",
                   tasks=contract.PIPELINE)

import fetch_aiohttp

fetch_aiohttp.main(RUN, "asyncio")
