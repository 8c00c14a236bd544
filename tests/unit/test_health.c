/* The machine's health: read from /proc, unknown is null with a reason, and the rules of
 * disturbance. */
#include "common/array.h"
#include "harness/trial/health.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SECOND UINT64_C(1000000000)

/* A machine that says everything, and is quiet. */
static struct health a_moment(void)
{
    struct health h = {.has_load = true, .load1 = 1.5};
    for (int i = 0; i < HEALTH_NUMBERS; i++) {
        h.has[i] = true;
        h.values[i] = 100;
    }
    h.values[HEALTH_RUNNING] = 1;
    return h;
}

static void test_differences_are_counted(void **state)
{
    const struct health before = a_moment();
    struct health after = a_moment();
    (void)state;
    after.values[HEALTH_STEAL] += 7;
    after.values[HEALTH_PSI_CPU] += 2500;
    after.values[HEALTH_TIME_WAIT] = 160;
    after.load1 = 9;
    json_auto_t *json = health_json(&before, &after);
    const struct {
        const char *key;
        json_int_t value;
    } expected[] = {{"steal_ticks", 7},
                    {"swapped_pages", 0},
                    {"throttled_count", 0},
                    {"thermal_throttled_count", 0},
                    {"pressure_cpu_us", 2500},
                    {"pressure_memory_us", 0},
                    {"pressure_io_us", 0},
                    {"running_count_before", 1},
                    {"running_count_after", 1},
                    {"time_wait_count_before", 100},
                    {"time_wait_count_after", 160}};
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        const json_t *value = json_object_get(json, expected[i].key);
        assert_true(json_is_integer(value));
        assert_int_equal(json_integer_value(value), expected[i].value);
    }
    assert_true(json_real_value(json_object_get(json, "load1")) == 1.5);
    assert_int_equal(json_object_size(json_object_get(json, "reasons")), 0);
}

static void test_unknown_is_null_with_a_reason(void **state)
{
    const struct health known = a_moment();
    const struct health unknown = {.has_load = false};
    (void)state;
    json_auto_t *json = health_json(&unknown, &known);
    const json_t *reasons = json_object_get(json, "reasons");
    assert_true(json_is_null(json_object_get(json, "steal_ticks")));
    assert_true(json_is_null(json_object_get(json, "load1")));
    assert_true(json_is_null(json_object_get(json, "running_count_before")));
    assert_int_equal(json_integer_value(json_object_get(json, "running_count_after")), 1);
    assert_non_null(
        strstr(json_string_value(json_object_get(reasons, "pressure_memory_us")), "PSI"));
    assert_null(json_object_get(reasons, "running_count_after"));
}

static void test_lines_are_found(void **state)
{
    static const char vmstat[] = "nr_free 1\npswpin 20\npswpout 22\n";
    static const char cpu_stat[] = "nr_periods 5\nnr_throttled 3\nthrottled_time 99\n";
    static const char psi[] = "some avg10=1.58 avg60=6.56 avg300=13.74 total=1189730\n"
                              "full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n";
    uint64_t value = 0;
    (void)state;
    assert_true(health_find_number(vmstat, "pswpout ", 1, &value));
    assert_int_equal(value, 22);
    assert_false(health_find_number(vmstat, "pswp ", 1, &value));
    assert_true(health_find_number("cpu  1 2 3 4 5 6 7 8 9\n", "cpu ", 8, &value));
    assert_int_equal(value, 8);
    assert_false(health_find_number("cpu  1 2 3\n", "cpu ", 8, &value));
    assert_true(health_find_number(cpu_stat, "nr_throttled", 1, &value));
    assert_int_equal(value, 3);
    assert_true(health_find_pressure(psi, &value));
    assert_int_equal(value, 1189730);
    assert_false(health_find_pressure("full total=7\n", &value));
    assert_false(health_find_pressure("some avg10=0\n", &value));
}

static const char *reason_of(const json_t *list)
{
    const json_t *first = json_array_get(list, 0);
    return json_array_size(list) == 1
               ? json_string_value(json_object_get(first, "reason"))
               : "";
}

static void test_each_rule(void **state)
{
    static const struct {
        enum health_number number;
        uint64_t quiet, loud; /* what it grows by; of the run queue, what it is */
        const char *reason;   /* NULL: no rule */
    } cases[] = {
        {HEALTH_STEAL, 4, 5, "steal"}, /* in 1 s on 2 CPUs: 2 % and 2.5 % */
        {HEALTH_SWAPPED, 0, 1, "swap"},
        {HEALTH_THROTTLED, 0, 1, "throttled"},
        {HEALTH_THERMAL, 0, 1, "thermal"},
        {HEALTH_PSI_MEMORY, 20000, 20001, "memory-pressure"},
        {HEALTH_PSI_CPU, 0, 1000000, NULL},
        {HEALTH_PSI_IO, 0, 1000000, NULL},
        {HEALTH_TIME_WAIT, 0, 20000, NULL},
        {HEALTH_RUNNING, 2, 3, "run-queue"}, /* 0 and 0.5 of 2 CPUs */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (int loud = 0; loud < 2; loud++) {
            struct health before = a_moment();
            struct health after = a_moment();
            uint64_t by = loud ? cases[i].loud : cases[i].quiet;
            if (cases[i].number == HEALTH_RUNNING)
                before.values[HEALTH_RUNNING] = by;
            else
                after.values[cases[i].number] += by;
            json_auto_t *list = health_disturbed(&before, &after, SECOND, 2);
            assert_string_equal(reason_of(list),
                                loud && cases[i].reason ? cases[i].reason : "");
        }
    }
}

static void test_one_tick_in_a_short_trial_is_no_steal(void **state)
{
    const struct health before = a_moment();
    struct health after = a_moment();
    (void)state;
    after.values[HEALTH_STEAL]++;
    json_auto_t *list = health_disturbed(&before, &after, SECOND / 100, 2);
    assert_int_equal(json_array_size(list), 0);
}

static void test_what_is_unknown_disturbs_nothing(void **state)
{
    const struct health unknown = {.has_load = false};
    struct health after = a_moment();
    (void)state;
    json_auto_t *list = health_disturbed(&unknown, &after, SECOND, 2);
    assert_int_equal(json_array_size(list), 0);
    json_auto_t *never_ran = health_disturbed(&after, &after, 0, 2);
    assert_int_equal(json_array_size(never_ran), 0);
}

static void test_this_machine_can_be_read(void **state)
{
    (void)state;
    const struct health first = health_read();
    const struct health second = health_read();
    assert_true(first.has_load && first.load1 >= 0);
    assert_true(first.has[HEALTH_RUNNING] && first.values[HEALTH_RUNNING] >= 1);
    for (int i = 0; i < HEALTH_RUNNING; i++) {
        assert_int_equal(first.has[i], second.has[i]);
        assert_true(second.values[i] >= first.values[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_differences_are_counted),
        cmocka_unit_test(test_unknown_is_null_with_a_reason),
        cmocka_unit_test(test_lines_are_found),
        cmocka_unit_test(test_each_rule),
        cmocka_unit_test(test_one_tick_in_a_short_trial_is_no_steal),
        cmocka_unit_test(test_what_is_unknown_disturbs_nothing),
        cmocka_unit_test(test_this_machine_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
