/* warnings_machine.c: the checks of the machine and of the run as a whole; see
 * warnings_table.h. */
#include "analysis/warnings_table.h"

#include "analysis/metrics.h"
#include "common/format.h"
#include "common/json.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FEW_BLOCKS  6
#define FLOOR_HIGH  0.05
#define STEAL_RATIO 0.01
#define LOAD_RATIO  0.5
#define TICKS_PER_S 100.0 /* USER_HZ, the unit of /proc/stat */

void warnings_add(const struct warning *warning, json_t *list, const char *where,
                  const char *format, ...)
{
    char finding[500], text[700];
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

const json_t *warnings_fact(const json_t *results, const char *group, const char *key)
{
    const json_t *environment = json_object_get(results, "environment");
    return json_object_get(json_object_get(environment, group), key);
}

const json_t *warnings_run(const json_t *results)
{
    return json_object_get(results, "run");
}

void warnings_check_shared_cpus(const struct warning *w, const json_t *results,
                                json_t *list)
{
    if (json_is_true(warnings_fact(results, "placement", "shared")))
        warnings_add(w, list, "", "origin and runner share their CPUs");
}

/* Where they share, that is a warning of its own. */
void warnings_check_placement(const struct warning *w, const json_t *results,
                              json_t *list)
{
    const char *text = json_string_value(warnings_fact(results, "placement", "warning"));
    if (text && (strncmp(text, "shared", 6) != 0 || strchr(text, ';')))
        warnings_add(w, list, "", "%.250s", text);
}

void warnings_check_few_blocks(const struct warning *w, const json_t *results,
                               json_t *list)
{
    double blocks = json_number_of(warnings_run(results), "blocks");
    if (blocks < FEW_BLOCKS)
        warnings_add(w, list, "", "%.0f %s too few for intervals and verdicts", blocks,
                     blocks == 1 ? "block is" : "blocks are");
}

void warnings_check_budget(const struct warning *w, const json_t *results, json_t *list)
{
    double blocks = json_number_of(warnings_run(results), "blocks");
    double wanted = json_number_of(warnings_run(results), "blocks_wanted");
    double budget_s = json_number_of(warnings_run(results), "budget_s");
    const bool is_until = json_object_get(warnings_run(results), "until") != NULL;
    if (!(budget_s > 0 && blocks < wanted) || (is_until && blocks >= FEW_BLOCKS))
        return; /* until settled, each scenario says why it stopped */
    if (blocks < FEW_BLOCKS)
        warnings_add(w, list, "", "the budget of %s had room for %.0f of %.0f blocks",
                     format_duration(budget_s).s, blocks, wanted);
    else
        warnings_add(w, list, "",
                     "the budget of %s had room for %.0f of %.0f blocks: intervals "
                     "are about %.1fx as wide",
                     format_duration(budget_s).s, blocks, wanted, sqrt(wanted / blocks));
}

/* A floor so high hides what most readers want to see. */
void warnings_check_floor(const struct warning *w, const json_t *results, json_t *list)
{
    static const char *const told[] = {"throughput_per_s", "cpu_per_request_ns"};
    const json_t *margin = json_object_get(warnings_run(results), "delta");
    for (size_t i = 0; i < COUNT_OF(told); i++) {
        const json_t *entry = json_object_get(margin, told[i]);
        const char *source = json_string_value(json_object_get(entry, "source"));
        double value = json_number_of(entry, "value");
        if (source && !strcmp(source, "floor") && value > FLOOR_HIGH)
            warnings_add(w, list, "",
                         "`concbench check` found a noise floor of %.1f %% in %s here: "
                         "smaller differences count as none",
                         100 * value, told[i]);
    }
}

/* A machine without a governor, as most virtual machines are, gets no warning. */
void warnings_check_governor(const struct warning *w, const json_t *results, json_t *list)
{
    const char *governor = json_string_value(warnings_fact(results, "cpu", "governor"));
    if (governor && strcmp(governor, "performance") != 0)
        warnings_add(w, list, "", "the CPU frequency governor is '%.40s'", governor);
}

void warnings_check_steal(const struct warning *w, const json_t *results, json_t *list)
{
    double stolen_s = 0, trial_s = 0,
           cpus = json_number_value(warnings_fact(results, "cpu", "count"));
    size_t i = 0, j = 0;
    json_t *cell = NULL, *trial = NULL;
    json_array_foreach (json_object_get(results, "cells"), i, cell) {
        json_array_foreach (json_object_get(cell, "trials"), j, trial) {
            double ticks =
                json_number_of(json_object_get(trial, "health"), "steal_ticks");
            double wall = json_number_of(trial, "wall_ns");
            if (isfinite(ticks) && isfinite(wall)) {
                stolen_s += ticks / TICKS_PER_S;
                trial_s += wall * 1e-9;
            }
        }
    }
    if (cpus > 0 && trial_s > 0 && stolen_s / (trial_s * cpus) > STEAL_RATIO)
        warnings_add(w, list, "", "the hypervisor took %.1f %% of the CPU time",
                     100 * stolen_s / (trial_s * cpus));
}

void warnings_check_load(const struct warning *w, const json_t *results, json_t *list)
{
    const json_t *load = warnings_fact(results, "cpu", "load1_at_start");
    double cpus = json_number_value(warnings_fact(results, "cpu", "count"));
    if (json_is_number(load) && json_number_value(load) > LOAD_RATIO * cpus)
        warnings_add(w, list, "", "the load was %.2f on %.0f CPUs when the run started",
                     json_number_value(load), cpus);
}

void warnings_check_debug_build(const struct warning *w, const json_t *results,
                                json_t *list)
{
    const char *type = json_text_of(warnings_run(results), "build_type");
    if (strcmp(type, "Release") != 0)
        warnings_add(w, list, "", "the build type is '%.40s'", *type ? type : "none");
}

void warnings_check_dirty_tree(const struct warning *w, const json_t *results,
                               json_t *list)
{
    if (json_is_true(json_object_get(warnings_run(results), "git_dirty")))
        warnings_add(w, list, "",
                     "the suite was built from a tree with uncommitted changes");
}
