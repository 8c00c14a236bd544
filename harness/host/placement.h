/* placement: which CPUs the origin and the harness get and which the runners. */
#ifndef HARNESS_PLACEMENT_H
#define HARNESS_PLACEMENT_H

#include "common/err.h"

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

struct placement {
    cpu_set_t all, origin, runner;
    uint64_t count; /* of all */
    bool shared;    /* one CPU: origin and runner share it */
};

/* Halves the CPUs this process may use: the first half (rounded down) for the origin and
 * the harness, the rest for the runners. EXIT_CODE_UNFIT when they cannot be read. */
int placement_make(struct placement *out_placement, struct err *err);

/* Halves a given set; for tests and for placement_make. */
void placement_split(const cpu_set_t *all, struct placement *out_placement);

#endif
