/* task.c: the bodies of the tasks, the same for all models; see task.h. */
#include "runtime/task/task.h"

#include "common/clock.h"
#include "common/memory.h"
#include "common/work.h"
#include "runtime/shared.h"
#include "runtime/worker.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int http_init(struct worker *worker, struct err *err)
{
    uint64_t index = shared_next_worker(worker->run->shared);
    worker->fetch = memory_calloc(1, sizeof *worker->fetch);
    return fetch_init(worker->fetch, &worker->run->settings, index, err);
}

static struct await http_begin(struct worker *worker)
{
    shared_enter(worker->run->shared);
    fetch_begin(worker->fetch);
    worker->start_ns = clock_ns();
    return (struct await){.kind = AWAIT_TRANSFER, .easy = worker->fetch->easy};
}

/* Repeats the transfer if its kept connection had ended. */
static struct await http_more(struct worker *worker, CURLcode code)
{
    bool is_again = fetch_wants_again(worker->fetch, code);
    return (struct await){.kind = is_again ? AWAIT_TRANSFER : AWAIT_NOTHING,
                          .easy = worker->fetch->easy};
}

static void http_end(struct worker *worker, CURLcode code)
{
    struct shared *shared = worker->run->shared;
    struct fetch *fetch = worker->fetch;
    worker_work(worker);
    uint64_t end_ns = clock_ns();
    shared_leave(shared);
    enum outcome outcome = fetch_outcome(fetch, code, worker->recorder, shared);
    worker_record(worker, outcome, worker->start_ns, end_ns, fetch->body_bytes);
}

static void http_done(struct worker *worker)
{
    if (worker->fetch)
        fetch_done(worker->fetch);
    free(worker->fetch);
    worker->fetch = NULL;
}

/* Tasks without a transfer start libcurl too, so that every task begins with the same
 * program. */
static int library_init(struct worker *worker, struct err *err)
{
    (void)worker;
    return fetch_library_init(err);
}

static struct await none_begin(struct worker *worker)
{
    shared_enter(worker->run->shared);
    worker->start_ns = clock_ns();
    return (struct await){.kind = AWAIT_NOTHING};
}

static void none_end(struct worker *worker, CURLcode code)
{
    (void)code;
    uint64_t end_ns = clock_ns();
    shared_leave(worker->run->shared);
    worker_record(worker, OUTCOME_OK, worker->start_ns, end_ns, 0);
}

static void cpu_end(struct worker *worker, CURLcode code)
{
    worker_work(worker);
    none_end(worker, code);
}

/* Makes a task's stack as large as --touch-stack says, a frame of 1 KiB at a time. The
 * value of each deeper frame is used, so that the compiler cannot leave one out. */
static uint64_t touch_stack(uint64_t bytes)
{
    volatile char frame[1024];
    frame[0] = (char)bytes;
    uint64_t deeper = bytes > sizeof frame ? touch_stack(bytes - sizeof frame) : 0;
    return deeper + (uint64_t)frame[0];
}

/* Waits for a timer and nothing else: shows what one waiting task costs. */
static struct await sleep_begin(struct worker *worker)
{
    const struct settings *s = &worker->run->settings;
    shared_enter(worker->run->shared);
    worker->start_ns = clock_ns();
    if (s->touch_stack_bytes)
        work_use(touch_stack(s->touch_stack_bytes));
    uint64_t sleep_ms = s->sleep_ms[worker->ticket % s->sleep_count];
    return (struct await){.kind = AWAIT_TIME,
                          .due_ns = worker->start_ns + sleep_ms * NS_PER_MS};
}

static void nothing_done(struct worker *worker)
{
    (void)worker;
}

/* Stands for time.sleep in a coroutine, a name lookup, or a driver without an
 * asynchronous form: the thread that makes this call stands still. Unlike a disk, it
 * takes the same time everywhere. */
static void block(void *arg)
{
    const struct settings *s = arg;
    const uint64_t due_ns = clock_ns() + s->block_ms * NS_PER_MS;
    const struct timespec due = {(time_t)(due_ns / NS_PER_S), (long)(due_ns % NS_PER_S)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
        continue;
}

static struct await block_begin(struct worker *worker)
{
    shared_enter(worker->run->shared);
    worker->start_ns = clock_ns();
    return worker_call(worker, block, &worker->run->settings);
}

static void block_note(struct run *run)
{
    run_add_knob(run, "block_ms", NULL, run->settings.block_ms);
}

static void sleep_note(struct run *run)
{
    const struct settings *s = &run->settings;
    run_add_knob(run, "sleep_ms", s->sleep_count > 1 ? s->sleep_list : NULL,
                 s->sleep_ms[0]);
    run_add_knob(run, "touch_stack_bytes", NULL, s->touch_stack_bytes);
}

static const struct task task_http = {.name = "http",
                                      .is_rehearsed = true,
                                      .needs_url = true,
                                      .init = http_init,
                                      .begin = http_begin,
                                      .more = http_more,
                                      .end = http_end,
                                      .done = http_done};

static const struct task task_none = {.name = "none",
                                      .is_rehearsed = true,
                                      .init = library_init,
                                      .begin = none_begin,
                                      .end = none_end,
                                      .done = nothing_done};

static const struct task task_sleep = {.name = "sleep",
                                       .is_rehearsed = true,
                                       .note = sleep_note,
                                       .init = library_init,
                                       .begin = sleep_begin,
                                       .end = none_end,
                                       .done = nothing_done};

static const struct task task_block = {.name = "block",
                                       .is_rehearsed = true,
                                       .note = block_note,
                                       .init = library_init,
                                       .begin = block_begin,
                                       .end = none_end,
                                       .done = nothing_done};

static const struct task task_cpu = {.name = "cpu",
                                     .is_rehearsed = true,
                                     .init = library_init,
                                     .begin = none_begin,
                                     .end = cpu_end,
                                     .done = nothing_done};

static const struct task *const tasks[] = {
    &task_http, &task_none,    &task_sleep,    &task_block,  &task_cpu,   &task_db,
    &task_file, &task_fan_out, &task_pipeline, &task_switch, &task_spawn,
};

const struct task *task_at(size_t index)
{
    return index < COUNT_OF(tasks) ? tasks[index] : NULL;
}

const struct task *task_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(tasks); i++) {
        if (!strcmp(tasks[i]->name, name))
            return tasks[i];
    }
    return NULL;
}
