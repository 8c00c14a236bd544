"""contract: what the Python runners share of docs/runner-contract.md: command line, tickets and
arrivals, counts and histograms, the result document. What waiting means is the runner's business:

    import contract                     # first: its import is the start of the runner's clock
    run = contract.Run("py-example")
    for _ in run.parts():               # warm requests, if any are wanted, then those that count
        for ticket in run.tickets(i):   # in each worker, all at once; i: its number, from 0
            wait run.seconds_until(ticket)
            start_ns = run.begin()
            outcome, size = ...         # "ok" or a failure class; bytes of the body
            run.compute()               # if work is wanted
            run.end(ticket, start_ns, outcome, size)
    run.finish(units=..., knobs={...})

It is safe to use from threads, and needs nothing but the standard library. Workers that are
processes share it once run.share() was called, each with run.start_part() before its tickets;
the parent adds what they recorded: run.add(run.part())."""

import time

STARTED_NS = time.monotonic_ns()

import argparse
import http.client
import ipaddress
import json
import math
import os
import resource
import signal
import socket
import ssl
import sys
import threading
import urllib.parse

signal.signal(signal.SIGINT, signal.SIG_DFL)  # SIGINT ends the runner; it is no KeyboardInterrupt

TASKS = ["http", "sleep", "cpu", "none"]  # that a runner can have; to offer them it says tasks=contract.TASKS
PIPELINE = [*TASKS, "pipeline"]  # the same, where workers have a queue to share
PIPELINE_TESTS = 1000
HISTOGRAM_LIMIT_NS = 1 << 37
TRACE_MAX = 10000


def fail(code, message):
    """Ends the program, its other threads too, with one line on stderr."""
    line = f"{os.path.basename(os.path.dirname(sys.argv[0]) or sys.argv[0])}: {message}"
    print("".join(one if one.isprintable() else "?" for one in line), file=sys.stderr, flush=True)
    os._exit(code)


class Parser(argparse.ArgumentParser):
    def error(self, message):
        fail(2, message)


def whole(low, high):
    def parse(text):
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from {low} to {high}")
        return int(text)
    parse.low, parse.high = low, high
    return parse


def whole_list(low, high, longest):
    one = whole(low, high)

    def parse(text):
        values = [one(part) for part in text.split(",")]
        if len(values) > longest:
            raise argparse.ArgumentTypeError(f"'{text}' has more than {longest} numbers")
        return values
    parse.low, parse.high, parse.is_list = low, high, True
    return parse


def resolve(text):
    """HOST:PORT:ADDRESS as (host, port, address)."""
    try:
        host, port, address = text.split(":", 2)
        address = address[1:-1] if address[:1] + address[-1:] == "[]" else address
        if not 0 < len(host) < 256 or "%" in address:
            raise ValueError
        return host.lower(), whole(1, 65535)(port), str(ipaddress.ip_address(address))
    except (ValueError, argparse.ArgumentTypeError):
        raise argparse.ArgumentTypeError(f"expected HOST:PORT:ADDRESS with a numeric address, got '{text}'") from None


def use_address(given):
    """Answers lookups of that host and port with the address."""
    look_up = socket.getaddrinfo

    def answer(host, port, *args, **options):
        name = host.decode() if isinstance(host, bytes) else host
        is_given = name is not None and (name.lower(), str(port)) == (given[0], str(given[1]))
        return look_up(given[2] if is_given else host, port, *args, **options)
    socket.getaddrinfo = answer


# What --describe says of a runner that does not say it of itself.
FACTS = {"tasks": ["http"], "family": "others", "about": "a runner in Python", "is_single": False, "units": "worker", "uses_libcurl": False,
         "needs_probe": False, "knobs": ["cpus"],
         "needs": {"descriptors": 1, "threads": 0, "mappings": 0, "kib": 0, "kib_bare": 0, "start_us": 0}}


def flag_of(action, knobs):
    """A flag as the contract describes it, from the parser's own row."""
    name, low, high = action.option_strings[-1][2:], getattr(action.type, "low", None), getattr(action.type, "high", None)
    kind = "flag" if action.nargs == 0 else "numbers" if hasattr(action.type, "is_list") else \
        "number" if low is not None else "choice" if action.choices else "text"
    default = ",".join(map(str, action.default)) if kind == "numbers" else action.default
    return {"name": name, "type": kind, "min": low, "max": high if high is not None and high < 2**63 else None,
            "choices": action.choices, "default": default, "about": action.help or "", "is_knob": name in knobs}


def describe(model, parser, facts):
    """Prints what --describe has to say, and ends the program."""
    known = {**FACTS, **facts, "needs": {**FACTS["needs"], **facts.get("needs", {})}}
    knobs = known.pop("knobs")
    flags = [flag_of(action, knobs) for action in parser._actions if action.option_strings and action.dest != "help"]
    print(json.dumps({"contract": 2, "name": model, **known, "flags": flags}), flush=True)
    sys.exit(0)


def parse_command_line(model, facts):
    """Reads the flags of the contract; those that mean nothing here are only checked. Another task is
    an error that says so. facts are what --describe says beside the flags."""
    parser = Parser(prog=f"runner-{model}", allow_abbrev=False)
    add = parser.add_argument
    add("-n", "--requests", type=whole(1, 4000000000), default=100)
    add("-c", "--concurrency", type=whole(1, 1000000), default=1)
    add("--warm-requests", type=whole(0, 10000), default=0, help="requests of each worker before the measured ones")
    add("--timeout-ms", type=whole(1, 3600000), default=30000)
    tasks = facts.get("tasks", ["http"])
    add("--task", choices=tasks, default="http", help="what one request does")
    parser.set_defaults(work=0, work_us=0, queue_slots=64)
    if "sleep" in tasks:
        add("--sleep-ms", type=whole_list(0, 3600000, 16), default=[1000],
            help="task sleep: how long; the values of a list are used in turn")
    if "cpu" in tasks:
        add("--work", type=whole(0, 1000000000), help="divisibility tests per request (tasks http and cpu)")
        add("--work-us", type=whole(0, 1000000), help="the same as the time they take here; measured before the first request")
    if "pipeline" in tasks:
        add("--queue-slots", type=whole(1, 1048576), default=64, help="task pipeline: numbers that fit between producers and consumers")
    add("--no-keepalive", action="store_true")
    add("--buffer-bytes", type=whole(1024, 10485760))
    add("--stack-bytes", type=whole(1024, 1073741824))
    add("--switch", choices=["fcontext", "ucontext"])
    add("--guard", choices=["madvise", "mprotect", "canary"])
    add("--addresses", type=whole(1, 64), default=1)
    add("--rate", type=whole(1, 10000000))
    add("--arrivals", choices=["poisson", "fixed"], default="poisson")
    add("--seed", type=whole(0, 2**64 - 1), default=1)
    add("--cpus", type=whole(1, 8192))
    add("--resolve", type=resolve, metavar="HOST:PORT:ADDRESS", help="connect to this address instead of looking the host up")
    add("--cacert")
    add("--insecure", action="store_true")
    add("--trace", action="store_true")
    add("--json", action="store_true", help="print the result document")
    add("--result-fd", type=whole(3, 1048576))
    add("--describe", action="store_true", help="print what this runner is, needs and takes")
    add("urls", nargs="*", metavar="URL")
    settings = parser.parse_args()
    if settings.describe:
        describe(model, parser, facts)
    if facts.get("is_single") and settings.concurrency > 1:
        fail(2, f"{model} makes one request at a time: use -c 1")
    check(settings)
    return settings


def use_cpus(count):
    """Keeps to the first `count` CPUs that this process may use; call it before any thread is made."""
    there = sorted(os.sched_getaffinity(0))
    if count is not None and count > len(there):
        fail(3, f"--cpus {count}: this process may use only {len(there)}")
    if count is not None:
        os.sched_setaffinity(0, there[:count])


def check(settings):
    if settings.concurrency > settings.requests:
        fail(2, f"--concurrency {settings.concurrency} is more than --requests {settings.requests}")
    if settings.task == "pipeline" and (settings.rate or settings.warm_requests):
        fail(2, "task pipeline has no open loop and opens no connections: leave out --rate and --warm-requests")
    if len(settings.urls) > 1 or (not settings.urls and settings.task == "http"):
        fail(2, f"one URL expected, got {len(settings.urls)}; see --help")
    if settings.urls:
        check_url(settings)
    try:
        if settings.result_fd is not None:
            os.fstat(settings.result_fd)
    except OSError as error:
        fail(2, f"--result-fd {settings.result_fd}: {error.strerror}")
    try:
        if settings.cacert is not None:
            ssl.create_default_context(cafile=settings.cacert)
    except OSError as error:  # an SSLError is one, too
        fail(2, f"--cacert {settings.cacert}: {error}")
    if settings.resolve:
        use_address(settings.resolve)
    use_cpus(settings.cpus)
    needed, allowed = settings.concurrency + 64, resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if settings.task == "http" and allowed != resource.RLIM_INFINITY and needed > allowed:
        fail(3, f"needs {needed} file descriptors, {allowed} are allowed: ulimit -n {needed}")


def check_url(settings):
    try:
        parts = urllib.parse.urlsplit(settings.urls[0])
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        fail(2, "not an http or https URL")
    if settings.insecure and parts.scheme != "https":
        fail(2, "--insecure needs an https URL: there is no certificate to verify")
    if settings.addresses > 1 and parts.hostname != "127.0.0.1":
        fail(2, "--addresses needs a URL whose host is 127.0.0.1")


def trust_of(settings):
    """The TLS context with the certificates that the command line wants trusted."""
    context = ssl.create_default_context(cafile=settings.cacert)
    if settings.insecure:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def least(one, other):
    return other if one is None else one if other is None else min(one, other)


def most(one, other):
    return other if one is None else one if other is None else max(one, other)


class Histogram:
    """Like common/hist.h: every power of two is cut into 64 buckets."""

    def __init__(self):
        self.counts, self.overflow = {}, 0
        self.sum, self.min, self.max = 0, None, None

    def add(self, value_ns):
        self.sum += value_ns
        self.min = value_ns if self.min is None else min(self.min, value_ns)
        self.max = value_ns if self.max is None else max(self.max, value_ns)
        if value_ns >= HISTOGRAM_LIMIT_NS:
            self.overflow += 1
            return
        shift = max(value_ns.bit_length() - 7, 0)
        edge = value_ns >> shift << shift
        self.counts[edge] = self.counts.get(edge, 0) + 1

    def add_all(self, other):
        self.sum, self.overflow = self.sum + other.sum, self.overflow + other.overflow
        self.min, self.max = least(self.min, other.min), most(self.max, other.max)
        for edge, count in other.counts.items():
            self.counts[edge] = self.counts.get(edge, 0) + count

    def buckets(self):
        return sorted(self.counts.items())


def divide(number, tests):
    """Tests whether number can be divided by 2, 3, ..., as many divisors as tests says; how many do."""
    found = 0
    for divisor in range(2, tests + 2):
        found += number % divisor == 0
    return found


def divisors(number, tests):
    """What divide finds, from pairs of divisors up to the square root."""
    found, low = 0, 1
    while low * low <= number:
        if number % low == 0:
            found += sum(2 <= divisor < tests + 2 for divisor in {low, number // low})
        low += 1
    return found


def tests_per_us():
    """How many tests Python makes here in a microsecond of CPU time, as common/work.c finds it."""
    def burst():
        start_ns = time.thread_time_ns()
        divide(start_ns, 20000)
        return time.thread_time_ns() - start_ns
    return 20000e3 / min(burst() for _ in range(8))


TAKEN, IN_FLIGHT, PEAK, BEGIN_NS, PRODUCERS_DONE, PRODUCER_WAITS, CONSUMER_WAITS = range(7)  # what all workers count together


class Record:
    """What became of the requests of one process."""

    def __init__(self):
        self.done = self.bytes = self.connections = self.cpu_ns = 0
        self.failed, self.trace, self.trace_due = {}, [], []
        self.passed = {}  # number: [when it was put, when it was taken, its producer], each None where it is not known here
        self.latency, self.response, self.lag = Histogram(), Histogram(), Histogram()
        self.first_ns = self.last_ns = self.cpu_first_ns = None

    def stop_cpu(self):
        if self.cpu_first_ns is not None:
            self.cpu_ns += time.process_time_ns() - self.cpu_first_ns
            self.cpu_first_ns = None

    def add(self, other):
        for name in ("done", "bytes", "connections", "cpu_ns"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for kind, count in other.failed.items():
            self.failed[kind] = self.failed.get(kind, 0) + count
        self.trace += other.trace
        self.trace_due += other.trace_due
        for number, row in other.passed.items():
            self.passed[number] = [least(*both) for both in zip(row, self.passed.get(number, [None] * 3))]
        for name in ("latency", "response", "lag"):
            getattr(self, name).add_all(getattr(other, name))
        self.first_ns = least(self.first_ns, other.first_ns)
        self.last_ns = most(self.last_ns, other.last_ns)


class Run:
    def __init__(self, model, **facts):
        """facts: what differs from FACTS."""
        self.model = model
        self.settings = parse_command_line(model, facts)
        self.lock, self.counts = threading.Lock(), [0] * 7
        self.warm, self.tests = {}, self.settings.work
        if self.settings.work_us:
            self.tests = int(self.settings.work_us * tests_per_us())
        if self.settings.task == "pipeline":
            self.tests = self.tests or PIPELINE_TESTS
            self.producers = self.settings.concurrency // 2
        self.start_part(False)

    def share(self, context):
        """Makes the workers of processes that are forked later count together; a context of multiprocessing."""
        self.lock, self.counts = context.Lock(), context.RawArray("q", 7)

    def start_part(self, is_warm):
        """Begins to record anew, in this process."""
        self.is_warm, self.record = is_warm, Record()
        self.offset_ns, self.random, self.arrived = 0.0, self.settings.seed, 0

    def part(self):
        """What this process has recorded, for Run.add of its parent."""
        self.record.stop_cpu()
        return self.record

    def add(self, record):
        self.record.add(record)

    def url(self, worker):
        """The URL of a worker; with --addresses they are spread over several."""
        if not self.settings.urls:
            return None
        url = self.settings.urls[0]
        return url if self.settings.addresses == 1 else \
            url.replace("127.0.0.1", f"127.0.0.{worker % self.settings.addresses + 1}", 1)

    def parts(self):
        """The warm requests, if any are wanted, then those that count. All workers are through
        with one part before the next begins."""
        if self.settings.warm_requests:
            self.start_part(True)
            yield
            self.warm = {"warm_requests": self.record.done, "warm_failed": self.record.failed}
            self.counts[:] = [0] * 7
            self.start_part(False)
        yield

    def tickets(self, worker):
        """Each request that this worker may make in this part: its number, when it is due (0 in a closed loop), and whose it is."""
        for number in range(self.settings.warm_requests if self.is_warm else 0):
            yield TRACE_MAX + number, 0, worker
        while not self.is_warm:
            with self.lock:
                number = self.counts[TAKEN]
                if number == self.settings.requests:
                    return
                self.counts[TAKEN] = number + 1
                due_ns = self._arrival(number) if self.settings.rate else 0
            yield number, due_ns, worker

    def _arrival(self, number):
        """When the request of that number is due. The gaps before it are drawn in their order, in each process alike."""
        if not self.counts[BEGIN_NS]:
            self.counts[BEGIN_NS] = time.monotonic_ns()
        while self.arrived < number:
            self.offset_ns += self._gap() * 1e9 / self.settings.rate
            self.arrived += 1
        return self.counts[BEGIN_NS] + int(self.offset_ns)

    def _gap(self):
        if self.settings.arrivals == "fixed":
            return 1.0
        mask = 2**64 - 1  # splitmix64, as in runtime/schedule.c
        self.random = x = (self.random + 0x9e3779b97f4a7c15) & mask
        x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9 & mask
        x = (x ^ x >> 27) * 0x94d049bb133111eb & mask
        x ^= x >> 31
        return -math.log(((x >> 11) + 1) * 2.0**-53)

    def sleep_s(self, ticket):
        """Task sleep: how long this request sleeps."""
        return self.settings.sleep_ms[ticket[0] % len(self.settings.sleep_ms)] / 1000

    def compute(self):
        """The work of one request, in tasks http and cpu."""
        if self.tests and self.settings.task in ("http", "cpu"):
            divide(time.monotonic_ns(), self.tests)

    def is_producer(self, worker):
        """Task pipeline: which half of the workers puts numbers into the queue; one worker alone needs none."""
        return worker < self.producers

    def item(self, ticket):
        """Task pipeline: a number that a producer has taken in hand, as it goes through the queue."""
        return ticket[0], self.begin()

    def _note_passed(self, item, row):
        if self.settings.trace and item[0] < TRACE_MAX:
            with self.lock:
                known = self.record.passed.get(item[0], [None] * 3)
                self.record.passed[item[0]] = [least(*both) for both in zip(row, known)]

    def is_put(self, item, worker):
        """Task pipeline, after its put: the number is in the queue. For a trace."""
        self._note_passed(item, [time.monotonic_ns(), None, worker])

    def is_taken(self, item):
        """Task pipeline: a consumer has the number in hand."""
        self._note_passed(item, [None, time.monotonic_ns(), None])

    def note_wait(self, which):
        with self.lock:
            self.counts[which] += 1

    def ends_for_consumers(self):
        """What a producer that is done has to put into the queue: an end for each consumer, if it is the last."""
        with self.lock:
            self.counts[PRODUCERS_DONE] += 1
            is_last = self.counts[PRODUCERS_DONE] == self.producers
        return [None] * (self.settings.concurrency - self.producers if is_last else 0)

    def answer(self, item, worker):
        """Counts the number's divisors, and then again in another way."""
        ticket, start_ns = item
        number = self.settings.requests - ticket
        found, end_ns = divide(number, self.tests), time.monotonic_ns()
        outcome = "ok" if found == divisors(number, self.tests) else "other"
        self.end((ticket, 0, worker), start_ns, outcome, 0, end_ns)

    def start_cpu(self):
        """The CPU time of this process counts from here; begin does it, too."""
        if self.record.cpu_first_ns is None:
            self.record.cpu_first_ns = time.process_time_ns()

    @staticmethod
    def seconds_until(ticket):
        due_ns = ticket[1]
        return max(0.0, (due_ns - time.monotonic_ns()) / 1e9) if due_ns else 0.0

    def begin(self):
        with self.lock:
            counts = self.counts
            counts[IN_FLIGHT] += 1
            counts[PEAK] = max(counts[PEAK], counts[IN_FLIGHT])
            start_ns = time.monotonic_ns()
            if self.record.first_ns is None:
                self.record.first_ns = start_ns
                self.start_cpu()
        return start_ns

    def end(self, ticket, start_ns, outcome, size, end_ns=None):
        end_ns = end_ns or time.monotonic_ns()
        number, due_ns, lane = ticket
        with self.lock:
            record = self.record
            self.counts[IN_FLIGHT] -= 1
            record.done += 1
            record.last_ns = end_ns
            if self.settings.trace and number < TRACE_MAX:
                record.trace.append((number, start_ns, end_ns, lane))
                if due_ns:
                    record.trace_due.append((number, due_ns))
            if due_ns:
                record.lag.add(max(0, start_ns - due_ns))
            if outcome == "ok":
                record.bytes += size
                record.latency.add(end_ns - start_ns)
                if due_ns:
                    record.response.add(max(0, end_ns - due_ns))
            else:
                record.failed[outcome] = record.failed.get(outcome, 0) + 1
            if record.done == self.settings.requests:
                record.stop_cpu()

    def connected(self):
        with self.lock:
            self.record.connections += 1

    def document(self, units, knobs):
        s, record, latency = self.settings, self.record, self.record.latency
        first_ns = record.first_ns
        document = {
            "contract": 1, "model": self.model, "task": s.task, "requests": s.requests,
            "concurrency": s.concurrency, "ok": record.done - sum(record.failed.values()),
            "failed": record.failed, "bytes_received": record.bytes,
            "connections_opened": record.connections, "units_created": units,
            "peak_in_flight": self.counts[PEAK], "setup_ns": first_ns - STARTED_NS,
            "measured_ns": record.last_ns - first_ns, "cpu_measured_ns": record.cpu_ns,
            "latency_ns": latency.buckets(), "overflow": latency.overflow,
            "latency_sum_ns": latency.sum if latency.min is not None else None,
            "latency_min_ns": latency.min, "latency_max_ns": latency.max,
            "phases_ns": {"dns": None, "connect": None, "tls": None, "first_byte": None},
            "knobs": {"python": sys.version.split()[0], "keepalive": not s.no_keepalive,
                      "max_connections": s.concurrency, "timeout_ms": s.timeout_ms,
                      "addresses": s.addresses,
                      **({} if s.cpus is None else {"cpus": s.cpus}),
                      **({"tls_verify": "off"} if s.insecure else {}), **knobs}}
        document.update(self.warm)
        if s.task == "pipeline":
            document.update({"producer_waits": self.counts[PRODUCER_WAITS], "consumer_waits": self.counts[CONSUMER_WAITS]})
            document["knobs"]["queue_slots"] = s.queue_slots
        if self.tests:
            document["knobs"]["work_tests"] = self.tests
        if s.rate:
            document.update({
                "rate_per_s": s.rate, "arrivals": s.arrivals,
                "response_ns": record.response.buckets(), "response_max_ns": record.response.max,
                "response_overflow": record.response.overflow,
                "lag_ns": record.lag.buckets(), "lag_overflow": record.lag.overflow})
        if s.trace:
            document["trace_ns"] = [(number, start - first_ns, end - first_ns, lane) for number, start, end, lane in sorted(record.trace)]
            if s.task == "pipeline":  # a consumer may have a number before its producer has seen that it is put
                document["trace_queue_ns"] = [(number, min(put, taken) - first_ns, taken - first_ns, producer)
                                              for number, (put, taken, producer) in sorted(record.passed.items())]
            if s.rate:
                document["trace_due_ns"] = [(number, due - first_ns) for number, due in sorted(record.trace_due)]
        document["teardown_ns"] = time.monotonic_ns() - record.last_ns
        return document

    def finish(self, units, knobs):
        """Writes the document to where the command line wants it, or a summary."""
        document = self.document(units, knobs)
        text = json.dumps(document) + "\n"
        try:
            if self.settings.result_fd is not None:
                with open(self.settings.result_fd, "w", encoding="utf-8") as result:
                    result.write(text)
            if self.settings.json:
                sys.stdout.write(text)
            elif self.settings.result_fd is None:
                print(f"{self.model}: {self.settings.requests} request{'s' if self.settings.requests != 1 else ''}, "
                      f"{self.settings.concurrency} at a time\n"
                      f"  time       {document['measured_ns'] / 1e9:.3f} s\n"
                      f"  requests/s {document['ok'] * 1e9 / max(1, document['measured_ns']):.1f}\n"
                      f"  failed     {json.dumps(document['failed'])}")
            sys.stdout.flush()
        except OSError as error:
            fail(3, f"cannot write the result document: {error.strerror}")


def causes(error, depth=0):
    """The error, then the errors that caused it."""
    if not isinstance(error, BaseException) or depth > 8:
        return
    yield error
    for cause in (error.__cause__, error.__context__, getattr(error, "reason", None), *error.args):
        yield from causes(cause, depth + 1)


CLASSES = [
    (TimeoutError, "timeout"), (socket.timeout, "timeout"), (socket.gaierror, "resolve"),
    (ssl.SSLError, "tls"), (ConnectionRefusedError, "connect"),
    (http.client.IncompleteRead, "short"), (ConnectionError, "reset"),
    (http.client.HTTPException, "protocol")]


def failure_class(error, more=(), otherwise="other"):
    """The contract's class for an exception. more is [(exception type, class), ...] of a library,
    tried after those of the standard library."""
    chain = list(causes(error))
    for kind, name in [*CLASSES, *more]:
        if any(isinstance(cause, kind) for cause in chain):
            return name
    return otherwise
