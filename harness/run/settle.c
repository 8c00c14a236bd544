/* settle.c: see settle.h. */
#include "harness/run/settle.h"

#include "analysis/looks.h"
#include "analysis/recover.h"
#include "analysis/settled.h"
#include "common/json.h"
#include "harness/plan/estimate.h"
#include "harness/trial/trial.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

void settle_plan(struct run *run)
{
    struct run_options *o = &run->options;
    if (!(o->budget_s > 0))
        o->budget_s = fmax(SETTLE_BUDGET_S, ceil(estimate_seconds(run->plan)));
    if (!o->blocks_given)
        o->blocks = SETTLE_BLOCKS;
}

static int stop(struct run *run, struct journal *journal, const struct scenario *scenario,
                uint64_t blocks, const char *why, struct err *err)
{
    json_auto_t *line = json_object();
    json_put(line, "scenario", json_string(scenario->name));
    json_put(line, "blocks", json_uint(blocks));
    json_put(line, "why", json_string(why));
    plan_stop(run->plan, scenario, blocks);
    return journal_append(journal, "stopped", line, err);
}

/* Why the scenario needs no more blocks; NULL: it does. */
static const char *reason_to_stop(const struct run *run, const json_t *results,
                                  const struct scenario *scenario, uint64_t done)
{
    const struct settled found =
        settled_count(results, scenario->json, (double)run->plan->blocks);
    if (found.open == 0)
        return "settled";
    return found.open == found.hopeless && done >= SETTLED_PATIENCE ? "out-of-reach"
                                                                    : NULL;
}

int settle_look(struct run *run, struct journal *journal, uint64_t done, struct err *err)
{
    json_auto_t *results = NULL;
    if (!looks_is_due(done) || done >= run->plan->blocks)
        return 0;
    if (recover_journal(run->paths.journal, SIZE_MAX, &results, err))
        return -1;
    for (size_t i = 0; i < run->options.scenario_count; i++) {
        const struct scenario *scenario = run->scenarios[i];
        const char *why = plan_is_stopped(run->plan, scenario)
                              ? NULL
                              : reason_to_stop(run, results, scenario, done);
        if (why && stop(run, journal, scenario, done, why, err))
            return -1;
    }
    return 0;
}

int settle_end(struct run *run, struct journal *journal, struct err *err)
{
    const uint64_t blocks = run->plan->blocks;
    json_auto_t *results = NULL;
    if (interrupt_requested)
        return 0;
    if (recover_journal(run->paths.journal, SIZE_MAX, &results, err))
        return -1;
    for (size_t i = 0; i < run->options.scenario_count; i++) {
        const struct scenario *scenario = run->scenarios[i];
        if (plan_is_stopped(run->plan, scenario))
            continue;
        const bool is_settled =
            settled_count(results, scenario->json, (double)blocks).open == 0;
        const char *why = is_settled                     ? "settled"
                          : blocks < run->options.blocks ? "budget"
                                                         : "blocks";
        if (stop(run, journal, scenario, blocks, why, err))
            return -1;
    }
    return 0;
}

void settle_again(struct plan *plan, const json_t *lines)
{
    size_t i = 0;
    json_t *line = NULL;
    json_array_foreach (lines, i, line) {
        if (strcmp(json_text_of(line, "type"), "stopped") != 0)
            continue;
        for (size_t c = 0; c < plan->cell_count; c++) {
            if (!strcmp(plan->cells[c].scenario->name, json_text_of(line, "scenario")))
                plan_stop(plan, plan->cells[c].scenario,
                          (uint64_t)json_integer_value(json_object_get(line, "blocks")));
        }
    }
}
