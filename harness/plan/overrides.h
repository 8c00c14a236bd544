/* overrides: what the command line changes in a scenario. The result is checked as a
 * scenario from a file is, and stored with the run. */
#ifndef HARNESS_OVERRIDES_H
#define HARNESS_OVERRIDES_H

#include "common/options.h"
#include "harness/plan/scenario.h"

struct overrides {
    bool is_quick;               /* the scenario as preset quick has it */
    bool is_rough;               /* only an estimate: commands are not asked to describe
                                  * themselves */
    const char *models;          /* "a,b" or NULL: instead of the scenario's */
    const char *concurrency;     /* "1,10,100" or NULL */
    uint64_t requests;           /* of each trial; 0: the scenario's */
    uint64_t rate_per_s;         /* open loop; 0: the scenario's, or none */
    const char *arrivals;        /* "poisson", "fixed" or NULL */
    struct option_list runners;  /* "NAME=COMMAND" each: models beside the others */
    struct option_list sweeps;   /* "KNOB=VALUE,VALUE" each */
    struct option_list libcurls; /* directories: the models once more with each */
};

/* Loads the scenario name_or_path, changes it and finds its runners. *out_scenario is
 * new. EXIT_CODE_USAGE, also for an unknown model, and for a model that the command line
 * asks for but that cannot run here. Such a model in the file is skipped by the plan. */
int overrides_load(const char *name_or_path, const struct overrides *overrides,
                   struct scenario **out_scenario, struct err *err);

/* Replaces the commands in a stored scenario's json, which are masked, by those of
 * overrides->runners, which must be the same up to what is masked, and so in the variants
 * that a sweep made of them; a name that the scenario does not have is passed over.
 * EXIT_CODE_USAGE. */
int overrides_say_again(json_t *json, const struct overrides *overrides, struct err *err);

#endif
