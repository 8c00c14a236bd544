/* summarise.c: see summarise.h. It shows numbers and sentences; it computes none. */
#include "cli/summarise.h"

#include "analysis/elsewhere.h"
#include "analysis/margin.h"
#include "cli/summarise_scenario.h"
#include "common/clean.h"
#include "common/cleanup.h"
#include "common/fold.h"
#include "common/format.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/tally.h"
#include "harness/plan/budget.h"
#include "harness/plan/estimate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool summarise_wants_color(const char *word, FILE *out)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    if (!strcmp(word, "always"))
        return true;
    if (!strcmp(word, "never") || (no_color && *no_color))
        return false;
    return isatty(fileno(out)) && term && *term && strcmp(term, "dumb") != 0;
}

static void print_warnings(const json_t *results, bool is_colored, FILE *out)
{
    const json_t *warnings = json_object_get(results, "warnings");
    size_t i = 0, count = json_array_size(warnings);
    json_t *warning = NULL;
    if (count > 0)
        (void)fprintf(out, "\n%s%zu warning%s%s\n", is_colored ? "\033[33m" : "", count,
                      count == 1 ? "" : "s", is_colored ? "\033[0m" : "");
    json_array_foreach (warnings, i, warning) {
        const char *where = json_text_of(warning, "where");
        clean_print(out, "  %s%s%s\n", json_text_of(warning, "id"), *where ? "  " : "",
                    where);
        clean_print(out, "    %s\n", json_text_of(warning, "text"));
    }
}

void summarise_print(const struct run *run, bool is_colored, FILE *out)
{
    size_t i = 0;
    json_t *scenario = NULL;
    json_array_foreach (json_object_get(run->results, "scenarios"), i, scenario)
        summarise_scenario(run->results, scenario, is_colored, out);
    summarise_print_end(run, is_colored, out);
}

void summarise_print_end(const struct run *run, bool is_colored, FILE *out)
{
    print_warnings(run->results, is_colored, out);
    const bool is_written = !access(run->paths.results, F_OK);
    clean_print(out, "\ntrials   %s\n", tally_say(tally_of(run->results)).s);
    clean_print(out, "%s  %s\n", is_written ? "results" : "journal",
                is_written ? run->paths.results : run->paths.journal);
    if (run->is_reported)
        clean_print(out, "report   %s\n", run->paths.report);
    else
        clean_print(out, "next     concbench report %s\n",
                    is_written ? run->paths.results : run->paths.directory);
}

json_t *summarise_json(const struct run *run)
{
    static const char *const kept[] = {"id",         "complete",       "trials_planned",
                                       "trials_run", "trials_invalid", "wall_s"};
    const json_t *facts = json_object_get(run->results, "run");
    json_t *all = json_object(), *verdicts = json_array(), *scenario = NULL;
    size_t i = 0;
    for (size_t k = 0; k < COUNT_OF(kept); k++)
        json_put(all, kept[k], json_incref(json_object_get(facts, kept[k])));
    json_array_foreach (json_object_get(run->results, "scenarios"), i, scenario) {
        json_t *verdict = json_copy(json_object_get(scenario, "verdict"));
        json_put(verdict, "scenario", json_incref(json_object_get(scenario, "name")));
        json_push(verdicts, verdict);
    }
    json_put(all, "verdicts", verdicts);
    json_put(all, "warnings", json_incref(json_object_get(run->results, "warnings")));
    json_put(all, "results", json_text(run->paths.results));
    json_put(all, "report",
             run->is_reported ? json_text(run->paths.report) : json_null());
    return all;
}

static int model_width(const struct plan *plan)
{
    size_t width = 12;
    for (size_t c = 0; c < plan->cell_count; c++) {
        size_t length = strlen(plan->cells[c].model);
        width = length > width ? length : width;
    }
    return (int)width;
}

/* A line for each scenario: which of its keys a server of the user's does not know. */
static void print_url(const struct run *run, FILE *out)
{
    const json_t *placement = json_object_get(run->environment, "placement");
    for (size_t i = 0; i < run->options.scenario_count && run->options.url; i++) {
        struct sentence text = {.used = 0};
        if (elsewhere_say(run->scenarios[i]->json, placement, &text))
            clean_print(out, "%s with --url: %s\n", run->scenarios[i]->name, text.bytes);
    }
}

static void print_plan(const struct run *run, bool lists_cells, FILE *out)
{
    const struct plan *plan = run->plan;
    const int width = model_width(plan);
    if (lists_cells)
        clean_print(out, "%-16s %-*s %11s %10s\n", "scenario", width, "model",
                    "concurrency", "requests");
    for (size_t c = 0; c < plan->cell_count; c++) {
        const struct plan_cell *cell = &plan->cells[c];
        const char *skipped = cell->skip_reason;
        if (lists_cells || *skipped)
            clean_print(out, "%-16s %-*s %11" PRIu64 " %10" PRIu64 "%s%s%s\n",
                        cell->scenario->name, width, cell->model, cell->concurrency,
                        cell->requests, cell->is_control ? "  A/A control" : "",
                        *skipped ? "  skipped: " : "", skipped);
    }
    clean_print(out,
                "%zu cell%s x %" PRIu64 " block%s (%s, seed %" PRIu64
                ") and a memory pass: about %s%s\n",
                plan->feasible_count, plan->feasible_count == 1 ? "" : "s", plan->blocks,
                plan->blocks == 1 ? "" : "s", run->options.preset, plan->seed,
                format_duration(estimate_seconds(plan)).s,
                run->options.syscalls ? ", then a pass under strace" : "");
    print_url(run, out);
    if (run->rate_margin > MARGIN_DEFAULT || run->rate_margin < MARGIN_DEFAULT)
        clean_print(out, "differences below %.1f %% in requests/s count as none (%s)\n",
                    100 * run->rate_margin,
                    run->options.margin > 0 ? "--delta" : "noise floor of this machine");
    if (run->options.is_until_settled)
        clean_print(out, "until settled: at most these blocks, in %s\n",
                    format_duration(run->options.budget_s).s);
    else if (run->options.budget_s > 0) {
        char text[300];
        budget_explain(plan, run->options.budget_s, run->options.blocks, run->rate_sd,
                       run->rate_margin, text, sizeof text);
        clean_print(out, "%s\n", text);
    }
}

void summarise_print_plan(const struct run *run, bool lists_cells, FILE *out)
{
    FILE *lines = fold_open(out, 0);
    print_plan(run, lists_cells, lines);
    fold_close(lines, out);
}

json_t *summarise_plan_json(const struct run *run)
{
    const struct plan *plan = run->plan;
    json_t *all = json_object(), *blocks = json_array();
    AUTO_FREE size_t *order = memory_calloc(plan->feasible_count + 1, sizeof *order);
    for (uint64_t b = 0; b < plan->blocks; b++) {
        json_t *block = json_array();
        plan_order(plan, b, order);
        for (size_t i = 0; i < plan->feasible_count; i++)
            json_push(block, json_uint(order[i]));
        json_push(blocks, block);
    }
    json_put(all, "preset", json_string(run->options.preset));
    json_put(all, "blocks", json_uint(plan->blocks));
    json_put(all, "seed", json_uint(plan->seed));
    json_put(all, "blocks_wanted", json_uint(run->options.blocks));
    if (run->options.is_until_settled)
        json_put(all, "until", json_string("settled"));
    json_put(all, "budget_s",
             run->options.budget_s > 0 ? json_real(run->options.budget_s) : json_null());
    json_put(all, "estimate_s", json_real_or_null(estimate_seconds(plan)));
    json_put(all, "cells", plan_json(plan));
    json_put(all, "order", blocks); /* per block: indices of cells */
    return all;
}
