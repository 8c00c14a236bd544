/* surroundings: what a run finds around it. */
#ifndef HARNESS_SURROUNDINGS_H
#define HARNESS_SURROUNDINGS_H

#include "harness/run/run.h"
#include "harness/trial/trial.h"

#include <stdint.h>

/* Reads the environment, and by what differences the run will be judged; needs the
 * placement. */
void surroundings_read(struct run *run);

/* Fills run->addresses of options.url, unless that is done. EXIT_CODE_UNFIT. */
int surroundings_look_up(struct run *run, struct err *err);

/* With options.origin: finds it. With it, and with a URL on another host, gives the
 * runners all CPUs here, or those of --cpus-runner. After placement_make, before
 * surroundings_read. EXIT_CODE_USAGE, EXIT_CODE_UNFIT. */
int surroundings_find_origin(struct run *run, struct err *err);

/* The threads of our origin: one for each CPU that it has, up to a limit. */
uint64_t surroundings_origin_threads(const struct run *run);

/* Starts what the run's scenarios need, after which a signal that ends the program
 * interrupts a trial; finds out how many tests a microsecond of work is. *out_servers
 * needs servers_done, also after an error. */
int surroundings_start(struct run *run, struct servers *out_servers, struct err *err);

/* What the trials of a run that began at start_ns (clock_ns) have in common; servers is
 * borrowed. */
struct trial_context surroundings_trials(const struct run *run,
                                         const struct servers *servers,
                                         uint64_t start_ns);

#endif
