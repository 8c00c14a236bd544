#!/usr/bin/env python3
"""py-executor: Python coroutines that hand a blocking library to a pool of threads.

     loop       --A--+--B--+ ....... +--A--+ ... +--B--+
     thread 1     [A: requests.get() ..wait..]  [B: ..wait..]
     thread 2           [B: requests.get() ..wait....]
                a call goes out by run_in_executor, its result comes back to the loop    time ->

The `executor` model in Python: what a program of asyncio does with a library that only blocks. It is
py-requests with a loop around it.

What it costs: all that py-requests costs, and two hand-overs through the loop for each request.

What to look for in the results: more CPU per request than py-requests and py-aiohttp both; it is how
blocking code is kept, not how it gets faster."""

import os.path
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True  # beside it, where concbench may be installed
import contract

# Before the libraries, which take longer to load than Python itself: --describe and a refused flag wait for none.
RUN = contract.Run("py-executor", family="threads", about="asyncio with run_in_executor over requests",
                   tasks=contract.PIPELINE, needs={"threads": 1, "mappings": 2})

import asyncio
from concurrent.futures import ThreadPoolExecutor

import fetch_requests
import pipe_asyncio


async def work(run, pool, worker, session, queue):
    loop, url = asyncio.get_running_loop(), run.url(worker)
    if run.settings.task == "pipeline":
        await pipe_asyncio.pipe(run, worker, queue, lambda item: loop.run_in_executor(pool, run.answer, item, worker))
        return
    for ticket in run.tickets(worker):
        await asyncio.sleep(run.seconds_until(ticket))
        start_ns = run.begin()
        outcome, size = await loop.run_in_executor(pool, fetch_requests.make_request, run, session, url, ticket)
        run.end(ticket, start_ns, outcome, size)


async def work_all(run, sessions):
    with ThreadPoolExecutor(len(sessions)) as pool:
        queue = asyncio.Queue(run.settings.queue_slots)
        for _ in run.parts():
            await asyncio.gather(*(work(run, pool, i, session, queue) for i, session in enumerate(sessions)))


def main(run):
    fetch_requests.count_connections(run)
    count = run.settings.concurrency
    try:
        asyncio.run(work_all(run, [fetch_requests.make_session(run.settings) for _ in range(count)]))
    except RuntimeError as error:
        contract.fail(3, f"{count} threads: {error}; lower -c")
    run.finish(count, {**fetch_requests.KNOBS, "loop": "asyncio"})


main(RUN)
