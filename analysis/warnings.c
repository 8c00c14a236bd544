/* warnings.c: one line of the table per warning, one small check each; see warnings.h.
 * The checks read results.json alone, so that the same journal gives the same warnings.
 */
#include "analysis/warnings.h"

#include "analysis/blocks.h"
#include "analysis/metrics.h"
#include "analysis/stats.h"
#include "analysis/warnings_table.h"
#include "common/format.h"
#include "common/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LITTLE_TOLERANCE 0.10
#define LITTLE_WAVES     10 /* with fewer, start and end are most of a trial */
#define BEHIND_NS        10e6

struct place {
    char text[220];
};

static struct place place_of(const json_t *cell)
{
    struct place place;
    (void)snprintf(place.text, sizeof place.text, "%.64s/%.64s/%" JSON_INTEGER_FORMAT,
                   json_text_of(cell, "scenario"), json_text_of(cell, "model"),
                   json_integer_value(json_object_get(cell, "concurrency")));
    return place;
}

static void check_interrupted(const struct warning *w, const json_t *results,
                              json_t *list)
{
    const json_t *run = warnings_run(results);
    if (json_is_false(json_object_get(run, "complete")))
        warnings_add(w, list, "", "the run was interrupted after %.0f of %.0f trials",
                     json_number_of(run, "trials_run"),
                     json_number_of(run, "trials_planned"));
}

/* Attempts of the cell that were invalid, and blocks of it in which all were. */
static size_t invalid_attempts(const json_t *cell, size_t *out_failed_blocks)
{
    const json_t *trials = json_object_get(cell, "trials");
    struct blocks blocks;
    size_t i = 0, invalid = 0;
    json_t *trial = NULL;
    json_array_foreach (trials, i, trial)
        invalid += !json_is_true(json_object_get(trial, "valid"));
    blocks_of(trials, &blocks);
    *out_failed_blocks = blocks.failed;
    blocks_done(&blocks);
    return invalid;
}

static const char *first_reason(const json_t *cell)
{
    size_t i = 0;
    json_t *trial = NULL;
    json_array_foreach (json_object_get(cell, "trials"), i, trial) {
        const json_t *reason = json_object_get(trial, "invalid_reason");
        if (json_is_object(reason))
            return json_text_of(reason, "text");
    }
    return "";
}

static void check_invalid(const struct warning *w, const json_t *results, json_t *list)
{
    size_t i = 0, failed = 0;
    json_t *cell = NULL;
    json_array_foreach (json_object_get(results, "cells"), i, cell) {
        (void)invalid_attempts(cell, &failed);
        if (failed > 0)
            warnings_add(w, list, place_of(cell).text,
                         "%zu trial%s stayed invalid (%.120s)", failed,
                         failed == 1 ? "" : "s", first_reason(cell));
    }
}

static void check_retried(const struct warning *w, const json_t *results, json_t *list)
{
    size_t i = 0, failed = 0;
    json_t *cell = NULL;
    json_array_foreach (json_object_get(results, "cells"), i, cell) {
        size_t invalid = invalid_attempts(cell, &failed);
        if (invalid > failed && failed == 0)
            warnings_add(w, list, place_of(cell).text, "%zu trial%s repeated (%.120s)",
                         invalid, invalid == 1 ? " was" : "s were", first_reason(cell));
    }
}

static const json_t *disturbance_of(const json_t *trial)
{
    const json_t *list = json_object_get(trial, "disturbed");
    return json_is_true(json_object_get(trial, "valid")) ? json_array_get(list, 0) : NULL;
}

/* "3 of 40 trials (kept) and 1 more (repeated)" */
static struct place disturbed_of(size_t counted, size_t all, size_t repeated)
{
    struct place said = {""};
    int used = 0;
    if (counted > 0)
        used = snprintf(said.text, sizeof said.text, "%zu of %zu trials (kept)%s",
                        counted, all, repeated > 0 ? " and " : "");
    if (repeated > 0 && used >= 0)
        (void)snprintf(said.text + used, sizeof said.text - (size_t)used,
                       "%zu %s (repeated)", repeated,
                       counted > 0     ? "more"
                       : repeated == 1 ? "trial"
                                       : "trials");
    return said;
}

/* The number of blocks with a trial that counts, and of those whose trial was
 * disturbed. */
static void count_blocks(const json_t *cell, size_t *all, size_t *disturbed)
{
    struct blocks blocks;
    blocks_of(json_object_get(cell, "trials"), &blocks);
    *all += blocks.count - blocks.failed;
    for (size_t i = 0; i < blocks.count; i++)
        *disturbed += blocks_is_disturbed(blocks.items[i].counting);
    blocks_done(&blocks);
}

static void check_disturbed(const struct warning *w, const json_t *results, json_t *list)
{
    size_t i = 0, j = 0, all = 0, disturbed = 0, counted = 0;
    json_t *cell = NULL, *trial = NULL;
    const json_t *example = NULL;
    json_array_foreach (json_object_get(results, "cells"), i, cell) {
        count_blocks(cell, &all, &counted);
        json_array_foreach (json_object_get(cell, "trials"), j, trial) {
            disturbed += disturbance_of(trial) != NULL;
            example = disturbance_of(trial) ? disturbance_of(trial) : example;
        }
    }
    if (disturbed > 0)
        warnings_add(w, list, "",
                     "outside influences disturbed %s, the last by %.40s (%s)",
                     disturbed_of(counted, all, disturbed - counted).text,
                     json_text_of(example, "reason"),
                     format_exact(json_number_of(example, "value"), UNIT_COUNT).s);
}

static void check_skipped(const struct warning *w, const json_t *results, json_t *list)
{
    size_t i = 0;
    json_t *cell = NULL;
    json_array_foreach (json_object_get(results, "cells"), i, cell) {
        if (!strcmp(json_text_of(cell, "status"), "skipped"))
            warnings_add(w, list, place_of(cell).text, "skipped: %.200s",
                         json_text_of(cell, "reason"));
    }
}

static void check_origin_bound(const struct warning *w, const json_t *results,
                               json_t *list)
{
    size_t i = 0;
    json_t *cell = NULL;
    json_array_foreach (json_object_get(results, "cells"), i, cell) {
        const json_t *summary = json_object_get(cell, "summary");
        if (!strcmp(json_text_of(summary, "bound"), "origin-bound"))
            warnings_add(
                w, list, place_of(cell).text, "the origin used %.0f %% of its CPU",
                100 * json_number_of(json_object_get(summary, "origin_cpu_ratio"),
                                     "median"));
    }
}

/* Throughput x mean latency, the median over the trials that count. For one trial it is
 * the sum of the latencies over the measured time: nothing is averaged across trials
 * first. */
static double mean_in_flight(const json_t *cell)
{
    double values[STATS_N_MAX];
    size_t n = 0;
    struct blocks blocks;
    blocks_of(json_object_get(cell, "trials"), &blocks);
    for (size_t i = 0; i < blocks.count && n < STATS_N_MAX; i++) {
        const json_t *document = json_object_get(blocks.items[i].counting, "document");
        double value = json_number_of(document, "latency_sum_ns") /
                       json_number_of(document, "measured_ns");
        if (isfinite(value))
            values[n++] = value;
    }
    blocks_done(&blocks);
    return stats_median(values, n);
}

static bool is_open_loop(const json_t *cell)
{
    return json_is_object(
        json_object_get(json_object_get(cell, "summary"), "response_ns"));
}

static const json_t *scenario_of(const json_t *results, const json_t *cell)
{
    size_t i = 0;
    json_t *scenario = NULL;
    json_array_foreach (json_object_get(results, "scenarios"), i, scenario) {
        if (!strcmp(json_text_of(scenario, "name"), json_text_of(cell, "scenario")))
            return scenario;
    }
    return NULL;
}

/* The most that were in flight at once in any trial that counts. */
static double peak_of(const json_t *cell)
{
    double peak = 0;
    struct blocks blocks;
    blocks_of(json_object_get(cell, "trials"), &blocks);
    for (size_t i = 0; i < blocks.count; i++) {
        const json_t *document = json_object_get(blocks.items[i].counting, "document");
        peak = fmax(peak, json_number_of(document, "peak_in_flight"));
    }
    blocks_done(&blocks);
    return peak;
}

/* The number of requests that a cell keeps in flight once it runs; NaN when no number is
 * promised. An open loop promises none. Nor does a queue, whose places count too, or
 * a cell with failed requests, whose time is not in the latencies. Where
 * nothing waits, a loop has as many in flight as it has threads. */
static double promised_in_flight(const json_t *results, const json_t *cell)
{
    const json_t *scenario = scenario_of(results, cell);
    const char *task = json_text_of(scenario, "task");
    const double concurrency = json_number_of(cell, "concurrency");
    if (is_open_loop(cell) || !strcmp(task, "pipeline") ||
        !strcmp(json_text_of(scenario, "failures"), "counted"))
        return (double)NAN;
    const bool has_no_wait = !strcmp(task, "cpu") || !strcmp(task, "file") ||
                             !strcmp(task, "block") || !strcmp(task, "spawn");
    return has_no_wait ? fmin(concurrency, peak_of(cell)) : concurrency;
}

/* A closed loop keeps its requests in flight, so Little's law must give them back. */
static void check_little(const struct warning *w, const json_t *results, json_t *list)
{
    size_t i = 0;
    json_t *cell = NULL;
    json_array_foreach (json_object_get(results, "cells"), i, cell) {
        double promised = promised_in_flight(results, cell);
        double in_flight = mean_in_flight(cell);
        if (json_number_of(cell, "requests") >= LITTLE_WAVES * promised &&
            fabs(in_flight / promised - 1) > LITTLE_TOLERANCE)
            warnings_add(
                w, list, place_of(cell).text,
                "throughput x mean latency gives %.1f requests in flight, not %.0f",
                in_flight, promised);
    }
}

/* Half of the requests found no free worker, and not for a stall alone. */
static void check_behind(const struct warning *w, const json_t *results, json_t *list)
{
    size_t i = 0;
    json_t *cell = NULL;
    json_array_foreach (json_object_get(results, "cells"), i, cell) {
        const json_t *summary = json_object_get(cell, "summary");
        double lag = json_number_of(json_object_get(summary, "lag_ns"), "p50");
        double service = json_number_of(json_object_get(summary, "latency_ns"), "p50");
        if (is_open_loop(cell) && lag > service && lag > BEHIND_NS)
            warnings_add(
                w, list, place_of(cell).text,
                "half of the requests started %.0f ms or more after they were due",
                lag / 1e6);
    }
}

/* Whether the cell's memory is a peak sampled without knowing that all were in flight. */
static bool is_memory_peak(const json_t *cell)
{
    const json_t *memory = json_object_get(cell, "memory");
    return json_is_false(json_object_get(memory, "is_on_plateau")) &&
           !strcmp(json_text_of(memory, "source"), "pss-sampled");
}

static void check_memory(const struct warning *w, const json_t *results, json_t *list)
{
    size_t i = 0, peaks = 0, cells = 0;
    double fewest = (double)INFINITY;
    json_t *cell = NULL;
    json_array_foreach (json_object_get(results, "cells"), i, cell) {
        const json_t *memory = json_object_get(cell, "memory");
        cells += json_is_object(memory);
        if (!is_memory_peak(cell))
            continue;
        peaks++;
        fewest = fmin(fewest, json_number_of(memory, "samples"));
    }
    if (peaks > 0)
        warnings_add(
            w, list, "",
            "the memory of %zu of %zu cells is the peak of a trial (%.0f samples "
            "or more), whether or not all workers were in flight",
            peaks, cells, fewest);
}

static void check_controls(const struct warning *w, const json_t *results, json_t *list)
{
    size_t i = 0, j = 0;
    json_t *control = NULL, *row = NULL;
    json_array_foreach (json_object_get(results, "controls"), i, control) {
        json_array_foreach (json_object_get(control, "comparisons"), j, row) {
            if (!strcmp(json_text_of(row, "verdict"), "different"))
                warnings_add(
                    w, list, place_of(control).text,
                    "the A/A control failed: the model differs from itself in %.40s, "
                    "paired by block %.3fx [%.3f, %.3f]",
                    json_text_of(row, "metric"), json_number_of(row, "ratio"),
                    json_number_of(row, "low"), json_number_of(row, "high"));
        }
    }
}

static const struct warning table[] = {
    {"interrupted", "finish it with `concbench run --resume`", check_interrupted},
    {"redirects", "measure the URL that they lead to", warnings_check_redirects},
    {"url", "it decides what it answers, and nothing that it does is checked",
     warnings_check_url},
    {"insecure", "give --cacert instead of --insecure", warnings_check_insecure},
    {"trials-invalid",
     "see invalid_reason, command and stderr of the trials in results.json",
     check_invalid},
    {"trials-retried", "the first attempts are kept in results.json", check_retried},
    {"disturbed", "use a quieter machine", check_disturbed},
    {"cells-skipped", "no chart shows these cells", check_skipped},
    {"aa-different", "nothing measured in this run can be trusted: use a quieter machine",
     check_controls},
    {"origin-bound",
     "its throughput is the origin's: compare CPU per request, or use more "
     "CPUs for the origin",
     check_origin_bound},
    {"memory-peak", "read it as at least so much; our own origin holds all workers",
     check_memory},
    {"shared-cpus", "they compete for CPU time: use two CPUs or more",
     warnings_check_shared_cpus},
    {"placement",
     "see the picture of the machine; --cpus-runner and --cpus-origin choose",
     warnings_check_placement},
    {"few-blocks", "use --preset default or rigorous, or a larger --budget",
     warnings_check_few_blocks},
    {"budget", "a larger budget settles more", warnings_check_budget},
    {"floor-high", "check again when the machine is quiet", warnings_check_floor},
    {"governor", "the clock follows the load: `cpupower frequency-set -g performance`",
     warnings_check_governor},
    {"little-law",
     "the trial is so short that its start and end dominate, or a clock is off: use more "
     "requests",
     check_little},
    {"fell-behind",
     "its response times grow with the length of the trial: give it more workers or a "
     "lower rate",
     check_behind},
    {"steal", "use a quieter machine", warnings_check_steal},
    {"load-high", "stop what else is running", warnings_check_load},
    {"debug-build", "measure with the release preset", warnings_check_debug_build},
    {"dirty-tree", "commit first if the numbers have to be traceable",
     warnings_check_dirty_tree},
};

json_t *warnings_make(const json_t *results)
{
    json_t *list = json_array();
    for (size_t i = 0; i < COUNT_OF(table); i++)
        table[i].check(&table[i], results, list);
    return list;
}
