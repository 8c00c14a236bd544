/* progress.c: see progress.h. What a trial will take is first a model's guess (plan.c)
 * and then what the cell's last trial took. */
#include "harness/run/progress.h"

#include "common/clean.h"
#include "common/clock.h"
#include "common/fold.h"
#include "common/format.h"
#include "common/memory.h"
#include "harness/plan/estimate.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum progress_mode progress_mode_of(const char *word, FILE *out)
{
    const char *term = getenv("TERM");
    if (!strcmp(word, "none"))
        return PROGRESS_NONE;
    bool is_clever = isatty(fileno(out)) && term && *term && strcmp(term, "dumb") != 0;
    return !strcmp(word, "plain") || !is_clever ? PROGRESS_PLAIN : PROGRESS_LINE;
}

void progress_init(struct progress *progress, enum progress_mode mode, FILE *out,
                   const struct plan *plan)
{
    *progress = (struct progress){.mode = mode,
                                  .out = out,
                                  .plan = plan,
                                  .left_s = estimate_seconds(plan),
                                  .started_ns = clock_ns()};
    progress->cell_seconds = memory_calloc(plan->cell_count + 1, sizeof(double));
    progress->memory_seconds = memory_calloc(plan->cell_count + 1, sizeof(double));
    for (size_t c = 0; c < plan->cell_count; c++) {
        progress->cell_seconds[c] = estimate_trial_seconds(&plan->cells[c]);
        progress->memory_seconds[c] = estimate_memory_seconds(&plan->cells[c]);
    }
}

static void format_times(const struct progress *progress, char *out_text, size_t size)
{
    const uint64_t elapsed_ns = clock_ns() - progress->started_ns;
    (void)snprintf(out_text, size, "elapsed %.30s, about %.30s left",
                   format_duration((double)elapsed_ns * 1e-9).s,
                   format_duration(progress->left_s).s);
}

void progress_before(const struct progress *progress, const char *pass,
                     const struct plan_cell *cell)
{
    char times[96], line[240];
    if (progress->mode != PROGRESS_LINE)
        return;
    format_times(progress, times, sizeof times);
    (void)snprintf(line, sizeof line, "%s  %.24s %.20s c=%" PRIu64 "  %s", pass,
                   cell->scenario->name, cell->model, cell->concurrency, times);
    (void)fputs("\r\033[K", progress->out); /* this clears one row of the terminal */
    clean_print(progress->out, "%.*s", (int)fold_width(progress->out, 80) - 1, line);
    (void)fflush(progress->out);
}

void progress_after(struct progress *progress, size_t cell, bool is_memory,
                    uint64_t passes_left, double seconds)
{
    double *expected =
        is_memory ? &progress->memory_seconds[cell] : &progress->cell_seconds[cell];
    progress->left_s -= *expected;
    progress->left_s += (seconds - *expected) * (double)passes_left;
    *expected = seconds;
}

void progress_replan(struct progress *progress, uint64_t blocks_left)
{
    const struct plan *plan = progress->plan;
    progress->left_s = 0;
    for (size_t c = 0; c < plan->cell_count; c++) {
        if (plan->cells[c].skip_reason[0])
            continue;
        if (plan->cells[c].stopped == 0)
            progress->left_s += (double)blocks_left * progress->cell_seconds[c];
        progress->left_s +=
            (double)estimate_memory_passes(&plan->cells[c]) * progress->memory_seconds[c];
    }
}

double progress_block_seconds(const struct progress *progress)
{
    const struct plan *plan = progress->plan;
    double seconds = 0;
    for (size_t c = 0; c < plan->cell_count; c++) {
        if (!plan->cells[c].skip_reason[0] && plan->cells[c].stopped == 0)
            seconds += progress->cell_seconds[c];
    }
    return seconds;
}

void progress_pass(const struct progress *progress, const char *pass)
{
    char times[96];
    if (progress->mode != PROGRESS_PLAIN)
        return;
    format_times(progress, times, sizeof times);
    (void)fprintf(progress->out, "%s done, %s\n", pass, times);
}

void progress_done(struct progress *progress)
{
    if (progress->mode == PROGRESS_LINE) {
        (void)fputs("\r\033[K", progress->out);
        (void)fflush(progress->out);
    }
    free(progress->cell_seconds);
    free(progress->memory_seconds);
    *progress = (struct progress){.mode = PROGRESS_NONE};
}
