/* trace: when each request began and ended, for --trace. It shows what happened before
 * what. It keeps two words for each of the first requests of a run, in memory that forked
 * workers share; every request has its own place, so there is nothing to lock. */
#ifndef RUNTIME_TRACE_H
#define RUNTIME_TRACE_H

#include <stddef.h>
#include <stdint.h>

#define TRACE_REQUESTS_MAX 10000

struct span {
    uint64_t start_ns, end_ns; /* clock_ns(); both 0: not known */
};

struct trace {
    size_t count;
    struct span spans[]; /* by ticket */
};

/* A new trace for a run of this many requests; NULL when memory is refused. */
struct trace *trace_new(uint64_t requests);

/* Notes that request number `ticket` is over. Any thread or process, once for each. */
static inline void trace_add(struct trace *trace, uint64_t ticket, uint64_t start_ns,
                             uint64_t end_ns)
{
    if (ticket < trace->count)
        trace->spans[ticket] = (struct span){start_ns, end_ns};
}

void trace_free(struct trace *trace); /* NULL-safe */

#endif
