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
RUN = contract.Run("py-aiohttp", family="coroutines", about="Python coroutines with aiohttp")

import asyncio

import aiohttp

CHUNK_BYTES = 65536
CLASSES = [(asyncio.TimeoutError, "timeout"), (aiohttp.ClientConnectorError, "connect"),
           (aiohttp.ServerDisconnectedError, "reset"), (aiohttp.ClientOSError, "reset"),
           (aiohttp.ClientPayloadError, "short"),
           (aiohttp.ClientResponseError, "protocol"), (aiohttp.InvalidURL, "protocol")]


async def fetch(session, url):
    """One GET: (outcome, bytes of the body)."""
    size = 0
    try:
        async with session.get(url, allow_redirects=False) as response:
            async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                size += len(chunk)
            return ("ok" if response.status < 400 else "status"), size
    except (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError) as error:
        return contract.failure_class(error, CLASSES), size


async def work(run, session, worker):
    url = run.url(worker)
    for ticket in run.tickets(worker):
        pause_s = run.seconds_until(ticket)
        if pause_s > 0:
            await asyncio.sleep(pause_s)
        start_ns = run.begin()
        outcome, size = await fetch(session, url)
        run.end(ticket, start_ns, outcome, size)


async def work_all(run):
    settings = run.settings

    async def count_connection(*_):
        run.connected()

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(count_connection)
    connector = aiohttp.TCPConnector(
        limit=settings.concurrency, force_close=settings.no_keepalive, resolver=aiohttp.ThreadedResolver(),
        ssl=contract.trust_of(settings) if settings.cacert or settings.insecure else None)
    async with aiohttp.ClientSession(
            connector=connector, trace_configs=[trace], trust_env=False, auto_decompress=False,
            headers={"Accept-Encoding": "identity"}, cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=settings.timeout_ms / 1000)) as session:
        if hasattr(session, "_retry_connection"):  # from 3.10 on it asks again after a reset, as no other model does
            session._retry_connection = False
        for _ in run.parts():
            await asyncio.gather(*(work(run, session, i) for i in range(settings.concurrency)))


def main(run):
    asyncio.run(work_all(run))
    run.finish(run.settings.concurrency,
               {"aiohttp": aiohttp.__version__, "loop": "asyncio"})


main(RUN)
