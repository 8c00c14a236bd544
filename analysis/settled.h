/* settled: how far a run that goes on until it is settled has come with a scenario.
 *
 * What counts is what the scenario's answer is made of: at its highest concurrency every
 * pair of models in the metrics that rank them (headline.h) and in the 99 % of the latency,
 * as far as they are judged by chance at all. */
#ifndef ANALYSIS_SETTLED_H
#define ANALYSIS_SETTLED_H

#include <jansson.h>
#include <stddef.h>

/* No comparison is given up before a default run would have ended. */
#define SETTLED_PATIENCE 12

/* Before so many blocks `small` is no end: it may yet become `different`. */
#define SETTLED_SMALL 16

struct settled {
    size_t compared; /* comparisons with a value */
    size_t open;     /* of them: without a word, inconclusive, or small too early */
    size_t hopeless; /* of the open ones: see settled_count */
};

/* Counts the comparisons of the scenario in a results document. Hopeless are open ones
 * that need more than twice as many blocks as `most`, those that the run has room for. */
struct settled settled_count(const json_t *results, const json_t *scenario, double most);

/* scenarios[].stopped of docs/results.md: {blocks, why, level, compared, open}, from the
 * journal's line on the scenario, or null when the run broke off before. New. */
json_t *settled_json(const json_t *journal, const json_t *results,
                     const json_t *scenario);

#endif
