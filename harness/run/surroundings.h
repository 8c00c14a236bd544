/* surroundings: what a run finds around it. */
#ifndef HARNESS_SURROUNDINGS_H
#define HARNESS_SURROUNDINGS_H

#include "harness/run/run.h"

#include <stdint.h>

/* Reads the environment, and by what differences the run will be judged; needs the
 * placement. */
void surroundings_read(struct run *run);

/* The threads of our origin: one for each CPU that it has, up to a limit. */
/* With options.origin: finds it and gives the runners all CPUs here, or those of
 * --cpus-runner. After placement_make, before surroundings_read. EXIT_CODE_USAGE,
 * EXIT_CODE_UNFIT. */
int surroundings_find_origin(struct run *run, struct err *err);

uint64_t surroundings_origin_threads(const struct run *run);

#endif
