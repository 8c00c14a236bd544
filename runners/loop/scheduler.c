/* scheduler.c: coroutines on an event loop; see scheduler.h. The heart of it is
 * await_transfer: twelve lines in which waiting becomes yielding. */
#include "loop/scheduler.h"

#include "common/clock.h"
#include "core/worker.h"
#include "loop/bridge.h"
#include "loop/co.h"
#include "loop/stacks.h"

#include <stdlib.h>

struct scheduler {
    struct run *run;
    struct bridge *bridge;
    struct stacks stacks;
    struct coroutine *coroutines;
    size_t count;
    size_t alive; /* coroutines that have not ended */
    const struct co_backend *backend;
    struct offload *offload; /* NULL: transfers are made on the loop */
};

struct coroutine {
    struct co co;
    struct wait wait;     /* how its worker waits: await_transfer */
    struct worker worker; /* the same as in every model */
    struct scheduler *scheduler;
    CURL *awaited;           /* the transfer to start when it has yielded, or NULL */
    uint64_t awaited_due_ns; /* or the time it waits for; 0: a job */
    struct job job;
    CURLcode result; /* of the transfer, when it is resumed */
};

static struct coroutine *coroutine_of(struct wait *wait)
{
    return (struct coroutine *)(void *)((char *)wait - offsetof(struct coroutine, wait));
}

/* The heart of it. To the task this is a call that returns when the transfer is over. */
static CURLcode await_transfer(struct wait *wait, CURL *easy)
{
    struct coroutine *self = coroutine_of(wait);
    self->awaited = easy;
    co_yield (&self->co);
    return self->result;
}

static void perform_transfer(void *arg)
{
    struct coroutine *self = arg;
    self->result = curl_easy_perform(self->worker.fetch.easy);
}

/* The same where something else than the loop makes the transfer. */
static CURLcode await_job(struct wait *wait, CURL *easy)
{
    (void)easy; /* the worker's, always */
    struct coroutine *self = coroutine_of(wait);
    struct offload *offload = self->scheduler->offload;
    self->job = (struct job){.perform = perform_transfer, .arg = self};
    offload->submit(offload, &self->job); /* it is finished on the loop: not before */
    co_yield (&self->co);
    return self->result;
}

/* The same for a time. */
static void await_time(struct wait *wait, uint64_t due_ns)
{
    struct coroutine *self = coroutine_of(wait);
    while (clock_ns() < due_ns) {
        self->awaited_due_ns = due_ns;
        co_yield (&self->co);
    }
}

static void body(void *arg)
{
    struct coroutine *self = arg;
    worker_run(&self->worker);
}

/* Runs a coroutine until it waits again, and starts what it waits for, on this stack. */
static void resume(struct coroutine *coroutine)
{
    struct scheduler *scheduler = coroutine->scheduler;
    coroutine->awaited = NULL;
    coroutine->awaited_due_ns = 0;
    co_resume(&coroutine->co);
    if (coroutine->co.is_done) {
        if (--scheduler->alive == 0)
            bridge_stop(scheduler->bridge);
    } else if (coroutine->awaited) {
        bridge_start(scheduler->bridge, coroutine->awaited);
    } else if (coroutine->awaited_due_ns &&
               bridge_call_at(scheduler->bridge, coroutine->awaited_due_ns, coroutine)) {
        resume(coroutine); /* no memory for a timer: it looks at the clock again */
    }
}

static void on_due(void *user)
{
    resume(user);
}

static void on_done(void *user, CURLcode result)
{
    struct coroutine *coroutine = user;
    coroutine->result = result;
    resume(coroutine);
}

static const struct bridge_events events = {on_done, on_due};

static int make_coroutine(struct scheduler *scheduler, size_t index,
                          size_t recorder_index, struct err *err)
{
    struct coroutine *self = &scheduler->coroutines[index];
    self->scheduler = scheduler;
    self->wait =
        (struct wait){scheduler->offload ? await_job : await_transfer, await_time};
    int status =
        worker_init(&self->worker, scheduler->run, recorder_index, &self->wait, err);
    if (status)
        return status;
    if (!scheduler->offload)
        bridge_adopt(scheduler->bridge, self->worker.fetch.easy, self);
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
    size_t count = scheduler->count;
    scheduler->coroutines = calloc(count, sizeof *scheduler->coroutines);
    if (!scheduler->coroutines)
        return err_set(err, EXIT_CODE_UNFIT, "no memory for %zu coroutines", count);
    int status = stacks_init(&scheduler->stacks, count, s->stack_bytes, s->guard, err);
    if (!status)
        status = bridge_new(count, s->rate_per_s > 0, &events, &scheduler->bridge, err);
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
    struct scheduler *scheduler = calloc(1, sizeof *scheduler);
    if (!scheduler)
        return err_set(err, EXIT_CODE_UNFIT, "no memory for a scheduler");
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
    return bridge_watch(scheduler->bridge, fd, on_readable, user, err);
}

void scheduler_finish(struct job *job)
{
    resume(job->arg);
}

/* Each coroutine runs to its first wait; from then on the loop resumes them. */
int scheduler_run(struct scheduler *scheduler, struct err *err)
{
    for (size_t i = 0; i < scheduler->count; i++)
        resume(&scheduler->coroutines[i]);
    if (scheduler->alive > 0)
        bridge_loop(scheduler->bridge);
    for (size_t i = 0; i < scheduler->count; i++) {
        if (!stacks_intact(&scheduler->stacks, i))
            return err_set(err, EXIT_CODE_INTERNAL,
                           "coroutine %zu overflowed its stack: raise --stack-bytes", i);
        co_done(&scheduler->coroutines[i].co);
    }
    return 0;
}

void scheduler_add_knobs(const struct scheduler *scheduler, struct run *run)
{
    run_add_knob(run, "stack_bytes", NULL, run->settings.stack_bytes);
    run_add_knob(run, "stack_guard", scheduler->stacks.guard, 0);
    run_add_knob(run, "switch_backend", scheduler->backend->name, 0);
    run_add_knob(run, "event_method", bridge_method(scheduler->bridge), 0);
}

void scheduler_free(struct scheduler *scheduler)
{
    if (!scheduler)
        return;
    for (size_t i = 0; scheduler->coroutines && i < scheduler->count; i++)
        worker_done(&scheduler->coroutines[i].worker);
    bridge_free(scheduler->bridge);
    stacks_done(&scheduler->stacks);
    free(scheduler->coroutines);
    free(scheduler);
}
