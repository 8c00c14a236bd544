/* scheduler: many coroutines on one event loop, on the calling thread.
 *
 *     loop          ---+--A--+-B-+--C--+ epoll ... +-B-+--A--+--C--+ epoll ...
 *     coroutine A      [request ....wait...........]   [request ....wait....
 *     coroutine B            [request ....wait.....][request ....wait....
 *     coroutine C                [request ....wait...........]  [request ....
 *                      a switch is a function call, not the kernel        time ->
 *
 * Each coroutine is a worker and runs worker_run, the same straight-line code as in the
 * blocking models. Its wait hands the transfer to the loop and yields; when it is over,
 * the loop resumes the coroutine where it stopped. A scheduler belongs to one thread;
 * several threads or processes may have one each. */
#ifndef RUNTIME_SCHEDULER_H
#define RUNTIME_SCHEDULER_H

#include "common/err.h"
#include "runtime/runner.h"

#include <stddef.h>

struct scheduler; /* opaque */

/* A blocking call to be made elsewhere: perform(arg), then scheduler_finish(job). */
struct job {
    void (*perform)(void *arg);
    void *arg;
    void (*finish)(struct job *job); /* the scheduler's: goes on */
    struct job *next;                /* for the code that has the job */
};

/* Where jobs go, in models that have such a place. */
struct offload {
    void (*submit)(struct offload *offload, struct job *job);
};

/* A scheduler of count coroutines, all of whose requests go into recorder recorder_index.
 * With offload (borrowed) transfers and blocking calls are jobs; with NULL libcurl runs
 * on the loop, and a blocking call stops it. *out_scheduler is new. EXIT_CODE_UNFIT. The
 * thread that will run it must call this. */
int scheduler_new(struct run *run, size_t recorder_index, size_t count,
                  struct offload *offload, struct scheduler **out_scheduler,
                  struct err *err);

/* How many of the run's coroutines part `index` of `count` parts gets. */
size_t scheduler_share(const struct run *run, size_t index, size_t count);

/* on_readable(user) follows, on the loop, whenever fd (borrowed) can be read. Once per
 * scheduler. EXIT_CODE_UNFIT. */
int scheduler_watch(struct scheduler *scheduler, int fd, void (*on_readable)(void *user),
                    void *user, struct err *err);

/* On the loop: lets the coroutine of a job that is done go on. */
void scheduler_finish(struct job *job);

/* Lets the coroutines run until no request is left. EXIT_CODE_INTERNAL when one of them
 * overflowed its stack, EXIT_CODE_UNFIT when the loop failed: some then still wait, and
 * the scheduler can only be freed. */
int scheduler_run(struct scheduler *scheduler, struct err *err);

/* Notes stack size, guard, switch backend and event method as knobs of the run; in a
 * forked worker too. */
void scheduler_add_knobs(const struct scheduler *scheduler, struct run *run);

void scheduler_free(struct scheduler *scheduler); /* NULL-safe */

#endif
