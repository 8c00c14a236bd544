/* single: trials one at a time, chosen as one goes, instead of the blocks of a plan. They
 * are stored nowhere: a search looks at them and decides what to try next.
 *
 * Recipe: run_plan and run_check, single_open, any number of single_trial, single_close,
 * also after an error. */
#ifndef HARNESS_SINGLE_H
#define HARNESS_SINGLE_H

#include "harness/run/run.h"
#include "harness/servers/servers.h"
#include "harness/trial/trial.h"

#include <jansson.h>

struct single {
    struct servers servers;
    struct trial_context context;
    int machine; /* the lock */
};

/* Takes the machine and starts the servers of the run, which must outlive it.
 * EXIT_CODE_UNFIT when another harness measures here. */
int single_open(struct run *run, struct single *out_single, struct err *err);

/* One timed trial of the cell; block and position are the caller's, and only stored in
 * it. *out_trial is new, also when it is not valid. */
int single_trial(const struct single *single, const struct plan_cell *cell,
                 uint64_t block, uint64_t position, json_t **out_trial, struct err *err);

void single_close(struct single *single);

#endif
