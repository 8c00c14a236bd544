/* shared: the state that all workers of a run share, including forked ones: tickets, the
 * gauge of requests in flight, phase times, one recorder per thread of execution, the
 * reasons of failures, and the first error of a worker. It is one anonymous shared
 * mapping; pages that are never touched cost nothing. */
#ifndef RUNTIME_SHARED_H
#define RUNTIME_SHARED_H

#include "common/err.h"
#include "common/hist.h"
#include "common/memory.h"
#include "runtime/channel.h"
#include "runtime/reasons.h"
#include "runtime/recorder.h"
#include "runtime/schedule.h"
#include "runtime/tickets.h"
#include "runtime/trace.h"
#include "runtime/warm.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum phase { PHASE_DNS, PHASE_CONNECT, PHASE_TLS, PHASE_FIRST_BYTE, PHASE_COUNT };

#define SHARED_KNOBS_MAX 20

/* Something that could bias a comparison. */
struct knob {
    const char *name, *text; /* static, so valid in a forked worker; text NULL: */
    uint64_t number;         /* it is a number */
};

struct shared {
    _Alignas(64) struct tickets tickets;
    _Alignas(64) struct schedule schedule; /* instead of the tickets, in an open loop */
    struct warm warm;
    _Alignas(64) _Atomic uint64_t in_flight;
    _Atomic uint64_t peak_in_flight;
    _Atomic uint64_t workers;          /* numbered so far: shared_next_worker */
    _Atomic uint64_t stack_used_bytes; /* the most of any coroutine; 0: there is none */
    _Atomic uint32_t on_loops; /* workers so far that share a thread: their lanes */
    _Atomic int has_error;
    struct err error;                /* valid once has_error is 2 */
    struct hist phases[PHASE_COUNT]; /* only through shared_add_phase */
    struct knob knobs[SHARED_KNOBS_MAX];
    size_t knob_count;
    struct reasons reasons;
    struct trace *trace;     /* owned; NULL: none is kept */
    struct channel *channel; /* owned; NULL: the task has none */
    size_t recorder_count;
    size_t hists_per_recorder;   /* 1, or 3 in an open loop */
    struct recorder recorders[]; /* their histograms follow */
};

/* A zeroed one with `requests` tickets. In an open loop its schedule is still to be set
 * up. NULL when memory is refused. Free with shared_free. */
struct shared *shared_new(uint64_t requests, size_t recorder_count, bool is_open_loop);
void shared_free(struct shared *shared); /* NULL-safe */

/* Count a request that begins, or ends. Any thread or process. */
static inline void shared_enter(struct shared *shared)
{
    uint64_t now = atomic_fetch_add_explicit(&shared->in_flight, 1, memory_order_relaxed);
    uint64_t peak = atomic_load_explicit(&shared->peak_in_flight, memory_order_relaxed);
    while (now + 1 > peak && !atomic_compare_exchange_weak_explicit(
                                 &shared->peak_in_flight, &peak, now + 1,
                                 memory_order_relaxed, memory_order_relaxed))
        continue;
}

static inline void shared_leave(struct shared *shared)
{
    atomic_fetch_sub_explicit(&shared->in_flight, 1, memory_order_relaxed);
}

/* Notes how much of a coroutine's stack was used; the most is kept. */
void shared_note_stack(struct shared *shared, uint64_t used_bytes);

/* 0, 1, 2, ... for each worker that asks. Any thread or process. */
static inline uint64_t shared_next_worker(struct shared *shared)
{
    return atomic_fetch_add_explicit(&shared->workers, 1, memory_order_relaxed);
}

/* Counts the duration of a phase. All workers share one histogram: a median needs no
 * more, and histograms per worker would add memory that is not the model's. Any thread.
 */
void shared_add_phase(struct shared *shared, enum phase phase, uint64_t duration_ns);

/* Keeps the error of a worker that could not start (the first one wins), takes all
 * tickets, opens the line of the warm requests and closes the channel: a run with fewer
 * workers than asked for must not go on. Any thread. */
void shared_fail(struct shared *shared, const struct err *err);

/* Call this in a forked worker. If it runs out of memory, that becomes the run's error,
 * as with shared_fail, and the worker prints nothing. */
void shared_enter_worker(struct shared *shared);

/* Copies the kept error, if any. Returns 0 or what err_set returns. Call it when all
 * workers are done. */
int shared_error(const struct shared *shared, struct err *err);

#endif
