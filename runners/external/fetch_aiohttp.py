"""fetch_aiohttp: requests of coroutines, made with the library aiohttp, for the runners with a loop
of asyncio, whichever loop it is."""

import asyncio

import aiohttp

import contract
import pipe_asyncio

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


async def make_request(run, session, url, ticket):
    """One request of whichever task: (outcome, bytes of the body)."""
    outcome, size = "ok", 0
    if run.settings.task == "http":
        outcome, size = await fetch(session, url)
    elif run.settings.task == "sleep":
        await asyncio.sleep(run.sleep_s(ticket))
    run.compute()
    return outcome, size


async def work(run, session, worker, queue):
    if run.settings.task == "pipeline":
        async def answer(item):
            run.answer(item, worker)
        await pipe_asyncio.pipe(run, worker, queue, answer)
        return
    url = run.url(worker)
    for ticket in run.tickets(worker):
        pause_s = run.seconds_until(ticket)
        if pause_s > 0:
            await asyncio.sleep(pause_s)
        start_ns = run.begin()
        outcome, size = await make_request(run, session, url, ticket)
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
        queue = asyncio.Queue(settings.queue_slots)
        for _ in run.parts():
            await asyncio.gather(*(work(run, session, i, queue) for i in range(settings.concurrency)))


def main(run, loop):
    """loop: the name of the loop's library, a knob."""
    asyncio.run(work_all(run))
    run.finish(run.settings.concurrency, {"aiohttp": aiohttp.__version__, "loop": loop})
