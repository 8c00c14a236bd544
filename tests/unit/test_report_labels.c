/* test_report_labels: labels never overlap, keep their order and stay near their lines.
 */
#include "report/draw/labels.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check(const double *wished, size_t count, double gap, double low, double high)
{
    double at[16];
    memcpy(at, wished, count * sizeof *at);
    labels_spread(at, count, gap, low, high);
    for (size_t i = 0; i < count; i++) {
        assert_true(at[i] >= low - 1e-9 && at[i] <= high + 1e-9);
        for (size_t k = 0; k < count; k++) {
            if (i != k)
                assert_true(fabs(at[i] - at[k]) >= gap - 1e-9);
            if (wished[i] < wished[k])
                assert_true(at[i] < at[k]);
        }
    }
}

static void test_no_overlap_and_order(void **state)
{
    (void)state;
    check((double[]){50, 51, 52, 10}, 4, 15, 0, 100);
    check((double[]){100, 100, 100, 100, 100}, 5, 15, 0, 100);
    check((double[]){0, 0, 1, 99, 100, 100}, 6, 15, 0, 100);
    check((double[]){5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 7, 6}, 12, 15, 0, 200);
    check((double[]){70}, 1, 15, 0, 100);
}

static void test_free_labels_stay(void **state)
{
    (void)state;
    double at[] = {10, 90, 40};
    labels_spread(at, 3, 15, 0, 100);
    assert_true(at[0] == 10 && at[1] == 90 && at[2] == 40);
}

static void test_equal_wishes_share_the_move(void **state)
{
    (void)state;
    double at[] = {50, 50};
    labels_spread(at, 2, 20, 0, 100);
    assert_true(fabs(at[0] - 40) < 1e-9 && fabs(at[1] - 60) < 1e-9);
}

static void test_too_many_are_spread_evenly(void **state)
{
    (void)state;
    double at[] = {0, 0, 0, 0, 0};
    labels_spread(at, 5, 50, 0, 100);
    for (size_t i = 0; i < 5; i++)
        assert_true(fabs(at[i] - 25.0 * (double)i) < 1e-9);
    labels_spread(at, 0, 50, 0, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_overlap_and_order),
        cmocka_unit_test(test_free_labels_stay),
        cmocka_unit_test(test_equal_wishes_share_the_move),
        cmocka_unit_test(test_too_many_are_spread_evenly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
