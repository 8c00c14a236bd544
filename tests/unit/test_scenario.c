/* test_scenario: defaults are filled in, and each thing that is wrong is named by path.
 */
#include "harness/plan/scenario.h"
#include "single_quotes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "{'title':'t','question':'q','models':['sequential','threads'],"
#define REST "'origin':{'bytes':1},'load':{'concurrency':[1,4],'requests':2}}"

static int read_text(const char *name, const char *text, struct scenario **out_scenario,
                     struct err *err)
{
    json_t *json = json_quoted(text);
    int status = scenario_from_json(name, json, out_scenario, err);
    json_decref(json);
    return status;
}

static void test_defaults(void **state)
{
    (void)state;
    struct scenario *s = NULL;
    struct err err = {0};
    assert_int_equal(read_text("x", HEAD REST, &s, &err), 0);
    assert_string_equal(s->task, "http");
    assert_string_equal(s->baseline, "sequential");
    assert_true(s->has_split_placement);
    assert_true(s->has_keepalive);
    assert_int_equal(s->timeout_ms, 30000);
    assert_int_equal(s->trial_seconds, 60);
    assert_int_equal(s->requests_per_worker, 1);
    assert_int_equal(scenario_requests(s, 1), 2);
    assert_int_equal(scenario_requests(s, 4), 4);
    const json_t *load = json_object_get(s->json, "load");
    assert_int_equal(json_integer_value(json_object_get(load, "timeout_ms")), 30000);
    assert_string_equal(json_string_value(json_object_get(s->json, "name")), "x");
    scenario_free(s);
    scenario_free(NULL);
}

#define OPEN(load) "'origin':{'bytes':1},'load':{'concurrency':[1,4]," load "}}"

static void test_open_loop(void **state)
{
    (void)state;
    struct scenario *s = NULL, *again = NULL;
    struct err err = {0};
    const char *text = HEAD OPEN("'requests':2,'requests_per_worker':9,'rate_per_s':50");
    assert_int_equal(read_text("x", text, &s, &err), 0);
    assert_int_equal(s->rate_per_s, 50);
    assert_string_equal(s->arrivals, "poisson");
    assert_int_equal(scenario_requests(s, 1), 4); /* all cells make the same number */
    assert_int_equal(scenario_requests(s, 4), 4);
    scenario_free(s);
    assert_int_equal(read_text("x", HEAD REST, &s, &err), 0);
    assert_int_equal(s->rate_per_s, 0);
    assert_null(s->arrivals);
    (void)json_object_del(s->json, "name");
    assert_int_equal(scenario_from_json("x", s->json, &again, &err), 0); /* with nulls */
    scenario_free(again);
    scenario_free(s);
}

static void test_errors_name_the_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } table[] = {
        {HEAD "'colour':1," REST, "colour: unknown key"},
        {HEAD "'name':'x'," REST, "name: unknown key"},
        {HEAD "'task':'ftp'," REST, "task: 'ftp' is not one of http"},
        {HEAD "'task':7," REST, "task: expected one of http"},
        {HEAD "'placement':'moon'," REST, "placement: 'moon'"},
        {HEAD "'baseline':'coroutines'," REST, "baseline: 'coroutines' is not one"},
        {HEAD "'limits':{'x':1}," REST, "limits.x: unknown key"},
        {HEAD "'limits':[]," REST, "limits: expected an object"},
        {HEAD "'limits':{'trial_seconds':0}," REST, "limits.trial_seconds: expected"},
        {HEAD "'load':{'concurrency':[1],'requests':1}}", "origin: missing"},
        {HEAD "'origin':{},'load':{'concurrency':[1],'requests':1}}",
         "origin.bytes: missing"},
        {HEAD "'origin':{'bytes':-1},'load':{'concurrency':[1],'requests':1}}",
         "origin.bytes: expected a whole number"},
        {HEAD "'origin':{'bytes':1.5},'load':{'concurrency':[1],'requests':1}}",
         "origin.bytes: expected a whole number"},
        {HEAD "'origin':{'bytes':1},'load':{'concurrency':[4,4],'requests':1}}",
         "load.concurrency[1]: expected a number above"},
        {HEAD "'origin':{'bytes':1},'load':{'concurrency':[],'requests':1}}",
         "load.concurrency: expected an array of 1 to 24"},
        {HEAD "'origin':{'bytes':1},'load':{'concurrency':1,'requests':1}}",
         "load.concurrency: expected an array"},
        {HEAD OPEN("'requests':1,'rate_per_s':0"), "load.rate_per_s: expected"},
        {HEAD OPEN("'requests':1,'rate_per_s':5,'arrivals':'never'"),
         "load.arrivals: 'never' is not one of poisson, fixed"},
        {HEAD OPEN("'requests':1,'arrivals':'fixed'"),
         "load.arrivals: means something only with load.rate_per_s"},
        {HEAD "'origin':{'bytes':1,'freeze_ms':5001},"
              "'load':{'concurrency':[1],'requests':1}}",
         "origin.freeze_ms: "},
        {"{'title':'t','question':'q','models':[]," REST,
         "models: expected an array of 1"},
        {"{'title':'t','question':'q','models':['../x']," REST, "models[0]: expected"},
        {"{'title':'t','question':'q','models':['a','a']," REST,
         "models[1]: 'a' is listed twice"},
        {"{'title':'a\\nb','question':'q','models':['a']," REST, "title: expected"},
        {"{'question':'q','models':['a']," REST, "title: missing"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct scenario *s = NULL;
        struct err err = {0};
        assert_true(read_text("x", table[i].text, &s, &err) < 0);
        assert_null(s);
        assert_int_equal(err.code, EXIT_CODE_USAGE);
        if (strncmp(err.text, table[i].expected, strlen(table[i].expected)) != 0)
            fail_msg("'%s', expected '%s'", err.text, table[i].expected);
    }
}

#define LEAD(text) HEAD "'headline':{" text "}," REST

static void test_a_headline_has_to_be_measured(void **state)
{
    static const struct {
        const char *text, *expected;
    } table[] = {
        {HEAD "'headline':3," REST, "headline: expected an object"},
        {LEAD("'metric':'measured_ns'"), "headline.as: missing"},
        {LEAD("'as':'a'"), "headline.metric: missing"},
        {LEAD("'metric':'measured_ns','as':'a','unit':'s'"),
         "headline.unit: unknown key"},
        {LEAD("'metric':'measured_ns','as':'a\\nb'"), "headline.as: expected one line"},
        {LEAD("'metric':'beauty','as':'a'"),
         "headline.metric: 'beauty' is not a metric; docs/results.md lists them"},
        {LEAD("'metric':'mesured_ns','as':'a'"),
         "headline.metric: 'mesured_ns' is not a metric; did you mean 'measured_ns'?"},
        {LEAD("'metric':'producer_wait','as':'a'"),
         "headline.metric: 'producer_wait' is not a metric; did you mean "
         "'task.producer_waits'?"},
        {LEAD("'metric':'task.producer_waits','as':'a'"),
         "headline.metric: task.producer_waits is counted in task pipeline only"},
        {LEAD("'metric':'response_p99_ns','as':'a'"),
         "headline.metric: response_p99_ns is measured in an open loop only"},
        {LEAD("'metric':'latency_p50_ns','per':'request','as':'a'"),
         "headline.per: latency_p50_ns per request makes no sense"},
        {LEAD("'metric':'throughput_per_s','per':'worker','as':'a'"),
         "headline.per: throughput_per_s per worker makes no sense"},
        {LEAD("'metric':'measured_ns','per':'requests','as':'a'"),
         "headline.per: 'requests' is not one of request, worker, turn, further_worker; "
         "did you mean "
         "'request'?"},
        {LEAD("'metric':'latency_p50_ns','per':'turn','as':'a'"),
         "headline.per: there are turns in task switch only"},
        {LEAD("'metric':'measured_ns','as':'a','noun':'Page'"),
         "headline.noun: expected what one request is"},
        {LEAD("'metric':'measured_ns','as':'a','noun':''"), "headline.noun: expected"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct scenario *s = NULL;
        struct err err = {0};
        assert_true(read_text("x", table[i].text, &s, &err) < 0);
        if (strncmp(err.text, table[i].expected, strlen(table[i].expected)) != 0)
            fail_msg("'%s', expected '%s'", err.text, table[i].expected);
    }
}

static void test_names(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "../x", ".x", "a b", "a/b", "a\nb"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct scenario *s = NULL;
        struct err err = {0};
        assert_true(read_text(bad[i], HEAD REST, &s, &err) < 0);
        assert_int_equal(err.code, EXIT_CODE_USAGE);
    }
    struct scenario *s = NULL;
    struct err err = {0};
    assert_true(scenario_load("/nonexistent/x.json", false, &s, &err) < 0);
    assert_int_equal(err.code, EXIT_CODE_USAGE);
    assert_non_null(strstr(err.text, "/nonexistent/x.json"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_open_loop),
        cmocka_unit_test(test_errors_name_the_place),
        cmocka_unit_test(test_a_headline_has_to_be_measured),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
