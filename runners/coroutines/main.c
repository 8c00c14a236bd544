/* coroutines: many stackful coroutines on one thread and one event loop.
 *
 *     loop          ---+--A--+-B-+--C--+ epoll ... +-B-+--A--+--C--+ epoll ...
 *     coroutine A      [request ....wait...........]   [request ....wait....
 *     coroutine B            [request ....wait.....][request ....wait....
 *     coroutine C                [request ....wait...........]  [request ....
 *                      a switch is a function call, not the kernel        time ->
 *
 * To have N requests in flight, make N coroutines. Each runs the same straight-line code
 * as `sequential`, but its wait does not block the thread: it hands the transfer to the
 * loop and yields. When the response is there, the loop resumes it where it stopped. All
 * run on one thread, one at a time, so they need no locks.
 *
 * What it costs: a small stack per request in flight, one page of it resident. libcurl
 * runs on the loop's stack only, so the coroutine's stays small. A task that computes, or
 * calls something that blocks, stops all the others: here everybody shares one CPU.
 *
 * What to look for in the results: hardly any context switches, though as many requests
 * in flight as with threads; CPU per request that *falls* as one epoll_wait serves more
 * of them; memory that grows by a page and a libcurl handle each. */
#include "common/clock.h"
#include "core/worker.h"
#include "loop/bridge.h"
#include "loop/co.h"
#include "loop/stacks.h"

#include <stddef.h>
#include <stdlib.h>

struct scheduler {
    struct run *run;
    struct bridge *bridge;
    struct stacks stacks;
    struct coroutine *coroutines;
    size_t alive; /* coroutines that have not ended */
};

struct coroutine {
    struct co co;
    struct wait wait;     /* how its worker waits: await_transfer */
    struct worker worker; /* the same as in every model */
    struct scheduler *scheduler;
    CURL *awaited;           /* the transfer to start when it has yielded, or NULL */
    uint64_t awaited_due_ns; /* or the time it waits for */
    struct event *timer;     /* for that; NULL until it is needed */
    CURLcode result;         /* of the transfer, when it is resumed */
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

/* The same for a time. A timer may be early, as loops look at the clock once a turn. */
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

static void on_due(evutil_socket_t fd, short what, void *user);

/* Runs a coroutine until it waits again, and starts what it waits for, on this stack. */
static void resume(struct coroutine *coroutine)
{
    struct scheduler *scheduler = coroutine->scheduler;
    coroutine->awaited = NULL;
    co_resume(&coroutine->co);
    if (coroutine->co.is_done) {
        if (--scheduler->alive == 0)
            bridge_stop(scheduler->bridge);
    } else if (coroutine->awaited) {
        bridge_start(scheduler->bridge, coroutine->awaited);
    } else if (bridge_call_at(scheduler->bridge, &coroutine->timer,
                              coroutine->awaited_due_ns, on_due, coroutine)) {
        resume(coroutine); /* no memory for a timer: it looks at the clock again */
    }
}

static void on_due(evutil_socket_t fd, short what, void *user)
{
    (void)fd;
    (void)what;
    resume(user);
}

static void on_done(void *user, CURLcode result)
{
    struct coroutine *coroutine = user;
    coroutine->result = result;
    resume(coroutine);
}

static int make_coroutine(struct scheduler *scheduler, size_t index,
                          const struct co_backend *backend, struct err *err)
{
    struct coroutine *self = &scheduler->coroutines[index];
    self->scheduler = scheduler;
    self->wait = (struct wait){await_transfer, await_time};
    int status = worker_init(&self->worker, scheduler->run, 0, &self->wait, err);
    if (status)
        return status;
    bridge_adopt(scheduler->bridge, self->worker.fetch.easy, self);
    size_t bytes = 0;
    char *stack = stacks_base(&scheduler->stacks, index, &bytes);
    co_init(&self->co, backend, stack, bytes, body, self);
    scheduler->alive++;
    scheduler->run->units_created++;
    return 0;
}

/* Each coroutine runs to its first wait; from then on the loop resumes them. */
static int run_all(struct scheduler *scheduler, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++)
        resume(&scheduler->coroutines[i]);
    if (scheduler->alive > 0)
        bridge_loop(scheduler->bridge);
    for (size_t i = 0; i < count; i++) {
        if (!stacks_intact(&scheduler->stacks, i))
            return err_set(err, EXIT_CODE_INTERNAL,
                           "coroutine %zu overflowed its stack: raise --stack-bytes", i);
        co_done(&scheduler->coroutines[i].co);
    }
    return 0;
}

static int run_coroutines(struct run *run, struct err *err)
{
    size_t count = (size_t)run->settings.concurrency;
    const struct co_backend *backend = co_backend_find(run->settings.switch_backend);
    if (!backend)
        return err_set(err, EXIT_CODE_UNFIT, "--switch %s is not in this build",
                       run->settings.switch_backend);
    struct scheduler scheduler = {.run = run};
    scheduler.coroutines = calloc(count, sizeof *scheduler.coroutines);
    if (!scheduler.coroutines)
        return err_set(err, EXIT_CODE_UNFIT, "no memory for %zu coroutines", count);
    int status = stacks_init(&scheduler.stacks, count, run->settings.stack_bytes, err);
    if (!status)
        status = bridge_new(count, run->settings.rate_per_s > 0, on_done,
                            &scheduler.bridge, err);
    for (size_t i = 0; i < count && !status; i++)
        status = make_coroutine(&scheduler, i, backend, err);
    if (!status)
        status = run_all(&scheduler, count, err);
    if (!status) {
        run_add_knob(run, "stack_bytes", NULL, run->settings.stack_bytes);
        run_add_knob(run, "stack_guard", scheduler.stacks.guard, 0);
        run_add_knob(run, "switch_backend", backend->name, 0);
        run_add_knob(run, "event_method", bridge_method(scheduler.bridge), 0);
    }
    for (size_t i = 0; i < count; i++) {
        worker_done(&scheduler.coroutines[i].worker);
        if (scheduler.coroutines[i].timer)
            event_free(scheduler.coroutines[i].timer);
    }
    bridge_free(scheduler.bridge);
    stacks_done(&scheduler.stacks);
    free(scheduler.coroutines);
    return status;
}

int main(int argc, char **argv)
{
    const struct model model = {
        .name = "coroutines",
        .about = "Coroutines on one thread and one libevent loop; a wait yields.",
        .has_one_recorder = true,
        .fds_per_worker = 1,
        .run = run_coroutines,
    };
    return runner_main(argc, argv, &model);
}
