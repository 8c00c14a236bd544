"""contract: what the Python runners share of docs/runner-contract.md: command line, tickets and
arrivals, counts and histograms, the result document. What waiting means is the runner's business:

    import contract                     # first: its import is the start of the runner's clock
    run = contract.Run("py-example")
    for _ in run.parts():               # warm requests, if any are wanted, then those that count
        for ticket in run.tickets(i):   # in each worker, all at once; i: its number, from 0
            wait run.seconds_until(ticket)
            start_ns = run.begin()
            outcome, size = ...         # "ok" or a failure class; bytes of the body
            run.end(ticket, start_ns, outcome, size)
    run.finish(units=..., knobs={...})

It is safe to use from threads, and needs nothing but the standard library."""

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
FACTS = {"family": "others", "about": "a runner in Python", "is_single": False, "units": "worker", "uses_libcurl": False,
         "needs_probe": False, "knobs": ["cpus"],
         "needs": {"descriptors": 1, "threads": 0, "mappings": 0, "kib": 0, "kib_bare": 0, "start_us": 0}}


def flag_of(action, knobs):
    """A flag as the contract describes it, from the parser's own row."""
    name, low, high = action.option_strings[-1][2:], getattr(action.type, "low", None), getattr(action.type, "high", None)
    kind = "flag" if action.nargs == 0 else "number" if low is not None else "choice" if action.choices else "text"
    return {"name": name, "type": kind, "min": low, "max": high if high is not None and high < 2**63 else None,
            "choices": action.choices, "default": action.default, "about": action.help or "", "is_knob": name in knobs}


def describe(model, parser, facts):
    """Prints what --describe has to say, and ends the program."""
    known = {**FACTS, **facts, "needs": {**FACTS["needs"], **facts.get("needs", {})}}
    knobs = known.pop("knobs")
    flags = [flag_of(action, knobs) for action in parser._actions if action.option_strings and action.dest != "help"]
    tasks = next(flag["choices"] for flag in flags if flag["name"] == "task")
    print(json.dumps({"contract": 2, "name": model, "tasks": tasks, **known, "flags": flags}), flush=True)
    sys.exit(0)


def parse_command_line(model, facts):
    """Reads the flags of the contract; those that mean nothing here are only checked. There is no
    task but http, and no work: asking for them is an error that says so. facts are what --describe
    says beside the flags."""
    parser = Parser(prog=f"runner-{model}", allow_abbrev=False)
    add = parser.add_argument
    add("-n", "--requests", type=whole(1, 4000000000), default=100)
    add("-c", "--concurrency", type=whole(1, 1000000), default=1)
    add("--warm-requests", type=whole(0, 10000), default=0, help="requests of each worker before the measured ones")
    add("--timeout-ms", type=whole(1, 3600000), default=30000)
    add("--task", choices=["http"], default="http")
    add("--no-keepalive", action="store_true")
    add("--buffer-bytes", type=whole(1024, 10485760))
    add("--stack-bytes", type=whole(16384, 1073741824))
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
    if len(settings.urls) != 1:
        fail(2, f"one URL expected, got {len(settings.urls)}; see --help")
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
    if allowed not in (resource.RLIM_INFINITY,) and needed > allowed:
        fail(3, f"needs {needed} file descriptors, {allowed} are allowed: ulimit -n {needed}")


def trust_of(settings):
    """The TLS context with the certificates that the command line wants trusted."""
    context = ssl.create_default_context(cafile=settings.cacert)
    if settings.insecure:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


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

    def buckets(self):
        return sorted(self.counts.items())


class Run:
    def __init__(self, model, **facts):
        """facts: what differs from FACTS."""
        self.model = model
        self.settings = parse_command_line(model, facts)
        self.lock = threading.Lock()
        self.is_warm, self.warm = False, {}
        self._count_anew()

    def _count_anew(self):
        self.taken = self.done = self.in_flight = self.peak = self.bytes = self.connections = 0
        self.failed, self.trace, self.trace_due = {}, [], []
        self.latency, self.response, self.lag = Histogram(), Histogram(), Histogram()
        self.first_ns = self.last_ns = self.cpu_first_ns = self.cpu_last_ns = None
        self.begin_ns, self.offset_ns, self.random = None, 0.0, self.settings.seed

    def url(self, worker):
        """The URL of a worker; with --addresses they are spread over several."""
        url = self.settings.urls[0]
        return url if self.settings.addresses == 1 else \
            url.replace("127.0.0.1", f"127.0.0.{worker % self.settings.addresses + 1}", 1)

    def parts(self):
        """The warm requests, if any are wanted, then those that count. All workers are through
        with one part before the next begins."""
        if self.settings.warm_requests:
            self.is_warm = True
            yield
            self.warm = {"warm_requests": self.done, "warm_failed": self.failed}
            self.is_warm = False
            self._count_anew()
        yield

    def tickets(self, worker):
        """Each request that this worker may make in this part: its number, when it is due (0 in a closed loop), and whose it is."""
        for _ in range(self.settings.warm_requests if self.is_warm else 0):
            yield TRACE_MAX, 0, worker
        while not self.is_warm:
            with self.lock:
                if self.taken == self.settings.requests:
                    return
                ticket = self.taken, self._next_arrival() if self.settings.rate else 0, worker
                self.taken += 1
            yield ticket

    def _next_arrival(self):
        if self.begin_ns is None:
            self.begin_ns = time.monotonic_ns()
        due_ns = self.begin_ns + int(self.offset_ns)
        gaps = 1.0
        if self.settings.arrivals == "poisson":  # splitmix64, as in runtime/schedule.c
            mask = 2**64 - 1
            self.random = x = (self.random + 0x9e3779b97f4a7c15) & mask
            x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9 & mask
            x = (x ^ x >> 27) * 0x94d049bb133111eb & mask
            x ^= x >> 31
            gaps = -math.log(((x >> 11) + 1) * 2.0**-53)
        self.offset_ns += gaps * 1e9 / self.settings.rate
        return due_ns

    @staticmethod
    def seconds_until(ticket):
        due_ns = ticket[1]
        return max(0.0, (due_ns - time.monotonic_ns()) / 1e9) if due_ns else 0.0

    def begin(self):
        with self.lock:
            self.in_flight += 1
            self.peak = max(self.peak, self.in_flight)
            start_ns = time.monotonic_ns()
            if self.first_ns is None:
                self.first_ns, self.cpu_first_ns = start_ns, time.process_time_ns()
        return start_ns

    def end(self, ticket, start_ns, outcome, size):
        end_ns = time.monotonic_ns()
        number, due_ns, lane = ticket
        with self.lock:
            self.in_flight -= 1
            self.done += 1
            self.last_ns = end_ns
            if self.settings.trace and number < TRACE_MAX:
                self.trace.append((number, start_ns - self.first_ns, end_ns - self.first_ns, lane))
                if due_ns:
                    self.trace_due.append((number, due_ns - self.first_ns))
            if due_ns:
                self.lag.add(max(0, start_ns - due_ns))
            if outcome == "ok":
                self.bytes += size
                self.latency.add(end_ns - start_ns)
                if due_ns:
                    self.response.add(max(0, end_ns - due_ns))
            else:
                self.failed[outcome] = self.failed.get(outcome, 0) + 1
            if self.done == self.settings.requests:
                self.cpu_last_ns = time.process_time_ns()

    def connected(self):
        with self.lock:
            self.connections += 1

    def document(self, units, knobs):
        s, latency = self.settings, self.latency
        document = {
            "contract": 1, "model": self.model, "task": s.task, "requests": s.requests,
            "concurrency": s.concurrency, "ok": self.done - sum(self.failed.values()),
            "failed": self.failed, "bytes_received": self.bytes,
            "connections_opened": self.connections, "units_created": units,
            "peak_in_flight": self.peak, "setup_ns": self.first_ns - STARTED_NS,
            "measured_ns": self.last_ns - self.first_ns,
            "cpu_measured_ns": self.cpu_last_ns - self.cpu_first_ns,
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
        if s.rate:
            document.update({
                "rate_per_s": s.rate, "arrivals": s.arrivals,
                "response_ns": self.response.buckets(), "response_max_ns": self.response.max,
                "response_overflow": self.response.overflow,
                "lag_ns": self.lag.buckets(), "lag_overflow": self.lag.overflow})
        if s.trace:
            document["trace_ns"] = sorted(self.trace)
            if s.rate:
                document["trace_due_ns"] = sorted(self.trace_due)
        document["teardown_ns"] = time.monotonic_ns() - self.last_ns
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
                print(f"{self.model}: {self.settings.requests} requests, "
                      f"{self.settings.concurrency} at a time\n"
                      f"  time       {document['measured_ns'] / 1e9:.3f} s\n"
                      f"  requests/s {document['ok'] * 1e9 / max(1, document['measured_ns']):.1f}\n"
                      f"  failed     {json.dumps(self.failed)}")
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
