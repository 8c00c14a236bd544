#!/usr/bin/env node
/* node-fetch: async functions on Node's event loop, with its own fetch (undici).
 *
 *     loop     [r1][r2][r3].....[r1][r3].....[r2]
 *     await 1  [send]...wait....[read]
 *     await 2      [send]....wait............[read]
 *     await 3          [send]...wait....[read]               time ->
 *
 * One thread runs all JavaScript. `await` ends a function for now; what remains of it is a
 * closure that the loop calls when its promise is settled. To the machine that is the `callbacks`
 * model, to the reader the `coroutines` model.
 *
 * What it costs: no stack per request in flight, but a chain of promises, streams and headers
 * objects for each, made anew and collected later; and V8 itself, some 40 MB before the first
 * request. Node has its own threads for the garbage collector and for name lookups.
 *
 * What to look for in the results: memory that starts high and grows little; throughput that is
 * limited by one CPU; and CPU per request that falls with the number of requests, from some 2 ms over the
 * first hundred to a fraction of that over thousands, as V8 compiles the code that runs often. A
 * trial of 100 requests measures the start-up of V8. */
'use strict';

const contract = require('./contract.js');
const {Pipeline} = require('./pipeline.js');

/* undici tells of each connection it makes. */
function countConnections(run) {
    require('diagnostics_channel')
        .subscribe('undici:client:connected', () => { run.connections++; });
}

const CLASSES = [
    [/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/, 'connect'],
    [/^(ENOTFOUND|EAI_)/, 'resolve'],
    [/^(UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT|ETIMEDOUT|ABORT_ERR)$/, 'timeout'],
    [/^(ERR_SSL|ERR_TLS|EPROTO|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED)/, 'tls'],
    [/^(HPE_|UND_ERR_RES_EXCEEDED)/, 'protocol'],
    [/^UND_ERR_RES_CONTENT_LENGTH/, 'short'],
];

/* inBody: the head of a response has come. A peer that closes has cut the body short then. */
function classOf(error, inBody) {
    for (let cause = error; cause; cause = cause.cause) {
        if (cause.name === 'TimeoutError')
            return 'timeout';
        if (cause.name === 'HTTPParserError') // which has no code in Debian 13's Node
            return 'protocol';
        const found = CLASSES.find(([pattern]) => pattern.test(cause.code || ''));
        if (found)
            return found[1];
        if (/^(ECONNRESET|EPIPE)$/.test(cause.code))
            return 'reset';
        if (cause.code === 'UND_ERR_SOCKET')
            return inBody ? 'short' : 'reset';
    }
    return 'other';
}

/* One GET: its outcome and the bytes of the body. */
async function fetchOne(url, settings) {
    const options = {
        redirect: 'manual',
        signal: AbortSignal.timeout(settings.timeout_ms),
        headers: {'accept-encoding': 'identity'},
    };
    if (!settings.keepalive)
        options.headers.connection = 'close';
    let size = 0;
    let response = null;
    try {
        response = await fetch(url, options);
        for await (const chunk of response.body || [])
            size += chunk.length;
        return [response.status < 400 ? 'ok' : 'status', size];
    } catch (error) {
        return [classOf(error, response !== null), size];
    }
}

/* One request of whichever task: its outcome and the bytes of the body. */
async function request(run, url, ticket) {
    if (run.settings.task === 'http')
        return fetchOne(url, run.settings);
    if (run.settings.task === 'sleep')
        await run.sleep(ticket);
    return ['ok', 0];
}

async function work(run, worker) {
    const url = run.url(worker);
    for (const ticket of run.tickets(worker)) {
        await run.untilDue(ticket);
        const startNs = run.begin();
        const [outcome, size] = await request(run, url, ticket);
        run.compute();
        run.end(ticket, startNs, outcome, size);
        if (run.settings.task !== 'http')
            continue;
        /* fetch gives its connection back one turn of the loop after the end of the body. Asking
         * sooner would open a new one, and there would be twice as many as workers. */
        await new Promise(setImmediate);
    }
}

async function main() {
    const run = new contract.Run();
    const count = run.settings.concurrency;
    countConnections(run);
    const pipeline = run.settings.task === 'pipeline' ? new Pipeline(run) : null;
    for (const _ of run.parts())
        await Promise.all(Array.from({length: count}, (_, i) => (pipeline ? pipeline.work(i) : work(run, i))));
    run.finish(count, {node: process.versions.node, undici: process.versions.undici || 'unknown',
                       v8: process.versions.v8});
    process.exit(0); // kept connections would hold the loop for seconds
}

main().catch((error) => contract.fail(1, String(error)));
