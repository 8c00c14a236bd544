/* contest.c: the rule of verdict.h as set logic; see contest.h. Its words are
 * verdict.c's.
 */
#include "analysis/contest.h"

#include "analysis/metrics.h"
#include "analysis/obstacles.h"
#include "common/json.h"

#include <math.h>
#include <string.h>

#define MEMORY_TOLERANCE 1.10 /* measured once: up to this is not called a difference */
#define ROUNDING         1e-9 /* of a ratio that was stored */

const char *contest_key(const struct contest *contest, enum contest_metric metric)
{
    static const char *const keys[CONTEST_METRICS] = {
        "throughput_per_s", "cpu_per_request_ns", "tree_memory_bytes"};
    const bool is_open = contest->rate_per_s > 0;
    return metric == CONTEST_SPEED && is_open ? "response_p99_ns" : keys[metric];
}

bool contest_prefers_more(const struct contest *contest, enum contest_metric metric)
{
    return metric == CONTEST_SPEED && contest->rate_per_s == 0;
}

static json_int_t int_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static const json_t *row_of(const struct contest *c, const char *model, const char *rival,
                            const char *metric)
{
    size_t i = 0;
    json_t *row = NULL;
    json_array_foreach(json_object_get(c->results, "comparisons"), i, row)
    {
        if (int_of(row, "concurrency") == c->concurrency &&
            !strcmp(json_text_of(row, "metric"), metric) &&
            !strcmp(json_text_of(row, "model"), model) &&
            !strcmp(json_text_of(row, "baseline"), rival) &&
            !strcmp(json_text_of(row, "scenario"), json_text_of(c->scenario, "name")))
            return row;
    }
    return NULL;
}

struct ratio contest_ratio(const struct contest *contest, const char *model,
                           const char *rival, enum contest_metric metric)
{
    const json_t *row = row_of(contest, model, rival, contest_key(contest, metric));
    const json_t *inverse =
        row ? NULL : row_of(contest, rival, model, contest_key(contest, metric));
    const json_t *from = row ? row : inverse;
    struct ratio r = {.quotient = json_number_of(from, "quotient"),
                      .value = json_number_of(from, "ratio"),
                      .low = json_number_of(from, "low"),
                      .high = json_number_of(from, "high")};
    if (inverse) {
        double low = 1 / r.high;
        r.quotient = 1 / r.quotient;
        r.value = 1 / r.value;
        r.high = 1 / r.low;
        r.low = low;
    }
    r.known = isfinite(r.value);
    r.bounded = r.known && isfinite(r.low) && isfinite(r.high);
    r.verdict = json_text_or_null(from, "verdict");
    r.unsettled = r.verdict && !strcmp(r.verdict, "inconclusive");
    return r;
}

static bool is_different(const json_t *row)
{
    return !strcmp(json_text_of(row, "verdict"), "different");
}

bool contest_is_beaten(const struct contest *contest, const char *model,
                       const char *rival, enum contest_metric metric)
{
    struct ratio r = contest_ratio(contest, model, rival, metric);
    if (!r.known)
        return false;
    if (metric == CONTEST_MEMORY)
        return r.value > MEMORY_TOLERANCE * (1 + ROUNDING);
    const json_t *row = row_of(contest, model, rival, contest_key(contest, metric));
    if (!row)
        row = row_of(contest, rival, model, contest_key(contest, metric));
    if (!is_different(row))
        return false;
    return contest_prefers_more(contest, metric) ? r.value < 1 : r.value > 1;
}

bool contest_is_denied(const struct contest *contest, const struct contestant *one,
                       enum contest_metric metric)
{
    return contest->guest.model && metric != CONTEST_MEMORY &&
           contest_is_beaten(contest, one->model, contest->guest.model, metric);
}

/* Whether any other model at this concurrency beats it. */
static bool has_better(const struct contest *c, const struct contestant *one,
                       enum contest_metric metric)
{
    for (size_t i = 0; i < c->count; i++) {
        if (&c->items[i] != one &&
            contest_is_beaten(c, one->model, c->items[i].model, metric))
            return true;
    }
    return false;
}

static void find_unbeaten(struct contest *c)
{
    for (size_t i = 0; i < c->count; i++) {
        struct contestant *one = &c->items[i];
        one->unbeaten_in_all = true;
        for (enum contest_metric m = 0; m < CONTEST_METRICS; m++) {
            one->unbeaten[m] = !has_better(c, one, m) && !contest_is_denied(c, one, m);
            one->unbeaten_in_all = one->unbeaten_in_all && one->unbeaten[m];
        }
        c->unbeaten += one->unbeaten_in_all;
    }
    for (enum contest_metric m = 0; c->guest.model && m < CONTEST_MEMORY; m++)
        c->guest.unbeaten[m] = !has_better(c, &c->guest, m);
}

/* A winner is `different` from every rival in time or CPU. Memory, measured once, has no
 * such word: a model that leads in memory alone has equals. */
static void find_equals(struct contest *c)
{
    size_t hero = 0, equals = 0;
    bool leads = false; /* in memory, before one of its equals */
    c->memory_lead = c->count;
    if (c->unbeaten != 1)
        return;
    while (!c->items[hero].unbeaten_in_all)
        hero++;
    for (size_t i = 0; i < c->count; i++) {
        struct contestant *one = &c->items[i];
        const char *best = c->items[hero].model;
        if (i == hero || contest_is_beaten(c, one->model, best, CONTEST_SPEED) ||
            contest_is_beaten(c, one->model, best, CONTEST_CPU))
            continue;
        one->unbeaten_in_all = true;
        leads = leads || contest_is_beaten(c, one->model, best, CONTEST_MEMORY);
        equals++;
    }
    c->unbeaten += equals;
    c->memory_lead = leads ? hero : c->count;
}

static struct contestant contestant_of(const struct contest *c, const json_t *cell)
{
    const json_t *summary = json_object_get(cell, "summary");
    struct contestant one = {.cell = cell, .model = json_text_of(cell, "model")};
    for (enum contest_metric m = 0; m < CONTEST_METRICS; m++)
        one.median[m] =
            json_number_of(json_object_get(summary, contest_key(c, m)), "median");
    return one;
}

static void add_contestant(struct contest *c, const json_t *cell)
{
    const json_t *summary = json_object_get(cell, "summary");
    if (!json_is_object(summary) || c->count == CONTEST_MODELS_MAX)
        return;
    c->items[c->count++] = contestant_of(c, cell);
    double n = json_number_of(json_object_get(summary, "throughput_per_s"), "n");
    size_t blocks = isfinite(n) && n > 0 ? (size_t)n : 0;
    c->blocks = c->count == 1 || blocks < c->blocks ? blocks : c->blocks;
}

static bool is_of(const struct contest *c, const json_t *cell, json_int_t concurrency)
{
    return int_of(cell, "concurrency") == concurrency &&
           !strcmp(json_text_of(cell, "scenario"), json_text_of(c->scenario, "name")) &&
           strcmp(json_text_of(cell, "model"), "null") != 0;
}

/* A baseline without a cell at this concurrency, such as sequential, is compared by its
 * cell at 1 (comparisons.c). */
static void invite(struct contest *c)
{
    const char *baseline = json_text_of(c->scenario, "baseline");
    const json_t *alone = NULL;
    bool takes_part = false;
    size_t i = 0;
    json_t *cell = NULL;
    json_array_foreach(json_object_get(c->results, "cells"), i, cell)
    {
        if (strcmp(json_text_of(cell, "model"), baseline) != 0)
            continue;
        takes_part = takes_part || is_of(c, cell, c->concurrency);
        alone = is_of(c, cell, 1) ? cell : alone;
    }
    if (!takes_part && json_is_object(json_object_get(alone, "summary")))
        c->guest = contestant_of(c, alone);
}

static enum contest_form form_of(const struct contest *c)
{
    if (json_array_size(c->reasons) > 0)
        return CONTEST_NOT_PUBLISHABLE;
    if (c->blocks < CONTEST_BLOCKS_MIN || c->count == 1)
        return CONTEST_DESCRIPTIVE;
    if (c->unbeaten == 1)
        return CONTEST_WINNER;
    return c->unbeaten > 1 ? CONTEST_TIE : CONTEST_TRADE_OFF;
}

void contest_hold(const json_t *results, const json_t *scenario,
                  struct contest *out_contest)
{
    const json_t *load = json_object_get(scenario, "load");
    struct contest c = {.results = results, .scenario = scenario};
    const json_t *steps = json_object_get(load, "concurrency");
    c.rate_per_s = json_integer_value(json_object_get(load, "rate_per_s"));
    size_t last = json_array_size(steps), i = 0;
    json_t *cell = NULL;
    c.concurrency = last ? json_integer_value(json_array_get(steps, last - 1)) : 0;
    json_array_foreach(json_object_get(results, "cells"), i, cell)
    {
        if (is_of(&c, cell, c.concurrency))
            add_contestant(&c, cell);
    }
    invite(&c);
    find_unbeaten(&c);
    find_equals(&c);
    c.reasons = obstacles_find(&c);
    c.form = form_of(&c);
    *out_contest = c;
}

void contest_done(struct contest *contest)
{
    json_decref(contest->reasons);
    contest->reasons = NULL;
}
