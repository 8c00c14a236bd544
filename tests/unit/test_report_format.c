/* test_report_format: numbers for people, and text that cannot do harm. */
#include "report/data/format.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_values(void **state)
{
    (void)state;
    static const struct {
        double value;
        enum unit unit;
        const char *text;
    } table[] = {
        {57000, UNIT_NS, "57.0 µs"},
        {999.9e3, UNIT_NS, "1.00 ms"},
        {12.34e6, UNIT_NS, "12.3 ms"},
        {2.5e9, UNIT_NS, "2.50 s"},
        {0, UNIT_NS, "0 ns"},
        {12.3 * 1048576, UNIT_BYTES, "12.3 MiB"},
        {512, UNIT_BYTES, "512 B"},
        {4571.4, UNIT_PER_S, "4,571"},
        {1234567, UNIT_PER_S, "1,234,567"},
        {0.68, UNIT_FACTOR, "0.68×"},
        {0.0193, UNIT_COUNT, "0.019"},
        {0.314, UNIT_RATIO, "31 %"},
        {0.012, UNIT_RATIO, "1.2 %"},
        {(double)NAN, UNIT_NS, "–"},
        {(double)INFINITY, UNIT_RATIO, "–"},
        {-1234, UNIT_COUNT, "-1,234"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_string_equal(format_value(table[i].value, table[i].unit).s, table[i].text);
}

static void test_exact_values_lose_their_zeros(void **state)
{
    (void)state;
    assert_string_equal(format_exact(20e6, UNIT_NS).s, "20 ms");
    assert_string_equal(format_exact(1536, UNIT_BYTES).s, "1.5 KiB");
    assert_string_equal(format_exact(8, UNIT_COUNT).s, "8");
    assert_string_equal(format_exact(1000, UNIT_COUNT).s, "1,000");
}

static void test_quantiles(void **state)
{
    (void)state;
    assert_string_equal(format_quantile(0.999).s, "99.9 %");
    assert_string_equal(format_quantile(0.5).s, "50 %");
    assert_string_equal(format_quantile(0).s, "0 %");
    assert_string_equal(format_quantile(0.99999).s, "99.999 %");
}

static void test_labels_are_cut_at_characters(void **state)
{
    (void)state;
    assert_string_equal(format_label("coroutines", 16).s, "coroutines");
    assert_string_equal(format_label("µµµµµ", 4).s, "µµ…µ");
    assert_string_equal(format_label("a\"b\\c", 16).s, "a”b∖c");
    char longest[300];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_true(strlen(format_label(longest, 200).s) < sizeof(struct text));
}

static void test_axis_units(void **state)
{
    (void)state;
    const char *name = NULL;
    assert_true(format_axis_unit(374e3, UNIT_NS, &name) == 1e3);
    assert_string_equal(name, "µs");
    assert_true(format_axis_unit(0, UNIT_BYTES, &name) == 1);
    assert_string_equal(name, "B");
}

static void test_durations(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {{-1, "0 s"},      {0, "0 s"},          {0.4, "0 s"},
                 {0.6, "1 s"},     {55, "55 s"},        {59.6, "1 min"},
                 {60, "1 min"},    {390, "6 min 30 s"}, {3599.4, "59 min 59 s"},
                 {3599.6, "1 h"},  {3630, "1 h 1 min"}, {7499, "2 h 5 min"},
                 {604800, "168 h"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(format_duration(cases[i].seconds).s, cases[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_exact_values_lose_their_zeros),
        cmocka_unit_test(test_quantiles),
        cmocka_unit_test(test_labels_are_cut_at_characters),
        cmocka_unit_test(test_axis_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
