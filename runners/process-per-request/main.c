/* process-per-request: a new process for every request, and no pool.
 *
 *     parent       fork  fork  ......wait for a child to end......fork
 *     process 1      [start libcurl][connect][request ....wait....] gone
 *     process 2            [start libcurl][connect][request ....wait....] gone
 *     process 3                                                     [start libcurl][...
 *                    a process lives as long as its request                  time ->
 *
 * The way of the first web servers, and of `curl URL &` in a shell script. At most as
 * many processes live at once as requests may be in flight. A process takes all it had
 * with it when it ends, including its connection, so there is no keep-alive, whatever the
 * command line says.
 *
 * What it costs: for every request a fork, copies of all pages that are written, the
 * start of libcurl, a new connection, and an exit.
 *
 * What to look for in the results: CPU per request compared with `processes`, which pays
 * for all this once per worker; minor faults; as many connections as requests. */
#include "common/clock.h"
#include "common/memory.h"
#include "runtime/runner.h"
#include "runtime/shared.h"
#include "runtime/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct crew {
    struct run *run;
    pid_t *pids; /* of each place; 0: the place is free */
    size_t count, alive;
};

/* A child with no request to make (taker is NULL) makes the warm requests of its place. */
static _Noreturn void child_main(struct run *run, const struct worker *taker,
                                 size_t place, pid_t parent)
{
    struct worker worker;
    struct err err = {0};
    shared_enter_worker(run->shared);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* lost on fork, so set here */
    if (getppid() != parent)
        _exit(EXIT_CODE_INTERNAL);
    int status = worker_init(&worker, run, place, &wait_blocking, &err);
    if (status) {
        shared_fail(run->shared, &err);
    } else if (taker) {
        worker_pass(taker, &worker);
        worker_perform(&worker);
    } else {
        worker_warm_up(&worker);
    }
    worker_done(&worker);
    _exit(status ? err.code : EXIT_CODE_OK);
}

static size_t place_of(const struct crew *crew, pid_t pid)
{
    size_t place = 0;
    while (place < crew->count && crew->pids[place] != pid)
        place++;
    return place;
}

/* Reaps all children that have ended, so that no zombie keeps its place. With waits, it
 * blocks until there is one. */
static void reap(struct crew *crew, bool waits)
{
    pid_t pid = 0;
    int status = 0;
    while (crew->alive > 0 && (pid = waitpid(-1, &status, waits ? 0 : WNOHANG)) != 0) {
        if (pid > 0 && status)
            warm_give_up(&crew->run->shared->warm);
        size_t place = pid > 0 ? place_of(crew, pid) : crew->count;
        if (place == crew->count)
            continue; /* EINTR */
        crew->pids[place] = 0;
        crew->alive--;
        waits = false;
    }
}

/* Forks a child at a free place. */
static int fork_child(struct crew *crew, const struct worker *taker, struct err *err)
{
    size_t place = place_of(crew, 0);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        child_main(crew->run, taker, place, parent);
    if (pid < 0)
        return err_set(err, EXIT_CODE_UNFIT, "process %llu: %s; lower -c",
                       (unsigned long long)crew->run->units_created + 1, strerror(errno));
    crew->pids[place] = pid;
    crew->alive++;
    return 0;
}

static void reap_all(struct crew *crew)
{
    while (crew->alive > 0)
        reap(crew, true);
}

/* No connection outlives its process, so this warms up the server alone. */
static int warm_up(struct crew *crew, struct err *err)
{
    int status = 0;
    for (size_t i = 0; i < crew->count && !status; i++)
        status = fork_child(crew, NULL, err);
    if (status)
        shared_fail(crew->run->shared, err); /* so the others do not wait for it */
    reap_all(crew);
    return status;
}

/* The parent takes the tickets, as no other process exists yet to take them. */
static int fork_children(struct crew *crew, struct err *err)
{
    struct run *run = crew->run;
    struct worker taker;
    worker_attach(&taker, run, 0);
    while (worker_take(&taker)) {
        wait_until(&wait_blocking, taker.due_ns);
        reap(crew, crew->alive == crew->count);
        if (fork_child(crew, &taker, err))
            return -1;
        run->units_created++;
    }
    return 0;
}

static uint64_t cpu_of(int who)
{
    struct rusage usage;
    (void)getrusage(who, &usage);
    return clock_timeval_ns(usage.ru_utime) + clock_timeval_ns(usage.ru_stime);
}

static int run_process_per_request(struct run *run, struct err *err)
{
    struct crew crew = {.run = run, .count = (size_t)run->settings.concurrency};
    crew.pids = memory_calloc(crew.count, sizeof *crew.pids);
    int status = run->settings.warm_requests ? warm_up(&crew, err) : 0;
    uint64_t before_ns = cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN);
    if (!status)
        status = fork_children(&crew, err);
    if (status)
        shared_fail(run->shared, err);
    reap_all(&crew);
    run->cpu_measured_ns = cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN) - before_ns;
    free(crew.pids);
    return status;
}

int main(int argc, char **argv)
{
    const struct model model = {
        .name = "process-per-request",
        .about = "no pool: a fork for each request",
        .family = FAMILY_PROCESSES,
        .lacks = "fan-out pipeline",
        .is_unit_per_request = true,
        .needs = {.threads = 1, .kib = 384, .kib_bare = 256, .start_us = 3000},
        .run = run_process_per_request,
    };
    return runner_main(argc, argv, &model);
}
