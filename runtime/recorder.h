/* recorder: the outcomes and times of a worker's requests, in constant size.
 *
 * One recorder per thread of execution (thread, process, event loop): it has one writer,
 * so it needs no locks. All recorders lie in the state that forked workers share, and
 * are merged once, when every worker is done. */
#ifndef RUNTIME_RECORDER_H
#define RUNTIME_RECORDER_H

#include "common/hist.h"

#include <stdbool.h>
#include <stdint.h>

/* The classes of docs/runner-contract.md, in its order. OUTCOME_OK is not a failure. */
enum outcome {
    OUTCOME_OK,
    OUTCOME_RESOLVE,
    OUTCOME_CONNECT,
    OUTCOME_TLS,
    OUTCOME_TIMEOUT,
    OUTCOME_RESET,
    OUTCOME_SHORT,
    OUTCOME_PROTOCOL,
    OUTCOME_STATUS,
    OUTCOME_WORKER,
    OUTCOME_OTHER,
    OUTCOME_COUNT
};

/* "ok", "resolve", ...: the word used in JSON. */
const char *outcome_name(enum outcome outcome);

struct recorder {
    _Alignas(128) uint64_t open_workers;  /* between recorder_begin and recorder_end */
    bool is_warm;                         /* nothing but warm requests so far: warm.h */
    uint64_t cpu_begin_ns, cpu_end_ns;    /* of the thread, around all its requests */
    uint64_t cpu_helpers_ns;              /* of threads that it made on the way */
    uint64_t first_start_ns, last_end_ns; /* CLOCK_MONOTONIC; 0: no request yet */
    uint64_t outcomes[OUTCOME_COUNT];     /* requests */
    uint64_t redirects;                   /* answers with a status of 300 to 399 */
    uint64_t bytes_received;              /* bodies of ok requests */
    uint64_t connections_opened;          /* TCP connections */
    uint64_t latency_sum_ns, latency_max_ns; /* of ok requests, exact */
    uint64_t latency_min_ns;                 /* meaningless while none is ok */
    struct hist *latency;                    /* of ok requests; borrowed */
    /* In an open loop only, else NULL: from when a request was due to its end, of ok
     * requests, and to its start, of all. Borrowed. */
    struct hist *response, *lag;
    uint64_t response_max_ns, lag_max_ns;
};

/* Note that a worker starts, or has finished, taking tickets. The first begin and the
 * last end of a recorder's workers bracket the CPU time of the thread that runs them. */
void recorder_begin(struct recorder *recorder);
void recorder_end(struct recorder *recorder);

/* Forgets all requests so far and their CPU time. The thread must be the recorder's, which
 * must not be of use to another. */
void recorder_renew(struct recorder *recorder);

/* Adds a request from start_ns to end_ns (clock_ns) that received `bytes` of body. */
void recorder_add(struct recorder *recorder, enum outcome outcome, uint64_t start_ns,
                  uint64_t end_ns, uint64_t bytes);

/* Adds a request of an open loop that was due at due_ns. Call recorder_add for it too. */
void recorder_add_due(struct recorder *recorder, enum outcome outcome, uint64_t due_ns,
                      uint64_t start_ns, uint64_t end_ns);

/* Adds `from` to `into`, whose histogram the caller owns. CPU times add up as durations,
 * so into's cpu_begin_ns stays 0. */
void recorder_merge(struct recorder *into, const struct recorder *from);

#endif
