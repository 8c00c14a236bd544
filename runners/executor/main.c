/* executor: coroutines on an event loop that hands what blocks to a pool of threads.
 *
 *     loop         --A--+--B--+ epoll ....... +--A--+ epoll ... +--B--+--A--+
 *     thread 1       [A: blocking call....wait]  [A: blocking call....wait]
 *     thread 2             [B: blocking call....wait...........]
 *                    a job goes out, its end comes back as an event           time ->
 *
 * What asynchronous programs do with a library that is not, as asyncio's run_in_executor.
 * The task is a coroutine, its wait a job: a thread takes it from a queue, blocks in
 * curl_easy_perform, and tells the loop by an eventfd. Only the two queues need locks.
 *
 * What it costs: all that `threads` costs, all that `coroutines` costs, and two
 * hand-overs for every wait. The pool has a thread for each request, so none waits for a
 * thread.
 *
 * What to look for in the results: more switches and more CPU per request than `threads`.
 * Its strength, calls without an asynchronous form, does not show in fetching pages. */
#include "common/memory.h"
#include "runtime/loop/scheduler.h"
#include "runtime/runner.h"
#include "runtime/shared.h"
#include "runtime/thread_stack.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct queue {
    struct job *first, **end; /* end: where the next one is linked in */
};

struct pool {
    struct offload offload; /* how the scheduler sees it */
    struct run *run;
    pthread_mutex_t lock; /* guards all that follows */
    pthread_cond_t has_jobs;
    struct queue jobs, finished;
    size_t made, started; /* threads; the next one's recorder is one more */
    bool is_closed;
    int finished_fd; /* readable when there are finished jobs */
    pthread_t *threads;
};

static void push(struct queue *queue, struct job *job)
{
    job->next = NULL;
    *queue->end = job;
    queue->end = &job->next;
}

/* Takes all jobs and leaves the queue empty; also initialises a queue. */
static struct job *take_all(struct queue *queue)
{
    struct job *first = queue->first;
    *queue = (struct queue){.end = &queue->first};
    return first;
}

/* On the loop. */
static void submit(struct offload *offload, struct job *job)
{
    struct pool *pool = (struct pool *)(void *)offload; /* its first member */
    (void)pthread_mutex_lock(&pool->lock);
    push(&pool->jobs, job);
    (void)pthread_cond_signal(&pool->has_jobs);
    (void)pthread_mutex_unlock(&pool->lock);
}

/* On the loop: one event may stand for several finished jobs. */
static void on_finished(void *user)
{
    struct pool *pool = user;
    eventfd_t count = 0;
    (void)eventfd_read(pool->finished_fd, &count);
    (void)pthread_mutex_lock(&pool->lock);
    struct job *job = take_all(&pool->finished);
    (void)pthread_mutex_unlock(&pool->lock);
    for (struct job *next = NULL; job; job = next) {
        next = job->next;
        scheduler_finish(job);
    }
}

/* Under the lock: the next job, or NULL when no more will come. */
static struct job *wait_for_job(struct pool *pool)
{
    while (!pool->jobs.first && !pool->is_closed)
        (void)pthread_cond_wait(&pool->has_jobs, &pool->lock);
    struct job *job = pool->jobs.first;
    if (job && !(pool->jobs.first = job->next))
        pool->jobs.end = &pool->jobs.first;
    return job;
}

static void *thread_main(void *arg)
{
    struct pool *pool = arg;
    (void)pthread_mutex_lock(&pool->lock);
    struct recorder *recorder = &pool->run->shared->recorders[++pool->started];
    recorder_begin(recorder);
    for (struct job *job = NULL; (job = wait_for_job(pool));) {
        (void)pthread_mutex_unlock(&pool->lock);
        if (recorder->is_warm)
            warm_renew(pool->run, recorder);
        job->perform(job->arg);
        (void)pthread_mutex_lock(&pool->lock);
        bool is_first = !pool->finished.first;
        push(&pool->finished, job);
        if (is_first)
            (void)eventfd_write(pool->finished_fd, 1);
    }
    recorder_end(recorder);
    (void)pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static int start_threads(struct pool *pool, size_t count, struct err *err)
{
    pthread_attr_t attributes;
    int status = thread_stack_attributes(&attributes, pool->run->settings.stack_bytes);
    for (size_t i = 0; i < count && !status; i++) {
        status = pthread_create(&pool->threads[i], &attributes, thread_main, pool);
        pool->made += status == 0;
    }
    (void)pthread_attr_destroy(&attributes);
    if (status)
        (void)err_set(err, EXIT_CODE_UNFIT, "cannot make thread %zu of %zu: %s; lower -c",
                      pool->made + 1, count, strerror(status));
    return status;
}

static void join_threads(struct pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    pool->is_closed = true;
    (void)pthread_cond_broadcast(&pool->has_jobs);
    (void)pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->made; i++)
        (void)pthread_join(pool->threads[i], NULL);
}

static int run_loop(struct pool *pool, size_t count, struct err *err)
{
    struct scheduler *scheduler = NULL;
    int status = scheduler_new(pool->run, 0, (size_t)pool->run->settings.concurrency,
                               &pool->offload, &scheduler, err);
    if (!status)
        status = scheduler_watch(scheduler, pool->finished_fd, on_finished, pool, err);
    if (!status)
        status = start_threads(pool, count, err);
    if (!status)
        status = scheduler_run(scheduler, err);
    join_threads(pool);
    if (!status)
        scheduler_add_knobs(scheduler, pool->run);
    scheduler_free(scheduler);
    return status;
}

static int run_executor(struct run *run, struct err *err)
{
    size_t count = run->shared->recorder_count - 1;
    struct pool pool = {.offload = {submit}, .run = run};
    (void)take_all(&pool.jobs);
    (void)take_all(&pool.finished);
    (void)pthread_mutex_init(&pool.lock, NULL);
    (void)pthread_cond_init(&pool.has_jobs, NULL);
    pool.finished_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pool.threads = memory_calloc(count, sizeof *pool.threads);
    int status = pool.finished_fd >= 0
                     ? run_loop(&pool, count, err)
                     : err_set(err, EXIT_CODE_UNFIT, "eventfd: %s", strerror(errno));
    run->units_created = run->settings.concurrency;
    run_add_knob(run, "pool_threads", NULL, count);
    (void)close(pool.finished_fd);
    free(pool.threads);
    return status;
}

static size_t loop_and_pool(const struct settings *settings)
{
    return 1 /* the loop's */ + (size_t)(settings->concurrency * settings->fan_out);
}

int main(int argc, char **argv)
{
    const struct model model = {
        .name = "executor",
        .about = "a loop that hands blocking calls to a pool of threads",
        .family = FAMILY_THREADS,
        .knobs = KNOBS_OF_COROUTINES,
        .threads = loop_and_pool,
        .needs = {.fds = 3, .threads = 1, .maps = 2, .kib = 64, .kib_bare = 32},
        .run = run_executor,
    };
    return runner_main(argc, argv, &model);
}
