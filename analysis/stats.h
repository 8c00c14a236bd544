/* stats: exact small-sample statistics; no library, no normal approximation.
 *
 * One observation is one trial. Functions are pure and thread-safe; n is at most
 * STATS_N_MAX. An interval exists only where the exact distribution gives 95 % (n >= 6).
 */
#ifndef ANALYSIS_STATS_H
#define ANALYSIS_STATS_H

#include <stdbool.h>
#include <stddef.h>

#define STATS_N_MAX    1000
#define STATS_LEVEL    0.05 /* two-sided */
#define STATS_COVERAGE (1 - STATS_LEVEL)
#define STATS_ROUNDING 1e-12 /* differences (of logarithms) that a last bit makes */

struct stats_estimate {
    double value;     /* NaN when n is 0 */
    bool is_bounded;  /* whether low, high and coverage mean anything */
    double low, high; /* with value between them */
    double coverage;  /* the exact one, >= STATS_COVERAGE */
    size_t n;
};

/* Sorts n values, ascending, in place. */
void stats_sort(double *values, size_t n);

/* The middle of n sorted values; NaN for none. */
double stats_middle(const double *sorted, size_t n);

/* The median of n finite values, in any order; NaN for none. */
double stats_median(const double *values, size_t n);

/* The median and its order-statistic interval [x(k), x(n+1-k)], k the largest with
 * coverage 1 - 2 P(Binomial(n, 1/2) < k) >= 95 %. */
struct stats_estimate stats_median_estimate(const double *values, size_t n);

/* The k of the signed-rank interval: the largest with 2 P(W < k) <= level under the exact
 * null distribution; 0 when there is none (at 5 %: n < 6). *out_coverage may be NULL. */
size_t stats_signed_rank_k(size_t n, double level, double *out_coverage);

/* Hodges-Lehmann estimate of the centre of n paired differences: the median of the
 * n(n+1)/2 Walsh averages, with the k-th smallest and largest of them as interval. */
struct stats_estimate stats_hodges_lehmann(const double *differences, size_t n);

/* The same with an interval at another two-sided level, such as 0.01. */
struct stats_estimate stats_hodges_lehmann_at(const double *differences, size_t n,
                                              double level);

/* Exact two-sided p-value of the signed-rank test that the centre is 0: zeros are left
 * out, ties get mid-ranks and the distribution is conditional on them. Values within
 * STATS_ROUNDING (of 1, or of the magnitude where that is more) count as zero or as tied.
 * 1 when nothing remains. */
double stats_signed_rank_p(const double *differences, size_t n);

/* The largest size of either sample of the unpaired functions. */
#define STATS_UNPAIRED_MAX 100

/* The fewest trials in each of them that give an interval. */
#define STATS_UNPAIRED_LEAST 4

/* Exact two-sided p-value of the Mann-Whitney test that a and b have one distribution:
 * twice the smaller tail of the rank sum over all ways to deal the pooled values out;
 * ties get mid-ranks and the distribution is conditional on them. 1 when either is empty,
 * NaN when either is larger than STATS_UNPAIRED_MAX. Source: Mann and Whitney, "On a test
 * of whether one of two random variables is stochastically larger than the other", 1947.
 */
double stats_mann_whitney_p(const double *a, size_t a_count, const double *b,
                            size_t b_count);

/* The k of the shift's interval: the largest with 2 P(U < k) <= 5 % under the exact null
 * distribution; 0 when there is none. *out_coverage may be NULL. */
size_t stats_mann_whitney_k(size_t a_count, size_t b_count, double *out_coverage);

/* The smallest p-value that two such samples can have: 2 / C(a_count + b_count, a_count),
 * at most 1; 1 when one is empty. */
double stats_mann_whitney_least(size_t a_count, size_t b_count);

/* The fewest trials in each of two samples, at least the 4 that give an interval, with
 * which the smallest of `compared` Holm-corrected p-values can come below p_limit. */
size_t stats_trials_min(size_t compared, double p_limit);

/* Hodges-Lehmann estimate of how far b lies above a, two unpaired samples: the median of
 * all b_j - a_i, with the k-th smallest and largest of them as interval. n is the smaller
 * sample's size. */
struct stats_estimate stats_shift(const double *a, size_t a_count, const double *b,
                                  size_t b_count);

/* Holm's step-down adjustment of count p-values, in place. */
void stats_holm(double *p_values, size_t count);

/* Standard deviation (n - 1); NaN for n < 2. */
double stats_sd(const double *values, size_t n);

/* Blocks with which a relative difference as large as margin would be found with power
 * 80 % at 5 %: ((1.96 + 0.84) sd / ln(1 + margin))^2, rounded up. */
double stats_blocks_needed(double sd, double margin);

/* How many standard deviations from 0 a normal variable lies beyond with probability
 * level, 0 < level < 1, on both sides together: 1.96 at 5 %. */
double stats_z(double level);

/* Blocks with which a paired comparison whose log ratio is about `ratio` has a word in 4
 * of 5 cases, at this two-sided level and among so many compared: docs/methodology.md.
 * The smaller of (2 z sd / ln(1 + margin))^2, where the interval is as narrow as the
 * margin and every ratio has one, and, beyond the margin, ((z' + 1.28) sd / (|ratio| -
 * ln(1 + margin)))^2 with the z' of level / compared, rounded up. */
double stats_blocks_to_settle(double sd, double ratio, double margin, double level,
                              size_t compared);

/* The smallest relative difference that a run of `blocks` blocks calls different with
 * power 80 %: its interval has to clear the margin. exp(ln(1 + margin) + (1.96 + 0.84)
 * sd / sqrt(blocks)) - 1. */
double stats_smallest_shown(double sd, double margin, size_t blocks);

/* The fewest blocks with which the smallest of `compared` Holm-corrected signed-rank
 * p-values can come below p_limit: the least n with compared x 2 / 2^n < p_limit. */
size_t stats_blocks_min(size_t compared, double p_limit);

#endif
