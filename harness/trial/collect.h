/* collect: reads a runner's result document, which is not trusted. */
#ifndef HARNESS_COLLECT_H
#define HARNESS_COLLECT_H

#include "common/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct collect_document {
    json_t *json; /* owned; every key of the contract is in it, with its type and range */
    bool has_no_request; /* task "none": the null runner */
    uint64_t requests, concurrency, ok, bytes_received, connections_opened;
    uint64_t units_created, peak_in_flight;
    uint64_t setup_ns, measured_ns, teardown_ns, cpu_measured_ns;
    uint64_t failed;                     /* sum over the classes */
    uint64_t warm_requests, warm_failed; /* counted apart */
    uint64_t latency_count;              /* sum of the histogram, without overflow */
    uint64_t overflow;
};

/* Parses and checks text against docs/runner-contract.md: keys, types, ranges, order of
 * the histogram, and that it is about this model and task (NULL: any). Whether the counts
 * add up is validity.c's. Errors (EXIT_CODE_USAGE) name the key, as "failed.reset".
 * *out_document needs collect_done. */
int collect_document(const char *text, size_t size, const char *model, const char *task,
                     struct collect_document *out_document, struct err *err);

void collect_done(struct collect_document *document); /* NULL-safe */

#endif
