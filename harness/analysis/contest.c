/* contest.c: the rule of verdict.h as set logic; see contest.h. Its words are
 * verdict.c's.
 */
#include "harness/analysis/contest.h"

#include "harness/analysis/blocks.h"
#include "harness/analysis/metrics.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BLOCKS_MIN       6
#define MEMORY_TOLERANCE 1.10 /* measured once: less is not called a difference */

const char *contest_key(const struct contest *contest, enum contest_metric metric)
{
    static const char *const keys[CONTEST_METRICS] = {
        "throughput_per_s", "cpu_per_request_ns", "tree_memory_bytes"};
    const bool is_open = contest->rate_per_s > 0;
    return metric == CONTEST_SPEED && is_open ? "response_p99_ns" : keys[metric];
}

const char *contest_speed(const struct contest *contest)
{
    return contest->rate_per_s > 0 ? "99 % response time" : "requests/s";
}

bool contest_prefers_more(const struct contest *contest, enum contest_metric metric)
{
    return metric == CONTEST_SPEED && contest->rate_per_s == 0;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
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
            !strcmp(text_of(row, "metric"), metric) &&
            !strcmp(text_of(row, "model"), model) &&
            !strcmp(text_of(row, "baseline"), rival) &&
            !strcmp(text_of(row, "scenario"), text_of(c->scenario, "name")))
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
    struct ratio r = {metrics_number(from, "ratio"),
                      metrics_number(from, "low"),
                      metrics_number(from, "high"),
                      false,
                      false,
                      false};
    if (inverse) {
        double low = 1 / r.high;
        r.value = 1 / r.value;
        r.high = 1 / r.low;
        r.low = low;
    }
    r.known = isfinite(r.value);
    r.bounded = r.known && isfinite(r.low) && isfinite(r.high);
    r.unsettled = !strcmp(text_of(from, "verdict"), "inconclusive");
    return r;
}

static bool is_different(const json_t *row)
{
    return !strcmp(text_of(row, "verdict"), "different");
}

/* Whether rival is better than model, and not by chance. */
static bool is_beaten(const struct contest *c, const char *model, const char *rival,
                      enum contest_metric metric)
{
    struct ratio r = contest_ratio(c, model, rival, metric);
    if (!r.known)
        return false;
    if (metric == CONTEST_MEMORY)
        return r.value > MEMORY_TOLERANCE;
    const json_t *row = row_of(c, model, rival, contest_key(c, metric));
    if (!row)
        row = row_of(c, rival, model, contest_key(c, metric));
    if (!is_different(row))
        return false;
    return contest_prefers_more(c, metric) ? r.value < 1 : r.value > 1;
}

static void find_unbeaten(struct contest *c)
{
    for (size_t i = 0; i < c->count; i++) {
        struct contestant *one = &c->items[i];
        one->unbeaten_in_all = true;
        for (enum contest_metric m = 0; m < CONTEST_METRICS; m++) {
            one->unbeaten[m] = true;
            for (size_t j = 0; j < c->count; j++) {
                if (j != i && is_beaten(c, one->model, c->items[j].model, m))
                    one->unbeaten[m] = false;
            }
            one->unbeaten_in_all = one->unbeaten_in_all && one->unbeaten[m];
        }
        c->unbeaten += one->unbeaten_in_all;
    }
}

/* A winner is `different` from every rival in time or CPU. Memory, measured once, has no
 * such word: who leads in it alone has equals. */
static void find_equals(struct contest *c)
{
    size_t hero = 0, equals = 0;
    c->memory_lead = c->count;
    if (c->unbeaten != 1)
        return;
    while (!c->items[hero].unbeaten_in_all)
        hero++;
    for (size_t i = 0; i < c->count; i++) {
        struct contestant *one = &c->items[i];
        const char *best = c->items[hero].model;
        if (i == hero || is_beaten(c, one->model, best, CONTEST_SPEED) ||
            is_beaten(c, one->model, best, CONTEST_CPU))
            continue;
        one->unbeaten_in_all = true;
        equals++;
    }
    c->unbeaten += equals;
    c->memory_lead = equals > 0 ? hero : c->count;
}

#define REMOVE_CAUSE "Do not quote these numbers: remove the cause and measure again."
#define COUNTS_ONLY  "Nothing is to be mended: the failures are what is measured here."
#define FEW_REQUESTS                                                                     \
    "Response times are compared from 1,000 requests on; what else the scenario asks "   \
    "does not depend on it."

/* The first objection is kept. advice is static. */
__attribute__((format(printf, 3, 4))) static void
object_to(struct contest *c, const char *advice, const char *format, ...)
{
    va_list args;
    if (*c->obstacle)
        return;
    c->advice = advice;
    va_start(args, format);
    (void)vsnprintf(c->obstacle, sizeof c->obstacle, format, args);
    va_end(args);
}

static size_t failed_blocks(const json_t *cell)
{
    struct blocks blocks;
    blocks_of(json_object_get(cell, "trials"), &blocks);
    const size_t failed = blocks.failed;
    blocks_done(&blocks);
    return failed;
}

/* A machine on which a model differs from itself can rank nothing. */
static void check_controls(struct contest *c)
{
    size_t i = 0, j = 0;
    json_t *control = NULL, *row = NULL;
    json_array_foreach(json_object_get(c->results, "controls"), i, control)
    {
        json_array_foreach(json_object_get(control, "comparisons"), j, row)
        {
            if (is_different(row))
                object_to(c, REMOVE_CAUSE,
                          "the A/A control failed: %.64s differed from itself",
                          text_of(control, "model"));
        }
    }
}

static void add_contestant(struct contest *c, const json_t *cell)
{
    const json_t *summary = json_object_get(cell, "summary");
    const char *model = text_of(cell, "model");
    size_t failed = failed_blocks(cell);
    if (failed > 0)
        object_to(c, REMOVE_CAUSE, "%zu trial%s of %.64s stayed invalid", failed,
                  failed == 1 ? "" : "s", model);
    else if (!strcmp(text_of(cell, "status"), "invalid"))
        object_to(c, REMOVE_CAUSE, "%.64s has no valid trial", model);
    if (!json_is_object(summary) || c->count == CONTEST_MODELS_MAX)
        return;
    struct contestant *one = &c->items[c->count++];
    *one = (struct contestant){.cell = cell, .model = model};
    for (enum contest_metric m = 0; m < CONTEST_METRICS; m++)
        one->median[m] =
            metrics_number(json_object_get(summary, contest_key(c, m)), "median");
    double n = metrics_number(json_object_get(summary, "throughput_per_s"), "n");
    size_t blocks = isfinite(n) && n > 0 ? (size_t)n : 0;
    c->blocks = c->count == 1 || blocks < c->blocks ? blocks : c->blocks;
}

/* What the valid trials cannot show. */
static void check_limits(struct contest *c)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct contestant *one = &c->items[i];
        const json_t *summary = json_object_get(one->cell, "summary");
        if (!strcmp(text_of(summary, "bound"), "origin-bound"))
            object_to(c, REMOVE_CAUSE, "with %.64s the origin's CPU was the limit",
                      one->model);
        if (isnan(one->median[CONTEST_SPEED]) && c->rate_per_s > 0)
            object_to(c, FEW_REQUESTS,
                      "a trial of %.64s has fewer than the 1,000 requests that a 99 %% "
                      "response time takes",
                      one->model);
    }
}

static enum contest_form form_of(struct contest *c)
{
    if (c->count == 0)
        object_to(c, REMOVE_CAUSE, "no cell at this concurrency has a valid trial");
    if (*c->obstacle)
        return CONTEST_NOT_PUBLISHABLE;
    if (c->blocks < BLOCKS_MIN || c->count == 1)
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
        if (int_of(cell, "concurrency") == c.concurrency &&
            !strcmp(text_of(cell, "scenario"), text_of(scenario, "name")) &&
            strcmp(text_of(cell, "model"), "null") != 0)
            add_contestant(&c, cell);
    }
    if (!strcmp(text_of(scenario, "failures"), "counted"))
        object_to(&c, COUNTS_ONLY, "this scenario counts failures, and ranks nobody");
    check_limits(&c);
    find_unbeaten(&c);
    find_equals(&c);
    check_controls(&c);
    c.form = form_of(&c);
    *out_contest = c;
}
