/* trace: what became of each request and when, for --trace. It shows what happened before
 * what, who waited, and who computed where. It keeps a span for each of the first requests
 * of a run, in memory that forked workers share. Every request has its own place, written
 * by whoever has it in hand, so there is nothing to lock. */
#ifndef RUNTIME_TRACE_H
#define RUNTIME_TRACE_H

#include "runtime/await.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TRACE_REQUESTS_MAX 10000

/* Who makes a blocking call, and so stands still meanwhile. */
enum trace_caller {
    TRACE_CALLER_NONE, /* there was no such call */
    TRACE_CALLER_WORKER,
    TRACE_CALLER_LOOP,
    TRACE_CALLER_EXECUTOR
};

/* All times are clock_ns(); 0: not known, or not of this task. */
struct span {
    uint64_t start_ns, end_ns; /* end_ns 0: not over yet */
    uint64_t work_ns;          /* when the wait was over and computing began */
    uint64_t due_ns;           /* in an open loop */
    uint64_t put_ns, taken_ns; /* of the queue, in task pipeline */
    uint64_t call_ns, returned_ns;
    void (*call)(void *arg); /* the blocking call, in the process that makes it */
    void *arg;
    pid_t call_thread;
    enum trace_caller caller;
    uint32_t worker, producer; /* their lanes */
    int cpu;                   /* on which it computed; -1: not known */
};

struct trace {
    size_t count;
    struct span spans[]; /* by ticket */
};

/* A new trace for a run of this many requests; NULL when memory is refused. */
struct trace *trace_new(uint64_t requests);

/* The place of request number `ticket`, or NULL if it is beyond. trace may be NULL. */
static inline struct span *trace_span(struct trace *trace, uint64_t ticket)
{
    return trace && ticket < trace->count ? &trace->spans[ticket] : NULL;
}

/* Notes that the request's wait is over, and that it computes on this CPU from now on. */
void trace_work(struct span *span);

/* What to await instead of call(arg), so that its time and its thread are noted. */
struct await trace_call(struct span *span, void (*call)(void *arg), void *arg);

/* Notes that the request is over, of the worker in this lane; is_on_loop: the worker
 * shares its thread with others. The caller is the thread that began the request. */
void trace_end(struct span *span, uint64_t start_ns, uint64_t end_ns, uint32_t lane,
               bool is_on_loop);

/* Adds the keys trace_... of docs/runner-contract.md, with times from origin_ns on. */
void trace_put(const struct trace *trace, uint64_t origin_ns, json_t *document);

void trace_free(struct trace *trace); /* NULL-safe */

#endif
