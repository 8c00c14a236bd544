/* obstacles.c: see obstacles.h. */
#include "analysis/obstacles.h"

#include "analysis/blocks.h"
#include "analysis/metrics.h"
#include "common/json.h"

#include <math.h>
#include <string.h>

/* A new object {class, model, concurrency} about a cell. */
static json_t *about(const char *class, const json_t *cell)
{
    json_t *reason = json_object();
    json_put(reason, "class", json_string(class));
    json_put(reason, "model", json_text(json_text_of(cell, "model")));
    json_put(reason, "concurrency",
             json_integer(json_integer_value(json_object_get(cell, "concurrency"))));
    if (json_is_string(json_object_get(cell, "arm")))
        json_put(reason, "control", json_true());
    return reason;
}

static void check_valid(const json_t *cell, json_t *reasons)
{
    struct blocks blocks;
    blocks_of(json_object_get(cell, "trials"), &blocks);
    if (blocks.failed > 0) {
        json_t *reason = about("invalid-trials", cell);
        json_put(reason, "trials", json_uint(blocks.failed));
        json_push(reasons, reason);
    } else if (!strcmp(json_text_of(cell, "status"), "invalid")) {
        json_push(reasons, about("no-valid-trial", cell));
    }
    blocks_done(&blocks);
}

static void check_disturbed(const json_t *cell, json_t *reasons)
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
    if (2 * disturbed > counted) {
        json_t *reason = about("disturbed", cell);
        json_put(reason, "disturbed", json_uint(disturbed));
        json_put(reason, "counted", json_uint(counted));
        json_put(reason, "last", json_text(json_text_of(example, "reason")));
        json_push(reasons, reason);
    }
    blocks_done(&blocks);
}

/* Checks the scenario's entries of a list of results, those at the ranking's concurrency
 * first. runner-null is included where null_too says so. */
static void check_cells(const struct ranking *ranking, const char *list, bool takes_null,
                        void (*check)(const json_t *cell, json_t *reasons),
                        json_t *reasons)
{
    const json_t *cells = json_object_get(ranking->results, list);
    for (int own = 1; own >= 0; own--) {
        size_t i = 0;
        json_t *cell = NULL;
        json_array_foreach (cells, i, cell) {
            const json_t *at = json_object_get(cell, "concurrency");
            const bool is_own = json_integer_value(at) == ranking->concurrency;
            if (is_own == (own == 1) &&
                !strcmp(json_text_of(cell, "scenario"),
                        json_text_of(ranking->scenario, "name")) &&
                (takes_null || strcmp(json_text_of(cell, "model"), "null") != 0))
                check(cell, reasons);
        }
    }
}

/* What the valid trials of a cell cannot show. */
static void check_limits(const struct ranking *ranking, const struct candidate *one,
                         json_t *reasons)
{
    const json_t *summary = json_object_get(one->cell, "summary");
    if (!strcmp(json_text_of(summary, "bound"), "origin-bound"))
        json_push(reasons, about("origin-bound", one->cell));
    if (isnan(one->median[0]) && (ranking->metrics[0]->flags & METRIC_OPEN_LOOP))
        json_push(reasons, about("few-requests", one->cell));
}

/* A machine on which a model differs from itself can rank nothing. */
static void check_controls(const struct ranking *ranking, json_t *reasons)
{
    size_t i = 0, j = 0;
    json_t *control = NULL, *row = NULL;
    json_array_foreach (json_object_get(ranking->results, "controls"), i, control) {
        json_array_foreach (json_object_get(control, "comparisons"), j, row) {
            if (strcmp(json_text_of(row, "verdict"), "different") != 0)
                continue;
            json_t *reason = about("control-differs", control);
            json_put(reason, "metric", json_text(json_text_of(row, "metric")));
            json_push(reasons, reason);
        }
    }
}

static void add_class(json_t *reasons, const char *class)
{
    json_t *reason = json_object();
    json_put(reason, "class", json_string(class));
    json_push(reasons, reason);
}

json_t *obstacles_find(const struct ranking *ranking)
{
    json_t *reasons = json_array();
    check_cells(ranking, "cells", true, check_valid, reasons);
    check_cells(ranking, "controls", true, check_valid, reasons);
    if (!strcmp(json_text_of(ranking->scenario, "failures"), "counted"))
        add_class(reasons, "failures-counted");
    for (size_t i = 0; i < ranking->count; i++)
        check_limits(ranking, &ranking->items[i], reasons);
    if (ranking->lone_baseline.model)
        check_limits(ranking, &ranking->lone_baseline, reasons);
    check_controls(ranking, reasons);
    check_cells(ranking, "cells", false, check_disturbed, reasons);
    if (ranking->count == 0)
        add_class(reasons, "no-cell");
    return reasons;
}
