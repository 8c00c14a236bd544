/* headline: the metric that answers a scenario's question. It leads the verdict, the page
 * and the terminal.
 *
 *   "headline": {"metric": "tree_memory_bytes", "per": "request",
 *                "as": "memory of one sleeper", "noun": "sleep"}
 *
 * Without one it is requests/s or, in an open loop, the 99 % response time. A divided
 * metric has a key of its own, tree_memory_bytes_per_request. */
#ifndef ANALYSIS_HEADLINE_H
#define ANALYSIS_HEADLINE_H

#include "analysis/metrics.h"

#include <jansson.h>

/* Not to be copied: metric.name may point into it. The rest is borrowed from the
 * scenario, or static. */
struct headline {
    struct metric metric; /* a row of metrics_table, or a quotient made of one */
    char key[80];
    const char *noun; /* what one request is: "sleep" */
};

/* The headline of a scenario as a run stores it. One that this suite does not know, from
 * a newer file, is the default. */
void headline_of(const json_t *scenario, struct headline *out_headline);

/* The models of a scenario are ranked by three metrics: the headline first, then those of
 * CPU per request, memory and speed that it is not. Speed is requests/s; in an open loop,
 * where all that keep up serve what arrives, it is the 99 % of the response time. A
 * headline of which neither more nor less is better ranks nothing: speed is first then.
 */
#define HEADLINE_METRICS 3

/* Those metrics, borrowed from the headline or from metrics_table. */
void headline_deciding(const struct headline *headline, bool is_open,
                       const struct metric *out_metrics[HEADLINE_METRICS]);

/* The word of `per` as what it is; METRIC_WHOLE for NULL. *out_known: it is one. */
enum metric_per headline_per(const char *word, bool *out_is_known);

/* scenario.headline of results.json: {metric, as, noun, unit, better[, per]}. New. */
json_t *headline_json(const json_t *scenario, const struct headline *headline);

#endif
