/* overrides: what the command line changes in a scenario. The result is checked as a
 * scenario from a file is, and stored with the run. */
#ifndef HARNESS_OVERRIDES_H
#define HARNESS_OVERRIDES_H

#include "harness/plan/scenario.h"

struct overrides {
    const char *models;      /* "a,b" or NULL: instead of the scenario's */
    const char *concurrency; /* "1,10,100" or NULL */
    uint64_t requests;       /* of each trial; 0: the scenario's */
    uint64_t rate_per_s;     /* open loop; 0: the scenario's, or none */
    const char *arrivals;    /* "poisson", "fixed" or NULL */
};

/* Loads the scenario name_or_path and changes it. *out_scenario is new. EXIT_CODE_USAGE,
 * also when a model has no runner here. */
int overrides_load(const char *name_or_path, const struct overrides *overrides,
                   struct scenario **out_scenario, struct err *err);

#endif
