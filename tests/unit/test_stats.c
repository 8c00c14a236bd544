/* test_stats: the tables of the measuring rules must come out of the computation. */
#include "analysis/stats.h"
#include "common/array.h"
#include "common/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("got %.9g, want %.9g", got, want);
}

static void ramp(double *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] =
            (double)((i * 7) % n) + 1; /* 1 .. n in some order when 7 does not divide n */
}

static void test_median(void **state)
{
    (void)state;
    const double odd[] = {3, 1, 2}, even[] = {4, 1, 3, 2};
    near(stats_median(odd, 3), 2, 0);
    near(stats_median(even, 4), 2.5, 0);
    assert_true(isnan(stats_median(odd, 0)));
}

static void test_median_interval_table(void **state)
{
    (void)state;
    static const struct {
        size_t n, low, high;
        double coverage;
    } table[] = {{6, 1, 6, .969},    {8, 1, 8, .992},   {9, 2, 8, .961},
                 {10, 2, 9, .979},   {11, 2, 10, .988}, {12, 3, 10, .961},
                 {100, 40, 61, .965}};
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        double values[100];
        ramp(values, table[i].n);
        struct stats_estimate e = stats_median_estimate(values, table[i].n);
        assert_true(e.is_bounded);
        near(e.low, (double)table[i].low, 0);
        near(e.high, (double)table[i].high, 0);
        near(e.coverage, table[i].coverage, .0006);
    }
    double values[5] = {1, 2, 3, 4, 5};
    for (size_t n = 1; n <= 5; n++)
        assert_false(stats_median_estimate(values, n).is_bounded);
}

static void test_median_interval_is_the_narrowest(void **state)
{
    (void)state;
    double values[STATS_N_MAX];
    for (size_t n = 6; n <= STATS_N_MAX; n += 71) {
        ramp(values, n);
        struct stats_estimate e = stats_median_estimate(values, n);
        assert_true(e.is_bounded && e.coverage >= .95 && e.coverage < .995);
        assert_true(e.low <= e.value && e.value <= e.high);
    }
}

static void test_signed_rank_k_table(void **state)
{
    (void)state;
    static const size_t table[][2] = {{5, 0}, {6, 1},  {7, 3},   {8, 4},
                                      {9, 6}, {10, 9}, {11, 11}, {12, 14}};
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        double coverage = 0;
        size_t k = stats_signed_rank_k(table[i][0], .05, &coverage);
        assert_int_equal(k, table[i][1]);
        assert_true(k == 0 || (coverage >= .95 && coverage < 1));
    }
    assert_int_equal(stats_signed_rank_k(24, .05, NULL), 82); /* critical value 81 + 1 */
}

static void test_hodges_lehmann(void **state)
{
    (void)state;
    const double d[] = {.1, .2, .3, .4, .5, .6};
    struct stats_estimate e = stats_hodges_lehmann(d, 6);
    near(e.value, .35, 1e-12);
    assert_true(e.is_bounded);
    near(e.low, .1, 1e-12); /* k = 1: the extremes */
    near(e.high, .6, 1e-12);
    assert_false(stats_hodges_lehmann(d, 5).is_bounded);
    assert_true(isnan(stats_hodges_lehmann(d, 0).value));
}

static void test_signed_rank_p(void **state)
{
    (void)state;
    const double up[] = {1, 2, 3, 4, 5, 6}, even[] = {1, -1, 2, -2};
    near(stats_signed_rank_p(up, 6), 2.0 / 64, 1e-12);
    near(stats_signed_rank_p(even, 4), 1, 0);
    const double zeros[] = {0, 0, 0};
    near(stats_signed_rank_p(zeros, 3), 1, 0);
    /* R: wilcox.test(c(1.1,2.2,-0.3,4.1,0.5,-0.7,3.3,2.9), exact=TRUE): V = 32, p =
     * .0546875 */
    const double mixed[] = {1.1, 2.2, -0.3, 4.1, 0.5, -0.7, 3.3, 2.9};
    near(stats_signed_rank_p(mixed, 8), .0546875, 1e-12);
    /* SciPy 1.10.1: stats.wilcoxon(d, mode="exact").pvalue */
    double sine[24];
    for (int i = 0; i < 24; i++)
        sine[i] = sin(i * 1.3) + .35;
    near(stats_signed_rank_p(sine, 24), .0339851379394531, 1e-12);
    /* ties: four equal magnitudes, three positive: mid-rank 2.5 each, W = 7.5 of 10;
     * P(W >= 7.5) = P(at least 3 of 4 positive) = 5/16 */
    const double ties[] = {1, 1, 1, -1};
    near(stats_signed_rank_p(ties, 4), .625, 1e-12);
}

static void test_interval_and_p_agree(void **state)
{
    (void)state;
    double d[12];
    for (int shift = 0; shift < 40; shift++) {
        for (int i = 0; i < 12; i++)
            d[i] = sin(i * 12.9898 + shift) + shift * .03;
        struct stats_estimate e = stats_hodges_lehmann(d, 12);
        bool excludes_zero = e.low > 0 || e.high < 0;
        assert_int_equal(excludes_zero, stats_signed_rank_p(d, 12) <= 1 - e.coverage);
    }
}

static void test_holm(void **state)
{
    (void)state;
    double p[] = {.01, .04, .03, .005};
    stats_holm(p, 4);
    near(p[3], .02, 1e-12);
    near(p[0], .03, 1e-12);
    near(p[2], .06, 1e-12);
    near(p[1], .06, 1e-12);
    stats_holm(p, 0);
}

/* The table of critical values of U, two-sided 5 %, as textbooks print it (Hollander,
 * Wolfe, Chicken, "Nonparametric Statistical Methods"): 0, 2, 5, 8, 13, 23, 37 for equal
 * sizes 4 to 12; k is one more. */
static void test_mann_whitney_k_table(void **state)
{
    (void)state;
    static const size_t table[][3] = {{4, 4, 1},   {5, 5, 3},    {6, 6, 6},    {7, 7, 9},
                                      {8, 8, 14},  {10, 10, 24}, {12, 12, 38}, {5, 8, 7},
                                      {6, 10, 12}, {20, 20, 128}};
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        double coverage = 0;
        assert_int_equal(stats_mann_whitney_k(table[i][0], table[i][1], &coverage),
                         table[i][2]);
        assert_int_equal(stats_mann_whitney_k(table[i][1], table[i][0], NULL),
                         table[i][2]);
        assert_true(coverage >= .95 && coverage < 1);
    }
    assert_int_equal(stats_mann_whitney_k(3, 3, NULL), 0);
    assert_int_equal(stats_mann_whitney_k(0, 9, NULL), 0);
}

static void sines(double *out, size_t n, double step, double shift)
{
    for (size_t i = 0; i < n; i++)
        out[i] = sin(step * (double)i) + shift;
}

/* SciPy 1.10.1, stats.mannwhitneyu(a, b, method="exact").pvalue; with ties
 * stats.permutation_test of the rank sum over all ways to deal the values out. The first
 * is also the example in R's help of wilcox.test: p = .1272 one-sided. */
static void test_mann_whitney_p(void **state)
{
    (void)state;
    const double at_term[] = {.80, .83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, .73, 1.46};
    const double earlier[] = {1.15, .88, .90, .74, 1.21};
    near(stats_mann_whitney_p(at_term, 10, earlier, 5), .2544122544122544, 1e-12);
    near(stats_mann_whitney_p(earlier, 5, at_term, 10), .2544122544122544, 1e-12);
    double a[101], b[101];
    sines(a, 40, 1, 0);
    sines(b, 50, 1.7, .4);
    near(stats_mann_whitney_p(a, 40, b, 50), .01174983242392, 1e-12);
    sines(a, 100, 1, 0);
    sines(b, 100, 1.7, .2);
    near(stats_mann_whitney_p(a, 100, b, 100), .02291386201411, 1e-12);
    const double tied_a[] = {1, 2, 2, 3}, tied_b[] = {2, 3, 4, 4, 5};
    near(stats_mann_whitney_p(tied_a, 4, tied_b, 5), 14.0 / 126, 1e-12);
    const double few_a[] = {1, 1, 1, 2, 2}, few_b[] = {2, 2, 3, 3, 3, 3};
    near(stats_mann_whitney_p(few_a, 5, few_b, 6), 12.0 / 462, 1e-12);
    near(stats_mann_whitney_p(tied_a, 4, tied_a, 4), 1, 0);
    near(stats_mann_whitney_p(tied_a, 4, tied_b, 0), 1, 0);
    assert_true(isnan(stats_mann_whitney_p(a, 101, b, 100)));
}

/* By hand: the 36 differences are 10 + (j - i), the 6th smallest of them 7; and of the
 * 924 ways to deal twelve values out, 19 give U < 6. */
static void test_shift(void **state)
{
    (void)state;
    const double low[] = {1, 2, 3, 4, 5, 6}, high[] = {11, 12, 13, 14, 15, 16};
    struct stats_estimate e = stats_shift(low, 6, high, 6);
    near(e.value, 10, 1e-12);
    assert_true(e.is_bounded);
    near(e.low, 7, 1e-12);
    near(e.high, 13, 1e-12);
    near(e.coverage, 1 - 2 * 19.0 / 924, 1e-12);
    e = stats_shift(high, 6, low, 6);
    near(e.value, -10, 1e-12);
    assert_false(stats_shift(low, 3, high, 3).is_bounded);
    assert_true(isnan(stats_shift(low, 0, high, 3).value));
}

static void test_blocks_min(void **state)
{
    (void)state;
    assert_int_equal(stats_blocks_min(1, .05), 6); /* 2/64 = .031 */
    assert_int_equal(stats_blocks_min(3, .05), 7); /* 3 x 2/64 = .094 is not enough */
    assert_int_equal(stats_blocks_min(7, .05), 9);
}

static void test_blocks_needed(void **state)
{
    (void)state;
    near(stats_blocks_needed(.02, .01), 32, 0);
    near(stats_blocks_needed(0, .01), 1, 0);
    assert_true(isnan(stats_sd(NULL, 0)));
    const double v[] = {1, 3};
    near(stats_sd(v, 2), sqrt(2), 1e-12);
}

/* A symmetric, heavy-tailed difference around centre: the sum of four uniforms, cubed. */
static double draw(struct rng *rng, double centre)
{
    double sum = 0;
    for (int i = 0; i < 4; i++)
        sum += (double)(rng_next(rng) >> 11) * 0x1p-53 - .5;
    return centre + sum * sum * sum;
}

/* What is promised, on made-up data with a known centre: intervals hold it as often as
 * they say, and the test errs as rarely as it says. The seed is fixed, so the counts are
 * too. */
static void test_coverage_by_simulation(void **state)
{
    (void)state;
    const int rounds = 4000;
    int held = 0, median_held = 0, rejected = 0;
    struct rng rng = rng_for(20, 26, 0);
    for (int r = 0; r < rounds; r++) {
        double d[12];
        for (int i = 0; i < 12; i++)
            d[i] = draw(&rng, 0);
        struct stats_estimate hl = stats_hodges_lehmann(d, 12);
        struct stats_estimate median = stats_median_estimate(d, 12);
        held += hl.low <= 0 && hl.high >= 0;
        median_held += median.low <= 0 && median.high >= 0;
        rejected += stats_signed_rank_p(d, 12) < .05;
    }
    near((double)held / rounds, stats_hodges_lehmann((double[12]){0}, 12).coverage, .01);
    near((double)median_held / rounds, .961, .01);
    assert_true((double)rejected / rounds < .055);
}

/* Frequencies, with sd and ratio as a run of 12 blocks estimates them, are in
 * docs/methodology.md. */
static void test_blocks_to_settle(void **state)
{
    (void)state;
    near(stats_z(.05), 1.959964, 1e-5);
    near(stats_z(.004), 2.878162, 1e-5);
    near(stats_blocks_to_settle(.02, 0, .01, .05, 1), 63, 0);
    near(stats_blocks_to_settle(.02, log(1.01), .01, .05, 4), 63, 0);
    near(stats_blocks_to_settle(.02, -log(1.05), .01, .05, 1), 3, 0);
    near(stats_blocks_to_settle(.02, -log(1.05), .01, .05, 6), 5, 0);
    near(stats_blocks_to_settle(.02, 0, .01, .004, 1), 134, 0);
    near(stats_blocks_to_settle(0, 0, .01, .05, 1), 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_median),
        cmocka_unit_test(test_median_interval_table),
        cmocka_unit_test(test_median_interval_is_the_narrowest),
        cmocka_unit_test(test_signed_rank_k_table),
        cmocka_unit_test(test_hodges_lehmann),
        cmocka_unit_test(test_signed_rank_p),
        cmocka_unit_test(test_interval_and_p_agree),
        cmocka_unit_test(test_coverage_by_simulation),
        cmocka_unit_test(test_mann_whitney_k_table),
        cmocka_unit_test(test_mann_whitney_p),
        cmocka_unit_test(test_shift),
        cmocka_unit_test(test_holm),
        cmocka_unit_test(test_blocks_min),
        cmocka_unit_test(test_blocks_needed),
        cmocka_unit_test(test_blocks_to_settle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
