/* contract: everything that is not the model: the command line, tickets and arrivals, counts and histograms,
 * the result document of docs/runner-contract.md. There is one thread, so there is no lock. */
'use strict';

const started = process.hrtime.bigint();
const clockNs = () => Number(process.hrtime.bigint() - started) + 1; // monotonic, never 0

const dns = require('dns');
const fs = require('fs');
const net = require('net');
const tls = require('tls');

const NS_PER_MS = 1e6;
const NS_PER_S = 1e9;
const HISTOGRAM_LIMIT_NS = 2 ** 37;
const TRACE_MAX = 10000;
const TIMER_EARLY_NS = NS_PER_MS; // setTimeout rounds to whole milliseconds

process.removeAllListeners('warning'); // keeps "fetch is experimental" off stderr

function fail(code, message) {
    fs.writeSync(2, `runner-node-fetch: ${message.replace(/\s+/g, ' ').replace(/\p{C}/gu, '?')}\n`);
    process.exit(code);
}

function whole(low, high, otherwise) {
    return {otherwise, type: 'number', low, high, read(text, name) {
        if (!/^[0-9]{1,20}$/.test(text) || BigInt(text) < BigInt(low) || BigInt(text) > BigInt(high))
            fail(2, `${name}: '${text}' is not a whole number from ${low} to ${high}`);
        return Number(text);
    }};
}

function choice(...words) {
    return {otherwise: words[0], type: 'choice', words, read(text, name) {
        if (!words.includes(text))
            fail(2, `${name}: '${text}' is not one of ${words.join('|')}`);
        return text;
    }};
}

/* HOST:PORT:ADDRESS, as curl's option. */
const resolve = {otherwise: null, type: 'text', read(text, name) {
    const [, host, port, rest] = /^([^:]{1,255}):([0-9]{1,5}):([0-9a-fA-F.:]+|\[[0-9a-fA-F.:]+\])$/.exec(text) || [];
    const address = rest && rest.replace(/[[\]]/g, '');
    if (!host || port < 1 || port > 65535 || !net.isIP(address))
        fail(2, `${name}: expected HOST:PORT:ADDRESS with a numeric address, got '${text}'`);
    return {host: host.toLowerCase(), port: Number(port), address};
}};

const text = {otherwise: null, type: 'text', read: (value) => value};
const flag = {otherwise: false, type: 'flag'};

/* The flags of the contract; those that mean nothing here are only checked. There is no task but
 * http, and no work: asking for them is an error that says so. */
const FLAGS = {
    requests: whole(1, 4000000000, 100),
    concurrency: whole(1, 1000000, 1),
    warmRequests: whole(0, 10000, 0),
    timeoutMs: whole(1, 3600000, 30000),
    task: choice('http'),
    noKeepalive: flag,
    bufferBytes: whole(1024, 10485760, 16384),
    stackBytes: whole(1024, 1073741824, 65536),
    switch: choice('fcontext', 'ucontext'),
    guard: choice('madvise', 'mprotect', 'canary'),
    addresses: whole(1, 64, 1),
    rate: whole(1, 10000000, 0),
    arrivals: choice('poisson', 'fixed'),
    seed: {otherwise: 1n, type: 'number', low: 0, read: (value, name) => (whole(0, 2n ** 64n - 1n).read(value, name), BigInt(value))},
    resolve,
    cacert: text,
    insecure: flag,
    trace: flag,
    json: flag,
    resultFd: whole(3, 1048576, 0),
    describe: flag,
};

/* What --describe says, beside the flags. */
const FACTS = {
    contract: 2, name: 'node-fetch', family: 'coroutines', about: 'promises on one event loop, with fetch', tasks: ['http'],
    is_single: false, units: 'worker', uses_libcurl: false, needs_probe: false,
    needs: {descriptors: 1, threads: 0, mappings: 0, kib: 0, kib_bare: 0, start_us: 0},
};

const dashed = (name) => '--' + name.replace(/[A-Z]/g, (c) => '-' + c.toLowerCase());
const NAMES = new Map([...Object.keys(FLAGS).map((name) => [dashed(name), name]),
                       ['-n', 'requests'], ['-c', 'concurrency']]);

function describe() {
    const flags = Object.entries(FLAGS).map(([name, {type, low, high, words, otherwise}]) => {
        const isUnset = type === 'number' && otherwise < low;
        return {name: dashed(name).slice(2), type, min: low ?? null, max: high ?? null, choices: words ?? null,
                default: isUnset ? null : typeof otherwise === 'bigint' ? Number(otherwise) : otherwise, about: '', is_knob: false};
    });
    fs.writeSync(1, JSON.stringify({...FACTS, flags}) + '\n');
    process.exit(0);
}

function parse(words) {
    const settings = {urls: []};
    for (const name of Object.keys(FLAGS))
        settings[name] = FLAGS[name].otherwise;
    while (words.length > 0) {
        let word = words.shift();
        const joined = /^(-[nc](?==?.)|--[^=]+(?==))=?(.*)$/s.exec(word); // -n1000, -n=1000, --requests=1000
        if (joined && NAMES.has(joined[1]) && FLAGS[NAMES.get(joined[1])] !== flag) {
            words.unshift(joined[2]);
            word = joined[1];
        }
        const name = NAMES.get(word);
        if (word === '--help' || word === '-h') {
            console.log(`Usage: runner-node-fetch [OPTIONS] URL\n\nOptions: ${[...NAMES.keys()].join(' ')}`);
            process.exit(0);
        } else if (!word.startsWith('-')) {
            settings.urls.push(word);
        } else if (!name) {
            fail(2, `unknown option '${word}'; see --help`);
        } else if (FLAGS[name] === flag) {
            settings[name] = true;
        } else if (words.length === 0) {
            fail(2, `${word} needs a value`);
        } else {
            settings[name] = FLAGS[name].read(words.shift(), word);
        }
    }
    if (settings.describe)
        describe();
    check(settings);
    return settings;
}

function check(settings) {
    if (settings.concurrency > settings.requests)
        fail(2, `--concurrency ${settings.concurrency} is more than --requests ${settings.requests}`);
    if (settings.urls.length !== 1)
        fail(2, `one URL expected, got ${settings.urls.length}; see --help`);
    let url = null;
    try {
        url = new URL(settings.urls[0]);
    } catch (error) {
        fail(2, 'not a URL');
    }
    if (!['http:', 'https:'].includes(url.protocol) || !url.hostname)
        fail(2, 'not an http or https URL');
    if (settings.insecure && url.protocol !== 'https:')
        fail(2, '--insecure needs an https URL: there is no certificate to verify');
    if (settings.addresses > 1 && url.hostname !== '127.0.0.1')
        fail(2, '--addresses needs a URL whose host is 127.0.0.1');
    try {
        if (settings.resultFd)
            fs.fstatSync(settings.resultFd);
    } catch (error) {
        fail(2, `--result-fd ${settings.resultFd}: ${error.code}`);
    }
    if (settings.cacert !== null)
        trust(settings.cacert);
    if (settings.insecure)
        trustAll();
    if (settings.resolve)
        useAddress(settings.resolve, url);
}

/* Answers lookups of the URL's host with the address, if it is for that host and port. */
function useAddress({host, port, address}, url) {
    const ask = dns.lookup;
    const isFor = url.hostname === host && Number(url.port || (url.protocol === 'https:' ? 443 : 80)) === port;
    if (isFor)
        dns.lookup = (name, ...more) => ask(name.toLowerCase() === host ? address : name, ...more);
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
        fail(2, `--cacert ${path}: ${error.message}`);
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
    constructor(model) {
        this.model = model;
        this.settings = parse(process.argv.slice(2));
        this.isWarm = false;
        this.warm = {};
        this.countAnew();
    }

    countAnew() {
        this.taken = this.done = this.inFlight = this.peak = this.bytes = this.connections = 0;
        this.failed = {};
        this.trace = [];
        this.traceDue = [];
        this.latency = new Histogram();
        this.response = new Histogram();
        this.lag = new Histogram();
        this.scheduleBeginNs = this.firstNs = 0;
        this.offsetNs = 0;
        this.random = this.settings.seed;
    }

    url(worker) {
        const {urls: [url], addresses} = this.settings;
        return addresses === 1 ? url : url.replace('127.0.0.1', `127.0.0.${worker % addresses + 1}`);
    }

    /* The warm requests, if any are wanted, then those that count. All workers are through with one
     * part before the next begins. */
    *parts() {
        if (this.settings.warmRequests) {
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
        for (let made = 0; this.isWarm && made < s.warmRequests; made++)
            yield {number: TRACE_MAX, worker, dueNs: 0};
        while (!this.isWarm && this.taken < s.requests)
            yield {number: this.taken++, worker, dueNs: s.rate ? this.nextArrival() : 0};
    }

    nextArrival() {
        this.scheduleBeginNs = this.scheduleBeginNs || clockNs();
        const dueNs = this.scheduleBeginNs + Math.floor(this.offsetNs);
        let gaps = 1;
        if (this.settings.arrivals === 'poisson') { // splitmix64, as in runtime/schedule.c
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

    end({number, dueNs, worker}, startNs, outcome, size) {
        const endNs = clockNs();
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

    document(units, knobs) {
        const {settings: s, latency, response, lag} = this;
        return {
            contract: 1, model: this.model, task: s.task, requests: s.requests,
            concurrency: s.concurrency, ok: latency.count, failed: this.failed,
            bytes_received: this.bytes, connections_opened: this.connections,
            units_created: units, peak_in_flight: this.peak, setup_ns: this.firstNs,
            measured_ns: this.lastNs - this.firstNs,
            cpu_measured_ns: (this.cpu.user + this.cpu.system) * 1000,
            latency_ns: latency.buckets(), overflow: latency.overflow,
            latency_sum_ns: latency.count ? latency.sum : null,
            latency_min_ns: latency.min, latency_max_ns: latency.max,
            ...this.warm,
            ...(s.rate && {
                rate_per_s: s.rate, arrivals: s.arrivals,
                response_ns: response.buckets(), response_overflow: response.overflow,
                response_max_ns: response.max, lag_ns: lag.buckets(), lag_overflow: lag.overflow}),
            ...(s.trace && {trace_ns: this.trace.sort((a, b) => a[0] - b[0])}),
            ...(s.trace && s.rate && {trace_due_ns: this.traceDue.sort((a, b) => a[0] - b[0])}),
            phases_ns: {dns: null, connect: null, tls: null, first_byte: null},
            knobs: {...knobs, keepalive: !s.noKeepalive, max_connections: s.concurrency,
                    timeout_ms: s.timeoutMs, addresses: s.addresses,
                    ...(s.insecure ? {tls_verify: 'off'} : {})},
            teardown_ns: clockNs() - this.lastNs,
        };
    }

    /* Writes the document to where the command line wants it, or a summary. */
    finish(units, knobs) {
        const {settings: s} = this;
        const document = this.document(units, knobs);
        const seconds = document.measured_ns / NS_PER_S;
        const line = JSON.stringify(document) + '\n';
        try {
            if (s.resultFd) {
                writeAll(s.resultFd, line);
                fs.closeSync(s.resultFd);
            }
            if (s.json)
                writeAll(1, line);
            else if (!s.resultFd)
                writeAll(1, `${this.model}: ${s.requests} requests, ${s.concurrency} at a time\n` +
                            `  time       ${seconds.toFixed(3)} s\n` +
                            `  requests/s ${(document.ok / seconds).toFixed(1)}\n` +
                            `  failed     ${JSON.stringify(this.failed)}\n`);
        } catch (error) {
            fail(3, `cannot write the result document: ${error.code}`);
        }
    }
}

function writeAll(fd, line) {
    for (let rest = Buffer.from(line); rest.length > 0;)
        rest = rest.subarray(fs.writeSync(fd, rest));
}

module.exports = {Run, fail};
