/* verdict.c: the words of a verdict; see verdict.h. Which model is unbeaten in what is
 * decided in contest.c. Every number here carries its model, its concurrency and n. */
#include "analysis/verdict.h"

#include "analysis/caveat.h"
#include "analysis/contest.h"
#include "analysis/metrics.h"
#include "analysis/sentence.h"
#include "analysis/setting.h"
#include "common/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define TOLD_MAX     6    /* models listed one by one in a descriptive sentence */
#define CPU_IN_MS_NS 10e6 /* from here on in milliseconds */

/* A number with its unit; it has to be finite. */
static void say_value(struct sentence *text, const struct contest *c,
                      enum contest_metric metric, double value)
{
    const bool is_time = metric == CONTEST_CPU || c->rate_per_s > 0;
    if (metric == CONTEST_MEMORY) {
        sentence_count(text, value / (1 << 20));
        sentence_say(text, " MiB");
    } else if (!is_time) {
        sentence_count(text, value);
    } else if (metric == CONTEST_SPEED || value >= CPU_IN_MS_NS) {
        sentence_count(text, value / 1e6);
        sentence_say(text, " ms");
    } else {
        sentence_count(text, value / 1e3);
        sentence_say(text, " µs");
    }
}

/* "4,571 requests/s", "99 % within 31.0 ms", "41.8 µs CPU per request", "8.3 MiB" */
static void say_quantity(struct sentence *text, const struct contest *c,
                         enum contest_metric metric, double value)
{
    static const char *const after[CONTEST_METRICS] = {" requests/s", " CPU per request",
                                                       ""};
    const bool is_response = metric == CONTEST_SPEED && c->rate_per_s > 0;
    if (metric == CONTEST_SPEED && !is_response && value <= 0) {
        sentence_say(text, "no request served");
        return;
    }
    sentence_say(text, "%s", is_response ? "99 % within " : "");
    say_value(text, c, metric, value);
    sentence_say(text, "%s", is_response ? "" : after[metric]);
}

static void say_blocks(struct sentence *text, const struct contest *c)
{
    sentence_say(text, " (n = %zu block%s)", c->blocks, c->blocks == 1 ? "" : "s");
}

/* A model without a number is never better. */
static bool is_better(const struct contest *c, enum contest_metric metric,
                      const struct contestant *one, const struct contestant *other)
{
    const double mine = one->median[metric], its = other->median[metric];
    return isnan(its) || (contest_prefers_more(c, metric) ? mine > its : mine < its);
}

/* The model with the best median of those unbeaten in a metric, or NULL. */
static const struct contestant *best_of(const struct contest *c,
                                        enum contest_metric metric)
{
    const struct contestant *best = c->guest.unbeaten[metric] ? &c->guest : NULL;
    for (size_t i = 0; i < c->count; i++) {
        if (c->items[i].unbeaten[metric] &&
            (!best || is_better(c, metric, &c->items[i], best)))
            best = &c->items[i];
    }
    return best;
}

static const char *baseline_of(const struct contest *c)
{
    const char *baseline = json_string_value(json_object_get(c->scenario, "baseline"));
    return baseline ? baseline : "";
}

/* The model that the hero's CPU and memory are compared with: the baseline when it takes
 * part at this concurrency, else the other model that the scenario lists first, so that
 * it does not change with the numbers. */
static const struct contestant *rival_of(const struct contest *c,
                                         const struct contestant *hero)
{
    const struct contestant *first = NULL;
    for (size_t i = 0; i < c->count; i++) {
        const struct contestant *one = &c->items[i];
        if (one == hero)
            continue;
        if (!strcmp(one->model, baseline_of(c)))
            return one;
        first = first ? first : one;
    }
    return first;
}

/* "0.68x the CPU per request [0.61, 0.74]"; false when the ratio is unknown. */
static bool say_ratio(struct sentence *text, const char *before, struct ratio r,
                      const char *after)
{
    if (!r.known)
        return false;
    sentence_say(text, "%s", before);
    sentence_ratio(text, r, after);
    if (r.unsettled)
        sentence_say(text, " (not settled)");
    return true;
}

/* "coroutines served 4,571 requests/s, 94x sequential [91, 97], with 0.68x the CPU per
 * request [0.61, 0.74] and 0.91x the memory of threads" */
static void say_hero(struct sentence *text, const struct contest *c,
                     const struct contestant *hero)
{
    const struct contestant *rival = rival_of(c, hero);
    const char *against = strcmp(hero->model, baseline_of(c)) != 0 ? baseline_of(c)
                          : rival                                  ? rival->model
                                                                   : "";
    sentence_say(text, "%s %s ", hero->model, c->rate_per_s > 0 ? "answered" : "served");
    say_quantity(text, c, CONTEST_SPEED, hero->median[CONTEST_SPEED]);
    (void)say_ratio(text, ", ", contest_ratio(c, hero->model, against, CONTEST_SPEED),
                    against);
    if (!rival)
        return;
    struct ratio cpu = contest_ratio(c, hero->model, rival->model, CONTEST_CPU);
    struct ratio memory = contest_ratio(c, hero->model, rival->model, CONTEST_MEMORY);
    bool said = say_ratio(text, ", with ", cpu, "the CPU per request");
    bool more = say_ratio(text, said ? " and " : ", with ", memory, "the memory");
    if (said || more)
        sentence_say(text, " of %s", rival->model);
}

/* "sequential at concurrency 1" */
static void say_guest(struct sentence *text, const struct contest *c)
{
    sentence_say(text, "%s at concurrency %.0f", c->guest.model,
                 json_number_of(c->guest.cell, "concurrency"));
}

/* Whether the contestant is named as unbeaten in a metric or, for CONTEST_METRICS, in
 * all. */
static bool is_named(const struct contestant *one, enum contest_metric metric)
{
    return metric == CONTEST_METRICS ? one->unbeaten_in_all : one->unbeaten[metric];
}

/* Lists the contestants that are so named. Returns how many there are. */
static size_t say_unbeaten(struct sentence *text, const struct contest *c,
                           enum contest_metric metric)
{
    const bool has_guest = c->guest.model && is_named(&c->guest, metric);
    size_t total = has_guest, said = 0;
    for (size_t i = 0; i < c->count; i++)
        total += is_named(&c->items[i], metric);
    for (size_t i = 0; i < c->count; i++) {
        if (!is_named(&c->items[i], metric))
            continue;
        said++;
        sentence_say(text, "%s%s",
                     said == 1       ? ""
                     : said == total ? " and "
                                     : ", ",
                     c->items[i].model);
    }
    if (has_guest) {
        sentence_say(text, "%s", said ? " and " : "");
        say_guest(text, c);
    }
    return total;
}

/* The fastest of those that tie. */
static const struct contestant *best_tied(const struct contest *c)
{
    const struct contestant *best = NULL;
    for (size_t i = 0; i < c->count; i++) {
        const struct contestant *one = &c->items[i];
        if (one->unbeaten_in_all && (!best || is_better(c, CONTEST_SPEED, one, best)))
            best = one;
    }
    return best;
}

/* Whether two that tie may yet turn out to differ. */
static bool is_open_tie(const struct contest *c)
{
    for (size_t i = 0; i < c->count; i++) {
        for (size_t j = i + 1; j < c->count; j++) {
            const struct contestant *one = &c->items[i], *other = &c->items[j];
            if (one->unbeaten_in_all && other->unbeaten_in_all &&
                (contest_ratio(c, one->model, other->model, CONTEST_SPEED).unsettled ||
                 contest_ratio(c, one->model, other->model, CONTEST_CPU).unsettled))
                return true;
        }
    }
    return false;
}

/* A model that ties may still be behind the baseline, which takes part as a guest. */
static void say_denied(struct sentence *text, const struct contest *c)
{
    const char *const names[] = {contest_speed(c), "CPU per request"};
    for (size_t i = 0; i < c->count; i++) {
        const struct contestant *one = &c->items[i];
        for (enum contest_metric m = 0; m < CONTEST_MEMORY; m++) {
            if (!one->unbeaten_in_all || !contest_is_denied(c, one, m))
                continue;
            sentence_say(text, "; ");
            say_guest(text, c);
            sentence_say(text, " is better than %s in %s", one->model, names[m]);
        }
    }
}

static void say_tie(struct sentence *text, const struct contest *c)
{
    const bool is_open = is_open_tie(c);
    const bool has_lead = !is_open && c->memory_lead < c->count;
    const struct contestant *hero = has_lead ? &c->items[c->memory_lead] : best_tied(c);
    sentence_say(text, ", ");
    if (is_open)
        sentence_say(text, "%zu blocks cannot tell ", c->blocks);
    (void)say_unbeaten(text, c, CONTEST_METRICS);
    if (is_open)
        sentence_say(text,
                     " apart: differences in %s or CPU per request are not settled; ",
                     contest_speed(c));
    else if (has_lead)
        sentence_say(
            text,
            " tie: they show a difference in memory, but none in %s or CPU per request; ",
            contest_speed(c));
    else
        sentence_say(
            text, " tie: none is shown to be better in %s, CPU per request or memory; ",
            contest_speed(c));
    say_hero(text, c, hero);
    say_denied(text, c);
}

/* "requests/s: coroutines (4,571; 1.05x threads [1.02, 1.07])" for each metric */
static void say_trade_off(struct sentence *text, const struct contest *c)
{
    const char *const names[CONTEST_METRICS] = {contest_speed(c), "CPU per request",
                                                "memory"};
    sentence_say(text, ", no model is best in all three: ");
    size_t told = 0;
    for (enum contest_metric m = 0; m < CONTEST_METRICS; m++) {
        const struct contestant *best = best_of(c, m);
        if (!best || !isfinite(best->median[m]))
            continue;
        sentence_say(text, "%s%s ", told++ ? "; " : "", names[m]);
        if (say_unbeaten(text, c, m) > 1) {
            sentence_say(text, " (no difference shown)");
            continue;
        }
        const struct contestant *rival = rival_of(c, best);
        sentence_say(text, " (");
        say_value(text, c, m, best->median[m]);
        if (rival)
            (void)say_ratio(text, ", ", contest_ratio(c, best->model, rival->model, m),
                            rival->model);
        sentence_say(text, ")");
    }
}

/* "threads 800 requests/s, 40.0 µs CPU per request, 19.1 MiB"; what is not known is left
 * out. */
static void say_one(struct sentence *text, const struct contest *c,
                    const struct contestant *one)
{
    size_t told = 0;
    sentence_say(text, "%s ", one->model);
    for (enum contest_metric m = 0; m < CONTEST_METRICS; m++) {
        if (!isfinite(one->median[m]))
            continue;
        sentence_say(text, "%s", told++ ? ", " : "");
        say_quantity(text, c, m, one->median[m]);
    }
    if (told == 0)
        sentence_say(text, "without a number");
}

static void say_all(struct sentence *text, const struct contest *c, const char *before)
{
    for (size_t i = 0; i < c->count && i < TOLD_MAX; i++) {
        sentence_say(text, "%s", i ? "; " : before);
        say_one(text, c, &c->items[i]);
    }
    if (c->count > TOLD_MAX)
        sentence_say(text, "; %zu more model%s", c->count - TOLD_MAX,
                     c->count - TOLD_MAX == 1 ? "" : "s");
}

static void say_sentence(struct sentence *text, const struct contest *c)
{
    setting_say(text, c);
    switch (c->form) {
    case CONTEST_NOT_PUBLISHABLE:
        sentence_say(text, ", no winner is named: %s", c->obstacle);
        if (c->count == 0)
            break;
        say_all(text, c, ". Measured: ");
        say_blocks(text, c);
        break;
    case CONTEST_DESCRIPTIVE:
        say_all(text, c, ": ");
        say_blocks(text, c);
        break;
    case CONTEST_WINNER:
        for (size_t i = 0; i < c->count; i++) {
            if (!c->items[i].unbeaten_in_all)
                continue;
            sentence_say(text, ", ");
            say_hero(text, c, &c->items[i]);
        }
        say_blocks(text, c);
        break;
    case CONTEST_TIE:
        say_tie(text, c);
        say_blocks(text, c);
        break;
    case CONTEST_TRADE_OFF:
        say_trade_off(text, c);
        say_blocks(text, c);
        break;
    }
    sentence_say(text, ".");
}

json_t *verdict_make(const json_t *results, const json_t *scenario)
{
    static const struct {
        const char *form, *caveat, *after_loop; /* NULL: the loop is not named */
    } forms[] = {
        [CONTEST_NOT_PUBLISHABLE] = {"not-publishable", "", NULL}, /* the advice */
        [CONTEST_DESCRIPTIVE] = {"descriptive",
                                 "No winner is named: that takes at least two models and "
                                 "6 blocks (the default preset has 12).",
                                 NULL},
        [CONTEST_WINNER] = {"winner", "This holds for this load on this machine, ",
                            "; memory was measured once per model, and differences below "
                            "10 % do not count."},
        [CONTEST_TIE] =
            {"tie",
             "A tie does not show that the models are equal; memory was measured once "
             "per model, and differences below 10 % do not count.",
             NULL},
        [CONTEST_TRADE_OFF] = {"trade-off",
                               "Which one to choose depends on what is scarce: time, CPU "
                               "or memory (measured once per model); this load, this "
                               "machine, ",
                               "."},
    };
    struct contest c;
    struct sentence text = {.used = 0};
    contest_hold(results, scenario, &c);
    say_sentence(&text, &c);
    json_t *verdict = json_object();
    json_put(verdict, "form", json_string(forms[c.form].form));
    json_put(verdict, "sentence", json_string(text.bytes));
    struct sentence caveat = {.used = 0};
    sentence_say(&caveat, "%s",
                 c.form == CONTEST_NOT_PUBLISHABLE ? c.advice : forms[c.form].caveat);
    if (forms[c.form].after_loop)
        sentence_say(&caveat, "%s loop%s", c.rate_per_s > 0 ? "open" : "closed",
                     forms[c.form].after_loop);
    if (c.rate_per_s > 0)
        sentence_say(&caveat, " In an open loop every model that keeps up serves as many "
                              "requests/s as arrive, so they are not compared.");
    caveat_say(&caveat, &c);
    json_put(verdict, "caveat", json_string(caveat.bytes));
    return verdict;
}
