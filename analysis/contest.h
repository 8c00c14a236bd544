/* contest: which models are unbeaten in which metrics, at the highest concurrency of a
 * scenario. The rule behind the verdict, without its words. */
#ifndef ANALYSIS_CONTEST_H
#define ANALYSIS_CONTEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define CONTEST_MODELS_MAX 24
#define CONTEST_BLOCKS_MIN 6 /* fewer rank nothing */

/* Speed is requests/s; in an open loop, where all that keep up serve what arrives, it is
 * the 99 % of the response time. */
enum contest_metric { CONTEST_SPEED, CONTEST_CPU, CONTEST_MEMORY, CONTEST_METRICS };

enum contest_form {
    CONTEST_NOT_PUBLISHABLE,
    CONTEST_DESCRIPTIVE,
    CONTEST_WINNER,
    CONTEST_TIE,
    CONTEST_TRADE_OFF
};

struct ratio {       /* model over rival */
    double quotient; /* of the two medians; NaN: not known */
    double value;    /* paired by block, as are low and high */
    double low, high;
    bool known, bounded;
    const char *verdict; /* borrowed; NULL: none */
    bool unsettled;      /* its verdict is inconclusive */
};

struct contestant {
    const json_t *cell; /* borrowed */
    const char *model;  /* borrowed */
    double median[CONTEST_METRICS];
    bool unbeaten[CONTEST_METRICS];
    bool unbeaten_in_all; /* with a memory_lead also its equals in time and CPU */
};

struct contest {
    const json_t *results, *scenario;   /* borrowed */
    json_int_t concurrency, rate_per_s; /* rate_per_s 0: closed loop */
    struct contestant items[CONTEST_MODELS_MAX];
    size_t count; /* models with a valid cell there */
    /* The baseline if its only cell is the one at 1; otherwise its model is NULL. It can
     * deny a win in speed and CPU, but cannot win. */
    struct contestant guest;
    size_t blocks;      /* the fewest valid trials among them */
    size_t unbeaten;    /* how many are unbeaten in all three */
    size_t memory_lead; /* index of the only unbeaten one, when a rival yields to it in
                           memory alone: that names no winner; else count */
    json_t *reasons;    /* why nothing is ranked, a list (obstacles.h); owned */
    enum contest_form form;
};

/* Whether rival is better than model by the metric, and not by chance: the one rule of
 * what may be called an order. `different`, or of memory, which is measured once, 10 %.
 */
bool contest_is_beaten(const struct contest *contest, const char *model,
                       const char *rival, enum contest_metric metric);

/* Whether the contestant is beaten by the baseline that takes part as a guest. */
bool contest_is_denied(const struct contest *contest, const struct contestant *one,
                       enum contest_metric metric);

/* Fills *out_contest from a results document that has cells and comparisons. It must be
 * given to contest_done. */
void contest_hold(const json_t *results, const json_t *scenario,
                  struct contest *out_contest);

void contest_done(struct contest *contest);

/* The metric's key in cell.summary. */
const char *contest_key(const struct contest *contest, enum contest_metric metric);

/* Whether more of the metric is better: of requests/s alone. */
bool contest_prefers_more(const struct contest *contest, enum contest_metric metric);

/* The ratio model / rival by a metric at the contest's concurrency, from whichever
 * direction the comparison was stored. rival may be the scenario's single-cell baseline.
 */
struct ratio contest_ratio(const struct contest *contest, const char *model,
                           const char *rival, enum contest_metric metric);

#endif
