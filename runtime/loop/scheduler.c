/* scheduler.c: coroutines on an event loop; see scheduler.h. Its heart is await: a few
 * lines in which waiting becomes yielding. */
#include "runtime/loop/scheduler.h"

#include "common/clock.h"
#include "common/memory.h"
#include "runtime/loop/co.h"
#include "runtime/loop/curl_loop.h"
#include "runtime/loop/rehearsal.h"
#include "runtime/loop/stacks.h"
#include "runtime/shared.h"
#include "runtime/task/connections.h"
#include "runtime/worker.h"

#include <stdlib.h>

#define STACKS_LOOKED_AT 1000

struct scheduler {
    struct run *run;
    struct curl_loop *loop;
    struct stacks stacks;
    struct coroutine *coroutines;
    size_t count;
    size_t alive;                 /* coroutines that have not ended */
    struct coroutine *overflowed; /* its stack: nothing runs from then on; or NULL */
    const struct co_backend *backend;
    struct offload *offload; /* NULL: transfers are made on the loop */
};

struct coroutine {
    struct co co;
    struct wait wait;     /* how its worker waits: await */
    struct worker worker; /* the same as in every model */
    struct scheduler *scheduler;
    struct await awaited; /* what to start when it has yielded */
    struct away *away; /* its jobs, if the loop does not do it itself; owned, or NULL */
    CURLcode result;   /* of the wait, when it is resumed */
};

static void resume(struct coroutine *coroutine);

/* One of several jobs that a coroutine waits for together. */
struct part {
    struct job job;
    struct transfer *transfer;
    struct coroutine *coroutine;
};

struct away {
    struct job whole;
    struct part parts[]; /* one for each transfer that is awaited together */
};

static struct coroutine *coroutine_of(struct wait *wait)
{
    return (struct coroutine *)(void *)((char *)wait - offsetof(struct coroutine, wait));
}

/* The heart of all coroutines here. To the task this is a call that returns when the wait
 * is over. It is called by its address only; gcc 16 would guess it where wait_blocking's
 * is called, and then warn of what cannot be there. */
__attribute__((noinline)) static CURLcode await(struct wait *wait, struct await what)
{
    struct coroutine *self = coroutine_of(wait);
    if (what.kind == AWAIT_NOTHING)
        return CURLE_OK;
    self->awaited = what;
    co_suspend(&self->co);
    return self->result;
}

static void body(void *arg)
{
    struct coroutine *self = arg;
    worker_run(&self->worker);
}

static void perform_job(void *arg)
{
    struct coroutine *self = arg;
    self->result = wait_blocking.await(&wait_blocking, self->awaited);
}

static void perform_part(void *arg)
{
    struct part *self = arg;
    self->transfer->code = curl_easy_perform(self->transfer->easy);
}

static void finish_part(struct job *job)
{
    struct part *self = job->arg;
    if (--self->transfer->together->left == 0)
        resume(self->coroutine);
}

static void finish_whole(struct job *job)
{
    resume(job->arg);
}

static void submit_parts(struct coroutine *coroutine, struct transfers *together)
{
    struct offload *offload = coroutine->scheduler->offload;
    together->left = together->count;
    for (size_t i = 0; i < together->count; i++) {
        struct part *part = &coroutine->away->parts[i];
        *part = (struct part){
            {perform_part, part, finish_part, NULL}, &together->list[i], coroutine};
        offload->submit(offload, &part->job);
    }
}

/* Starts what the coroutine waits for, on the loop's stack; false: it need not wait. */
static bool start_wait(struct coroutine *coroutine)
{
    struct scheduler *scheduler = coroutine->scheduler;
    struct await awaited = coroutine->awaited;
    coroutine->result = CURLE_OK;
    bool is_call = awaited.kind == AWAIT_CALL || awaited.kind == AWAIT_TRANSFER ||
                   awaited.kind == AWAIT_TRANSFERS;
    if (!scheduler->offload || !is_call)
        return curl_loop_await(scheduler->loop, awaited, coroutine);
    if (awaited.kind == AWAIT_TRANSFERS) {
        submit_parts(coroutine, awaited.together);
    } else {
        struct job *whole = &coroutine->away->whole;
        *whole = (struct job){perform_job, coroutine, finish_whole, NULL};
        scheduler->offload->submit(scheduler->offload, whole);
    }
    return true;
}

/* Before anything else runs, as the neighbour's stack may be damaged. */
static bool has_overflowed(struct coroutine *coroutine)
{
    struct scheduler *scheduler = coroutine->scheduler;
    if (stacks_intact(&scheduler->stacks, (size_t)(coroutine - scheduler->coroutines)))
        return false;
    scheduler->overflowed = coroutine;
    curl_loop_stop(scheduler->loop);
    return true;
}

/* Runs a coroutine until it has to wait, or has ended. */
static void resume(struct coroutine *coroutine)
{
    const bool has_canary = coroutine->scheduler->stacks.has_canary;
    if (coroutine->scheduler->overflowed)
        return;
    do {
        co_resume(&coroutine->co);
        if (has_canary && has_overflowed(coroutine))
            return;
        if (coroutine->co.is_done) {
            if (--coroutine->scheduler->alive == 0)
                curl_loop_stop(coroutine->scheduler->loop);
            return;
        }
    } while (!start_wait(coroutine));
}

static void on_done(void *user, CURLcode result)
{
    struct coroutine *coroutine = user;
    coroutine->result = result;
    resume(coroutine);
}

static void make_jobs(struct coroutine *self)
{
    const struct transfers *together = worker_transfers(&self->worker);
    const size_t parts = together ? together->count : 0;
    self->away = memory_calloc(1, sizeof *self->away + parts * sizeof *self->away->parts);
}

static int make_coroutine(struct scheduler *scheduler, size_t index,
                          size_t recorder_index, struct err *err)
{
    struct coroutine *self = &scheduler->coroutines[index];
    self->scheduler = scheduler;
    self->wait = (struct wait){await};
    int status =
        worker_init(&self->worker, scheduler->run, recorder_index, &self->wait, err);
    if (status)
        return status;
    worker_share_thread(&self->worker);
    if (scheduler->offload) {
        make_jobs(self);
    } else {
        curl_loop_adopt(scheduler->loop, worker_easy(&self->worker), self);
        curl_loop_adopt_together(scheduler->loop, worker_transfers(&self->worker));
    }
    size_t bytes = 0;
    char *stack = stacks_base(&scheduler->stacks, index, &bytes);
    co_init(&self->co, scheduler->backend, stack, bytes, body, self);
    scheduler->alive++;
    return 0;
}

static int fill(struct scheduler *scheduler, size_t recorder_index, struct err *err)
{
    const struct settings *s = &scheduler->run->settings;
    scheduler->backend = co_backend_find(s->switch_backend);
    if (!scheduler->backend)
        return err_set(err, EXIT_CODE_UNFIT, "--switch %s is not in this build",
                       s->switch_backend);
    int status = rehearsal_check(scheduler->run, scheduler->backend, err);
    if (status)
        return status;
    size_t count = scheduler->count;
    scheduler->coroutines = memory_calloc(count, sizeof *scheduler->coroutines);
    status =
        stacks_init(&scheduler->stacks, count, (size_t)s->stack_bytes, s->guard, err);
    if (!status)
        status = curl_loop_new(count * (size_t)s->fan_out, s->rate_per_s > 0, on_done,
                               &scheduler->loop, err);
    if (!status)
        connections_limit(scheduler->run, recorder_index,
                          curl_loop_multi(scheduler->loop));
    for (size_t i = 0; i < count && !status; i++)
        status = make_coroutine(scheduler, i, recorder_index, err);
    return status;
}

size_t scheduler_share(const struct run *run, size_t index, size_t count)
{
    size_t all = (size_t)run->settings.concurrency;
    return all / count + (index < all % count);
}

int scheduler_new(struct run *run, size_t recorder_index, size_t count,
                  struct offload *offload, struct scheduler **out_scheduler,
                  struct err *err)
{
    struct scheduler *scheduler = memory_calloc(1, sizeof *scheduler);
    scheduler->run = run;
    scheduler->count = count;
    scheduler->offload = offload;
    int status = fill(scheduler, recorder_index, err);
    if (status) {
        scheduler_free(scheduler);
        return status;
    }
    *out_scheduler = scheduler;
    return 0;
}

int scheduler_watch(struct scheduler *scheduler, int fd, void (*on_readable)(void *user),
                    void *user, struct err *err)
{
    return curl_loop_watch(scheduler->loop, fd, on_readable, user, err);
}

void scheduler_finish(struct job *job)
{
    job->finish(job);
}

/* Notes what the stacks were used for: of all where they are few, else of some, evenly. */
static void note_use(const struct scheduler *scheduler)
{
    const size_t step = (scheduler->count + STACKS_LOOKED_AT - 1) / STACKS_LOOKED_AT;
    size_t most = 0;
    for (size_t i = 0; i < scheduler->count; i += step) {
        const size_t used = stacks_used(&scheduler->stacks, i);
        most = used > most ? used : most;
    }
    shared_note_stack(scheduler->run->shared, most);
}

/* Each coroutine runs to its first wait; from then on the loop resumes them. */
int scheduler_run(struct scheduler *scheduler, struct err *err)
{
    for (size_t i = 0; i < scheduler->count && !scheduler->overflowed; i++)
        resume(&scheduler->coroutines[i]);
    if (scheduler->alive > 0 && !scheduler->overflowed)
        curl_loop_run(scheduler->loop);
    int status = curl_loop_error(scheduler->loop, err);
    if (status)
        return status;
    if (scheduler->overflowed)
        return err_set(err, EXIT_CODE_INTERNAL,
                       "coroutine %zu overflowed its stack of %zu bytes: raise "
                       "--stack-bytes",
                       (size_t)(scheduler->overflowed - scheduler->coroutines),
                       (size_t)scheduler->run->settings.stack_bytes);
    for (size_t i = 0; i < scheduler->count; i++)
        co_done(&scheduler->coroutines[i].co);
    note_use(scheduler);
    return 0;
}

void scheduler_add_knobs(const struct scheduler *scheduler, struct run *run)
{
    run_add_knob(run, "stack_bytes", NULL, run->settings.stack_bytes);
    run_add_knob(run, "stack_guard", scheduler->stacks.guard, 0);
    run_add_knob(run, "switch_backend", scheduler->backend->name, 0);
    run_add_knob(run, "event_method", curl_loop_method(scheduler->loop), 0);
}

void scheduler_free(struct scheduler *scheduler)
{
    if (!scheduler)
        return;
    for (size_t i = 0; scheduler->coroutines && i < scheduler->count; i++) {
        worker_done(&scheduler->coroutines[i].worker);
        free(scheduler->coroutines[i].away);
    }
    curl_loop_free(scheduler->loop);
    stacks_done(&scheduler->stacks);
    free(scheduler->coroutines);
    free(scheduler);
}
