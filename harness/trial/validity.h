/* validity: decides whether a trial may be ranked, and if not, why. */
#ifndef HARNESS_VALIDITY_H
#define HARNESS_VALIDITY_H

#include "harness/trial/collect.h"
#include "harness/trial/launch.h"
#include "harness/trial/trial.h"

/* All that is known of a finished trial. */
struct validity_facts {
    const struct trial_request *request;  /* borrowed */
    uint64_t limit_ms;                    /* after which it was stopped */
    const struct launch_outcome *outcome; /* borrowed */
    const char *stderr_line; /* borrowed; the first line of the runner's stderr, or "" */
    const struct collect_document *document; /* borrowed; NULL when it cannot be used */
    const char *document_error;              /* borrowed; why not, or "" */
    const struct origin_stats *origin;       /* borrowed; NULL with --url */
};

struct validity_verdict {
    const char *reason_class; /* NULL for a valid trial; see docs/results.md */
    char text[512];           /* one line */
};

/* The first check that fails, in the order of causes: what went wrong with the process,
 * then with its document, then with its requests. */
void validity_judge(const struct validity_facts *facts,
                    struct validity_verdict *out_verdict);

/* The part of the asked concurrency that must have been in flight at once. It is
 * demanded only where a response takes at least 5 ms and all workers can have sent a
 * request before the first answer comes back, which is taken to need 100 us for
 * each: delay_ms >= concurrency / 10. A worker that is made for the request needs
 * longer (start_us of models.h). 90 % of the concurrency is demanded. In an open
 * loop the arrivals decide how many are in flight, with options.connections the
 * connections, and nothing is demanded. */
bool validity_demands_concurrency(const struct trial_request *request);

#endif
