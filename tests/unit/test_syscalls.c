/* The tables of strace and perf as they were written, and the difference of two. */
#include "harness/run/syscalls.h"

#include "common/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char strace[] =
    "% time     seconds  usecs/call     calls    errors syscall\n"
    "------ ----------- ----------- --------- --------- ----------------\n"
    "  0.00    0.000000           0         1         1 access\n"
    "  1.33    0.000218          27         8           clock_gettime\n"
    "  6.46    0.001059          52        20        20 connect\n"
    " 52.33    0.008572         231        37         1 futex\n"
    "------ ----------- ----------- --------- --------- ----------------\n"
    "100.00    0.016380          24        66        22 total\n";

static const char perf[] =
    "\n Summary of events:\n\n runner-threads (3339), 718 events, 53.7%\n\n"
    "   syscall            calls  errors  total       min       avg       max       "
    "stddev\n"
    "                                     (msec)    (msec)    (msec)    (msec)        "
    "(%)\n"
    "   --------------- --------  ------ -------- --------- --------- ---------     "
    "------\n"
    "   wait4                  3      1     4.081     0.011     1.360     3.787     "
    "89.38%\n"
    "   futex                 40      0     2.643     0.013     0.018     0.032      "
    "1.56%\n\n\n runner-threads (3340), 328 events, 24.6%\n\n"
    "   poll                  36      0     0.449     0.011     0.012     0.021      "
    "3.90%\n"
    "   futex                 17      0     0.188     0.011     0.011     0.012      "
    "0.60%\n";

static uint64_t calls_of(const struct syscalls_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++) {
        if (!strcmp(table->counts[i].name, name))
            return table->counts[i].calls;
    }
    return 0;
}

static void strace_is_read(void **state)
{
    struct syscalls_table table;
    (void)state;
    assert_true(syscalls_parse_strace(strace, &table));
    assert_int_equal(table.count, 4);
    assert_int_equal(calls_of(&table, "access"), 1);
    assert_int_equal(calls_of(&table, "clock_gettime"), 8);
    assert_int_equal(calls_of(&table, "futex"), 37);
    assert_int_equal(calls_of(&table, "total"), 0);
}

static void perf_is_read_and_threads_are_added(void **state)
{
    struct syscalls_table table;
    (void)state;
    assert_true(syscalls_parse_perf(perf, &table));
    assert_int_equal(table.count, 3);
    assert_int_equal(calls_of(&table, "futex"), 57);
    assert_int_equal(calls_of(&table, "poll"), 36);
}

static void what_is_no_table_is_none(void **state)
{
    struct syscalls_table table;
    (void)state;
    assert_false(syscalls_parse_strace("", &table));
    assert_false(syscalls_parse_strace("strace: ptrace(2): not permitted\n", &table));
    assert_false(syscalls_parse_strace("\n\n \t\n1 2 3 4\n", &table));
    assert_false(syscalls_parse_strace(perf, &table));
    assert_false(syscalls_parse_perf("", &table));
    assert_false(syscalls_parse_perf(strace, &table));
    assert_false(syscalls_parse_perf("a b c d e\nfutex", &table));
}

static double number(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static void start_up_cancels(void **state)
{
    static const struct syscalls_table
        few = {{{"execve", 1}, {"futex", 30}, {"poll", 4}, {"only_few", 2}}, 4},
        more = {{{"execve", 1}, {"futex", 29}, {"poll", 104}, {"sendto", 50}}, 4};
    double sum = 0;
    (void)state;
    json_auto_t *by_name = syscalls_per_request(&few, &more, 100, &sum);
    assert_true(fabs(number(by_name, "execve")) < 1e-9);
    assert_true(fabs(number(by_name, "futex") + 0.01) < 1e-9);
    assert_true(fabs(number(by_name, "poll") - 1) < 1e-9);
    assert_true(fabs(number(by_name, "sendto") - 0.5) < 1e-9);
    assert_true(fabs(number(by_name, "only_few") + 0.02) < 1e-9);
    assert_true(fabs(sum - 1.47) < 1e-9);
}

static void requests_are_bounded(void **state)
{
    static const struct {
        uint64_t concurrency, requests, few, more;
    } cases[] = {{1, 25, 1, 25},
                 {100, 100, 100, 200},
                 {128, 512, 128, 512},
                 {64, 5000, 64, 1064},
                 {5000, 5000, 5000, 10000}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint64_t few = 0, more = 0;
        syscalls_choose_requests(cases[i].concurrency, cases[i].requests, &few, &more);
        assert_int_equal(few, cases[i].few);
        assert_int_equal(more, cases[i].more);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strace_is_read),
        cmocka_unit_test(perf_is_read_and_threads_are_added),
        cmocka_unit_test(what_is_no_table_is_none), cmocka_unit_test(start_up_cancels),
        cmocka_unit_test(requests_are_bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
