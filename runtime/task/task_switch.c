/* task_switch.c: the task `switch`: one request gives the others a turn and goes on when
 * its own turn comes again. It does nothing else, so what it costs is what a switch
 * costs.
 *
 *     worker A   [request     turn][request     turn]
 *     worker B        [turn  request][turn  request]
 *
 * With two workers on one CPU a request is two switches, there and back, and the
 * bookkeeping of one request of each. --turns makes a request of more switches, so that
 * the bookkeeping no longer counts: with -c 2 --cpus 1 --turns 1000 a switch takes
 * latency / 2000. */
#include "common/memory.h"
#include "runtime/task/task.h"

#include "common/clock.h"
#include "runtime/shared.h"
#include "runtime/worker.h"

#include <stdlib.h>

static void note(struct run *run)
{
    run_add_knob(run, "turns", NULL, run->settings.turns);
}

/* The state counts the turns that the request in hand has still to give. */
static int init(struct worker *worker, struct err *err)
{
    uint64_t *left = memory_calloc(1, sizeof *left);
    worker->state = left;
    return fetch_library_init(err);
}

static struct await more(struct worker *worker, CURLcode code)
{
    (void)code;
    uint64_t *left = worker->state;
    if (*left == 0)
        return (struct await){.kind = AWAIT_NOTHING};
    --*left;
    return (struct await){.kind = AWAIT_TURN};
}

static struct await begin(struct worker *worker)
{
    uint64_t *left = worker->state;
    shared_enter(worker->run->shared);
    *left = worker->run->settings.turns;
    worker->start_ns = clock_ns();
    return more(worker, CURLE_OK);
}

static void end(struct worker *worker, CURLcode code)
{
    (void)code;
    uint64_t end_ns = clock_ns();
    shared_leave(worker->run->shared);
    worker_record(worker, OUTCOME_OK, worker->start_ns, end_ns, 0);
}

static void done(struct worker *worker)
{
    free(worker->state);
    worker->state = NULL;
}

const struct task task_switch = {.name = "switch",
                                 .is_rehearsed = true,
                                 .note = note,
                                 .init = init,
                                 .begin = begin,
                                 .more = more,
                                 .end = end,
                                 .done = done};
