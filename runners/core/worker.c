/* worker.c: the loop that every worker of every model runs; see worker.h. */
#include "core/worker.h"

#include "common/clock.h"
#include "core/board.h"
#include "core/task.h"

#include <errno.h>

static CURLcode transfer_blocking(struct wait *wait, CURL *easy)
{
    (void)wait;
    return curl_easy_perform(easy);
}

static void until_blocking(struct wait *wait, uint64_t due_ns)
{
    (void)wait;
    const struct timespec due = {(time_t)(due_ns / NS_PER_S), (long)(due_ns % NS_PER_S)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
        continue;
}

struct wait wait_blocking = {transfer_blocking, until_blocking};

int worker_init(struct worker *worker, struct run *run, size_t recorder_index,
                struct wait *wait, struct err *err)
{
    worker_attach(worker, run, recorder_index);
    worker->wait = wait;
    return run->task->init(worker, err);
}

void worker_attach(struct worker *worker, struct run *run, size_t recorder_index)
{
    *worker =
        (struct worker){.run = run, .recorder = &run->board->recorders[recorder_index]};
}

bool worker_take(struct worker *worker)
{
    struct board *board = worker->run->board;
    if (worker->run->settings.rate_per_s)
        return schedule_take(&board->schedule, &worker->due_ns);
    return tickets_take(&board->tickets);
}

/* The place where the models differ is in the middle. */
void worker_perform(struct worker *worker)
{
    const struct task *task = worker->run->task;
    struct await await = task->begin(worker);
    CURLcode code = CURLE_OK;
    if (await.easy)
        code = worker->wait->transfer(worker->wait, await.easy);
    else if (await.due_ns)
        worker->wait->until(worker->wait, await.due_ns);
    task->end(worker, code);
}

void worker_run(struct worker *worker)
{
    recorder_begin(worker->recorder);
    while (worker_take(worker)) {
        if (worker->due_ns)
            worker->wait->until(worker->wait, worker->due_ns);
        worker_perform(worker);
    }
    recorder_end(worker->recorder);
}

void worker_done(struct worker *worker)
{
    if (worker->run)
        worker->run->task->done(worker);
}
