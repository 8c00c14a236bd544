/* rehearsal.c: see rehearsal.h. */
#include "runtime/loop/rehearsal.h"

#include "runtime/loop/stacks.h"
#include "runtime/shared.h"
#include "runtime/task/task.h"
#include "runtime/worker.h"

#include <string.h>

#define AMPLE_BYTES ((size_t)512 << 10)

/* What a path that was not rehearsed may use beyond those that were. */
#define SPARE_BYTES 64

/* A request each. Different classes of failure, as only the first text of each is made. */
static const CURLcode results[] = {CURLE_OK, CURLE_COULDNT_CONNECT, CURLE_RECV_ERROR,
                                   CURLE_OPERATION_TIMEDOUT,
                                   CURLE_PEER_FAILED_VERIFICATION};

struct rehearsal {
    struct co co;
    struct wait wait;
    struct worker worker;
    struct await awaited;
    CURLcode result;
};

static CURLcode await(struct wait *wait, struct await what)
{
    struct rehearsal *self =
        (struct rehearsal *)(void *)((char *)wait - offsetof(struct rehearsal, wait));
    if (what.kind == AWAIT_NOTHING)
        return CURLE_OK;
    self->awaited = what;
    co_suspend(&self->co);
    return self->result;
}

static void body(void *arg)
{
    struct rehearsal *self = arg;
    worker_run(&self->worker);
}

static void end_wait(struct rehearsal *self)
{
    const struct await *awaited = &self->awaited;
    const bool is_of_run = self->worker.ticket < COUNT_OF(results);
    const CURLcode result = is_of_run ? results[self->worker.ticket] : CURLE_OK;
    self->result = awaited->kind == AWAIT_TRANSFER ? result : CURLE_OK;
    for (size_t i = 0; awaited->kind == AWAIT_TRANSFERS && i < awaited->together->count;
         i++)
        awaited->together->list[i].code = result;
}

/* A run like the one to come, with a state of its own. */
static int small_run(const struct run *run, struct run *out_small, struct err *err)
{
    *out_small = *run;
    struct settings *s = &out_small->settings;
    s->requests = COUNT_OF(results);
    s->concurrency = 1;
    s->warm_requests = s->warm_requests > 0;
    s->work_tests = s->work_tests > 0;
    s->turns = 1;
    out_small->shared = shared_new(s->requests, 1, s->rate_per_s > 0);
    if (!out_small->shared ||
        (s->trace && !(out_small->shared->trace = trace_new(s->requests))))
        return err_set(err, EXIT_CODE_UNFIT, "no memory for a rehearsal");
    warm_init(out_small);
    if (s->rate_per_s)
        schedule_init(&out_small->shared->schedule, s->requests, s->rate_per_s,
                      !strcmp(s->arrivals, "poisson"), s->seed);
    return 0;
}

static int rehearse(const struct run *run, const struct co_backend *backend,
                    size_t *out_used, struct err *err)
{
    struct rehearsal self = {.wait = {await}};
    struct stacks stacks = {0};
    struct run small;
    size_t bytes = 0;
    int status = small_run(run, &small, err);
    if (!status)
        status = stacks_init(&stacks, 1, AMPLE_BYTES, NULL, err);
    if (!status)
        status = worker_init(&self.worker, &small, 0, &self.wait, err);
    if (!status) {
        char *stack = stacks_base(&stacks, 0, &bytes);
        co_init(&self.co, backend, stack, bytes, body, &self);
        while (co_resume(&self.co), !self.co.is_done)
            end_wait(&self);
        co_done(&self.co);
        *out_used = stacks_used(&stacks, 0);
    }
    worker_done(&self.worker);
    stacks_done(&stacks);
    shared_free(small.shared);
    return status;
}

int rehearsal_check(const struct run *run, const struct co_backend *backend,
                    struct err *err)
{
    const size_t given = (size_t)run->settings.stack_bytes;
    const bool is_small = given < SETTINGS_THREAD_STACK_MIN;
    size_t used = 0;
    if (given >= REHEARSAL_STACK_AMPLE || (!run->task->is_rehearsed && !is_small))
        return 0;
    if (!run->task->is_rehearsed)
        return err_set(err, EXIT_CODE_UNFIT,
                       "what task %s needs of a stack cannot be measured before: use "
                       "--stack-bytes %d or more",
                       run->task->name, SETTINGS_THREAD_STACK_MIN);
    if (rehearse(run, backend, &used, err) || rehearse(run, backend, &used, err))
        return err->code;
    const size_t needed = (used + SPARE_BYTES + STACKS_CANARY_BYTES + 63) / 64 * 64;
    if (needed <= given)
        return 0;
    return err_set(err, EXIT_CODE_UNFIT,
                   "task %s uses %zu bytes of a coroutine's stack here, too many for "
                   "--stack-bytes %zu: use %zu or more",
                   run->task->name, used, given, needed);
}
