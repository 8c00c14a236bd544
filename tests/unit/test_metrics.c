/* Tests of analysis/metrics: what a trial's runner had to compute with. */
#include "analysis/metrics.h"
#include "single_quotes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static double value_of(const char *name, const char *text)
{
    const struct metric_context context = {.origin_threads = 1};
    json_auto_t *trial = json_quoted(text);
    for (size_t i = 0; i < metrics_count; i++) {
        if (!strcmp(metrics_table[i].name, name))
            return metrics_table[i].of_trial(&metrics_table[i], trial, &context);
    }
    fail_msg("no metric %s", name);
    return (double)NAN;
}

/* A runner that computed for 600 of 1000 ns on the CPUs of that list, with these knobs.
 */
static double busy(const char *cpus, const char *knobs)
{
    char text[300];
    (void)snprintf(text, sizeof text,
                   "{'placement':{'runner_cpus':%s},'document':{"
                   "'cpu_measured_ns':600,'measured_ns':1000,'knobs':{%s}}}",
                   cpus, knobs);
    return value_of("runner_cpu_ratio", text);
}

static void test_a_runner_is_busy_on_the_cpus_it_had(void **state)
{
    (void)state;
    assert_true(busy("'0-3'", "") == .15);
    assert_true(busy("'0-3'", "'cpus':1") == .6);
    assert_true(busy("'0-3'", "'cpus':2") == .3);
    assert_true(busy("'0-3'", "'cpus':4") == .15);
    assert_true(busy("'5'", "'cpus':2") == .6); /* it cannot have had more */
    assert_true(busy("'0-3'", "'cpus':0") == .15);
    assert_true(busy("'0-3'", "'cpus':'1'") == .15);
    assert_true(isnan(busy("null", "'cpus':2")));
}

/* Ten sleeps of 100 ms by four workers are three rounds. */
static void test_how_late_the_last_sleeper_was(void **state)
{
    (void)state;
#define SLEPT(ms)                                                                        \
    "{'document': {'requests': 10, 'concurrency': 4, 'measured_ns': 302000000, 'knobs':" \
    " {'sleep_ms': " ms "}}}"
    assert_true(fabs(value_of("task.late_ns", SLEPT("100")) - 2e6) < 1);
    assert_true(isnan(value_of("task.late_ns", SLEPT("'100,200'"))));
    const char *foreign = "{'command': ['x', '--sleep-ms', '100', '-n', '4'], 'document':"
                          " {'requests': 4, 'concurrency': 4, 'measured_ns': 103000000}}";
    assert_true(fabs(value_of("task.late_ns", foreign) - 3e6) < 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_runner_is_busy_on_the_cpus_it_had),
        cmocka_unit_test(test_how_late_the_last_sleeper_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
