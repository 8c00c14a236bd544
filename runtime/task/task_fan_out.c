/* task_fan_out.c: the task `fan-out`: one request is K sub-requests that are made
 * together, gathered, and computed on. A page of statistics that asks for every player in
 * a fight does this.
 *
 *     request   --+-- sub-request ---+
 *                 +-- sub-request -----+-- all there: --work, record
 *                 +-- sub-request --+
 *
 * The model decides how they are made together. A loop has them all under way at once,
 * threads fork and join, and a model that does one thing at a time makes them in turn.
 * Each sub-request has its own handle, made once, so that its connection is kept.
 *
 * With --await in-a-row the request waits for one sub-request, then makes the next, as a
 * loop with an await in it does: whatever the model, nothing overlaps. */
#include "runtime/task/task.h"

#include "common/clock.h"
#include "common/memory.h"
#include "runtime/shared.h"
#include "runtime/worker.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct fan_out {
    struct transfers together; /* its list is ours */
    struct transfers
        again;            /* those of a second try; its list is ours, of the same size */
    struct transfers one; /* in a row: the one under way, within the list of together */
    bool is_in_a_row;
    struct fetch fetches[]; /* one per sub-request */
};

static void note(struct run *run)
{
    run_add_knob(run, "fan_out", NULL, run->settings.fan_out);
    run_add_knob(run, "await", run->settings.await, 0);
}

static int fill(struct fan_out *self, struct worker *worker, struct err *err)
{
    struct transfers *together = &self->together;
    int status = 0;
    for (size_t i = 0; i < together->count && !status; i++) {
        struct transfer *transfer = &together->list[i];
        uint64_t index = shared_next_worker(worker->run->shared);
        status = fetch_init(&self->fetches[i], &worker->run->settings, index, err);
        *transfer =
            (struct transfer){.easy = self->fetches[i].easy,
                              .together = self->is_in_a_row ? &self->one : together};
        (void)curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer);
    }
    return status;
}

static int init(struct worker *worker, struct err *err)
{
    size_t count = (size_t)worker->run->settings.fan_out;
    struct fan_out *self = memory_calloc(1, sizeof *self + count * sizeof *self->fetches);
    worker->state = self;
    self->is_in_a_row = !strcmp(worker->run->settings.await, "in-a-row");
    self->together.count = count;
    self->together.list = memory_calloc(count, sizeof *self->together.list);
    self->again.list = memory_calloc(count, sizeof *self->again.list);
    return fill(self, worker, err);
}

static struct transfers *transfers(struct worker *worker)
{
    struct fan_out *self = worker->state;
    return &self->together;
}

static struct await begin(struct worker *worker)
{
    struct fan_out *self = worker->state;
    shared_enter(worker->run->shared);
    for (size_t i = 0; i < self->together.count; i++)
        fetch_begin(&self->fetches[i]);
    worker->start_ns = clock_ns();
    self->one = (struct transfers){.list = self->together.list, .count = 1};
    return (struct await){.kind = AWAIT_TRANSFERS,
                          .together = self->is_in_a_row ? &self->one : &self->together};
}

/* Whether the list goes on after the sub-request that is over. */
static bool has_next(struct fan_out *self)
{
    const struct transfer *end = self->together.list + self->together.count;
    return self->is_in_a_row && self->again.count == 0 && ++self->one.list < end;
}

/* Repeats the sub-requests whose kept connection had ended, together, when the others are
 * over. */
static struct await begin_again(struct fan_out *self)
{
    struct transfers *again = &self->again;
    for (size_t i = 0; i < self->together.count; i++) {
        struct transfer *first = &self->together.list[i];
        if (!fetch_wants_again(&self->fetches[i], first->code))
            continue;
        struct transfer *second = &again->list[again->count++];
        *second = (struct transfer){.easy = first->easy, .together = again};
        (void)curl_easy_setopt(first->easy, CURLOPT_PRIVATE, second);
    }
    return (struct await){.kind = again->count ? AWAIT_TRANSFERS : AWAIT_NOTHING,
                          .together = again};
}

/* Puts the results of the second try where those of the first were. */
static void end_again(struct fan_out *self)
{
    size_t taken = 0;
    for (size_t i = 0; i < self->together.count && taken < self->again.count; i++) {
        struct transfer *first = &self->together.list[i];
        if (first->easy != self->again.list[taken].easy)
            continue;
        first->code = self->again.list[taken++].code;
        (void)curl_easy_setopt(first->easy, CURLOPT_PRIVATE, first);
    }
    self->again.count = 0;
}

static struct await more(struct worker *worker, CURLcode code)
{
    struct fan_out *self = worker->state;
    (void)code;
    if (has_next(self))
        return (struct await){.kind = AWAIT_TRANSFERS, .together = &self->one};
    if (self->again.count == 0)
        return begin_again(self);
    end_again(self);
    return (struct await){.kind = AWAIT_NOTHING};
}

/* Ends the request. It fails like the first of its sub-requests that failed. */
static void end(struct worker *worker, CURLcode code)
{
    (void)code;
    struct fan_out *self = worker->state;
    struct shared *shared = worker->run->shared;
    worker_work(worker);
    uint64_t end_ns = clock_ns();
    shared_leave(shared);
    enum outcome first_failed = OUTCOME_OK;
    uint64_t bytes = 0;
    for (size_t i = 0; i < self->together.count; i++) {
        struct fetch *fetch = &self->fetches[i];
        enum outcome outcome =
            fetch_outcome(fetch, self->together.list[i].code, worker->recorder, shared);
        if (first_failed == OUTCOME_OK)
            first_failed = outcome;
        bytes += fetch->body_bytes;
    }
    worker_record(worker, first_failed, worker->start_ns, end_ns, bytes);
}

static void done(struct worker *worker)
{
    struct fan_out *self = worker->state;
    for (size_t i = 0; self && i < self->together.count; i++)
        fetch_done(&self->fetches[i]);
    if (self) {
        free(self->together.list);
        free(self->again.list);
    }
    free(self);
    worker->state = NULL;
}

const struct task task_fan_out = {.name = "fan-out",
                                  .is_rehearsed = true,
                                  .needs_url = true,
                                  .note = note,
                                  .init = init,
                                  .begin = begin,
                                  .more = more,
                                  .end = end,
                                  .transfers = transfers,
                                  .done = done};
