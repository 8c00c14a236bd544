/* stats.c: order statistics and the signed-rank family, exactly; see stats.h. Unpaired
 * samples are stats_unpaired.c's. */
#include "analysis/stats.h"

#include "common/cleanup.h"
#include "common/memory.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void stats_sort(double *values, size_t n)
{
    qsort(values, n, sizeof *values, by_value);
}

static double *sorted_copy(const double *values, size_t n)
{
    double *copy = memory_malloc((n ? n : 1) * sizeof *copy);
    memcpy(copy, values, n * sizeof *copy);
    stats_sort(copy, n);
    return copy;
}

double stats_middle(const double *sorted, size_t n)
{
    if (n == 0)
        return (double)NAN;
    return n % 2 ? sorted[n / 2] : sorted[n / 2 - 1] / 2 + sorted[n / 2] / 2;
}

double stats_median(const double *values, size_t n)
{
    AUTO_FREE double *sorted = sorted_copy(values, n);
    return stats_middle(sorted, n);
}

/* The largest k with P(Binomial(n, 1/2) < k) <= 2.5 %, and that tail. */
static size_t binomial_k(size_t n, double *out_tail)
{
    double term = ldexp(1, -(int)n), tail = 0, last = 0;
    size_t k = 0;
    while (k < n && tail + term <= STATS_LEVEL / 2) {
        tail += term;
        last = tail;
        term *= (double)(n - k) / (double)(k + 1);
        k++;
    }
    *out_tail = last;
    return k;
}

struct stats_estimate stats_median_estimate(const double *values, size_t n)
{
    AUTO_FREE double *sorted = sorted_copy(values, n);
    struct stats_estimate e = {.value = stats_middle(sorted, n), .n = n};
    double tail = 0;
    size_t k = n && n <= STATS_N_MAX ? binomial_k(n, &tail) : 0;
    if (k > 0) {
        e.is_bounded = true;
        e.low = sorted[k - 1];
        e.high = sorted[n - k];
        e.coverage = 1 - 2 * tail;
    }
    return e;
}

/* P(W = s) for s = 0 .. sum of ranks, where each rank counts with probability 1/2.
 * Returns a new array of *out_size entries. */
static double *rank_sum_distribution(const size_t *ranks, size_t n, size_t *out_size)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += ranks[i];
    double *p = memory_calloc(total + 1, sizeof *p);
    p[0] = 1;
    size_t reach = 0;
    for (size_t i = 0; i < n; i++) {
        reach += ranks[i];
        for (size_t s = reach + 1; s-- > 0;)
            p[s] = p[s] / 2 + (s >= ranks[i] ? p[s - ranks[i]] / 2 : 0);
    }
    *out_size = total + 1;
    return p;
}

size_t stats_signed_rank_k(size_t n, double level, double *out_coverage)
{
    if (n == 0 || n > STATS_N_MAX)
        return 0;
    size_t ranks[STATS_N_MAX], size = 0, k = 0;
    for (size_t i = 0; i < n; i++)
        ranks[i] = i + 1;
    AUTO_FREE double *p = rank_sum_distribution(ranks, n, &size);
    double tail = 0;
    while (k < size && tail + p[k] <= level / 2)
        tail += p[k++];
    if (out_coverage)
        *out_coverage = 1 - 2 * tail;
    return k;
}

struct stats_estimate stats_hodges_lehmann(const double *differences, size_t n)
{
    return stats_hodges_lehmann_at(differences, n, STATS_LEVEL);
}

struct stats_estimate stats_hodges_lehmann_at(const double *differences, size_t n,
                                              double level)
{
    struct stats_estimate e = {.value = (double)NAN, .n = n};
    if (n == 0 || n > STATS_N_MAX)
        return e;
    size_t count = n * (n + 1) / 2, at = 0;
    AUTO_FREE double *walsh = memory_malloc(count * sizeof *walsh);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i; j < n; j++)
            walsh[at++] = differences[i] / 2 + differences[j] / 2;
    }
    stats_sort(walsh, count);
    e.value = stats_middle(walsh, count);
    size_t k = stats_signed_rank_k(n, level, &e.coverage);
    if (k > 0) {
        e.is_bounded = true;
        e.low = walsh[k - 1];
        e.high = walsh[count - k];
    }
    return e;
}

struct magnitude {
    double size;
    bool is_positive;
};

static int by_size(const void *a, const void *b)
{
    double x = ((const struct magnitude *)a)->size,
           y = ((const struct magnitude *)b)->size;
    return (x > y) - (x < y);
}

/* Twice the mid-rank of each magnitude, so that ties stay whole numbers. */
static void double_ranks(const struct magnitude *m, size_t n, size_t *out_ranks)
{
    for (size_t i = 0; i < n;) {
        size_t j = i;
        while (j < n && m[j].size <= m[i].size + STATS_ROUNDING * fmax(1, m[i].size))
            j++;
        for (size_t t = i; t < j; t++)
            out_ranks[t] = i + 1 + j;
        i = j;
    }
}

double stats_signed_rank_p(const double *differences, size_t n)
{
    struct magnitude m[STATS_N_MAX];
    size_t ranks[STATS_N_MAX], count = 0, size = 0, observed = 0;
    for (size_t i = 0; i < n && i < STATS_N_MAX; i++) {
        if (fabs(differences[i]) > STATS_ROUNDING) {
            m[count].size = fabs(differences[i]);
            m[count++].is_positive = differences[i] > 0;
        }
    }
    if (count == 0)
        return 1;
    qsort(m, count, sizeof m[0], by_size);
    double_ranks(m, count, ranks);
    for (size_t i = 0; i < count; i++)
        observed += m[i].is_positive ? ranks[i] : 0;
    AUTO_FREE double *p = rank_sum_distribution(ranks, count, &size);
    double below = 0, above = 0;
    for (size_t s = 0; s < size; s++) {
        below += s <= observed ? p[s] : 0;
        above += s >= observed ? p[s] : 0;
    }
    return fmin(1, 2 * fmin(below, above));
}

void stats_holm(double *p_values, size_t count)
{
    AUTO_FREE bool *is_done = memory_calloc(count + 1, sizeof *is_done);
    double floor_p = 0;
    for (size_t step = 0; step < count; step++) {
        size_t least = count;
        for (size_t i = 0; i < count; i++) {
            if (!is_done[i] && (least == count || p_values[i] < p_values[least]))
                least = i;
        }
        floor_p = fmax(floor_p, fmin(1, p_values[least] * (double)(count - step)));
        p_values[least] = floor_p;
        is_done[least] = true;
    }
}

double stats_sd(const double *values, size_t n)
{
    if (n < 2)
        return (double)NAN;
    double mean = 0, sum = 0;
    for (size_t i = 0; i < n; i++)
        mean += values[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        sum += (values[i] - mean) * (values[i] - mean);
    return sqrt(sum / (double)(n - 1));
}

double stats_blocks_needed(double sd, double margin)
{
    double ratio = (1.96 + 0.84) * sd / log1p(margin);
    return fmax(1, ceil(ratio * ratio));
}

double stats_z(double level)
{
    double low = 0, high = 40; /* erfc is 0 in a double beyond */
    while (high - low > 1e-9) {
        const double middle = (low + high) / 2;
        *(erfc(middle / sqrt(2)) > level ? &low : &high) = middle;
    }
    return low;
}

double stats_blocks_to_settle(double sd, double ratio, double margin, double level,
                              size_t compared)
{
    const double edge = log1p(margin), beyond = fabs(ratio) - edge;
    const double any = 2 * stats_z(level) * sd / edge;
    const double far = (stats_z(level / (double)(compared ? compared : 1)) + 1.28) * sd;
    const double root = beyond > 0 ? fmin(any, far / beyond) : any;
    return fmax(1, ceil(root * root));
}

double stats_smallest_shown(double sd, double margin, size_t blocks)
{
    return expm1(log1p(margin) + (1.96 + 0.84) * sd / sqrt((double)blocks));
}

size_t stats_blocks_min(size_t compared, double p_limit)
{
    size_t n = 1;
    while (n < STATS_N_MAX && ldexp((double)compared, 1 - (int)n) >= p_limit)
        n++;
    return n;
}
