/* threads: a pool of POSIX threads, one request at a time each.
 *
 *     thread 1   [request ....wait....][request ....wait....]
 *     thread 2   [request ....wait....][request ....wait....]
 *     thread 3   [request ....wait....][request ....wait....]
 *                   the kernel switches between them                time ->
 *
 * To have N requests in flight, make N threads; each runs the same straight-line code as
 * `sequential`. A thread that waits costs no CPU: the kernel parks it, and wakes it when
 * its response arrives.
 *
 * What it costs: a stack and a kernel thread per request in flight, three file
 * descriptors per blocking libcurl handle, and a context switch for every wait. All
 * threads share one address space, so libcurl and the program are in memory once.
 *
 * What to look for in the results: about one voluntary switch per wait; CPU per request
 * that falls as more requests are in flight, because a busy CPU need not be woken, but
 * falls less than on a loop, because each thread still has to be; memory that grows by
 * the stack pages and the libcurl handle of each thread. */
#include "common/memory.h"
#include "runtime/fork_join.h"
#include "runtime/runner.h"
#include "runtime/shared.h"
#include "runtime/thread_stack.h"
#include "runtime/worker.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

/* Two semaphores let all threads start together. A barrier would wait for ever if the
 * system refused to make one of them. */
struct pool {
    struct run *run;
    sem_t ready; /* posted by each thread when it is ready to start */
    sem_t go;    /* posted once per thread when all are ready */
    struct pool_thread *threads;
};

struct pool_thread {
    struct pool *pool;
    size_t index;
    pthread_t id;
};

static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore)) /* EINTR */
        continue;
}

static void *thread_main(void *arg)
{
    const struct pool_thread *self = arg;
    struct run *run = self->pool->run;
    struct worker worker = {0};
    struct fork_join join;
    struct err err = {0};
    fork_join_init(&join, run, self->index);
    int status = worker_init(&worker, run, self->index, &join.wait, &err);
    if (status)
        shared_fail(run->shared, &err);
    (void)sem_post(&self->pool->ready);
    wait_for(&self->pool->go);
    if (!status)
        worker_run(&worker);
    worker_done(&worker);
    fork_join_done(&join);
    return NULL;
}

static int create_threads(struct pool *pool, size_t count, struct err *err)
{
    pthread_attr_t attributes;
    int status = thread_stack_attributes(&attributes, pool->run->settings.stack_bytes);
    for (size_t i = 0; i < count && !status; i++) {
        struct pool_thread *thread = &pool->threads[i];
        *thread = (struct pool_thread){.pool = pool, .index = i};
        status = pthread_create(&thread->id, &attributes, thread_main, thread);
        pool->run->units_created += status == 0;
    }
    (void)pthread_attr_destroy(&attributes);
    if (status)
        return err_set(
            err, EXIT_CODE_UNFIT, "cannot make thread %llu of %zu: %s; lower -c",
            (unsigned long long)pool->run->units_created + 1, count, strerror(status));
    return 0;
}

static void start_and_join_threads(struct pool *pool)
{
    size_t count = (size_t)pool->run->units_created;
    for (size_t i = 0; i < count; i++)
        wait_for(&pool->ready);
    for (size_t i = 0; i < count; i++)
        (void)sem_post(&pool->go);
    for (size_t i = 0; i < count; i++)
        (void)pthread_join(pool->threads[i].id, NULL);
}

static int run_threads(struct run *run, struct err *err)
{
    size_t count = (size_t)run->settings.concurrency;
    struct pool pool = {.run = run,
                        .threads = memory_calloc(count, sizeof *pool.threads)};
    (void)sem_init(&pool.ready, 0, 0);
    (void)sem_init(&pool.go, 0, 0);
    int status = create_threads(&pool, count, err);
    if (status)
        shared_fail(run->shared, err); /* so the threads made so far get no tickets */
    start_and_join_threads(&pool);
    (void)sem_destroy(&pool.ready);
    (void)sem_destroy(&pool.go);
    free(pool.threads);
    run_add_knob(run, "stack_bytes", NULL, run->settings.stack_bytes);
    return status;
}

int main(int argc, char **argv)
{
    const struct model model = {
        .name = "threads",
        .about = "a pool of POSIX threads, each blocking",
        .family = FAMILY_THREADS,
        .knobs = "stack-bytes",
        .has_thread_stacks = true,
        .needs = {.fds = 3, .threads = 1, .maps = 2, .kib = 64, .kib_bare = 24},
        .run = run_threads,
    };
    return runner_main(argc, argv, &model);
}
