/* trial: one execution of one cell, from command line to the JSON object of
 * docs/results.md.
 *
 *   command -> launch -> account -> collect -> validity
 *
 * A runner that crashes, hangs, floods, reports nonsense or leaves processes behind gives
 * a trial with valid = false and its reason, not an error. An error from here means that
 * the harness itself cannot go on. */
#ifndef HARNESS_TRIAL_H
#define HARNESS_TRIAL_H

#include "common/cpus.h"
#include "common/err.h"
#include "harness/host/interrupt.h"
#include "harness/plan/scenario.h"
#include "harness/servers/servers.h"

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What is the same for all trials of a run. */
struct trial_context {
    const struct servers *servers; /* borrowed; NULL: there is only the origin */
    struct origin_control *origin; /* borrowed; NULL with --url, or with servers */
    const char *resolve;           /* borrowed; HOST:PORT:ADDRESS for it, or NULL */
    const char *url;               /* borrowed; the user's server, or NULL */
    const char *ca_file;           /* borrowed; to trust for it, or NULL */
    bool is_insecure;              /* its certificate is not verified */
    struct cpus runner_cpus, origin_cpus, all_cpus;
    uint64_t run_started_ns; /* clock_ns() */
    uint64_t seed;           /* of the run: an open loop's arrivals follow from it */
    uint64_t tests_per_us;   /* divisibility tests of this machine: common/work.h */
    const char *(*runner_path)(void *arg, const char *model); /* tests put a fake here */
    void *runner_path_arg; /* with runner_path NULL: bin/runner-<model> beside us */
};

enum trial_pass { TRIAL_TIMED, TRIAL_WARM, TRIAL_MEMORY };

struct trial_request {
    const struct scenario *scenario; /* borrowed */
    const char *model;               /* borrowed */
    bool is_control;                 /* of the A/A arm: the trial says so, no more */
    uint64_t concurrency, requests;
    enum trial_pass pass;
    uint64_t block, position, attempt;
    uint64_t delay_ms; /* of the origin: the scenario's, or longer in the memory pass */
    const char *group; /* borrowed or NULL; control group that the runner joins */
};

/* Runs one trial. *out_trial is new: the trial object, also when invalid. */
int trial_run(const struct trial_context *context, const struct trial_request *request,
              json_t **out_trial, struct err *err);

/* As trial_run; sample (or NULL) is called while the runner runs, as said in launch.h. */
int trial_run_sampled(const struct trial_context *context,
                      const struct trial_request *request,
                      uint64_t (*sample)(void *arg, pid_t runner), void *sample_arg,
                      json_t **out_trial, struct err *err);

/* The memory pass of a cell (request->pass, requests and delay_ms are chosen here): holds
 * all workers in flight and sums the Pss of the tree. *out_memory is new: the object
 * cell.memory of docs/results.md, also when it did not succeed (with the reason). */
int trial_run_memory(const struct trial_context *context,
                     const struct trial_request *request, json_t **out_memory,
                     struct err *err);

#endif
