/* task_pipeline.c: the task `pipeline`: numbers counted down in, answers out.
 *
 *     producers  n, n-1, ... --> [ bounded queue ] --> consumers  how many divisors?
 *
 * A request is a number. It begins when a producer takes it in hand, and ends when a
 * consumer has its answer, which is checked. Between the two lies a queue. When it is
 * full, producers wait; when it is empty, consumers do. Which of them waits says where
 * the work is. One worker alone needs no queue. */
#include "common/memory.h"
#include "runtime/task/task.h"

#include "common/clock.h"
#include "common/work.h"
#include "runtime/channel.h"
#include "runtime/shared.h"
#include "runtime/worker.h"

#include <stdlib.h>

enum role { ALONE, CONSUMER, PRODUCER };

struct pipeline {
    struct channel_op op; /* its item is the number in hand */
    enum role role;
    bool is_done;     /* nothing is left for this worker */
    bool is_computed; /* the answer is that of the number in hand */
    uint64_t tests, answer;
};

static int check(const struct settings *settings, struct err *err)
{
    if (settings->warm_requests)
        return err_set(err, EXIT_CODE_USAGE,
                       "task pipeline opens no connections: leave out --warm-requests");
    if (settings->rate_per_s)
        return err_set(err, EXIT_CODE_USAGE,
                       "task pipeline has no open loop: leave out --rate");
    return 0;
}

static void note(struct run *run)
{
    struct settings *s = &run->settings;
    if (!s->work_tests) {
        s->work_tests = PIPELINE_TESTS;
        run_add_knob(run, "work_tests", NULL, s->work_tests);
    }
    run_add_knob(run, "queue_slots", NULL, s->queue_slots);
}

static int init(struct worker *worker, struct err *err)
{
    const struct run *run = worker->run;
    int status = fetch_library_init(err);
    if (status)
        return status;
    struct pipeline *self = memory_calloc(1, sizeof *self);
    size_t member = (size_t)shared_next_worker(run->shared);
    enum role role = channel_is_producer(member) ? PRODUCER : CONSUMER;
    *self = (struct pipeline){.role = run->settings.concurrency == 1 ? ALONE : role,
                              .op.member = member,
                              .tests = run->settings.work_tests};
    channel_join(run->shared->channel, member);
    worker->state = self;
    return 0;
}

/* Takes the next number. A producer that finds none has one more operation: to leave. */
static bool take(struct worker *worker)
{
    struct pipeline *self = worker->state;
    struct shared *shared = worker->run->shared;
    if (self->is_done)
        return false;
    self->op.kind = CHANNEL_GET;
    if (self->role == CONSUMER)
        return true;
    self->op.kind = CHANNEL_PUT;
    if (!self->op.is_over && tickets_take(&shared->tickets, &worker->ticket))
        return true;
    self->is_done = true;
    self->op.kind = CHANNEL_LEAVE;
    return self->role == PRODUCER;
}

static struct await begin(struct worker *worker)
{
    struct pipeline *self = worker->state;
    struct shared *shared = worker->run->shared;
    self->is_computed = false;
    if (self->op.kind == CHANNEL_PUT) {
        shared_enter(shared);
        self->op.item.number = worker->run->settings.requests - worker->ticket;
        self->op.item.start_ns = clock_ns();
    }
    if (self->role == ALONE)
        return (struct await){.kind = AWAIT_NOTHING};
    return (struct await){
        .kind = AWAIT_CHANNEL, .channel = shared->channel, .op = &self->op};
}

static void compute(void *arg)
{
    const struct worker *worker = arg;
    struct pipeline *self = worker->state;
    worker_note_work(worker);
    self->answer = work_divide(self->op.item.number, self->tests);
}

/* Which request the number is, and for a trace when it went into the queue or came out. */
static void note_queue(struct worker *worker)
{
    const struct pipeline *self = worker->state;
    if (self->role == ALONE || self->op.is_over || self->is_computed ||
        self->op.kind == CHANNEL_LEAVE)
        return;
    worker->ticket = worker->run->settings.requests - self->op.item.number;
    struct span *span = worker_span(worker);
    if (span && self->role == PRODUCER) {
        span->producer = worker->lane;
        span->put_ns = clock_ns();
    } else if (span) {
        span->taken_ns = clock_ns();
    }
}

/* Computes after the queue. It is a call, so that a model with threads can hand it to
 * one. */
static struct await more(struct worker *worker, CURLcode code)
{
    (void)code;
    struct pipeline *self = worker->state;
    note_queue(worker);
    if (self->role == PRODUCER || self->op.is_over || self->is_computed)
        return (struct await){.kind = AWAIT_NOTHING};
    self->is_computed = true;
    return (struct await){.kind = AWAIT_CALL, .call = compute, .arg = worker};
}

/* Checks the answer, which costs every model the same and is not part of the latency. */
static void record(struct worker *worker)
{
    const struct pipeline *self = worker->state;
    const struct item *item = &self->op.item;
    uint64_t end_ns = clock_ns();
    shared_leave(worker->run->shared);
    uint64_t expected = work_divisors(item->number, self->tests);
    bool is_right = self->answer == expected;
    if (!is_right)
        worker_note(worker, OUTCOME_OTHER, "%llu has %llu divisors, the answer was %llu",
                    (unsigned long long)item->number, (unsigned long long)expected,
                    (unsigned long long)self->answer);
    worker_record(worker, is_right ? OUTCOME_OK : OUTCOME_OTHER, item->start_ns, end_ns,
                  0);
}

static void end(struct worker *worker, CURLcode code)
{
    (void)code;
    struct pipeline *self = worker->state;
    if (self->is_computed)
        record(worker);
    else if (self->op.kind == CHANNEL_PUT && self->op.is_over)
        shared_leave(worker->run->shared); /* no consumer is left to take it */
    else if (self->op.kind == CHANNEL_GET)
        self->is_done = true;
}

static void done(struct worker *worker)
{
    struct pipeline *self = worker->state;
    if (self)
        channel_leave(worker->run->shared->channel, self->op.member);
    free(self);
    worker->state = NULL;
}

const struct task task_pipeline = {.name = "pipeline",
                                   .has_channel = true,
                                   .check = check,
                                   .note = note,
                                   .init = init,
                                   .take = take,
                                   .begin = begin,
                                   .more = more,
                                   .end = end,
                                   .done = done};
