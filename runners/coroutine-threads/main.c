/* coroutine-threads: a thread per CPU, an event loop on each, coroutines on each loop.
 *
 *     CPU 1   loop   --A--+-B-+--C--+ epoll ... +-B-+--A--+ epoll ...
 *     CPU 2   loop   --D-+--E--+-F-+ epoll ... +-E-+--F--+--D--+ epoll ...
 *                    each coroutine stays on its loop                     time ->
 *
 * What production servers do: threads for the cores, coroutines for the waiting. Within a
 * loop nothing runs at the same time, so coroutines share data without locks. The loops
 * share only the tickets.
 *
 * What it costs: what `coroutines` costs, plus a thread and a loop per CPU. A coroutine
 * cannot move to an idle CPU, so with unequal work some coroutines wait while a CPU is
 * idle. Work stealing is the answer to that, and it needs a scheduler of its own.
 *
 * What to look for in the results: throughput is a multiple of that of `coroutines` when
 * the runner has several CPUs and the origin can keep up. With one CPU it is the same. */
#include "core/board.h"
#include "loop/scheduler.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct loop_thread {
    struct run *run;
    size_t index, coroutines;
    struct scheduler *scheduler;
    pthread_barrier_t *start; /* opens when every loop is ready */
    pthread_t id;
};

static void *thread_main(void *arg)
{
    struct loop_thread *self = arg;
    struct err err = {0};
    int status = scheduler_new(self->run, self->index, self->coroutines, NULL,
                               &self->scheduler, &err);
    if (status)
        board_fail(self->run->board, &err);
    (void)pthread_barrier_wait(self->start);
    if (!status && scheduler_run(self->scheduler, &err))
        board_fail(self->run->board, &err);
    return NULL;
}

/* A loop whose thread the system refuses to make ends the program, because the others
 * wait for it at the barrier. */
static int run_threads(struct loop_thread *threads, size_t count, struct run *run,
                       struct err *err)
{
    pthread_barrier_t start;
    (void)pthread_barrier_init(&start, NULL, (unsigned int)count);
    for (size_t i = 0; i < count; i++) {
        threads[i] = (struct loop_thread){.run = run,
                                          .index = i,
                                          .coroutines = scheduler_share(run, i, count),
                                          .start = &start};
        int status = pthread_create(&threads[i].id, NULL, thread_main, &threads[i]);
        if (status)
            return err_set(err, EXIT_CODE_UNFIT, "thread %zu of %zu: %s", i + 1, count,
                           strerror(status));
        run->units_created += threads[i].coroutines;
    }
    for (size_t i = 0; i < count; i++)
        (void)pthread_join(threads[i].id, NULL);
    (void)pthread_barrier_destroy(&start);
    return 0;
}

static int run_coroutine_threads(struct run *run, struct err *err)
{
    size_t count = run->board->recorder_count;
    struct loop_thread *threads = calloc(count, sizeof *threads);
    if (!threads)
        return err_set(err, EXIT_CODE_UNFIT, "no memory for %zu threads", count);
    int status = run_threads(threads, count, run, err);
    if (status)
        return status;
    run_add_knob(run, "loops", NULL, count);
    if (threads[0].scheduler)
        scheduler_add_knobs(threads[0].scheduler, run);
    for (size_t i = 0; i < count; i++)
        scheduler_free(threads[i].scheduler);
    free(threads);
    return 0;
}

int main(int argc, char **argv)
{
    const struct model model = {
        .name = "coroutine-threads",
        .about = "A thread and an event loop per CPU, coroutines on each.",
        .shares_connections = true,
        .threads = runner_thread_per_cpu,
        .lacks = "pipeline",
        .fds_per_worker = 1,
        .run = run_coroutine_threads,
    };
    return runner_main(argc, argv, &model);
}
