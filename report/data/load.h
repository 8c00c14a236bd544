/* load: results.json (docs/results.md, schema version 1) as plain structs, checked.
 *
 * Every string is cleaned on the way in (clean_dup) and borrowed from the document the
 * structs own. A number that is null in the document is NaN here. */
#ifndef REPORT_LOAD_H
#define REPORT_LOAD_H

#include "common/err.h"
#include "common/metric_specs.h"
#include "common/tally.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOAD_BYTES_MAX     (64U << 20)
#define LOAD_SCENARIOS_MAX 64
#define LOAD_MODELS_MAX    24
#define LOAD_PHASES        4
#define LOAD_QUANTILES     4

/* One metric of a cell: NaN where null. has_interval: low and high are numbers. */
struct metric {
    double median, low, high, coverage;
    bool has_interval;
    uint64_t n;
    const char *reason; /* or NULL */
};

struct quantile_point {
    double quantile, value_ns;
};

struct latency {
    uint64_t count, overflow;
    double mean_ns, min_ns, max_ns, p50_ns, p90_ns, p99_ns, p999_ns;
    double low_ns[LOAD_QUANTILES], high_ns[LOAD_QUANTILES]; /* of p50 to p999, or NaN */
    const char *reason;
    struct quantile_point *spectrum; /* owned */
    size_t spectrum_count;
};

struct trial {
    double started_s;
    double values[2]; /* throughput per s, CPU ns per request; NaN when there are none */
    bool is_valid;
    bool is_counting; /* the attempt of its block that the results count */
    bool has_disturbed, is_disturbed; /* whether the suite looked, and what it found */
    const char *invalid_text;         /* or NULL */
    const json_t *command;            /* array of strings, or NULL */
};

struct cell {
    const char *scenario, *model, *status, *reason, *bound, *memory_source;
    uint64_t concurrency, requests;
    bool has_summary;
    bool is_memory_least; /* sampled, with not all workers in flight: it may be more */
    bool is_level; /* its model has only this cell and others have more: a line across */
    struct metric metrics[METRIC_COUNT];
    struct latency latency; /* what a user waits; in an open loop the response time */
    struct latency service; /* in an open loop: from the start of the request */
    bool is_open;
    double phases_ns[LOAD_PHASES]; /* dns, connect, tls, first byte */
    const json_t *syscalls;        /* cell.syscalls; NULL without --syscalls */
    const json_t *trace;           /* cell.trace, or NULL */
    const json_t *counters;        /* cell.counters, or NULL */
    bool has_counters;             /* the suite that wrote this knew of counters */
    struct trial *trials;          /* owned */
    size_t trial_count;
};

struct comparison {
    const char *scenario, *model, *baseline, *metric, *verdict, *reason;
    uint64_t concurrency, baseline_concurrency, n;
    double ratio, low, high, coverage;
    double quotient; /* of the medians that the page shows */
};

/* The metric that answers the scenario's question: the number that leads its section.
 * Files of older suites name none, and get requests/s or, in an open loop, the 99 %
 * response time. */
struct headline {
    enum metric_id metric;   /* of the table, or METRIC_HEADLINE */
    struct metric_spec spec; /* the key in cell.summary, how it is called, its unit */
    const char *as;          /* its name in this scenario: "time for all ten" */
    const char *noun;        /* what one request is: "sleep" */
    bool is_less_better, is_neutral; /* is_neutral: neither is better */
};

struct scenario {
    const char *name, *title, *question, *task, *baseline, *placement;
    const char *why; /* what to expect and why; "" when it is not said */
    const char *models[LOAD_MODELS_MAX];
    size_t model_count;
    const json_t *origin, *load, *options, *limits; /* objects, or NULL */
    const json_t *families; /* object, model: how it waits; or NULL */
    const json_t *runners;  /* array of the scenario's own, or NULL */
    uint64_t rate_per_s;    /* 0: closed loop */
    const char *arrivals;   /* of an open loop, for people */
    struct headline headline;
    const char *form, *sentence, *caveat;
    const json_t *verdict; /* the whole of it: docs/results.md */
    const json_t *pieces;  /* of the sentence: {text} | {model} | {interval}; or NULL */
    const json_t *prices;  /* of one more worker, each with text and pieces; or NULL */
    struct cell *cells;    /* a slice of results.cells, in their order */
    size_t cell_count;
    struct cell **by_model;   /* owned: its cells by model, then concurrency */
    uint64_t concurrency_max; /* over its cells; 0 without cells */
    size_t concurrency_count; /* distinct ones of models that are not drawn across */
};

struct warning {
    const char *id, *text, *where;
};

struct results {
    json_t *json; /* owned; cleaned */
    const json_t *run, *environment;
    const char *run_id, *started, *preset;
    uint64_t seed, blocks;
    struct tally tally;
    bool is_complete;
    struct warning *warnings;
    size_t warning_count;
    struct scenario *scenarios;
    size_t scenario_count;
    struct cell *cells; /* grouped by scenario */
    size_t cell_count;
    struct comparison *comparisons;
    struct comparison **by_pair; /* owned: the comparisons in the order of their keys */
    size_t comparison_count;
    struct expectation *expectations; /* load_expect.h */
    size_t expectation_count;
};

/* Reads path. *out_results is new; free with load_free. Errors: EXIT_CODE_USAGE with the
 * path inside the document. */
int load_results(const char *path, struct results **out_results, struct err *err);

void load_free(struct results *results); /* NULL-safe */

/* The masked URL of another server that was measured instead of our origin, or NULL. With
 * such a server, nothing that the scenario says about its origin may be claimed. */
const char *load_other_server(const struct results *results,
                              const struct scenario *scenario);

#endif
