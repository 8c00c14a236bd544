/* check.c: see check.h. The run is run.c's, the floor noise_floor.c's, the verdict on a
 * control comparisons.c's. */
#include "cli/check.h"

#include "analysis/margin.h"
#include "analysis/metrics.h"
#include "analysis/noise_floor.h"
#include "common/clean.h"
#include "common/format.h"
#include "common/json.h"
#include "common/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Metrics worth a line, and what they are called there. */
static const struct {
    const char *key, *name;
} shown[] = {
    {"throughput_per_s", "requests/s"},
    {"cpu_per_request_ns", "CPU per request"},
    {"wall_ns", "wall time"},
    {"latency_p50_ns", "latency p50"},
    {"latency_p99_ns", "latency p99"},
    {"cpu_startup_ns", "CPU of the start"},
    {"max_rss_bytes", "largest process"},
};

json_t *check_scenario(void)
{
    json_t *scenario = json_pack(
        "{s:s,s:s,s:s,s:[s,s],s:s,s:s,s:{s:i,s:i},s:{s:[i],s:i,s:i,s:b,s:i},s:{s:i}}",
        "title", "A/A check", "question",
        "How far apart do two arms of one program come out on this machine?", "task",
        "http", "models", "threads", "coroutines", "baseline", "threads", "placement",
        "split", "origin", "bytes", 1024, "delay_ms", 2, "load", "concurrency", 16,
        "requests", 2000, "requests_per_worker", 1, "keepalive", 1, "timeout_ms", 10000,
        "limits", "trial_seconds", 20);
    if (!scenario)
        memory_exhausted();
    return scenario;
}

struct run_options check_options(const json_t *scenario, const char *out,
                                 const json_t *command, uint64_t seed)
{
    static const char *const names[] = {CHECK_NAME};
    return (struct run_options){.scenarios = names,
                                .scenario_count = 1,
                                .given = scenario,
                                .preset = CHECK_NAME,
                                .blocks = CHECK_BLOCKS,
                                .controls = RUN_CONTROLS_ALL,
                                .budget_s = CHECK_BUDGET_S,
                                .margin = MARGIN_DEFAULT,
                                .seed = seed,
                                .out = out,
                                .command = command};
}

bool check_unfit(const json_t *results, const json_t *noise_floor, char *out_reason,
                 size_t size)
{
    size_t i = 0, j = 0;
    json_t *control = NULL, *row = NULL;
    json_array_foreach (json_object_get(results, "controls"), i, control) {
        json_array_foreach (json_object_get(control, "comparisons"), j, row) {
            if (strcmp(json_text_of(row, "verdict"), "different") != 0)
                continue;
            (void)snprintf(out_reason, size,
                           "%.64s differed from itself in %.40s (%.3fx): this machine "
                           "cannot compare anything now",
                           json_text_of(control, "model"), json_text_of(row, "metric"),
                           json_number_of(row, "ratio"));
            return true;
        }
    }
    if (noise_floor_is_measured(noise_floor))
        return false;
    (void)snprintf(
        out_reason, size,
        "no noise floor: fewer than 6 blocks were valid in the time; stop what else is "
        "running, or give it longer with --budget 5m");
    return true;
}

/* The metric's A/A of a model: one of them may have no value. */
static void print_arm(FILE *out, const json_t *metric, const char *model)
{
    char text[64] = "-";
    const json_t *arm = json_find(json_object_get(metric, "arms"), "model", model);
    if (isfinite(json_number_of(arm, "ratio")))
        (void)snprintf(text, sizeof text, "%.3fx [%.3f, %.3f]",
                       json_number_of(arm, "ratio"), json_number_of(arm, "low"),
                       json_number_of(arm, "high"));
    clean_print(out, " %-23s ", text);
}

static void print_floors(const json_t *noise_floor, FILE *out)
{
    const json_t *metrics = json_object_get(noise_floor, "metrics");
    clean_print(out, "%-16s  %-23s  %-23s  %6s %12s\n", "", "threads A/A",
                "coroutines A/A", "floor", "12 blocks");
    for (size_t i = 0; i < COUNT_OF(shown); i++) {
        const json_t *metric = json_object_get(metrics, shown[i].key);
        clean_print(out, "%-16s ", shown[i].name);
        if (!metric) {
            (void)fputs(" not measured\n", out);
            continue;
        }
        print_arm(out, metric, "threads");
        print_arm(out, metric, "coroutines");
        clean_print(out, " %5.1f %% %10.1f %%\n",
                    100 * json_number_of(metric, "floor_ratio"),
                    100 * json_number_of(metric, "smallest_shown_ratio"));
    }
    (void)fputs(
        "\nfloor: how far two arms of one program may differ; later runs here count that "
        "as none.\n12 blocks: the smallest difference that a default run "
        "finds in 4 of 5 cases.\n",
        out);
}

/* "15 % in CPU", or "" without a floor. */
static const char *say_floor(const json_t *noise_floor, const char *key, const char *name,
                             char *out_text, size_t size)
{
    const json_t *metrics = json_object_get(noise_floor, "metrics");
    const double percent =
        100 * json_number_of(json_object_get(metrics, key), "floor_ratio");
    *out_text = '\0';
    if (isfinite(percent))
        (void)snprintf(out_text, size, "%.*f %% in %s", percent < 9.95, percent, name);
    return out_text;
}

/* What enlarges a floor: the first of these warnings that the run has, or NULL. */
static const char *cause_of(const json_t *results)
{
    static const char *const causes[] = {"load-high",   "disturbed", "steal",
                                         "shared-cpus", "governor",  "debug-build"};
    for (size_t c = 0; c < COUNT_OF(causes); c++) {
        size_t i = 0;
        json_t *warning = NULL;
        json_array_foreach (json_object_get(results, "warnings"), i, warning) {
            if (!strcmp(json_text_of(warning, "id"), causes[c]))
                return json_text_of(warning, "text");
        }
    }
    return NULL;
}

void check_sentence(const json_t *results, const json_t *noise_floor, char *out_text,
                    size_t size)
{
    char cpu[40], speed[40];
    const char *cause = cause_of(results);
    (void)say_floor(noise_floor, "cpu_per_request_ns", "CPU", cpu, sizeof cpu);
    (void)say_floor(noise_floor, "throughput_per_s", "speed", speed, sizeof speed);
    *out_text = '\0';
    if (*cpu || *speed)
        (void)snprintf(out_text, size, "Here differences below %s%s%s mean nothing%s%s.",
                       cpu, *cpu && *speed ? " and " : "", speed,
                       cause ? ": " : "; larger ones count", cause ? cause : "");
}

void check_print(const json_t *results, const json_t *noise_floor, FILE *out)
{
    const json_t *warnings = json_object_get(results, "warnings");
    char sentence[600];
    size_t i = 0;
    json_t *warning = NULL;
    clean_print(
        out, "Each program against itself, %.0f blocks, %s\n\n",
        json_number_of(json_object_get(results, "run"), "blocks"),
        format_duration(json_number_of(json_object_get(results, "run"), "wall_s")).s);
    print_floors(noise_floor, out);
    clean_print(out, "\n%s\n",
                json_array_size(warnings) ? "What disturbs:"
                                          : "No disturbance was seen.");
    json_array_foreach (warnings, i, warning)
        clean_print(out, "  %-13s  %s\n", json_text_of(warning, "id"),
                    json_text_of(warning, "text"));
    check_sentence(results, noise_floor, sentence, sizeof sentence);
    if (*sentence)
        clean_print(out, "\n%s\n", sentence);
}

/* Every comparison of a program with itself, flat. */
static json_t *controls_json(const json_t *results)
{
    json_t *list = json_array(), *control = NULL, *row = NULL;
    size_t i = 0, j = 0;
    json_array_foreach (json_object_get(results, "controls"), i, control) {
        json_array_foreach (json_object_get(control, "comparisons"), j, row) {
            json_t *copy = json_deep_copy(row);
            json_put(copy, "model", json_incref(json_object_get(control, "model")));
            json_push(list, copy);
        }
    }
    return list;
}

json_t *check_json(const struct run *run, const json_t *noise_floor)
{
    char reason[240] = "", sentence[600];
    json_t *all = json_object();
    check_sentence(run->results, noise_floor, sentence, sizeof sentence);
    bool is_unfit = check_unfit(run->results, noise_floor, reason, sizeof reason);
    json_put(all, "fit", json_boolean(!is_unfit));
    json_put(all, "reason", is_unfit ? json_string(reason) : json_null());
    json_put(all, "sentence", *sentence ? json_string(sentence) : json_null());
    json_put(all, "floor", json_deep_copy(noise_floor));
    json_put(all, "controls", controls_json(run->results));
    json_put(all, "warnings", json_incref(json_object_get(run->results, "warnings")));
    json_put(all, "results", json_text(run->paths.results));
    return all;
}
