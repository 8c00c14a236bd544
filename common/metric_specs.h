/* metric_specs: the one table of what a cell's summary holds: key in results.json (which
 * is also its column in summary.csv), name for people, unit. */
#ifndef COMMON_METRIC_SPECS_H
#define COMMON_METRIC_SPECS_H

#include "common/format.h"

enum metric_id {
    METRIC_THROUGHPUT,
    METRIC_CPU_PER_REQUEST,
    METRIC_TREE_MEMORY,
    METRIC_MAX_RSS,
    METRIC_WALL,
    METRIC_MEASURED,
    METRIC_SETUP,
    METRIC_CPU_TOTAL,
    METRIC_CPU_USER,
    METRIC_CPU_SYSTEM,
    METRIC_CPU_STARTUP,
    METRIC_VOLUNTARY,
    METRIC_INVOLUNTARY,
    METRIC_MINOR_FAULTS,
    METRIC_ORIGIN_CPU,
    METRIC_RUNNER_CPU,
    METRIC_RESPONSE_P50, /* these three of an open loop only */
    METRIC_RESPONSE_P99,
    METRIC_LAG_P99,
    METRIC_INSTRUCTIONS, /* these four of the warm block's trial */
    METRIC_CYCLES,
    METRIC_CACHE_MISSES,
    METRIC_BRANCH_MISSES,
    METRIC_ENERGY,
    METRIC_LATENCY_P50, /* of the merged histogram */
    METRIC_LATENCY_P99,
    METRIC_FAILED,
    METRIC_PRODUCER_WAITS, /* these four of task pipeline only */
    METRIC_CONSUMER_WAITS,
    METRIC_PRODUCER_WAIT_RATIO,
    METRIC_CONSUMER_WAIT_RATIO,
    METRIC_LATE,     /* of task sleep only */
    METRIC_HEADLINE, /* the scenario's own first number, whatever its key */
    METRIC_COUNT
};

struct metric_spec {
    const char *key;  /* in cell.summary, with its unit; of METRIC_HEADLINE "" */
    const char *name; /* for people, lower case */
    enum unit unit;
};

/* Indexed by enum metric_id; constant. */
extern const struct metric_spec metric_specs[METRIC_COUNT];

/* The row of that key; for a key that the table does not have {key, key, its unit}, in
 * which key is borrowed. */
struct metric_spec metric_spec_of(const char *key);

#endif
