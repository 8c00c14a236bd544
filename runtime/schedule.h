/* schedule: when requests are meant to start, in an open loop (--rate).
 *
 * In a closed loop a worker sends its next request when it has its answer. So a server
 * that stalls also stops the load, and its own latency looks harmless: coordinated
 * omission. In an open loop requests are due at times that do not depend on the answers,
 * as with users who keep arriving. Time is counted from when a request was due.
 *
 * Arrivals are a Poisson process of the given rate (gaps -ln(u)/rate, drawn from a seed:
 * the same for every model) or evenly spaced. The schedule begins when its first request
 * is taken, and lies in memory that forked workers share. */
#ifndef RUNTIME_SCHEDULE_H
#define RUNTIME_SCHEDULE_H

#include "common/rng.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct schedule {
    atomic_flag lock; /* held for a few instructions */
    bool is_poisson;
    double gap_ns; /* mean time between two arrivals; 0: closed loop */
    struct rng rng;
    uint64_t taken, total;
    uint64_t begin_ns; /* clock_ns() of the first take */
    double offset_ns;  /* of the next arrival from begin_ns */
};

/* Prepares a schedule of total arrivals at rate_per_s (> 0). */
void schedule_init(struct schedule *schedule, uint64_t total, uint64_t rate_per_s,
                   bool is_poisson, uint64_t seed);

/* Takes the next arrival: false when all are taken, else *out_number is 0 for the first,
 * 1 for the next, and *out_due_ns is when it is due (clock_ns), which may be in the past.
 * Any thread or process. */
bool schedule_take(struct schedule *schedule, uint64_t *out_number, uint64_t *out_due_ns);

/* Takes all arrivals that remain. Any thread or process. */
void schedule_use_up(struct schedule *schedule);

#endif
