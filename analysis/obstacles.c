/* obstacles.c: see obstacles.h. */
#include "analysis/obstacles.h"

#include "analysis/blocks.h"
#include "analysis/metrics.h"
#include "common/json.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define REMOVE_CAUSE "Do not quote these numbers: remove the cause and measure again."
#define QUIET_ONLY                                                                       \
    "Do not quote these numbers: they include the machine's other work. Use a "          \
    "quieter machine."
#define COUNTS_ONLY "There is nothing to fix: the failures are what is measured here."
#define FEW_REQUESTS                                                                     \
    "Response times are compared from 1,000 requests up; the scenario's other "          \
    "questions do not depend on that."

/* The first objection is kept. advice is static. */
__attribute__((format(printf, 3, 4))) static void
object_to(struct contest *c, const char *advice, const char *format, ...)
{
    va_list args;
    if (*c->obstacle)
        return;
    c->advice = advice;
    va_start(args, format);
    (void)vsnprintf(c->obstacle, sizeof c->obstacle, format, args);
    va_end(args);
}

struct name {
    char text[140];
};

/* "threads", with "at concurrency 8" when the cell is not at the contest's own
 * concurrency. */
static struct name name_of(const struct contest *c, const json_t *cell)
{
    struct name name;
    const json_int_t at = json_integer_value(json_object_get(cell, "concurrency"));
    int used =
        snprintf(name.text, sizeof name.text, "%.64s", json_text_of(cell, "model"));
    if (at != c->concurrency && used > 0)
        (void)snprintf(name.text + used, sizeof name.text - (size_t)used,
                       " at concurrency %" JSON_INTEGER_FORMAT, at);
    return name;
}

static void check_valid(struct contest *c, const json_t *cell)
{
    struct blocks blocks;
    const bool is_control = json_is_string(json_object_get(cell, "arm"));
    const struct name name = name_of(c, cell);
    blocks_of(json_object_get(cell, "trials"), &blocks);
    if (blocks.failed > 0)
        object_to(c, REMOVE_CAUSE, "%zu trial%s of %s%s stayed invalid", blocks.failed,
                  blocks.failed == 1 ? "" : "s", is_control ? "the control of " : "",
                  name.text);
    else if (!strcmp(json_text_of(cell, "status"), "invalid"))
        object_to(c, REMOVE_CAUSE, "%s%s has no valid trial",
                  is_control ? "the control of " : "", name.text);
    blocks_done(&blocks);
}

static void check_disturbed(struct contest *c, const json_t *cell)
{
    struct blocks blocks;
    size_t disturbed = 0;
    const json_t *example = NULL;
    blocks_of(json_object_get(cell, "trials"), &blocks);
    const size_t counted = blocks.count - blocks.failed;
    for (size_t i = 0; i < blocks.count; i++) {
        const json_t *trial = blocks.items[i].counting;
        if (!blocks_is_disturbed(trial))
            continue;
        example = json_array_get(json_object_get(trial, "disturbed"), 0);
        disturbed++;
    }
    if (2 * disturbed > counted)
        object_to(c, QUIET_ONLY,
                  "outside influences disturbed %zu of the %zu trials that count for %s "
                  "(the last by %.40s)",
                  disturbed, counted, name_of(c, cell).text,
                  json_text_of(example, "reason"));
    blocks_done(&blocks);
}

/* Checks the scenario's entries of a list of results, those at the contest's concurrency
 * first. runner-null is included where null_too says so. */
static void check_cells(struct contest *c, const char *list, bool null_too,
                        void (*check)(struct contest *c, const json_t *cell))
{
    const json_t *cells = json_object_get(c->results, list);
    for (int own = 1; own >= 0; own--) {
        size_t i = 0;
        json_t *cell = NULL;
        json_array_foreach(cells, i, cell)
        {
            const json_t *at = json_object_get(cell, "concurrency");
            const bool is_own = json_integer_value(at) == c->concurrency;
            if (is_own == (own == 1) &&
                !strcmp(json_text_of(cell, "scenario"),
                        json_text_of(c->scenario, "name")) &&
                (null_too || strcmp(json_text_of(cell, "model"), "null") != 0))
                check(c, cell);
        }
    }
}

/* What the valid trials of a cell cannot show. */
static void check_limits(struct contest *c, const struct contestant *one)
{
    const json_t *summary = json_object_get(one->cell, "summary");
    const struct name name = name_of(c, one->cell);
    if (!strcmp(json_text_of(summary, "bound"), "origin-bound"))
        object_to(c, REMOVE_CAUSE, "with %s the origin's CPU was the limit", name.text);
    if (isnan(one->median[CONTEST_SPEED]) && c->rate_per_s > 0)
        object_to(c, FEW_REQUESTS,
                  "a trial of %s has fewer than the 1,000 requests that a 99 %% response "
                  "time takes",
                  name.text);
}

/* A machine on which a model differs from itself can rank nothing. */
static void check_controls(struct contest *c)
{
    size_t i = 0, j = 0;
    json_t *control = NULL, *row = NULL;
    json_array_foreach(json_object_get(c->results, "controls"), i, control)
    {
        json_array_foreach(json_object_get(control, "comparisons"), j, row)
        {
            if (!strcmp(json_text_of(row, "verdict"), "different"))
                object_to(c, REMOVE_CAUSE,
                          "the A/A control failed: %.64s differed from itself",
                          json_text_of(control, "model"));
        }
    }
}

void obstacles_find(struct contest *contest)
{
    check_cells(contest, "cells", true, check_valid);
    check_cells(contest, "controls", true, check_valid);
    if (!strcmp(json_text_of(contest->scenario, "failures"), "counted"))
        object_to(contest, COUNTS_ONLY,
                  "this scenario counts failures and ranks no model");
    for (size_t i = 0; i < contest->count; i++)
        check_limits(contest, &contest->items[i]);
    if (contest->guest.model)
        check_limits(contest, &contest->guest);
    check_controls(contest);
    check_cells(contest, "cells", false, check_disturbed);
    if (contest->count == 0)
        object_to(contest, REMOVE_CAUSE, "no cell at this concurrency has a valid trial");
}
