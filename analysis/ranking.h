/* ranking: which models are unbeaten in which metrics, at the highest concurrency of a
 * scenario. The rule behind the verdict, without its words. */
#ifndef ANALYSIS_RANKING_H
#define ANALYSIS_RANKING_H

#include "analysis/headline.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define RANKING_MODELS_MAX 24
#define RANKING_BLOCKS_MIN 6 /* fewer rank nothing */

#define RANKING_METRICS HEADLINE_METRICS

enum ranking_form {
    RANKING_NOT_PUBLISHABLE,
    RANKING_DESCRIPTIVE,
    RANKING_WINNER,
    RANKING_TIE,
    RANKING_TRADE_OFF
};

struct ratio {       /* model over other */
    double quotient; /* of the two medians; NaN: not known */
    double value;    /* paired by block, as are low and high */
    double low, high;
    bool is_known;
    const char *verdict; /* borrowed; NULL: none */
    bool is_unsettled;   /* its verdict is inconclusive */
};

struct candidate {
    const json_t *cell; /* borrowed */
    const char *model;  /* borrowed */
    double median[RANKING_METRICS];
    double headline; /* the median; NaN without one */
    bool is_unbeaten[RANKING_METRICS];
    bool is_unbeaten_in_all; /* with a memory_lead also its equals in time and CPU */
};

struct ranking {
    const json_t *results, *scenario; /* borrowed */
    struct headline headline;
    const struct metric *metrics[RANKING_METRICS]; /* the headline's, or of the table */
    json_int_t concurrency, rate_per_s;            /* rate_per_s 0: closed loop */
    struct candidate items[RANKING_MODELS_MAX];
    size_t count; /* models with a valid cell there */
    /* The baseline if its only cell is the one at 1; otherwise its model is NULL. It can
     * deny a win in speed and CPU, but cannot win. */
    struct candidate lone_baseline;
    size_t blocks;      /* the fewest valid trials among them */
    size_t unbeaten;    /* how many are unbeaten in all three */
    size_t memory_lead; /* index of the only unbeaten one, when another yields to it
                           in memory alone: that names no winner; else count */
    json_t *reasons;    /* why nothing is ranked, a list (obstacles.h); owned */
    enum ranking_form form;
};

/* Whether other is better than model by the metric, and not by chance: the one rule
 * of what may be called an order. `different`, or of memory, which is measured once, 10
 * %.
 */
bool ranking_is_beaten(const struct ranking *ranking, const char *model,
                       const char *other, size_t metric);

/* Whether the candidate is beaten by the baseline that has one cell, at 1. */
bool ranking_is_denied(const struct ranking *ranking, const struct candidate *one,
                       size_t metric);

/* Fills *out_ranking from a results document that has cells and comparisons. It must be
 * given to ranking_done, and not copied. */
void ranking_make(const json_t *results, const json_t *scenario,
                  struct ranking *out_ranking);

void ranking_done(struct ranking *ranking);

/* The metric's key in cell.summary. */
const char *ranking_key(const struct ranking *ranking, size_t metric);

/* Whether more of the metric is better. */
bool ranking_prefers_more(const struct ranking *ranking, size_t metric);

/* Whether it is the memory, measured once: it is never settled and never open, and a
 * baseline at 1 says nothing about it. */
bool ranking_is_once(const struct ranking *ranking, size_t metric);

/* The ratio model / other by a metric at the ranking's concurrency, from whichever
 * direction the comparison was stored. other may be the scenario's single-cell
 * baseline.
 */
struct ratio ranking_ratio(const struct ranking *ranking, const char *model,
                           const char *other, size_t metric);

#endif
