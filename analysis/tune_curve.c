/* tune_curve.c: see tune_curve.h. */
#include "analysis/tune_curve.h"

#include "analysis/stats.h"

#include <math.h>
#include <string.h>

#define ERRORS_ALIKE  3
#define MEDIAN_FACTOR 1.2533 /* standard error of a median over that of a mean, normal */

static size_t find(struct tune_curve *curve, uint64_t concurrency)
{
    size_t at = 0;
    while (at < curve->count && curve->points[at].concurrency < concurrency)
        at++;
    if (at < curve->count && curve->points[at].concurrency == concurrency)
        return at;
    if (curve->count == TUNE_POINTS_MAX)
        return TUNE_POINTS_MAX;
    memmove(&curve->points[at + 1], &curve->points[at],
            (curve->count - at) * sizeof curve->points[0]);
    curve->points[at] = (struct tune_point){
        .concurrency = concurrency, .median = (double)NAN, .fit = (double)NAN};
    curve->count++;
    return at;
}

void tune_curve_add(struct tune_curve *curve, uint64_t concurrency, double value)
{
    const size_t at = find(curve, concurrency);
    if (at == TUNE_POINTS_MAX || !(value > 0) || !isfinite(value) ||
        curve->points[at].count == TUNE_TRIALS_MAX)
        return;
    curve->points[at].values[curve->points[at].count++] = value;
}

void tune_curve_forget(struct tune_curve *curve, uint64_t concurrency)
{
    const size_t at = find(curve, concurrency);
    if (at < TUNE_POINTS_MAX)
        curve->points[at].count = 0;
}

/* The curve in logarithms, without the points that have no trial. */
struct levels {
    double level[TUNE_POINTS_MAX], weight[TUNE_POINTS_MAX];
    size_t point[TUNE_POINTS_MAX];
    size_t count;
};

static double turned(const struct tune_curve *curve, double value)
{
    return curve->is_less_better ? -log(value) : log(value);
}

static struct levels levels_of(const struct tune_curve *curve)
{
    struct levels levels = {.count = 0};
    for (size_t i = 0; i < curve->count; i++) {
        const struct tune_point *point = &curve->points[i];
        if (point->count == 0)
            continue;
        levels.level[levels.count] = turned(curve, point->median);
        levels.weight[levels.count] = (double)point->count;
        levels.point[levels.count++] = i;
    }
    return levels;
}

/* Pools adjacent violators over [from, to): the fit that never falls or, with sign -1,
 * never rises. Returns its weighted sum of squares. */
static double pool(const struct levels *levels, size_t from, size_t to, double sign,
                   double *out_fit)
{
    double mean[TUNE_POINTS_MAX], weight[TUNE_POINTS_MAX], squares = 0;
    size_t length[TUNE_POINTS_MAX], blocks = 0, at = from;
    for (size_t i = from; i < to; i++) {
        mean[blocks] = levels->level[i];
        weight[blocks] = levels->weight[i];
        length[blocks++] = 1;
        while (blocks > 1 && sign * mean[blocks - 2] > sign * mean[blocks - 1]) {
            const size_t b = blocks-- - 2;
            const double sum = weight[b] + weight[b + 1];
            mean[b] = (mean[b] * weight[b] + mean[b + 1] * weight[b + 1]) / sum;
            weight[b] = sum;
            length[b] += length[b + 1];
        }
    }
    for (size_t b = 0; b < blocks; b++) {
        for (size_t i = 0; i < length[b]; i++, at++) {
            out_fit[at] = mean[b];
            squares += levels->weight[at] * (levels->level[at] - mean[b]) *
                       (levels->level[at] - mean[b]);
        }
    }
    return squares;
}

/* Of all peaks the one with the least sum of squares, of equals the smallest. */
static void fit_levels(const struct levels *levels, double *out_fit)
{
    double least = INFINITY;
    for (size_t peak = 0; peak < levels->count; peak++) {
        double fit[TUNE_POINTS_MAX];
        const double squares = pool(levels, 0, peak + 1, 1, fit) +
                               pool(levels, peak + 1, levels->count, -1, fit);
        if (squares < least - STATS_ROUNDING) {
            least = squares;
            memcpy(out_fit, fit, sizeof fit);
        }
    }
}

void tune_curve_fit(struct tune_curve *curve)
{
    double fit[TUNE_POINTS_MAX] = {0};
    for (size_t i = 0; i < curve->count; i++) {
        struct tune_point *point = &curve->points[i];
        point->median = stats_median(point->values, point->count);
        point->fit = (double)NAN;
    }
    const struct levels levels = levels_of(curve);
    fit_levels(&levels, fit);
    for (size_t i = 0; i < levels.count; i++)
        curve->points[levels.point[i]].fit =
            exp(curve->is_less_better ? -fit[i] : fit[i]);
}

/* The standard deviation of a trial around its number's median, over all numbers. */
static double noise_of(const struct tune_curve *curve)
{
    double squares = 0;
    size_t free = 0;
    for (size_t i = 0; i < curve->count; i++) {
        const struct tune_point *point = &curve->points[i];
        for (size_t t = 0; t < point->count && point->count > 1; t++) {
            const double off = log(point->values[t] / point->median);
            squares += off * off;
        }
        free += point->count > 1 ? point->count - 1 : 0;
    }
    return free ? sqrt(squares / (double)free) : 0;
}

/* The standard error of the difference between two numbers, in logarithms. */
static double error_of(const struct tune_curve *curve, double noise, size_t a, size_t b)
{
    const double each = 1 / (double)curve->points[a].count;
    const double other = 1 / (double)curve->points[b].count;
    return MEDIAN_FACTOR * noise * sqrt(each + other);
}

/* Where the fit is highest; in a level stretch where the median is. */
static size_t best_of(const struct tune_curve *curve)
{
    size_t best = curve->count;
    for (size_t i = 0; i < curve->count; i++) {
        const struct tune_point *point = &curve->points[i];
        if (point->count == 0)
            continue;
        const struct tune_point *then = &curve->points[best < i ? best : i];
        if (best == curve->count)
            best = i;
        const double more = turned(curve, point->fit) - turned(curve, then->fit);
        if (more > STATS_ROUNDING ||
            (more > -STATS_ROUNDING &&
             turned(curve, point->median) > turned(curve, then->median)))
            best = i;
    }
    return best;
}

/* The mean of the medians of all numbers that may be as good as the best. */
static double level_of(const struct tune_curve *curve, double noise, size_t best)
{
    double sum = 0, weight = 0;
    const double highest = turned(curve, curve->points[best].fit);
    for (size_t i = 0; i < curve->count; i++) {
        const struct tune_point *point = &curve->points[i];
        if (point->count == 0 ||
            turned(curve, point->fit) <
                highest - ERRORS_ALIKE * error_of(curve, noise, i, best) - STATS_ROUNDING)
            continue;
        sum += turned(curve, point->median) * (double)point->count;
        weight += (double)point->count;
    }
    return sum / weight;
}

/* The smallest number that is enough, or count. */
static size_t smallest_of(const struct tune_curve *curve, const struct tune_goal *goal,
                          size_t best)
{
    const double noise = noise_of(curve), within = -log1p(-goal->within);
    const double wanted = goal->limit > 0 ? turned(curve, goal->limit)
                                          : level_of(curve, noise, best) - within;
    for (size_t i = 0; i < curve->count; i++) {
        const struct tune_point *point = &curve->points[i];
        if (point->count == 0)
            continue;
        const double forgiven =
            goal->limit > 0 ? 0 : fmin(error_of(curve, noise, i, best), within);
        if (turned(curve, point->fit) + forgiven >= wanted - STATS_ROUNDING)
            return i;
    }
    return curve->count;
}

struct tune_choice tune_curve_choose(const struct tune_curve *curve,
                                     const struct tune_goal *goal)
{
    struct tune_choice choice = {.best = best_of(curve), .below = curve->count};
    choice.is_known = choice.best < curve->count;
    if (!choice.is_known)
        return choice;
    const size_t smallest = smallest_of(curve, goal, choice.best);
    choice.is_met = smallest < curve->count;
    choice.chosen = choice.is_met ? smallest : choice.best;
    const uint64_t most = curve->points[choice.chosen].concurrency / 2;
    for (size_t i = 0; i < choice.chosen; i++) {
        if (curve->points[i].concurrency <= most)
            choice.below = i;
    }
    choice.is_edge = curve->count > 1;
    for (size_t i = choice.chosen + 1; i < curve->count; i++)
        choice.is_edge = choice.is_edge && curve->points[i].count == 0;
    return choice;
}
