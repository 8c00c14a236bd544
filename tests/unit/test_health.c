/* The machine's health: read from /proc, unknown is null. */
#include "harness/health.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_differences_are_counted(void **state)
{
    const struct health before = {true, true, true, 100, 1.5, 40};
    const struct health after = {true, true, true, 107, 9.0, 40};
    (void)state;
    json_auto_t *json = health_json(&before, &after);
    assert_int_equal(json_integer_value(json_object_get(json, "steal_ticks")), 7);
    assert_int_equal(json_integer_value(json_object_get(json, "swapped_pages")), 0);
    assert_true(json_is_integer(json_object_get(json, "swapped_pages")));
    assert_true(json_real_value(json_object_get(json, "load1")) == 1.5);
}

static void test_unknown_is_null(void **state)
{
    const struct health known = {true, true, true, 100, 1.5, 40};
    const struct health unknown = {0};
    (void)state;
    json_auto_t *json = health_json(&unknown, &known);
    assert_int_equal(json_object_size(json), 3);
    assert_true(json_is_null(json_object_get(json, "steal_ticks")));
    assert_true(json_is_null(json_object_get(json, "load1")));
    assert_true(json_is_null(json_object_get(json, "swapped_pages")));
}

static void test_this_machine_can_be_read(void **state)
{
    (void)state;
    const struct health first = health_read();
    const struct health second = health_read();
    assert_true(first.has_load && first.load1 >= 0);
    assert_int_equal(first.has_steal, second.has_steal);
    assert_true(second.steal_ticks >= first.steal_ticks);
    assert_true(second.swapped_pages >= first.swapped_pages);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_differences_are_counted),
        cmocka_unit_test(test_unknown_is_null),
        cmocka_unit_test(test_this_machine_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
