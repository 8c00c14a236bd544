/* Tests of harness/plan/tasks: what a scenario may say of its task, and what becomes of
 * it. */
#include "harness/plan/tasks.h"

#include "common/json.h"
#include "harness/plan/scenario.h"
#include "single_quotes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A scenario of these keys, in JSON without the outer braces; NULL: it was refused. */
static struct scenario *load(const char *keys, struct err *err)
{
    char text[600];
    (void)snprintf(text, sizeof text,
                   "{'title': 't', 'question': 'q', 'models': ['threads'], "
                   "'load': {'concurrency': [1], 'requests': 1}, %s}",
                   keys);
    json_auto_t *json = json_quoted(text);
    struct scenario *s = NULL;
    (void)scenario_from_json("s", json, &s, err);
    return s;
}

struct flags {
    char text[200];
};

static void add(void *arg, const char *flag, const char *value)
{
    struct flags *flags = arg;
    const size_t used = strlen(flags->text);
    (void)snprintf(flags->text + used, sizeof flags->text - used, "%s%s%s%s",
                   used ? " " : "", flag, value ? "=" : "", value ? value : "");
}

static void test_options_become_flags(void **state)
{
    (void)state;
    struct err err = {0};
    struct flags flags = {""};
    struct scenario *s = load("'task': 'sleep', 'options': {'sleep_ms': 250, "
                              "'stack_bytes': 16384}",
                              &err);
    assert_non_null(s);
    tasks_flags(s, 7, add, &flags);
    assert_string_equal(flags.text, "--sleep-ms=250 --stack-bytes=16384");
    assert_int_equal(tasks_fetches(s), 0);
    assert_true(tasks_wait_s(s) == 0.25);
    assert_true(json_is_null(json_object_get(s->json, "origin")));
    scenario_free(s);
}

static void test_a_list_of_sleeps_and_a_trace(void **state)
{
    (void)state;
    struct err err = {0};
    struct flags flags = {""};
    struct scenario *s = load("'task': 'sleep', 'options': {'sleep_list_ms': "
                              "'200,100', 'trace': 'on'}",
                              &err);
    assert_non_null(s);
    tasks_flags(s, 7, add, &flags);
    assert_string_equal(flags.text, "--sleep-ms=200,100 --trace");
    assert_true(tasks_wait_s(s) == 0.15);
    scenario_free(s);
}

/* The amount of work is fixed in tests, by the run's one measurement. */
static void test_work_becomes_tests(void **state)
{
    (void)state;
    struct err err = {0};
    struct flags flags = {""};
    struct scenario *s = load("'task': 'cpu', 'options': {'work_us': 100}", &err);
    assert_non_null(s);
    tasks_flags(s, 7, add, &flags);
    assert_string_equal(flags.text, "--work=700");
    assert_true(tasks_work_s(s) == 100e-6);
    scenario_free(s);
    s = load("'task': 'cpu', 'options': {'work_us': 0}", &err);
    flags.text[0] = '\0';
    tasks_flags(s, 7, add, &flags);
    assert_string_equal(flags.text, "");
    scenario_free(s);
}

static void test_what_the_origin_is_asked_for(void **state)
{
    (void)state;
    struct err err = {0};
    char query[200] = "?delay_ms=5";
    struct scenario *s = load("'failures': 'counted', 'origin': {'bytes': 1, "
                              "'fault': 'reset', 'fault_ppm': 10}",
                              &err);
    assert_non_null(s);
    assert_true(s->counts_failures);
    tasks_query(s, query, sizeof query);
    assert_string_equal(query, "?delay_ms=5&fault=reset&fault_ppm=10");
    query[0] = '\0';
    tasks_query(s, query, sizeof query);
    assert_string_equal(query, "?fault=reset&fault_ppm=10");
    scenario_free(s);
}

/* No origin can refuse: the request goes elsewhere, and no parameter with it. */
static void test_a_refusal_is_no_parameter(void **state)
{
    (void)state;
    struct err err = {0};
    char query[200] = "";
    struct scenario *s = load("'failures': 'counted', 'origin': {'bytes': 1, "
                              "'fault': 'refused'}",
                              &err);
    assert_non_null(s);
    assert_true(tasks_is_refused(s));
    tasks_query(s, query, sizeof query);
    assert_string_equal(query, "");
    scenario_free(s);
}

static void test_what_requests_wait_for(void **state)
{
    (void)state;
    static const struct {
        const char *keys;
        double wait_s;
    } rows[] = {
        {"'origin': {'bytes': 1, 'delay_ms': 20, 'jitter_ms': 10}", 0.025},
        {"'failures': 'counted', 'origin': {'bytes': 1, 'fault': 'stall', "
         "'fault_ppm': 100000}",
         3}, /* a tenth of the 30 s that are the timeout unless it is given */
        {"'task': 'db', 'options': {'db_query': 'sleep', 'db_ms': 40}", 0.04},
        {"'task': 'db', 'options': {'db_query': 'read'}", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = {0};
        struct scenario *s = load(rows[i].keys, &err);
        assert_non_null(s);
        const double off = tasks_wait_s(s) - rows[i].wait_s;
        assert_true(off < 1e-9 && off > -1e-9);
        scenario_free(s);
    }
}

static void test_fan_out_makes_several_requests(void **state)
{
    (void)state;
    struct err err = {0};
    struct scenario *s = load("'task': 'fan-out', 'options': {'fan_out': 4}, "
                              "'origin': {'bytes': 1}",
                              &err);
    assert_non_null(s);
    assert_int_equal(tasks_fetches(s), 4);
    scenario_free(s);
}

static void test_errors_name_the_place(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *named;
    } table[] = {
        {"'task': 'juggle'", "task: 'juggle'"},
        {"'task': 'sleep', 'origin': {'bytes': 1}", "origin:"},
        {"'task': 'http'", "origin: missing"},
        {"'origin': 5", "origin: expected an object"},
        {"'task': 'cpu', 'options': {'sleep_ms': 1}", "options.sleep_ms"},
        {"'task': 'cpu', 'options': {'work_us': -1}", "options.work_us"},
        {"'task': 'cpu', 'options': 3", "options"},
        {"'task': 'sleep', 'options': {'sleep_list_ms': '1,'}", "sleep_list"},
        {"'task': 'sleep', 'options': {'sleep_list_ms': '3600001'}", "sleep_l"},
        {"'task': 'sleep', 'options': {'sleep_list_ms': '1 2'}", "sleep_list"},
        {"'task': 'sleep', 'options': {'sleep_list_ms': 5}", "sleep_list"},
        {"'task': 'sleep', 'options': {'trace': 'off'}", "options.trace"},
        {"'task': 'file', 'options': {'file_op': 'rea'}", "options.file_op"},
        {"'origin': {'bytes': 1, 'fault': 'fire'}", "origin.fault"},
        {"'origin': {'bytes': 1, 'fault_ppm': 1000001}", "origin.fault_ppm"},
        {"'failures': 'loved', 'origin': {'bytes': 1}", "failures: 'loved'"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct err err = {0};
        assert_null(load(table[i].keys, &err));
        assert_int_equal(err.code, EXIT_CODE_USAGE);
        if (!strstr(err.text, table[i].named))
            fail_msg("'%s' is not in '%s'", table[i].named, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_become_flags),
        cmocka_unit_test(test_a_list_of_sleeps_and_a_trace),
        cmocka_unit_test(test_work_becomes_tests),
        cmocka_unit_test(test_what_the_origin_is_asked_for),
        cmocka_unit_test(test_a_refusal_is_no_parameter),
        cmocka_unit_test(test_what_requests_wait_for),
        cmocka_unit_test(test_fan_out_makes_several_requests),
        cmocka_unit_test(test_errors_name_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
