/* worker: what a model runs tasks on. It is the same for all models except for how it
 * waits: a blocking model blocks the thread, a coroutine suspends itself.
 */
#ifndef RUNTIME_WORKER_H
#define RUNTIME_WORKER_H

#include "common/err.h"
#include "common/work.h"
#include "runtime/await.h"
#include "runtime/run.h"
#include "runtime/shared.h"
#include "runtime/task/fetch.h"

#include <stddef.h>

/* Waiting, supplied by the model. Put one inside the model's own struct to find it again.
 */
struct wait {
    /* Starts what is awaited, if need be, and returns when it is over, with the
     * transfer's code or CURLE_OK. To straight-line code this is a call like any other.
     */
    CURLcode (*await)(struct wait *wait, struct await what);
};

/* Waits as a thread does: curl_easy_perform, clock_nanosleep, poll. It has no state, so
 * all workers may share it. */
extern struct wait wait_blocking;

/* Waits until clock_ns() is due_ns or later. In a closed loop that is 0: no wait. */
static inline void wait_until(struct wait *wait, uint64_t due_ns)
{
    if (due_ns)
        (void)wait->await(wait, (struct await){.kind = AWAIT_TIME, .due_ns = due_ns});
}

/* A million of them may sleep: what only some tasks need lies elsewhere. */
struct worker {
    struct run *run;           /* borrowed */
    struct recorder *recorder; /* borrowed, of the shared state */
    struct wait *wait;         /* borrowed */
    uint64_t due_ns;           /* of the request in hand; 0 in a closed loop */
    uint64_t start_ns;         /* of the request in hand */
    uint64_t ticket;           /* its number, 0 .. requests - 1 */
    const struct task *task;   /* the run's, or that of warm.h at first */
    uint32_t lane;             /* which worker this is, for a trace */
    uint16_t warm_made;        /* warm requests begun */
    bool is_on_loop;           /* its thread serves other workers too */
    bool is_at_line;           /* all its warm requests are made: warm.h */
    void *state;               /* what a task has to keep besides, made in its init */
    struct fetch *fetch;       /* the same of task http; else NULL */
};

/* Makes a worker ready: its task's handles, its recorder (index below the number of
 * recorders of the run). Initialises libcurl in this process on first use. wait is NULL
 * where one thread serves many workers that are not straight-line code. Any thread. */
int worker_init(struct worker *worker, struct run *run, size_t recorder_index,
                struct wait *wait, struct err *err);

/* Takes the next request: false when none is left. worker->ticket is its number; in an
 * open loop worker->due_ns is when it is due. Workers that are not straight-line code
 * (callbacks) call it themselves, between recorder_begin and recorder_end. */
bool worker_take(struct worker *worker);

/* Makes a worker without a task's handles, for a model that brings its own. It needs no
 * worker_done. */
void worker_attach(struct worker *worker, struct run *run, size_t recorder_index);

/* Says that the worker shares its thread and its recorder with others. Once for each such
 * worker, before its first request. */
void worker_share_thread(struct worker *worker);

/* Makes one request in straight-line code: begin, wait the model's way, end. */
void worker_perform(struct worker *worker);

/* Takes tickets and performs the task until none is left. Every worker of every model
 * does this, here in straight-line code. In an open loop it takes arrivals and waits
 * until each is due. */
void worker_run(struct worker *worker);

/* Makes a worker's warm requests, if any, and waits until all others have made theirs.
 * For models that make a worker for each request; the others take them as they come. */
void worker_warm_up(struct worker *worker);

/* Gives the request that one worker has taken to another, which will perform it. */
static inline void worker_pass(const struct worker *from, struct worker *to)
{
    to->ticket = from->ticket;
    to->due_ns = from->due_ns;
}

/* Where the trace keeps the request in hand; NULL: it does not. */
static inline struct span *worker_span(const struct worker *worker)
{
    return trace_span(worker->run->shared->trace, worker->ticket);
}

/* For tasks: the request in hand has waited, and computes from now on. */
static inline void worker_note_work(const struct worker *worker)
{
    struct span *span = worker_span(worker);
    if (span)
        trace_work(span);
}

/* For tasks: computes as much as --work says, the same in every model. */
static inline void worker_work(const struct worker *worker)
{
    worker_note_work(worker);
    uint64_t tests = worker->run->settings.work_tests;
    if (tests)
        work_use(work_divide(worker->start_ns, tests));
}

/* For tasks: what to await for a call that blocks. */
static inline struct await worker_call(const struct worker *worker,
                                       void (*call)(void *arg), void *arg)
{
    struct span *span = worker_span(worker);
    if (span)
        return trace_call(span, call, arg);
    return (struct await){.kind = AWAIT_CALL, .call = call, .arg = arg};
}

/* For models: the handle of the worker's transfers; NULL: its task has none, or several.
 */
static inline CURL *worker_easy(const struct worker *worker)
{
    return worker->fetch ? worker->fetch->easy : NULL;
}

/* For models: the transfers that the worker's requests await together; NULL: none. */
struct transfers *worker_transfers(struct worker *worker);

/* For tasks: records the request in hand, from start_ns to end_ns (clock_ns). */
static inline void worker_record(struct worker *worker, enum outcome outcome,
                                 uint64_t start_ns, uint64_t end_ns, uint64_t bytes)
{
    recorder_add(worker->recorder, outcome, start_ns, end_ns, bytes);
    if (worker->due_ns)
        recorder_add_due(worker->recorder, outcome, worker->due_ns, start_ns, end_ns);
    struct span *span = worker_span(worker);
    if (span) {
        span->due_ns = worker->due_ns;
        trace_end(span, start_ns, end_ns, worker->lane, worker->is_on_loop);
    }
}

/* For tasks: notes why the request in hand fails as outcome. Only the first text of a
 * class is kept (reasons.h); ask worker_lacks_reason before you make one that takes time.
 */
#define worker_note(worker, outcome, ...)                                                \
    reasons_note(&(worker)->run->shared->reasons, outcome, __VA_ARGS__)

static inline bool worker_lacks_reason(const struct worker *worker, enum outcome outcome)
{
    return reasons_lack(&worker->run->shared->reasons, outcome);
}

/* For tasks: notes that the answer to the request in hand is a redirect, which is not
 * followed. location is where it leads, or NULL. */
static inline void worker_note_redirect(struct worker *worker, unsigned status,
                                        const char *location)
{
    worker->recorder->redirects++;
    if (worker_lacks_reason(worker, OUTCOME_OK))
        reasons_note_redirect(&worker->run->shared->reasons, status, location);
}

void worker_done(struct worker *worker); /* also after a failed worker_init */

#endif
