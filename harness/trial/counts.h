/* counts: a trial's `counters` from what the launcher read. */
#ifndef HARNESS_COUNTS_H
#define HARNESS_COUNTS_H

#include "launcher/counters.h"

#include <jansson.h>

/* {name: {value, running_ratio, reason}} for every counter of counters_table; values has
 * COUNTERS_COUNT elements. value is as counted, not scaled; null with the reason when it
 * was not. paranoid is the text of /proc/sys/kernel/perf_event_paranoid or NULL. New. */
json_t *counts_json(const struct counters_value *values, const char *paranoid);

#endif
