/* test_looks: the 5 % of a test are spent over the looks, and not more than they. */
#include "analysis/looks.h"
#include "analysis/stats.h"
#include "common/blocks.h"
#include "common/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define RUNS 4000
#define LAST 36 /* beyond, little is spent and much is computed */

static void test_the_shares_add_up(void **state)
{
    double spent = 0;
    (void)state;
    for (size_t n = 1; n <= BLOCKS_MAX; n++) {
        spent += looks_is_due(n) ? looks_level(n) : 0;
        assert_true(looks_level(n) <= looks_level(n > 1 ? n - 1 : 1));
    }
    assert_true(fabs(spent - STATS_LEVEL) < 1e-12);
    assert_true(looks_is_due(BLOCKS_MAX));
    assert_true(looks_level(11) == looks_level(12) && looks_level(12) > looks_level(13));
}

/* What the early shares are for: with two, three and four models, 2, 4 and 6 comparisons
 * with one baseline. */
static void test_small_families_can_be_told_apart_early(void **state)
{
    (void)state;
    assert_int_equal(looks_blocks_min(1), 7); /* 2 / 2^7 = .0156, looked at after 8 */
    assert_int_equal(looks_blocks_min(2), 8);
    assert_int_equal(looks_blocks_min(4), 10);
    assert_int_equal(looks_blocks_min(6), 10);
    assert_int_equal(looks_blocks_min(8), 12);
}

/* Under the null hypothesis the signs of the paired logs are fair coins, whatever the
 * magnitudes. Of all looks together at most 5 % of the runs may err; the looks share their
 * blocks, so it is less. */
static void test_the_error_of_all_looks(void **state)
{
    struct rng rng = rng_for(1, 51, 0);
    int wrong = 0;
    (void)state;
    for (int run = 0; run < RUNS; run++) {
        double logs[LAST];
        bool is_wrong = false;
        for (size_t n = 1; n <= LAST; n++) {
            const double size = (double)(rng_next(&rng) >> 11) + 1;
            logs[n - 1] = rng_below(&rng, 2) ? size : -size;
            if (looks_is_due(n) && !is_wrong)
                is_wrong = stats_signed_rank_p(logs, n) < looks_level(n);
        }
        wrong += is_wrong;
    }
    print_message("%.2f %% of the runs reject a true hypothesis at some look\n",
                  100.0 * wrong / RUNS);
    assert_true(wrong <= .05 * RUNS && wrong >= .01 * RUNS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_shares_add_up),
        cmocka_unit_test(test_small_families_can_be_told_apart_early),
        cmocka_unit_test(test_the_error_of_all_looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
