/* timeline: what a model did when, from cell.trace of results.json: bars in lanes, or an
 * area of requests in flight where there are too many lanes. */
#ifndef REPORT_TIMELINE_H
#define REPORT_TIMELINE_H

#include "common/trace_cpus.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMELINE_LANES_MAX TRACE_CPUS_MAX

/* A bar fills its lane; in an area it reaches from bottom to top, counted in requests. */
struct timeline_bar {
    double start_ns, end_ns; /* from the start of the first request; negative: set-up */
    double bottom, top;      /* lanes from above, or requests from below */
    enum trace_state state;
};

struct timeline {
    struct timeline_bar *bars; /* owned */
    size_t count;
    unsigned int lanes; /* workers, or CPUs */
    bool is_area;       /* and then lanes is the most in flight */
    bool is_by_cpu;
    uint64_t requests, shown;    /* of the trial; the first of them, which are shown */
    double setup_ns, end_ns;     /* when the last of those shown was over */
    double sum_ns[TRACE_STATES]; /* of all requests shown: waiting, computing, ... */
    double busy_ns;              /* by CPU: of all CPUs together */
    unsigned int used_cpus;      /* by CPU: at the same time, at most */
};

/* When the last request of the trace ended; 0: there is none to show. */
double timeline_end_ns(const json_t *trace);

void timeline_add_cpus(const json_t *trace, struct trace_cpus *cpus);

/* Reads a trace, whose end is not 0. axis_ns is the end of the axis, that of the longest.
 * With cpus above 0 its lanes are so many CPUs, if the trace knows where it computed.
 * concurrency is the cell's. timeline_done is due. */
void timeline_read(const json_t *trace, unsigned int cpus, double axis_ns,
                   uint64_t concurrency, struct timeline *out);

void timeline_done(struct timeline *timeline); /* zeroed is fine */

#endif
