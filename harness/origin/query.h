/* query: what a request target asks the origin for (docs/origin.md). Strict: whatever is
 * not in the table is refused by name, so that a misspelt parameter cannot quietly make
 * an experiment without delay. Percent-encoding is not decoded: no name needs it. */
#ifndef HARNESS_ORIGIN_QUERY_H
#define HARNESS_ORIGIN_QUERY_H

#include "common/err.h"
#include "harness/origin/delay.h"
#include "harness/origin/freeze.h"

#include <stddef.h>
#include <stdint.h>

#define QUERY_BYTES_MAX (UINT64_C(1) << 30)

enum query_route { QUERY_BYTES, QUERY_STATS, QUERY_STATS_RESET, QUERY_FREEZE };

struct query {
    enum query_route route;
    uint64_t bytes;            /* QUERY_BYTES: 0 to QUERY_BYTES_MAX */
    struct delay delay;        /* QUERY_BYTES: parameters not given are 0 */
    uint64_t after_ms, for_ms; /* QUERY_FREEZE: likewise, 0 to FREEZE_MS_MAX */
};

/* Parses the target_size bytes at target (borrowed, need not be terminated), such as
 * "/bytes/1024?delay_ms=20". Returns 0, or the HTTP status to refuse with: 404 for an
 * unknown path, 400 for all else, with one line in err that names the culprit. *out_query
 * is written only on success. Thread-safe. */
int query_parse(const char *target, size_t target_size, struct query *out_query,
                struct err *err);

#endif
