/* budget.c: see budget.h. */
#include "harness/plan/budget.h"

#include "common/format.h"

#include "analysis/stats.h"
#include "harness/plan/estimate.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_MAX (7 * 86400.0)
#define BLOCKS_TOLD 6 /* from here on there are intervals */
#define RESERVE     0.97

/* "1h30m" or "6 min 30 s": each unit once, the largest first. -1: no such time. */
static double parse_time(const char *text)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"h", 3600}, {"min", 60}, {"m", 60}, {"s", 1}};
    double seconds = 0, last = INFINITY;
    while (*text) {
        const size_t digits = strspn(text, "0123456789");
        const char *unit = text + digits + strspn(text + digits, " ");
        size_t i = 0, count = COUNT_OF(units);
        while (i < count && strncmp(unit, units[i].unit, strlen(units[i].unit)) != 0)
            i++;
        if (digits == 0 || digits > 7 || i == count || units[i].seconds >= last)
            return -1;
        seconds += (double)strtoul(text, NULL, 10) * (last = units[i].seconds);
        text = unit + strlen(units[i].unit);
        text += strspn(text, " ");
    }
    return seconds;
}

int budget_parse(const char *text, double *out_seconds, struct err *err)
{
    const size_t digits = strspn(text, "0123456789");
    const double seconds = parse_time(text);
    if (digits > 0 && digits < 8 && !text[digits])
        return err_set(err, EXIT_CODE_USAGE,
                       "--budget: '%s' has no unit; write %ss, %sm or %sh", text, text,
                       text, text);
    if (!(seconds >= 1 && seconds <= SECONDS_MAX))
        return err_set(err, EXIT_CODE_USAGE,
                       "--budget: '%.40s' is not a time from 1s to 168h, such as 90s, 5m "
                       "or 1h",
                       text);
    *out_seconds = seconds;
    return 0;
}

static double memory_seconds(const struct plan *plan)
{
    double seconds = 0;
    for (size_t c = 0; c < plan->cell_count; c++) {
        const struct plan_cell *cell = &plan->cells[c];
        if (!cell->skip_reason[0])
            seconds +=
                (double)estimate_memory_passes(cell) * estimate_memory_seconds(cell);
    }
    return seconds;
}

uint64_t budget_blocks(const struct plan *plan, double left_s, double block_s,
                       uint64_t done, uint64_t wanted)
{
    double room_s = left_s * RESERVE - memory_seconds(plan);
    double fitting = block_s > 0 ? floor(room_s / block_s) : (double)wanted;
    double least = fmax((double)done, fmin(BUDGET_BLOCKS_MIN, (double)wanted));
    return (uint64_t)fmax(least, fmin((double)done + fitting, (double)wanted));
}

static double block_seconds(const struct plan *plan)
{
    double seconds = 0;
    for (size_t c = 0; c < plan->cell_count; c++) {
        if (!plan->cells[c].skip_reason[0])
            seconds += estimate_trial_seconds(&plan->cells[c]);
    }
    return seconds;
}

uint64_t budget_blocks_expected(const struct plan *plan, double budget_s, uint64_t wanted)
{
    double block_s = block_seconds(plan);
    return budget_blocks(plan, budget_s - block_s / RESERVE, block_s, 0, wanted);
}

void budget_explain(const struct plan *plan, double budget_s, uint64_t wanted, double sd,
                    double margin, char *out_text, size_t size)
{
    char cost[200] = "nothing given up";
    double blocks = (double)plan->blocks;
    const struct text budget = format_duration(budget_s);
    const struct text needed = format_duration(estimate_seconds(plan));
    if (estimate_seconds(plan) > budget_s)
        (void)snprintf(cost, sizeof cost,
                       "and even these need about %s: name fewer scenarios, models or "
                       "concurrencies",
                       needed.s);
    else if (plan->blocks < BLOCKS_TOLD)
        (void)snprintf(cost, sizeof cost, "no intervals and no verdicts below %d",
                       BLOCKS_TOLD);
    else if (plan->blocks < wanted && isfinite(sd))
        (void)snprintf(cost, sizeof cost, "no verdict below about %.1f %%",
                       100 * stats_smallest_shown(sd, margin, (size_t)plan->blocks));
    else if (plan->blocks < wanted)
        (void)snprintf(cost, sizeof cost, "intervals about %.1fx as wide",
                       sqrt((double)wanted / blocks));
    (void)snprintf(out_text, size, "budget %s: %" PRIu64 " of %" PRIu64 " blocks, %s",
                   budget.s, plan->blocks, wanted, cost);
}
