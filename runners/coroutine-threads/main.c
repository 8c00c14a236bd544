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
#include "common/memory.h"
#include "runtime/loop/scheduler.h"
#include "runtime/runner.h"
#include "runtime/shared.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

/* Two semaphores let all threads start together. A barrier would wait for ever if the
 * system refused to make one of them. */
struct start {
    sem_t ready; /* posted by each thread when its loop is ready, or never will be */
    sem_t go;    /* posted once per thread when all are */
};

struct loop_thread {
    struct run *run;
    size_t index, coroutines;
    struct scheduler *scheduler;
    struct start *start;
    pthread_t id;
};

static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore)) /* EINTR */
        continue;
}

static void *thread_main(void *arg)
{
    struct loop_thread *self = arg;
    struct err err = {0};
    int status = scheduler_new(self->run, self->index, self->coroutines, NULL,
                               &self->scheduler, &err);
    if (status)
        shared_fail(self->run->shared, &err);
    (void)sem_post(&self->start->ready);
    wait_for(&self->start->go);
    if (!status && scheduler_run(self->scheduler, &err))
        shared_fail(self->run->shared, &err);
    return NULL;
}

/* Returns how many it has made; if that is not all, err says why. */
static size_t create_threads(struct loop_thread *threads, size_t count,
                             struct start *start, struct run *run, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        threads[i] = (struct loop_thread){.run = run,
                                          .index = i,
                                          .coroutines = scheduler_share(run, i, count),
                                          .start = start};
        int status = pthread_create(&threads[i].id, NULL, thread_main, &threads[i]);
        if (status) {
            (void)err_set(err, EXIT_CODE_UNFIT,
                          "cannot make thread %zu of %zu, one for each CPU: %s; "
                          "give it fewer with --cpus",
                          i + 1, count, strerror(status));
            return i;
        }
        run->units_created += threads[i].coroutines;
    }
    return count;
}

static int run_threads(struct loop_thread *threads, size_t count, struct run *run,
                       struct err *err)
{
    struct start start;
    (void)sem_init(&start.ready, 0, 0);
    (void)sem_init(&start.go, 0, 0);
    size_t made = create_threads(threads, count, &start, run, err);
    if (made < count)
        shared_fail(run->shared, err); /* so the threads made so far get no tickets */
    for (size_t i = 0; i < made; i++)
        wait_for(&start.ready);
    for (size_t i = 0; i < made; i++)
        (void)sem_post(&start.go);
    for (size_t i = 0; i < made; i++)
        (void)pthread_join(threads[i].id, NULL);
    (void)sem_destroy(&start.ready);
    (void)sem_destroy(&start.go);
    return made < count ? -1 : 0;
}

static int run_coroutine_threads(struct run *run, struct err *err)
{
    size_t count = run->shared->recorder_count;
    struct loop_thread *threads = memory_calloc(count, sizeof *threads);
    int status = run_threads(threads, count, run, err);
    run_add_knob(run, "loops", NULL, count);
    if (!status && threads[0].scheduler)
        scheduler_add_knobs(threads[0].scheduler, run);
    for (size_t i = 0; i < count; i++)
        scheduler_free(threads[i].scheduler);
    free(threads);
    return status;
}

int main(int argc, char **argv)
{
    const struct model model = {
        .name = "coroutine-threads",
        .about = "a loop per CPU, coroutines on each",
        .family = FAMILY_COROUTINES,
        .knobs = KNOBS_OF_COROUTINES,
        .shares_connections = true,
        .threads = runner_thread_per_cpu,
        .lacks = "pipeline",
        .needs = {.fds = 1, .kib = 32, .kib_bare = 5},
        .run = run_coroutine_threads,
    };
    return runner_main(argc, argv, &model);
}
