/* contract: what a runner in JavaScript has besides its model: tickets and arrivals, counts and histograms, the result
 * document. runners/external/README.md says what a program is told and what it writes. One thread, so there is no lock. */
'use strict';

const dns = require('dns');
const fs = require('fs');
const tls = require('tls');

const clockNs = () => Number(process.hrtime.bigint()); // CLOCK_MONOTONIC, as the front's

const NS_PER_MS = 1e6;
const NS_PER_S = 1e9;
const HISTOGRAM_LIMIT_NS = 2 ** 37;
const TRACE_MAX = 10000;
const TIMER_EARLY_NS = NS_PER_MS; // setTimeout rounds to whole milliseconds

process.removeAllListeners('warning'); // keeps "fetch is experimental" off stderr

function fail(code, message) {
    fs.writeSync(2, `node-fetch: ${message.replace(/\s+/g, ' ')}\n`);
    process.exit(code);
}

/* The words of the front, which has checked them. */
function told(words) {
    const pairs = words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]);
    const {head, task, cacert, resolve, seed, sleep_ms, ...numbers} = Object.fromEntries(pairs);
    const s = Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, Number(value)]));
    const urls = pairs.filter(([key]) => key === 'url').map(([, value]) => value);
    if (cacert)
        trust(cacert);
    if (s.insecure)
        trustAll();
    if (resolve)
        useAddress(resolve, new URL(urls[0]));
    return {...s, head, task, urls, seed: BigInt(seed), sleeps: sleep_ms.split(',').map(Number),
            work: s.work_us ? Math.floor(s.work_us * testsPerUs()) : s.work};
}

function divide(number, tests) {
    let found = 0;
    for (let divisor = 2; divisor < tests + 2; divisor++)
        found += number % divisor === 0;
    return found;
}

/* What divide finds, from pairs of divisors up to the square root. */
function divisors(number, tests) {
    let found = 0;
    for (let low = 1; low * low <= number; low++) {
        if (number % low === 0)
            found += [...new Set([low, number / low])].filter((divisor) => divisor >= 2 && divisor < tests + 2).length;
    }
    return found;
}

/* How many tests JavaScript makes here in a microsecond, as common/work.c finds it; the first bursts are compiled. */
function testsPerUs() {
    let best = Infinity;
    for (let i = 0; i < 8; i++) {
        const begin = clockNs();
        divide(begin, 200000);
        best = Math.min(best, clockNs() - begin);
    }
    return 200000 * 1000 / best;
}

/* Answers lookups of the URL's host with the address, if it is for that host and port. */
function useAddress(resolve, url) {
    const [, host, port, address] = /^([^:]*):([0-9]*):\[?([^\]]*)\]?$/.exec(resolve);
    const ask = dns.lookup;
    const isFor = url.hostname === host.toLowerCase() && Number(url.port || (url.protocol === 'https:' ? 443 : 80)) === Number(port);
    if (isFor)
        dns.lookup = (name, ...more) => ask(name.toLowerCase() === url.hostname ? address : name, ...more);
}

/* Not by NODE_TLS_REJECT_UNAUTHORIZED, which warns on stderr. */
function trustAll() {
    const connect = tls.connect;
    tls.connect = (options, ...more) => connect({...options, rejectUnauthorized: false}, ...more);
}

/* fetch has no option for it: every TLS context that is made gets the certificates. */
function trust(path) {
    const make = tls.createSecureContext;
    try {
        const ca = fs.readFileSync(path);
        make({ca});
        tls.createSecureContext = (options) => make({...options, ca});
    } catch (error) {
        fail(3, `--cacert ${path}: ${error.message}`);
    }
}

/* As common/hist.h: every power of two is cut into 64 buckets. */
class Histogram {
    constructor() {
        this.counts = new Map();
        this.overflow = this.count = this.sum = 0;
        this.min = this.max = null;
    }

    add(value) {
        this.count++;
        this.sum += value;
        this.min = this.min === null ? value : Math.min(this.min, value);
        this.max = this.max === null ? value : Math.max(this.max, value);
        if (value >= HISTOGRAM_LIMIT_NS) {
            this.overflow++;
            return;
        }
        let width = 1;
        while (value / width >= 128)
            width *= 2;
        const edge = Math.floor(value / width) * width;
        this.counts.set(edge, (this.counts.get(edge) || 0) + 1);
    }

    buckets() {
        return [...this.counts].sort((a, b) => a[0] - b[0]);
    }
}

class Run {
    constructor() {
        this.settings = told(process.argv.slice(2));
        this.isWarm = false;
        this.warm = {};
        this.countAnew();
    }

    countAnew() {
        this.taken = this.done = this.inFlight = this.peak = this.bytes = this.connections = 0;
        this.failed = {};
        this.trace = [];
        this.traceDue = [];
        this.waits = {producer_waits: 0, consumer_waits: 0};
        this.traceQueue = [];
        this.latency = new Histogram();
        this.response = new Histogram();
        this.lag = new Histogram();
        this.scheduleBeginNs = this.firstNs = 0;
        this.offsetNs = 0;
        this.random = this.settings.seed;
    }

    url(worker) {
        const {urls} = this.settings;
        return urls[worker % urls.length];
    }

    /* Task sleep: how long this request sleeps, by a timer that may be early by a fraction of a millisecond. */
    async sleep({number}) {
        const {sleeps} = this.settings;
        const endNs = clockNs() + sleeps[number % sleeps.length] * NS_PER_MS;
        for (let restNs = endNs - clockNs(); restNs > 0; restNs = endNs - clockNs())
            await new Promise((resume) => setTimeout(resume, Math.ceil(restNs / NS_PER_MS)));
    }

    /* The work of one request, in tasks http and cpu. */
    compute() {
        const {task, work} = this.settings;
        if (work && (task === 'http' || task === 'cpu'))
            divide(clockNs(), work);
    }

    /* The warm requests, if any are wanted, then those that count. All workers are through with one
     * part before the next begins. */
    *parts() {
        if (this.settings.warm) {
            this.isWarm = true;
            yield;
            this.warm = {warm_requests: this.done, warm_failed: this.failed};
            this.isWarm = false;
            this.countAnew();
        }
        yield;
    }

    /* Each request that the worker may make in this part: its number, when it is due (0 in a closed loop), and the worker. */
    *tickets(worker) {
        const {settings: s} = this;
        for (let made = 0; this.isWarm && made < s.warm; made++)
            yield {number: TRACE_MAX, worker, dueNs: 0};
        while (!this.isWarm && this.taken < s.requests)
            yield {number: this.taken++, worker, dueNs: s.rate ? this.nextArrival() : 0};
    }

    nextArrival() {
        this.scheduleBeginNs = this.scheduleBeginNs || clockNs();
        const dueNs = this.scheduleBeginNs + Math.floor(this.offsetNs);
        let gaps = 1;
        if (this.settings.poisson) { // splitmix64, as in runtime/schedule.c
            const cut = (value) => BigInt.asUintN(64, value);
            let x = this.random = cut(this.random + 0x9e3779b97f4a7c15n);
            x = cut((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n);
            x = cut((x ^ (x >> 27n)) * 0x94d049bb133111ebn);
            x ^= x >> 31n;
            gaps = -Math.log((Number(x >> 11n) + 1) * 2 ** -53);
        }
        this.offsetNs += gaps * NS_PER_S / this.settings.rate;
        return dueNs;
    }

    /* A timer up to the last millisecond, then turns of the loop: never too early, hardly late. */
    async untilDue({dueNs}) {
        for (let restNs = dueNs - clockNs(); dueNs && restNs > 0; restNs = dueNs - clockNs()) {
            await new Promise((resume) => {
                if (restNs > 2 * TIMER_EARLY_NS)
                    setTimeout(resume, (restNs - TIMER_EARLY_NS) / NS_PER_MS);
                else
                    setImmediate(resume);
            });
        }
    }

    begin() {
        this.peak = Math.max(this.peak, ++this.inFlight);
        const startNs = clockNs();
        if (!this.firstNs) {
            this.firstNs = startNs;
            this.cpuFirst = process.cpuUsage();
        }
        return startNs;
    }

    /* Task pipeline: a number that a producer has taken in hand, on its way through the queue. */
    item(ticket) {
        return {ticket, startNs: this.begin(), putNs: 0, takenNs: 0};
    }

    /* Counts the number's divisors, and then again in another way. */
    answer({ticket, startNs, putNs, takenNs}, consumer) {
        const {requests, work} = this.settings;
        const value = requests - ticket.number;
        const found = divide(value, work);
        const endNs = clockNs();
        if (this.settings.trace && takenNs && ticket.number < TRACE_MAX)
            this.traceQueue.push([ticket.number, putNs - this.firstNs, takenNs - this.firstNs, ticket.worker]);
        this.end({...ticket, worker: consumer}, startNs, found === divisors(value, work) ? 'ok' : 'other', 0, endNs);
    }

    end({number, dueNs, worker}, startNs, outcome, size, endNs = clockNs()) {
        this.inFlight--;
        this.done++;
        this.lastNs = endNs;
        if (this.settings.trace && number < TRACE_MAX) {
            this.trace.push([number, startNs - this.firstNs, endNs - this.firstNs, worker]);
            if (dueNs)
                this.traceDue.push([number, dueNs - this.firstNs]);
        }
        if (dueNs)
            this.lag.add(Math.max(0, startNs - dueNs));
        if (outcome === 'ok') {
            this.bytes += size;
            this.latency.add(endNs - startNs);
            if (dueNs)
                this.response.add(Math.max(0, endNs - dueNs));
        } else {
            this.failed[outcome] = (this.failed[outcome] || 0) + 1;
        }
        if (this.done === this.settings.requests)
            this.cpu = process.cpuUsage(this.cpuFirst);
    }

    document(units) {
        const {settings: s, latency, response, lag} = this;
        return {
            ok: latency.count, failed: this.failed, bytes_received: this.bytes, connections_opened: this.connections,
            units_created: units, peak_in_flight: this.peak, setup_ns: this.firstNs - s.started_ns,
            measured_ns: this.lastNs - this.firstNs,
            cpu_measured_ns: (this.cpu.user + this.cpu.system) * 1000,
            latency_ns: latency.buckets(), overflow: latency.overflow,
            latency_sum_ns: latency.count ? latency.sum : null,
            latency_min_ns: latency.min, latency_max_ns: latency.max,
            ...this.warm,
            ...(s.rate && {
                response_ns: response.buckets(), response_overflow: response.overflow,
                response_max_ns: response.max, lag_ns: lag.buckets(), lag_overflow: lag.overflow}),
            ...(s.task === 'pipeline' && this.waits),
            ...(s.trace && s.task === 'pipeline' && {trace_queue_ns: this.traceQueue.sort((a, b) => a[0] - b[0])}),
            ...(s.trace && {trace_ns: this.trace.sort((a, b) => a[0] - b[0])}),
            ...(s.trace && s.rate && {trace_due_ns: this.traceDue.sort((a, b) => a[0] - b[0])}),
            teardown_ns: clockNs() - this.lastNs,
        };
    }

    /* Writes the document: what the front knows, the versions, and the rest. */
    finish(units, knobs) {
        const {head, result_fd: fd} = this.settings;
        try {
            writeAll(fd, `${head},${JSON.stringify(knobs).slice(1)},${JSON.stringify(this.document(units)).slice(1)}\n`);
            fs.closeSync(fd);
        } catch (error) {
            fail(3, `cannot write the result document: ${error.code}`);
        }
    }
}

function writeAll(fd, line) {
    for (let rest = Buffer.from(line); rest.length > 0;)
        rest = rest.subarray(fs.writeSync(fd, rest));
}

module.exports = {Run, clockNs, fail};
