/* worker.c: the loop that every worker of every model runs; see worker.h. */
#include "core/worker.h"

#include "core/board.h"
#include "core/task.h"

static CURLcode transfer_blocking(struct wait *wait, CURL *easy)
{
    (void)wait;
    return curl_easy_perform(easy);
}

struct wait wait_blocking = {transfer_blocking};

int worker_init(struct worker *worker, struct run *run, size_t recorder_index,
                struct wait *wait, struct err *err)
{
    *worker = (struct worker){
        .run = run, .recorder = &run->board->recorders[recorder_index], .wait = wait};
    return run->task->init(worker, err);
}

void worker_run(struct worker *worker)
{
    struct board *board = worker->run->board;
    recorder_begin(worker->recorder);
    while (tickets_take(&board->tickets))
        worker->run->task->perform(worker);
    recorder_end(worker->recorder);
}

void worker_done(struct worker *worker)
{
    if (worker->run)
        worker->run->task->done(worker);
}
