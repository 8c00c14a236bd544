/* trace_cpus: what the CPUs did in a traced trial of a task that only computes. */
#ifndef COMMON_TRACE_CPUS_H
#define COMMON_TRACE_CPUS_H

#include "common/trace.h"

#include <stdbool.h>

#define TRACE_CPUS_MAX 16U

/* The CPUs on which something computed; a count above the maximum: too many. */
struct trace_cpus {
    json_int_t list[TRACE_CPUS_MAX];
    unsigned int count;
};

/* Adds those of trace that are known. */
void trace_add_cpus(const struct trace *trace, struct trace_cpus *cpus);

/* When how many CPUs were in use, as rows that only compute: lane 0 while at least one of
 * them was, lane 1 while at least two were, whichever these are, since the kernel moves a
 * thread from one to another. False: some request does not say where it computed, or
 * there are too many CPUs. trace_done(out) is due in any case. */
bool trace_by_cpu(const struct trace *trace, struct trace *out);

#endif
