/* warm: requests that each worker makes before the measured ones (--warm-requests), so
 * that its connection is open and its TLS handshake done. Their results are not recorded.
 *
 *     worker 1   [warm][warm] .............. | [request][request]
 *     worker 2   [warm ....][warm ....] .... | [request][request]
 *                                      the line: all start together       time ->
 *
 * Models do not know of it. A worker has another task at first, which stands for the real
 * one and hands out warm requests, then one more whose only wait is for the line. As a
 * worker passes the line it gets the real task, so measured requests cost the same as
 * without warm ones. */
#ifndef RUNTIME_WARM_H
#define RUNTIME_WARM_H

#include "runtime/recorder.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct run;
struct task;
struct worker;

/* What all workers of a run share of it, forked ones too. */
struct warm {
    uint64_t workers;                         /* that have to come to the line */
    _Atomic uint64_t arrived;                 /* of them */
    _Atomic uint64_t opens_ns;                /* clock_ns(); 0: not known yet */
    _Atomic uint64_t outcomes[OUTCOME_COUNT]; /* of the warm requests */
};

/* Prepares the shared state of a run with --warm-requests; without it, it does nothing. */
void warm_init(struct run *run);

/* The task that a worker begins with: the run's, unless warm requests come first. */
const struct task *warm_task(const struct run *run);

/* For workers that are served without a task's begin and end (raw/client.c), while
 * worker->is_at_line: until when to wait before asking again; 0: the line is open. */
uint64_t warm_line_ns(const struct worker *worker);

/* The worker passes the open line: what it takes next is a measured request. */
void warm_pass(struct worker *worker);

/* For a thread that is given parts of requests: begins its recorder anew if the line has
 * been passed meanwhile. */
void warm_renew(struct run *run, struct recorder *recorder);

/* Opens the line at once, since a worker will never come to it. Any thread or process. */
void warm_give_up(struct warm *warm);
#endif
