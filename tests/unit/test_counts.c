/* Counters: values as counted, the ratio beside them, and a reason for each that is
 * missing. */
#include "common/array.h"
#include "harness/trial/counts.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const json_t *field(const json_t *json, const char *name, const char *key)
{
    return json_object_get(json_object_get(json, name), key);
}

static void test_a_value_is_not_scaled(void **state)
{
    const struct counters_value values[COUNTERS_COUNT] = {
        {.value = 5000, .enabled_ns = 100, .running_ns = 100},
        {.value = 700, .enabled_ns = 100, .running_ns = 25},
        {.value = 0, .enabled_ns = 100, .running_ns = 0},
    };
    (void)state;
    json_auto_t *json = counts_json(values, "2\n");
    assert_int_equal(json_object_size(json), COUNTERS_COUNT);
    assert_int_equal(json_integer_value(field(json, "instructions", "value")), 5000);
    assert_true(json_real_value(field(json, "instructions", "running_ratio")) == 1.0);
    assert_true(json_is_null(field(json, "instructions", "reason")));
    assert_int_equal(json_integer_value(field(json, "cycles", "value")), 700);
    assert_true(json_real_value(field(json, "cycles", "running_ratio")) == 0.25);
    assert_true(json_is_null(field(json, "cache_misses", "value")));
    assert_non_null(
        strstr(json_string_value(field(json, "cache_misses", "reason")), "never"));
}

static void test_each_refusal_has_its_words(void **state)
{
    const struct counters_value values[COUNTERS_COUNT] = {{.error = ENOENT},
                                                          {.error = EACCES},
                                                          {.error = ENOSYS},
                                                          {.error = EMFILE},
                                                          {.error = ENOENT}};
    static const struct {
        const char *name, *words;
    } cases[] = {{"instructions", "no hardware counters on this machine"},
                 {"cycles", "refused (kernel.perf_event_paranoid is 3)"},
                 {"cache_misses", "built without perf events"},
                 {"branch_misses", "Too many open files"},
                 {"task_clock_ns", "this kernel does not count it"}};
    (void)state;
    json_auto_t *json = counts_json(values, "3\n");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *reason = json_string_value(field(json, cases[i].name, "reason"));
        assert_non_null(reason);
        assert_non_null(strstr(reason, cases[i].words));
        assert_true(json_is_null(field(json, cases[i].name, "value")));
        assert_true(json_is_null(field(json, cases[i].name, "running_ratio")));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_value_is_not_scaled),
        cmocka_unit_test(test_each_refusal_has_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
