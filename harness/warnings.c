/* warnings.c: one line of the table per warning, one small check each; see warnings.h.
 * The checks read results.json alone, so that the same journal gives the same warnings.
 */
#include "harness/warnings.h"

#include "common/json.h"
#include "harness/metrics.h"
#include "harness/stats.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define FEW_BLOCKS       6
#define LITTLE_TOLERANCE 0.10
#define LITTLE_WAVES     10 /* with fewer, start and end are most of a trial */
#define BEHIND_NS        10e6
#define STEAL_RATIO      0.01
#define LOAD_RATIO       0.5
#define TICKS_PER_S      100.0 /* USER_HZ, the unit of /proc/stat */

struct warning {
    const char *id;
    const char *next_step;
    void (*check)(const struct warning *warning, const json_t *results, json_t *list);
};

__attribute__((format(printf, 4, 5))) static void warn(const struct warning *warning,
                                                       json_t *list, const char *where,
                                                       const char *format, ...)
{
    char finding[300], text[600];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(finding, sizeof finding, format, args);
    va_end(args);
    (void)snprintf(text, sizeof text, "%s; %s", finding, warning->next_step);
    json_t *object = json_object();
    json_put(object, "id", json_string(warning->id));
    json_put(object, "text", json_string(text));
    json_put(object, "where", json_string(where));
    json_push(list, object);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static const json_t *fact(const json_t *results, const char *group, const char *key)
{
    const json_t *environment = json_object_get(results, "environment");
    return json_object_get(json_object_get(environment, group), key);
}

static const json_t *run_of(const json_t *results)
{
    return json_object_get(results, "run");
}

struct place {
    char text[220];
};

static struct place place_of(const json_t *cell)
{
    struct place place;
    (void)snprintf(place.text, sizeof place.text, "%.64s/%.64s/%" JSON_INTEGER_FORMAT,
                   text_of(cell, "scenario"), text_of(cell, "model"),
                   json_integer_value(json_object_get(cell, "concurrency")));
    return place;
}

static void check_interrupted(const struct warning *w, const json_t *results,
                              json_t *list)
{
    const json_t *run = run_of(results);
    if (json_is_false(json_object_get(run, "complete")))
        warn(w, list, "", "the run was interrupted after %.0f of %.0f trials",
             metrics_number(run, "trials_run"), metrics_number(run, "trials_planned"));
}

/* Attempts of the cell that were invalid, and blocks of it in which all were. */
static size_t invalid_attempts(const json_t *cell, size_t *out_failed_blocks)
{
    const json_t *trials = json_object_get(cell, "trials");
    size_t i = 0, invalid = 0, failed = 0;
    json_t *trial = NULL;
    bool any_valid = false; /* in this block so far */
    json_array_foreach(trials, i, trial)
    {
        const bool valid = json_is_true(json_object_get(trial, "valid"));
        const json_t *next = json_array_get(trials, i + 1);
        const bool is_last = !next || !json_equal(json_object_get(next, "block"),
                                                  json_object_get(trial, "block"));
        invalid += !valid;
        any_valid = any_valid || valid;
        failed += is_last && !any_valid;
        any_valid = any_valid && !is_last;
    }
    *out_failed_blocks = failed;
    return invalid;
}

static const char *first_reason(const json_t *cell)
{
    size_t i = 0;
    json_t *trial = NULL;
    json_array_foreach(json_object_get(cell, "trials"), i, trial)
    {
        const json_t *reason = json_object_get(trial, "invalid_reason");
        if (json_is_object(reason))
            return text_of(reason, "text");
    }
    return "";
}

static void check_invalid(const struct warning *w, const json_t *results, json_t *list)
{
    size_t i = 0, failed = 0;
    json_t *cell = NULL;
    json_array_foreach(json_object_get(results, "cells"), i, cell)
    {
        (void)invalid_attempts(cell, &failed);
        if (failed > 0)
            warn(w, list, place_of(cell).text, "%zu trials stayed invalid (%.120s)",
                 failed, first_reason(cell));
    }
}

static void check_retried(const struct warning *w, const json_t *results, json_t *list)
{
    size_t i = 0, failed = 0;
    json_t *cell = NULL;
    json_array_foreach(json_object_get(results, "cells"), i, cell)
    {
        size_t invalid = invalid_attempts(cell, &failed);
        if (invalid > failed && failed == 0)
            warn(w, list, place_of(cell).text, "%zu trials were repeated (%.120s)",
                 invalid, first_reason(cell));
    }
}

static const json_t *disturbance_of(const json_t *trial)
{
    const json_t *list = json_object_get(trial, "disturbed");
    return json_is_true(json_object_get(trial, "valid")) ? json_array_get(list, 0) : NULL;
}

/* Of a block the last attempt is disturbed only when none of the valid ones was not. */
static void check_disturbed(const struct warning *w, const json_t *results, json_t *list)
{
    size_t i = 0, j = 0, all = 0, repeated = 0, counted = 0;
    json_t *cell = NULL, *trial = NULL;
    const json_t *example = NULL;
    json_array_foreach(json_object_get(results, "cells"), i, cell)
    {
        const json_t *trials = json_object_get(cell, "trials");
        json_array_foreach(trials, j, trial)
        {
            const json_t *next = json_array_get(trials, j + 1);
            const bool is_last = !next || !json_equal(json_object_get(next, "block"),
                                                      json_object_get(trial, "block"));
            const bool is_disturbed = disturbance_of(trial) != NULL;
            all += is_last;
            counted += is_last && is_disturbed;
            repeated += !is_last && is_disturbed;
            example = is_disturbed ? disturbance_of(trial) : example;
        }
    }
    if (counted > 0 || repeated > 0)
        warn(w, list, "",
             "something outside disturbed %zu of %zu trials, and %zu that were repeated "
             "(the last by %.40s, %.3g)",
             counted, all, repeated, text_of(example, "reason"),
             metrics_number(example, "value"));
}

static void check_skipped(const struct warning *w, const json_t *results, json_t *list)
{
    size_t i = 0;
    json_t *cell = NULL;
    json_array_foreach(json_object_get(results, "cells"), i, cell)
    {
        if (!strcmp(text_of(cell, "status"), "skipped"))
            warn(w, list, place_of(cell).text, "skipped: %.200s",
                 text_of(cell, "reason"));
    }
}

static void check_shared_cpus(const struct warning *w, const json_t *results,
                              json_t *list)
{
    if (json_is_true(fact(results, "placement", "shared")))
        warn(w, list, "", "origin and runner share their CPUs");
}

static void check_few_blocks(const struct warning *w, const json_t *results, json_t *list)
{
    double blocks = metrics_number(run_of(results), "blocks");
    if (blocks < FEW_BLOCKS)
        warn(w, list, "", "%.0f blocks are too few for intervals and verdicts", blocks);
}

static void check_origin_bound(const struct warning *w, const json_t *results,
                               json_t *list)
{
    size_t i = 0;
    json_t *cell = NULL;
    json_array_foreach(json_object_get(results, "cells"), i, cell)
    {
        const json_t *summary = json_object_get(cell, "summary");
        if (!strcmp(text_of(summary, "bound"), "origin-bound"))
            warn(w, list, place_of(cell).text, "the origin used %.0f %% of its CPU",
                 100 * metrics_number(json_object_get(summary, "origin_cpu_ratio"),
                                      "median"));
    }
}

/* Throughput x mean latency, the median over the valid trials. For one trial it is the
 * sum of the latencies over the measured time: nothing is averaged across trials first.
 */
static double mean_in_flight(const json_t *cell)
{
    double values[STATS_N_MAX];
    size_t i = 0, n = 0;
    json_t *trial = NULL;
    json_array_foreach(json_object_get(cell, "trials"), i, trial)
    {
        const json_t *document = json_object_get(trial, "document");
        double value = metrics_number(document, "latency_sum_ns") /
                       metrics_number(document, "measured_ns");
        if (json_is_true(json_object_get(trial, "valid")) && isfinite(value) &&
            n < STATS_N_MAX)
            values[n++] = value;
    }
    return stats_median(values, n);
}

static bool is_open_loop(const json_t *cell)
{
    return json_is_object(
        json_object_get(json_object_get(cell, "summary"), "response_ns"));
}

/* A closed loop keeps `concurrency` requests in flight once it runs, so Little's law must
 * give it back. An open one promises no number in flight. */
static void check_little(const struct warning *w, const json_t *results, json_t *list)
{
    size_t i = 0;
    json_t *cell = NULL;
    json_array_foreach(json_object_get(results, "cells"), i, cell)
    {
        double concurrency = metrics_number(cell, "concurrency");
        double in_flight = mean_in_flight(cell);
        if (!is_open_loop(cell) &&
            metrics_number(cell, "requests") >= LITTLE_WAVES * concurrency &&
            fabs(in_flight / concurrency - 1) > LITTLE_TOLERANCE)
            warn(w, list, place_of(cell).text,
                 "throughput x mean latency gives %.1f requests in flight, not %.0f",
                 in_flight, concurrency);
    }
}

/* Half of the requests found no free worker, and not for a stall alone. */
static void check_behind(const struct warning *w, const json_t *results, json_t *list)
{
    size_t i = 0;
    json_t *cell = NULL;
    json_array_foreach(json_object_get(results, "cells"), i, cell)
    {
        const json_t *summary = json_object_get(cell, "summary");
        double lag = metrics_number(json_object_get(summary, "lag_ns"), "p50");
        double service = metrics_number(json_object_get(summary, "latency_ns"), "p50");
        if (is_open_loop(cell) && lag > service && lag > BEHIND_NS)
            warn(w, list, place_of(cell).text,
                 "half of the requests started %.0f ms or more after they were due",
                 lag / 1e6);
    }
}

static void check_steal(const struct warning *w, const json_t *results, json_t *list)
{
    double stolen_s = 0, trial_s = 0,
           cpus = json_number_value(fact(results, "cpu", "count"));
    size_t i = 0, j = 0;
    json_t *cell = NULL, *trial = NULL;
    json_array_foreach(json_object_get(results, "cells"), i, cell)
    {
        json_array_foreach(json_object_get(cell, "trials"), j, trial)
        {
            double ticks =
                metrics_number(json_object_get(trial, "health"), "steal_ticks");
            double wall = metrics_number(trial, "wall_ns");
            if (isfinite(ticks) && isfinite(wall)) {
                stolen_s += ticks / TICKS_PER_S;
                trial_s += wall * 1e-9;
            }
        }
    }
    if (cpus > 0 && trial_s > 0 && stolen_s / (trial_s * cpus) > STEAL_RATIO)
        warn(w, list, "", "the hypervisor took %.1f %% of the CPU time",
             100 * stolen_s / (trial_s * cpus));
}

static void check_controls(const struct warning *w, const json_t *results, json_t *list)
{
    size_t i = 0, j = 0;
    json_t *control = NULL, *row = NULL;
    json_array_foreach(json_object_get(results, "controls"), i, control)
    {
        json_array_foreach(json_object_get(control, "comparisons"), j, row)
        {
            if (!strcmp(text_of(row, "verdict"), "different"))
                warn(w, list, place_of(control).text,
                     "the A/A control failed: the model differs from itself in %.40s, "
                     "%.3fx [%.3f, %.3f]",
                     text_of(row, "metric"), metrics_number(row, "ratio"),
                     metrics_number(row, "low"), metrics_number(row, "high"));
        }
    }
}

static void check_debug_build(const struct warning *w, const json_t *results,
                              json_t *list)
{
    const char *type = text_of(run_of(results), "build_type");
    if (strcmp(type, "Release") != 0)
        warn(w, list, "", "the build type is '%.40s'", *type ? type : "none");
}

static void check_dirty_tree(const struct warning *w, const json_t *results, json_t *list)
{
    if (json_is_true(json_object_get(run_of(results), "git_dirty")))
        warn(w, list, "", "the suite was built from a tree with uncommitted changes");
}

static void check_load(const struct warning *w, const json_t *results, json_t *list)
{
    const json_t *load = fact(results, "cpu", "load1_at_start");
    double cpus = json_number_value(fact(results, "cpu", "count"));
    if (json_is_number(load) && json_number_value(load) > LOAD_RATIO * cpus)
        warn(w, list, "", "the load was %.2f on %.0f CPUs when the run started",
             json_number_value(load), cpus);
}

static const struct warning table[] = {
    {"interrupted", "run it again to its end", check_interrupted},
    {"trials-invalid", "see the trial's stderr and command in results.json",
     check_invalid},
    {"trials-retried", "the first attempts are kept in results.json", check_retried},
    {"disturbed", "they count all the same: use a quieter machine", check_disturbed},
    {"cells-skipped", "these cells are in no chart", check_skipped},
    {"aa-different", "nothing measured in this run can be trusted: use a quieter machine",
     check_controls},
    {"origin-bound",
     "its throughput is the origin's: compare CPU per request, or use more "
     "CPUs for the origin",
     check_origin_bound},
    {"shared-cpus", "they take each other's time: use two CPUs or more",
     check_shared_cpus},
    {"few-blocks", "use --preset default or rigorous", check_few_blocks},
    {"little-law",
     "the workers started too slowly for so short a trial, or a clock is off: use more "
     "requests",
     check_little},
    {"fell-behind",
     "its response times grow with the length of the trial: give it more workers or a "
     "lower rate",
     check_behind},
    {"steal", "use a quieter machine", check_steal},
    {"load-high", "stop what else is running", check_load},
    {"debug-build", "measure with the release preset", check_debug_build},
    {"dirty-tree", "commit first if the numbers are to be traced", check_dirty_tree},
};

json_t *warnings_make(const json_t *results)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        table[i].check(&table[i], results, list);
    return list;
}
