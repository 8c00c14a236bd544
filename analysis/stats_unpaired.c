/* stats_unpaired.c: the Mann-Whitney family for two samples that share no blocks,
 * exactly; see stats.h. Used where two results files are compared; inside a run, trials
 * are paired. */
#include "analysis/stats.h"

#include "common/cleanup.h"
#include "common/memory.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

struct ranked {
    double value;
    bool is_small;
};

static int by_rank(const void *a, const void *b)
{
    double x = ((const struct ranked *)a)->value, y = ((const struct ranked *)b)->value;
    return (x > y) - (x < y);
}

/* The ranks of the pooled sample; all doubled when ties make halves of some. */
static void pooled_ranks(const struct ranked *pool, size_t n, size_t *out_ranks)
{
    bool has_tie = false;
    for (size_t i = 0; i < n;) {
        size_t j = i;
        while (j < n && pool[j].value <= pool[i].value)
            j++;
        has_tie = has_tie || j > i + 1;
        for (size_t t = i; t < j; t++)
            out_ranks[t] = i + 1 + j;
        i = j;
    }
    for (size_t i = 0; i < n && !has_tie; i++)
        out_ranks[i] /= 2;
}

struct range {
    size_t low, high;
};

/* What j of the first i ranks (ascending) can add up to: between the sum of the j
 * smallest and that of the j largest. before[k] is the sum of the first k. */
static struct range sums_of(const size_t *before, size_t i, size_t j)
{
    return (struct range){before[j], before[i] - before[i - j]};
}

/* In how many ways `take` of the n ranks (ascending) add up to s, for each s below
 * *out_size. Counts are doubles: only sums of positive numbers, so their relative error
 * stays at rounding. Returns a new array. */
static double *subset_sums(const size_t *ranks, size_t n, size_t take, size_t *out_size)
{
    size_t most = 0;
    for (size_t i = n - take; i < n; i++)
        most += ranks[i];
    size_t width = most + 1;
    double *ways = memory_calloc((take + 1) * width, sizeof *ways);
    AUTO_FREE size_t *before = memory_calloc(n + 1, sizeof *before);
    for (size_t i = 0; i < n; i++)
        before[i + 1] = before[i] + ranks[i];
    ways[0] = 1;
    for (size_t i = 0; i < n; i++) {
        /* Enough ranks have to be left from here on to make `take`. */
        const size_t fewest = take + i + 1 > n ? take + i + 1 - n : 1;
        for (size_t j = i + 1 < take ? i + 1 : take; j >= fewest; j--) {
            const struct range sums = sums_of(before, i, j - 1);
            const double *from = &ways[(j - 1) * width];
            double *into = &ways[j * width + ranks[i]];
            for (size_t s = sums.low; s <= sums.high; s++)
                into[s] += from[s];
        }
    }
    double *sums = memory_malloc(width * sizeof *sums);
    for (size_t s = 0; s < width; s++)
        sums[s] = ways[take * width + s];
    free(ways);
    *out_size = width;
    return sums;
}

static size_t pool_up(struct ranked *pool, const double *values, size_t n, bool is_small)
{
    for (size_t i = 0; i < n; i++)
        pool[i] = (struct ranked){values[i], is_small};
    return n;
}

double stats_mann_whitney_p(const double *a, size_t a_count, const double *b,
                            size_t b_count)
{
    struct ranked pool[2 * STATS_UNPAIRED_MAX];
    size_t ranks[2 * STATS_UNPAIRED_MAX], observed = 0, size = 0;
    size_t n = a_count + b_count, take = a_count < b_count ? a_count : b_count;
    if (take == 0)
        return 1;
    if (a_count > STATS_UNPAIRED_MAX || b_count > STATS_UNPAIRED_MAX)
        return (double)NAN;
    size_t used = pool_up(pool, a, a_count, a_count == take);
    (void)pool_up(pool + used, b, b_count, a_count != take);
    qsort(pool, n, sizeof pool[0], by_rank);
    pooled_ranks(pool, n, ranks);
    for (size_t i = 0; i < n; i++)
        observed += pool[i].is_small ? ranks[i] : 0;
    AUTO_FREE double *ways = subset_sums(ranks, n, take, &size);
    double below = 0, above = 0, all = 0;
    for (size_t s = 0; s < size; s++) {
        all += ways[s];
        below += s <= observed ? ways[s] : 0;
        above += s >= observed ? ways[s] : 0;
    }
    return fmin(1, 2 * fmin(below, above) / all);
}

/* The last answer: the cells of two files have mostly the same number of trials. */
static _Thread_local struct {
    size_t a_count, b_count, k;
    double coverage;
} last;

static size_t find_k(size_t a_count, size_t b_count, double *out_coverage);

size_t stats_mann_whitney_k(size_t a_count, size_t b_count, double *out_coverage)
{
    if (a_count != last.a_count || b_count != last.b_count) {
        double coverage = 0;
        size_t k = find_k(a_count, b_count, &coverage);
        last.a_count = a_count;
        last.b_count = b_count;
        last.k = k;
        last.coverage = coverage;
    }
    if (out_coverage && last.a_count && last.b_count)
        *out_coverage = last.coverage;
    return last.k;
}

static size_t find_k(size_t a_count, size_t b_count, double *out_coverage)
{
    size_t ranks[2 * STATS_UNPAIRED_MAX], size = 0, k = 0;
    size_t n = a_count + b_count, take = a_count < b_count ? a_count : b_count;
    if (take == 0 || a_count > STATS_UNPAIRED_MAX || b_count > STATS_UNPAIRED_MAX)
        return 0;
    for (size_t i = 0; i < n; i++)
        ranks[i] = i + 1;
    AUTO_FREE double *ways = subset_sums(ranks, n, take, &size);
    size_t least = take * (take + 1) / 2; /* U = rank sum - least */
    double all = 0, tail = 0;
    for (size_t s = least; s < size; s++)
        all += ways[s];
    while (least + k < size && 2 * (tail + ways[least + k]) <= (1 - STATS_COVERAGE) * all)
        tail += ways[least + k++];
    *out_coverage = 1 - 2 * tail / all;
    return k;
}

double stats_mann_whitney_least(size_t a_count, size_t b_count)
{
    double ways = 1;
    for (size_t i = 1; i <= a_count; i++)
        ways *= (double)(b_count + i) / (double)i;
    return fmin(1, 2 / ways);
}

size_t stats_trials_min(size_t compared, double p_limit)
{
    size_t n = STATS_UNPAIRED_LEAST;
    while (n < STATS_UNPAIRED_MAX &&
           !((double)compared * stats_mann_whitney_least(n, n) < p_limit))
        n++;
    return n;
}

struct stats_estimate stats_shift(const double *a, size_t a_count, const double *b,
                                  size_t b_count)
{
    struct stats_estimate e = {.value = (double)NAN,
                               .n = a_count < b_count ? a_count : b_count};
    if (e.n == 0 || a_count > STATS_UNPAIRED_MAX || b_count > STATS_UNPAIRED_MAX)
        return e;
    size_t count = a_count * b_count, at = 0;
    AUTO_FREE double *differences = memory_malloc(count * sizeof *differences);
    for (size_t i = 0; i < a_count; i++) {
        for (size_t j = 0; j < b_count; j++)
            differences[at++] = b[j] - a[i];
    }
    stats_sort(differences, count);
    e.value = stats_middle(differences, count);
    size_t k = stats_mann_whitney_k(a_count, b_count, &e.coverage);
    if (k > 0) {
        e.is_bounded = true;
        e.low = differences[k - 1];
        e.high = differences[count - k];
    }
    return e;
}
