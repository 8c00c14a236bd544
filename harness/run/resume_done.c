/* resume_done.c: the part of its plan that a journal holds; see resume.h. */
#include "harness/run/resume.h"

#include "analysis/metrics.h"
#include "analysis/resumed.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"

#include <stdlib.h>
#include <string.h>

/* The feasible cell of the plan that a line is about; SIZE_MAX: none. */
static size_t cell_of(const struct plan *plan, const json_t *line)
{
    const json_int_t concurrency =
        json_integer_value(json_object_get(line, "concurrency"));
    const bool is_control = json_is_string(json_object_get(line, "arm"));
    for (size_t c = 0; c < plan->cell_count; c++) {
        const struct plan_cell *cell = &plan->cells[c];
        if ((json_int_t)cell->concurrency == concurrency &&
            cell->is_control == is_control && !cell->skip_reason[0] &&
            !strcmp(cell->model, json_text_of(line, "model")) &&
            !strcmp(cell->scenario->name, json_text_of(line, "scenario")))
            return c;
    }
    return SIZE_MAX;
}

/* The journal's lines on one cell in one block. */
struct seen {
    uint64_t attempts;
    bool has_valid, is_settled; /* no attempt would have followed */
};

/* A trial after which another attempt might have come leaves its cell unsettled. */
static void see_trial(struct seen *seen, const json_t *line, struct resume *resume)
{
    const bool is_valid = json_is_true(json_object_get(line, "valid"));
    const bool is_disturbed = json_array_size(json_object_get(line, "disturbed")) > 0;
    resume->repeated += seen->has_valid;
    seen->has_valid = seen->has_valid || is_valid;
    seen->attempts++;
    seen->is_settled = (is_valid && !is_disturbed) || seen->attempts > PASSES_RETRIES ||
                       (seen->has_valid && !is_valid);
}

/* Whether every cell of the block has its trial; the last one in its order shows whether
 * an attempt was to follow. Adds the block to what is done. */
static bool add_block(struct resume *resume, const struct plan *plan, const json_t *kept,
                      uint64_t block, bool has_more)
{
    AUTO_FREE struct seen *seen = memory_calloc(plan->cell_count + 1, sizeof *seen);
    AUTO_FREE size_t *order = memory_calloc(plan->feasible_count + 1, sizeof *order);
    size_t i = 0, done = 0;
    json_t *line = NULL;
    double wall_ns = 0;
    const uint64_t repeated = resume->repeated;
    json_array_foreach (kept, i, line) {
        const size_t cell = cell_of(plan, line);
        if (strcmp(json_text_of(line, "pass"), "timed") != 0 || cell == SIZE_MAX ||
            json_integer_value(json_object_get(line, "block")) != (json_int_t)block)
            continue;
        see_trial(&seen[cell], line, resume);
        wall_ns += (double)json_integer_value(json_object_get(line, "wall_ns"));
    }
    plan_order(plan, block, order);
    size_t last = 0, planned = 0;
    for (i = 0; i < plan->feasible_count; i++) {
        if (!plan_has_block(&plan->cells[order[i]], block))
            continue;
        done += seen[order[i]].attempts > 0;
        last = order[i];
        planned++;
    }
    if (done < planned || (!has_more && !seen[last].is_settled)) {
        resume->repeated = repeated;
        return false;
    }
    for (i = 0; i < plan->feasible_count; i++)
        resume->invalid += seen[order[i]].attempts > 0 && !seen[order[i]].has_valid;
    resume->timed_done += planned;
    resume->timed_s += wall_ns * 1e-9;
    return true;
}

/* Whether the journal has anything that is measured after the block. */
static bool has_after(const json_t *kept, uint64_t block)
{
    size_t i = 0;
    json_t *line = NULL;
    json_array_foreach (kept, i, line) {
        const bool is_timed = !strcmp(json_text_of(line, "pass"), "timed");
        if (!strcmp(json_text_of(line, "type"), "memory") ||
            (!strcmp(json_text_of(line, "type"), "stopped") &&
             json_integer_value(json_object_get(line, "blocks")) > (json_int_t)block) ||
            (is_timed &&
             json_integer_value(json_object_get(line, "block")) > (json_int_t)block))
            return true;
    }
    return false;
}

/* Counts a line of one of the passes after the last block. */
static void count_pass(struct resume *resume, const struct plan *plan, const json_t *line)
{
    const size_t cell = cell_of(plan, line);
    const char *type = json_text_of(line, "type");
    if (cell == SIZE_MAX)
        return;
    resume->memory_done[cell] += !strcmp(type, "memory");
    resume->has_syscalls[cell] = resume->has_syscalls[cell] || !strcmp(type, "syscalls");
}

/* The run's time until its last line. */
static double spent_of(const json_t *lines)
{
    double spent_s = 0;
    size_t i = 0;
    json_t *line = NULL;
    json_array_foreach (lines, i, line) {
        const double wall_s = json_number_of(line, "wall_s"); /* a footer's or resumed */
        const double end_s =
            json_number_of(line, "started_s") + json_number_of(line, "wall_ns") * 1e-9;
        spent_s = wall_s > spent_s ? wall_s : spent_s; /* NaN is neither */
        spent_s = end_s > spent_s ? end_s : spent_s;
    }
    return spent_s;
}

void resume_find_done(struct resume *resume, const struct plan *plan)
{
    json_auto_t *kept = resumed_kept(resume->lines);
    size_t i = 0;
    json_t *line = NULL;
    resume->memory_done =
        memory_calloc(plan->cell_count + 1, sizeof *resume->memory_done);
    resume->has_syscalls =
        memory_calloc(plan->cell_count + 1, sizeof *resume->has_syscalls);
    while (resume->first_block < plan->blocks &&
           add_block(resume, plan, kept, resume->first_block,
                     has_after(kept, resume->first_block)))
        resume->first_block++;
    json_array_foreach (kept, i, line)
        count_pass(resume, plan, line);
    resume->spent_s = spent_of(resume->lines);
}
