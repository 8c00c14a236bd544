/* scenario: a scenario file, checked and completed with defaults (docs/scenarios.md). */
#ifndef HARNESS_SCENARIO_H
#define HARNESS_SCENARIO_H

#include "common/err.h"
#include "harness/plan/runners.h"
#include "harness/plan/tasks.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCENARIO_MODELS_MAX      24
#define SCENARIO_CONCURRENCY_MAX 24
#define SCENARIO_NAME_SIZE       80

struct scenario {
    json_t *json; /* owned: the scenario with all defaults filled in, plus "name" */
    const char *name, *title, *question, *task, *baseline; /* borrowed from json */
    const char *models[SCENARIO_MODELS_MAX];               /* borrowed from json */
    size_t model_count;
    struct runner *runners;       /* owned: of models, in their order; runners.h */
    const struct task_kind *kind; /* static: of task */
    bool has_split_placement;
    bool counts_failures; /* failed requests are what is measured: nothing is ranked */
    bool tls;             /* the origin speaks https */
    bool is_nginx;        /* the origin is one */
    bool is_remote;       /* the origin is on another host: set by run, not by the file */
    uint64_t bytes, delay_ms, jitter_ms, tail_ppm, tail_ms;
    uint64_t freeze_after_ms, freeze_ms; /* freeze_ms 0: the origin does not freeze */
    uint64_t concurrency[SCENARIO_CONCURRENCY_MAX];
    size_t concurrency_count;
    uint64_t requests, requests_per_worker;
    uint64_t warm_requests; /* of each worker, before the clock starts */
    uint64_t rate_per_s;    /* 0: closed loop */
    const char *arrivals;   /* borrowed from json; NULL in a closed loop */
    uint64_t addresses;     /* of the origin that connections are spread over */
    bool has_keepalive;
    uint64_t timeout_ms;
    uint64_t trial_seconds;
    uint64_t memory_passes; /* of each cell */
    uint64_t quota_cpus; /* CPUs that a runner's control group allows it; 0: no quota */
};

/* Loads a scenario by name (share/concbench/scenarios/NAME.json) or by path (anything
 * with a slash or ending in .json), as preset quick or as the other presets have it; both
 * are checked. *out_scenario is new; free with scenario_free. Errors: EXIT_CODE_USAGE
 * with the file and the path inside it. */
int scenario_load(const char *name_or_path, bool is_quick, struct scenario **out_scenario,
                  struct err *err);

/* The file of scenario_load, unchecked. *out_json is new, out_name the scenario's name
 * (SCENARIO_NAME_SIZE bytes), out_directory that of the file (PATH_MAX bytes). */
int scenario_read(const char *name_or_path, json_t **out_json, char *out_name,
                  char *out_directory, struct err *err);

/* Checks a file's json, and makes it that of preset quick or that of the others: without
 * the key "quick". */
int scenario_choose(const char *name, json_t *json, bool is_quick, struct err *err);

/* The scenario described by json (borrowed) under the given name. */
int scenario_from_json(const char *name, const json_t *json,
                       struct scenario **out_scenario, struct err *err);

/* Requests of one trial at this concurrency. In an open loop all cells make the same
 * number, so that all meet the same arrivals. */
uint64_t scenario_requests(const struct scenario *scenario, uint64_t concurrency);

void scenario_free(struct scenario *scenario); /* NULL-safe */

#endif
