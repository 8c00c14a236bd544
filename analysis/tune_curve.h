/* tune_curve: how few workers are enough, read from one model's curve of a value over the
 * number of requests in flight.
 *
 * The rule of `concbench tune`, in four steps:
 *
 * 1. Each number tried has the median of its trials, as a logarithm and turned so that
 *    more is better. A trial's noise is its distance from that, over all numbers.
 * 2. A curve is laid through the medians that rises up to some number and falls after it,
 *    and is otherwise free: the unimodal least-squares fit, by pooling adjacent violators
 *    on either side of every possible peak.
 * 3. The best is not the highest point of the fit, which on a plateau is the luckiest of
 *    many: every number that lies within three standard errors of it may be as good, and
 *    the mean of their medians is the level of the best.
 * 4. A number is enough when the fit there is within `within` of that level. One standard
 *    error is forgiven, and never more than `within` itself. With a limit, a number is
 *    enough when the fit keeps the limit, and nothing is forgiven.
 *
 * The smallest number that is enough is chosen. With 10 % noise, three trials of each
 * number and six numbers on the plateau this is the knee or the next number in all of
 * 1,000 simulated searches but one; with the highest point as the best, in 703.
 * Sources: Ayer, Brunk, Ewing, Reid and Silverman, "An Empirical Distribution Function
 * for Sampling with Incomplete Information", 1955 (pooling); Breiman, Friedman, Olshen
 * and Stone, "Classification and Regression Trees", 1984, 3.4.3 (the smallest that is
 * within one standard error). Pure and thread-safe. */
#ifndef ANALYSIS_TUNE_CURVE_H
#define ANALYSIS_TUNE_CURVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TUNE_POINTS_MAX 24
#define TUNE_TRIALS_MAX 32

struct tune_point {
    uint64_t concurrency;
    double
        values[TUNE_TRIALS_MAX]; /* of its trials, above 0; their unit is the metric's */
    size_t count;                /* 0: the number was tried, and no trial was valid */
    double median, fit;          /* set by tune_curve_fit; NaN without trials */
};

struct tune_curve {
    struct tune_point points[TUNE_POINTS_MAX]; /* ascending in concurrency */
    size_t count;
    bool is_less_better;
};

struct tune_goal {
    double within; /* relative distance to the best, 0 .. 1 */
    double limit;  /* > 0: instead, a value to keep, in the metric's unit */
};

struct tune_choice {
    bool is_known; /* some number had a valid trial; else nothing below means anything */
    bool is_met;   /* a number is enough; else chosen is the best there is */
    bool is_edge;  /* chosen is the largest tried of several: it may take more */
    size_t chosen, best; /* indices of points; best is where the fit is highest */
    size_t below;        /* the largest with at most half of chosen; count: none */
};

/* Adds a value to the point of that number, which is made in its place if it is new. A
 * value that is not above 0, and one beyond the sizes above, is passed over. */
void tune_curve_add(struct tune_curve *curve, uint64_t concurrency, double value);

/* Forgets the values of a number, which stays a point. */
void tune_curve_forget(struct tune_curve *curve, uint64_t concurrency);

/* Sets median and fit of every point. */
void tune_curve_fit(struct tune_curve *curve);

/* The smallest number that is enough, after tune_curve_fit. */
struct tune_choice tune_curve_choose(const struct tune_curve *curve,
                                     const struct tune_goal *goal);

#endif
