#!/usr/bin/env python3
"""py-uvloop: py-aiohttp on another event loop.

The same coroutines and the same library; only asyncio's loop, which is in Python, is replaced by
uvloop, which is libuv with a thin layer of Cython. What the two differ by is the loop's part.

What to look for in the results: less CPU per request than py-aiohttp; how much less says how much of
a request was the loop, and how much aiohttp and Python."""

import os.path
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True  # beside it, where concbench may be installed
import contract

# Before the libraries, which take longer to load than Python itself: --describe and a refused flag wait for none.
RUN = contract.Run("py-uvloop", family="coroutines", about="Python coroutines with aiohttp on uvloop",
                   tasks=contract.PIPELINE)

import uvloop

import fetch_aiohttp

uvloop.install()
fetch_aiohttp.main(RUN, f"uvloop {uvloop.__version__}")
