/* thread-per-request: a new thread for every request, and no pool.
 *
 *     main       create  create  ......wait for a place......create  create
 *     thread 1     [request ....wait....] gone
 *     thread 2              [request ....wait....] gone
 *     thread 3                                             [request ....wait....] gone
 *                  a thread lives as long as its request                     time ->
 *
 * What people write first: start a thread, let it make the request, let it end. At most
 * as many threads live at once as requests may be in flight. libcurl's handles, and with
 * them the connections, belong to the places and not to the threads, as in `threads`.
 *
 * What it costs: for every request a clone, a stack, a first run on some CPU, and an
 * exit. glibc keeps a few stacks for the next threads. The memory is that of `threads`.
 *
 * What to look for in the results: CPU per request compared with `threads`. The
 * difference is what a pool saves. The slower the origin, the less it matters. */
#include "common/clock.h"
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

/* A place for one request in flight, used by one thread after the other. */
struct place {
    struct worker worker;
    struct fork_join join;
    struct crew *crew;
    struct place *next; /* the next free one */
    pthread_t thread;
    bool has_thread; /* not yet joined */
};

struct crew {
    struct run *run;
    struct place *places, *free;
    pthread_mutex_t lock; /* guards the list of free places */
    sem_t free_count;
    pthread_attr_t attributes;
};

static void give_back(struct place *place)
{
    struct crew *crew = place->crew;
    (void)pthread_mutex_lock(&crew->lock);
    place->next = crew->free;
    crew->free = place;
    (void)pthread_mutex_unlock(&crew->lock);
    (void)sem_post(&crew->free_count);
}

static struct place *wait_for_place(struct crew *crew)
{
    while (sem_wait(&crew->free_count)) /* EINTR */
        continue;
    (void)pthread_mutex_lock(&crew->lock);
    struct place *place = crew->free;
    crew->free = place->next;
    (void)pthread_mutex_unlock(&crew->lock);
    if (place->has_thread) /* it has given the place back, but may not have ended */
        (void)pthread_join(place->thread, NULL);
    place->has_thread = false;
    return place;
}

static void *thread_main(void *arg)
{
    struct place *place = arg;
    worker_perform(&place->worker);
    give_back(place);
    return NULL;
}

static void *warm_main(void *arg)
{
    worker_warm_up(&((struct place *)arg)->worker);
    give_back(arg);
    return NULL;
}

static int start_thread(struct place *place, void *(*main_of_it)(void *), struct err *err)
{
    const struct crew *crew = place->crew;
    int status = pthread_create(&place->thread, &crew->attributes, main_of_it, place);
    if ((place->has_thread = !status))
        return 0;
    give_back(place);
    return err_set(err, EXIT_CODE_UNFIT, "thread %llu: %s; lower -c",
                   (unsigned long long)crew->run->units_created + 1, strerror(status));
}

/* Waits until all places are free: no thread is left. */
static void wait_for_all(struct crew *crew, size_t count)
{
    for (size_t i = 0; i < count; i++)
        (void)wait_for_place(crew);
    for (size_t i = 0; i < count; i++)
        give_back(&crew->places[i]);
}

/* A thread for each place, so that each has its connection before the first request. */
static int warm_up(struct crew *crew, size_t count, struct err *err)
{
    int status = 0;
    for (size_t i = 0; i < count && !status; i++)
        status = start_thread(wait_for_place(crew), warm_main, err);
    if (status)
        shared_fail(crew->run->shared, err); /* so the others do not wait for it */
    wait_for_all(crew, count);
    return status;
}

/* The main thread takes the tickets, as no other thread exists yet to take them. */
static int make_threads(struct crew *crew, struct err *err)
{
    struct run *run = crew->run;
    struct worker taker;
    worker_attach(&taker, run, 0);
    while (worker_take(&taker)) {
        wait_until(&wait_blocking, taker.due_ns);
        struct place *place = wait_for_place(crew);
        worker_pass(&taker, &place->worker);
        if (start_thread(place, thread_main, err))
            return -1;
        run->units_created++;
    }
    return 0;
}

static int make_places(struct crew *crew, size_t count, struct err *err)
{
    crew->places = memory_calloc(count, sizeof *crew->places);
    int status = 0;
    for (size_t i = 0; i < count && !status; i++) {
        struct place *place = &crew->places[i];
        place->crew = crew;
        fork_join_init(&place->join, crew->run, i);
        status = worker_init(&place->worker, crew->run, i, &place->join.wait, err);
        give_back(place);
    }
    return status;
}

static int run_thread_per_request(struct run *run, struct err *err)
{
    size_t count = (size_t)run->settings.concurrency;
    struct crew crew = {.run = run};
    (void)pthread_mutex_init(&crew.lock, NULL);
    (void)sem_init(&crew.free_count, 0, 0);
    int status = thread_stack_attributes(&crew.attributes, run->settings.stack_bytes);
    status = status ? err_set(err, EXIT_CODE_UNFIT, "no stacks for threads: %s",
                              strerror(status))
                    : make_places(&crew, count, err);
    if (!status && run->settings.warm_requests)
        status = warm_up(&crew, count, err);
    if (!status) {
        uint64_t before_ns = clock_process_cpu_ns();
        status = make_threads(&crew, err);
        wait_for_all(&crew, count);
        run->cpu_measured_ns = clock_process_cpu_ns() - before_ns;
    }
    for (size_t i = 0; crew.places && i < count; i++) {
        worker_done(&crew.places[i].worker);
        fork_join_done(&crew.places[i].join);
    }
    (void)pthread_attr_destroy(&crew.attributes);
    (void)sem_destroy(&crew.free_count);
    (void)pthread_mutex_destroy(&crew.lock);
    free(crew.places);
    run_add_knob(run, "stack_bytes", NULL, run->settings.stack_bytes);
    return status;
}

int main(int argc, char **argv)
{
    const struct model model = {
        .name = "thread-per-request",
        .about = "no pool: a new thread for each request",
        .family = FAMILY_THREADS,
        .knobs = "stack-bytes",
        .has_thread_stacks = true,
        .lacks = "pipeline",
        .is_unit_per_request = true,
        .needs = {.fds = 3,
                  .threads = 1,
                  .maps = 2,
                  .kib = 64,
                  .kib_bare = 24,
                  .start_us = 500},
        .run = run_thread_per_request,
    };
    return runner_main(argc, argv, &model);
}
