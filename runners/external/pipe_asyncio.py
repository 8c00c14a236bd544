"""pipe_asyncio: task pipeline of coroutines, for the runners with a loop of asyncio."""

import contract


async def pipe(run, worker, queue, answer):
    """What a producer or a consumer does; await answer(item) says how the latter computes. One worker alone needs no queue."""
    if run.settings.concurrency == 1:
        for ticket in run.tickets(worker):
            await answer(run.item(ticket))
    elif run.is_producer(worker):
        await produce(run, worker, queue)
    else:
        await consume(run, queue, answer)


async def produce(run, worker, queue):
    for ticket in run.tickets(worker):
        item = run.item(ticket)
        if queue.full():
            run.note_wait(contract.PRODUCER_WAITS)
        await queue.put(item)
        run.is_put(item, worker)
    for end in run.ends_for_consumers():
        await queue.put(end)


async def consume(run, queue, answer):
    while True:
        if queue.empty():
            run.note_wait(contract.CONSUMER_WAITS)
        item = await queue.get()
        if item is None:
            return
        run.is_taken(item)
        await answer(item)
