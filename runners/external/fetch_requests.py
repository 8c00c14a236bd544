"""fetch_requests: a request made with the library requests, for all runners that block while they
wait: in threads, in processes, in an executor, or in greenlets that only seem to block."""

import time

import requests
import urllib3
import urllib3.util.connection

import contract

CHUNK_BYTES = 65536
KNOBS = {"requests": requests.__version__, "urllib3": urllib3.__version__}


def count_connections(run):
    """Counts connections: urllib3 makes every socket with this function."""
    create = urllib3.util.connection.create_connection

    def create_and_count(*args, **options):
        made = create(*args, **options)
        run.connected()
        return made
    urllib3.util.connection.create_connection = create_and_count


def make_session(settings):
    """Makes the session of a worker. Sharing one between threads may not be safe."""
    session = requests.Session()
    session.trust_env = False  # no proxies, no .netrc
    if settings.insecure:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # once a request
    session.verify = False if settings.insecure else settings.cacert or True
    session.headers["Accept-Encoding"] = "identity"
    if settings.no_keepalive:
        session.headers["Connection"] = "close"
    return session


def fetch(session, url, timeout_s):
    """One GET: (outcome, bytes of the body). The library limits each wait; this limits the whole
    request. The library also ignores a body that ends too soon; this does not."""
    deadline = time.monotonic() + timeout_s
    size = 0
    try:
        with session.get(url, timeout=timeout_s, allow_redirects=False, stream=True) as response:
            for chunk in response.iter_content(CHUNK_BYTES):
                size += len(chunk)
                if time.monotonic() > deadline:
                    return "timeout", size
        if size < int(response.headers.get("Content-Length", 0)):
            return "short", size
        return ("ok" if response.status_code < 400 else "status"), size
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        return contract.failure_class(
            error, [(urllib3.exceptions.NewConnectionError, "connect"),
                    (urllib3.exceptions.ProtocolError, "protocol")]), size


def make_request(run, session, url, ticket):
    """One request of whichever task: (outcome, bytes of the body)."""
    outcome, size = "ok", 0
    if run.settings.task == "http":
        outcome, size = fetch(session, url, run.settings.timeout_ms / 1000)
    elif run.settings.task == "sleep":
        time.sleep(run.sleep_s(ticket))
    run.compute()
    return outcome, size


def pipe(run, worker, queue):
    """Task pipeline, of a producer or a consumer; queue: one with join and task_done, None for one worker alone."""
    if queue is None:
        for ticket in run.tickets(worker):
            run.answer(run.item(ticket), worker)
    elif run.is_producer(worker):
        for ticket in run.tickets(worker):
            item = run.item(ticket)
            if queue.full():
                run.note_wait(contract.PRODUCER_WAITS)
            queue.put(item)
            run.is_put(item, worker)
        ends = run.ends_for_consumers()
        if ends:
            queue.join()  # what another process has put may still be on its way into the pipe
        for end in ends:
            queue.put(end)
    else:
        run.start_cpu()
        while True:
            if queue.empty():
                run.note_wait(contract.CONSUMER_WAITS)
            item = queue.get()
            if item is None:
                return
            run.is_taken(item)
            run.answer(item, worker)
            queue.task_done()


def work(run, worker, session, queue=None):
    """What a worker does: requests, one after the other, while there are any."""
    if run.settings.task == "pipeline":
        pipe(run, worker, queue)
        return
    url = run.url(worker)
    for ticket in run.tickets(worker):
        time.sleep(run.seconds_until(ticket))
        start_ns = run.begin()
        outcome, size = make_request(run, session, url, ticket)
        run.end(ticket, start_ns, outcome, size)
