/* test_report_scale: axes for ordinary, equal, single and missing values. */
#include "report/draw/scale.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check(struct scale scale, double min, double max)
{
    assert_true(scale.low < scale.high);
    assert_true(scale.low <= min && scale.high >= max);
    assert_true(scale.tick_count >= 1 && scale.tick_count <= SCALE_TICKS_MAX);
    scale.px_low = 10;
    scale.px_high = 110;
    for (size_t i = 0; i < scale.tick_count; i++) {
        double at = scale_px(&scale, scale.ticks[i].value);
        assert_true(at >= 10 && at <= 110);
        if (i > 0)
            assert_true(at > scale_px(&scale, scale.ticks[i - 1].value));
    }
}

static void test_all_kinds_cover_their_values(void **state)
{
    (void)state;
    check(scale_from_zero(374), 0, 374);
    check(scale_from_zero(0), 0, 0);
    check(scale_from_zero((double)NAN), 0, 0);
    check(scale_around(20.1, 24), 20.1, 24);
    check(scale_around(5, 5), 5, 5);
    check(scale_around(0, 0), 0, 0);
    check(scale_log(49, 6325), 49, 6325);
    check(scale_log(100, 100.1), 100, 100.1);
    check(scale_log(1e-3, 1e15), 1e-3, 1e15);
    check(scale_nines(0.999), 0, 0.999);
    check(scale_nines(0), 0, 0);
}

static void test_bars_start_at_zero(void **state)
{
    (void)state;
    struct scale scale = scale_from_zero(374);
    assert_true(scale.low == 0 && scale.ticks[0].value == 0);
    assert_string_equal(scale.ticks[0].label, "0");
    assert_true(scale.high == 400);
}

static void test_nines_are_equally_far_apart(void **state)
{
    (void)state;
    struct scale scale = scale_nines(0.999);
    scale.px_high = 300;
    assert_true(fabs(scale_px(&scale, 0.9) - 100) < 1e-6);
    assert_true(fabs(scale_px(&scale, 0.99) - 200) < 1e-6);
    assert_true(scale_px(&scale, 1) == 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_kinds_cover_their_values),
        cmocka_unit_test(test_bars_start_at_zero),
        cmocka_unit_test(test_nines_are_equally_far_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
