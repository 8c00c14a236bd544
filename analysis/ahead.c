/* ahead.c: see ahead.h. A block in which a model has no value compares nothing. */
#include "analysis/ahead.h"

#include "analysis/blocks.h"
#include "common/json.h"

#include <math.h>

/* The value of a candidate in the block of that number, or NaN. */
static double value_in(const struct ranking *ranking, const struct blocks *blocks,
                       json_int_t number)
{
    const struct metric *metric = ranking->metrics[0];
    const struct metric_context context = {.origin_threads = (double)NAN};
    for (size_t i = 0; i < blocks->count; i++) {
        if (blocks->items[i].number == number && blocks->items[i].counting)
            return metric->of_trial(metric, blocks->items[i].counting, &context);
    }
    return (double)NAN;
}

/* The index of the best of all in the block, or their count. */
static size_t best_in(const struct ranking *ranking, const struct blocks *all,
                      json_int_t number)
{
    double best = (double)NAN;
    size_t best_at = 0;
    for (size_t i = 0; i < ranking->count; i++) {
        const double value = value_in(ranking, &all[i], number);
        if (!isfinite(value))
            return ranking->count;
        if (i == 0 || (ranking_prefers_more(ranking, 0) ? value > best : value < best)) {
            best = value;
            best_at = i;
        }
    }
    return best_at;
}

json_t *ahead_find(const struct ranking *ranking)
{
    struct blocks all[RANKING_MODELS_MAX];
    size_t wins[RANKING_MODELS_MAX + 1] = {0}, of = 0, most = 0;
    if (ranking->count < 2 || ranking_is_once(ranking, 0))
        return NULL;
    for (size_t i = 0; i < ranking->count; i++)
        blocks_of(json_object_get(ranking->items[i].cell, "trials"), &all[i]);
    for (size_t b = 0; b < all[0].count; b++) {
        const size_t best = best_in(ranking, all, all[0].items[b].number);
        wins[best]++;
        of += best < ranking->count;
    }
    for (size_t i = 0; i < ranking->count; i++) {
        most = wins[i] > wins[most] ? i : most;
        blocks_done(&all[i]);
    }
    if (of == 0)
        return NULL;
    json_t *ahead = json_object();
    json_put(ahead, "model", json_text(ranking->items[most].model));
    json_put(ahead, "blocks", json_uint(wins[most]));
    json_put(ahead, "of", json_uint(of));
    return ahead;
}
