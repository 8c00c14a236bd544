/* query: what a request target asks the origin for (docs/origin.md). Strict: whatever is
 * not in the table is refused by name, so that a misspelt parameter cannot quietly make
 * an experiment without delay. Percent-encoding is not decoded: no name needs it. */
#ifndef ORIGIN_QUERY_H
#define ORIGIN_QUERY_H

#include "common/err.h"
#include "origin/delay.h"
#include "origin/freeze.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUERY_BYTES_MAX         (UINT64_C(1) << 30)
#define QUERY_STATUS_MAX        599
#define QUERY_CHUNK_BYTES_MAX   (UINT64_C(1) << 24)
#define QUERY_CHUNK_BYTES       16384 /* unless chunk_bytes says otherwise */
#define QUERY_TRICKLE_BYTES_MAX QUERY_BYTES_MAX

enum query_route { QUERY_BYTES, QUERY_STATS, QUERY_STATS_RESET, QUERY_FREEZE };

/* What goes wrong with an answer. After each the connection ends. */
enum query_fault {
    FAULT_NONE,
    FAULT_RESET,   /* a reset within the head */
    FAULT_SHORT,   /* half of the body, then the end */
    FAULT_STALL,   /* nothing, and no end */
    FAULT_GARBAGE, /* bytes that are not HTTP, then the end */
    FAULT_CLOSE    /* the end, without a byte */
};

struct query {
    enum query_route route;
    uint64_t bytes;            /* QUERY_BYTES: 0 to QUERY_BYTES_MAX */
    struct delay delay;        /* QUERY_BYTES: parameters not given are 0 */
    uint64_t after_ms, for_ms; /* QUERY_FREEZE: likewise, 0 to FREEZE_MS_MAX */
    /* the form of the answer of QUERY_BYTES: */
    bool is_special;        /* any of these is asked for */
    uint64_t status;        /* one that has a body, 200 to QUERY_STATUS_MAX; 0: 200 */
    uint64_t chunked;       /* 0 or 1 */
    uint64_t chunk_bytes;   /* when chunked, 1 to QUERY_CHUNK_BYTES_MAX */
    uint64_t trickle_ms;    /* between pieces, at most DELAY_MS_MAX; 0: all at once */
    uint64_t trickle_bytes; /* of a piece */
    uint64_t fault;         /* enum query_fault */
    uint64_t fault_ppm;     /* the number of requests in a million that have it */
};

/* Parses the target_size bytes at target (borrowed, need not be terminated), such as
 * "/bytes/1024?delay_ms=20". Returns 0, or the HTTP status to refuse with: 404 for an
 * unknown path, 400 for all else, with one line in err that names the culprit. *out_query
 * is written only on success. Thread-safe. */
int query_parse(const char *target, size_t target_size, struct query *out_query,
                struct err *err);

#endif
