/* worker.c: the loop that every worker of every model runs; see worker.h. */
#include "runtime/worker.h"

#include "common/clock.h"
#include "runtime/channel.h"
#include "runtime/shared.h"
#include "runtime/task/task.h"
#include "runtime/warm.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>

static void sleep_until(uint64_t due_ns)
{
    const struct timespec due = {(time_t)(due_ns / NS_PER_S), (long)(due_ns % NS_PER_S)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
        continue;
}

static void perform_in_turn(struct transfers *together)
{
    for (size_t i = 0; i < together->count; i++)
        together->list[i].code = curl_easy_perform(together->list[i].easy);
}

static CURLcode await_blocking(struct wait *wait, struct await what)
{
    (void)wait;
    struct pollfd socket = {.fd = -1};
    switch (what.kind) {
    case AWAIT_NOTHING:
        break;
    case AWAIT_TRANSFER:
        return curl_easy_perform(what.easy);
    case AWAIT_TRANSFERS:
        perform_in_turn(what.together);
        break;
    case AWAIT_TIME:
        sleep_until(what.due_ns);
        break;
    case AWAIT_SOCKET:
        socket = (struct pollfd){.fd = what.fd, .events = what.events};
        while (poll(&socket, 1, -1) < 0 && errno == EINTR)
            continue;
        break;
    case AWAIT_TURN:
        (void)sched_yield();
        break;
    case AWAIT_CALL:
        what.call(what.arg);
        break;
    case AWAIT_CHANNEL:
        channel_do(what.channel, what.op);
        break;
    }
    return CURLE_OK;
}

struct wait wait_blocking = {await_blocking};

int worker_init(struct worker *worker, struct run *run, size_t recorder_index,
                struct wait *wait, struct err *err)
{
    worker_attach(worker, run, recorder_index);
    worker->wait = wait;
    if (!wait)
        worker_share_thread(worker);
    return run->task->init(worker, err);
}

void worker_attach(struct worker *worker, struct run *run, size_t recorder_index)
{
    *worker = (struct worker){.run = run,
                              .recorder = &run->shared->recorders[recorder_index],
                              .task = warm_task(run),
                              .lane = (uint32_t)recorder_index};
    warm_renew(run,
               worker->recorder); /* whose last worker may have died before the line */
}

void worker_share_thread(struct worker *worker)
{
    struct shared *shared = worker->run->shared;
    worker->is_on_loop = true;
    worker->lane = atomic_fetch_add_explicit(&shared->on_loops, 1, memory_order_relaxed);
}

struct transfers *worker_transfers(struct worker *worker)
{
    const struct task *task = worker->run->task;
    return task->transfers ? task->transfers(worker) : NULL;
}

bool worker_take(struct worker *worker)
{
    struct shared *shared = worker->run->shared;
    if (worker->task->take)
        return worker->task->take(worker);
    if (worker->run->settings.rate_per_s)
        return schedule_take(&shared->schedule, &worker->ticket, &worker->due_ns);
    return tickets_take(&shared->tickets, &worker->ticket);
}

/* The line in the middle is the place where the models differ. */
void worker_perform(struct worker *worker)
{
    const struct task *task = worker->task;
    struct await await = task->begin(worker);
    CURLcode code = worker->wait->await(worker->wait, await);
    while (task->more && (await = task->more(worker, code)).kind != AWAIT_NOTHING)
        code = worker->wait->await(worker->wait, await);
    task->end(worker, code);
}

void worker_warm_up(struct worker *worker)
{
    while (worker->task != worker->run->task && worker_take(worker)) {
        wait_until(worker->wait, worker->due_ns);
        worker_perform(worker);
    }
}

void worker_run(struct worker *worker)
{
    recorder_begin(worker->recorder);
    while (worker_take(worker)) {
        wait_until(worker->wait, worker->due_ns);
        worker_perform(worker);
    }
    recorder_end(worker->recorder);
}

void worker_done(struct worker *worker)
{
    if (worker->run)
        worker->run->task->done(worker);
}
