/* task.c: the bodies of the tasks, the same for all models; see task.h. */
#include "core/task.h"

#include "common/clock.h"
#include "core/board.h"
#include "core/worker.h"

#include <stddef.h>
#include <string.h>

static int http_init(struct worker *worker, struct err *err)
{
    uint64_t index = board_next_worker(worker->run->board);
    return fetch_init(&worker->fetch, &worker->run->settings, index, err);
}

static struct await http_begin(struct worker *worker)
{
    board_enter(worker->run->board);
    worker->fetch.body_bytes = 0;
    worker->start_ns = clock_ns();
    return (struct await){.easy = worker->fetch.easy};
}

static void http_end(struct worker *worker, CURLcode code)
{
    struct board *board = worker->run->board;
    struct fetch *fetch = &worker->fetch;
    uint64_t end_ns = clock_ns();
    board_leave(board);
    enum outcome outcome = fetch_outcome(fetch, code, worker->recorder, board);
    worker_record(worker, outcome, worker->start_ns, end_ns, fetch->body_bytes);
}

static void http_done(struct worker *worker)
{
    fetch_done(&worker->fetch);
}

static int none_init(struct worker *worker, struct err *err)
{
    (void)worker;
    return fetch_library_init(err); /* so that the floor includes libcurl's start */
}

static struct await none_begin(struct worker *worker)
{
    board_enter(worker->run->board);
    worker->start_ns = clock_ns();
    return (struct await){.easy = NULL};
}

static void none_end(struct worker *worker, CURLcode code)
{
    (void)code;
    uint64_t end_ns = clock_ns();
    board_leave(worker->run->board);
    worker_record(worker, OUTCOME_OK, worker->start_ns, end_ns, 0);
}

static void none_done(struct worker *worker)
{
    (void)worker;
}

static const struct task tasks[] = {
    {"http", true, http_init, http_begin, http_end, http_done},
    {"none", false, none_init, none_begin, none_end, none_done},
};

const struct task *task_find(const char *name)
{
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++) {
        if (!strcmp(tasks[i].name, name))
            return &tasks[i];
    }
    return NULL;
}
