/* test_quick: what preset quick makes of a scenario, and how a plan is made to fit. */
#include "harness/plan/quick.h"

#include "common/json.h"
#include "harness/plan/estimate.h"
#include "harness/plan/scenario.h"
#include "single_quotes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void taken(const char *before, bool wanted, const char *after)
{
    json_auto_t *json = json_quoted(before), *expected = json_quoted(after);
    assert_int_equal(quick_take(json, wanted, NULL), 0);
    assert_true(json_equal(json, expected));
}

static void test_its_values_take_the_place_of_the_others(void **state)
{
    (void)state;
    const char *file = "{'a':{'b':1,'c':[1,2]},'d':3,'quick':{'a':{'c':[9]},'e':4}}";
    taken(file, true, "{'a':{'b':1,'c':[9]},'d':3,'e':4}");
    taken(file, false, "{'a':{'b':1,'c':[1,2]},'d':3}");
    taken("{'a':1}", true, "{'a':1}");
}

static void refused(const char *text, const char *why)
{
    json_auto_t *json = json_quoted(text);
    struct err err = {0};
    assert_true(quick_take(json, true, &err) < 0);
    assert_int_equal(err.code, EXIT_CODE_USAGE);
    assert_non_null(strstr(err.text, why));
}

static void test_it_is_an_object_without_another(void **state)
{
    (void)state;
    refused("{'quick':[]}", "quick: expected an object");
    refused("{'quick':{'quick':{}}}", "quick.quick: not known");
}

/* Requests of 10 ms one after the other, so many in each trial of two models. */
static struct scenario *made(int requests)
{
    struct scenario *scenario = NULL;
    json_auto_t *json = json_pack("{s:s,s:s,s:[s,s],s:{s:i,s:i},s:{s:[i],s:i}}", "title",
                                  "Made up", "question", "How long?", "models", "threads",
                                  "coroutines", "origin", "bytes", 1, "delay_ms", 10,
                                  "load", "concurrency", 1, "requests", requests);
    assert_int_equal(scenario_from_json("made", json, &scenario, NULL), 0);
    return scenario;
}

static uint64_t blocks_of(int requests, uint64_t given, bool *out_warmed)
{
    const struct host_limits limits = HOST_NO_LIMITS;
    struct scenario *scenario = made(requests);
    struct plan *plan = NULL;
    assert_int_equal(
        plan_make(&scenario, 1, given ? given : QUICK_BLOCKS, 1, &limits, &plan, NULL),
        0);
    assert_true(estimate_is_warmed(plan, &plan->cells[0]));
    quick_fit(plan, 1, given > 0);
    const uint64_t blocks = plan->blocks;
    *out_warmed = estimate_is_warmed(plan, &plan->cells[0]);
    if (!given && blocks > QUICK_BLOCKS_LEAST)
        assert_true(estimate_seconds(plan) <= QUICK_SCENARIO_S);
    plan_free(plan);
    scenario_free(scenario);
    return blocks;
}

static void test_blocks_that_fit(void **state)
{
    (void)state;
    bool warmed = false;
    assert_int_equal(blocks_of(10, 0, &warmed), QUICK_BLOCKS); /* a tenth of a second */
    assert_true(warmed);
    assert_int_equal(blocks_of(200, 0, &warmed), QUICK_BLOCKS); /* 2 s */
    assert_false(warmed);
    assert_int_equal(blocks_of(270, 0, &warmed), 3);
    assert_int_equal(blocks_of(2000, 0, &warmed), QUICK_BLOCKS_LEAST);
    assert_int_equal(blocks_of(2000, 7, &warmed), 7); /* --blocks 7 */
    assert_false(warmed);
}

/* What one scenario does not need of it, another may. */
static void test_each_scenario_has_its_time(void **state)
{
    (void)state;
    const struct host_limits limits = HOST_NO_LIMITS;
    struct scenario *scenarios[] = {made(270), made(10)};
    struct plan *plan = NULL;
    assert_int_equal(plan_make(scenarios, 2, QUICK_BLOCKS, 1, &limits, &plan, NULL), 0);
    quick_fit(plan, 2, false);
    assert_int_equal(plan->blocks, QUICK_BLOCKS);
    plan_free(plan);
    scenario_free(scenarios[0]);
    scenario_free(scenarios[1]);
}

static const char both[] =
    "{'title':'T','question':'Q?','models':['threads','coroutines'],"
    "'origin':{'bytes':1},'load':{'concurrency':[2,8],'requests':8},"
    "'expect':[{'says':'S.','metric':'measured_ns','model':'coroutines',"
    "'concurrency':8,'at_least':1}],'quick':%s}";

static int choose(const char *quick, bool wanted, json_t **out_json, struct err *err)
{
    char text[1024];
    (void)snprintf(text, sizeof text, both, quick);
    *out_json = json_quoted(text);
    return scenario_choose("made", *out_json, wanted, err);
}

static void not_chosen(const char *quick, bool wanted, const char *why)
{
    json_auto_t *json = NULL;
    struct err err = {0};
    assert_true(choose(quick, wanted, &json, &err) < 0);
    assert_non_null(strstr(err.text, why));
}

static size_t models_chosen(const char *quick, bool wanted)
{
    json_auto_t *json = NULL;
    assert_int_equal(choose(quick, wanted, &json, NULL), 0);
    assert_null(json_object_get(json, "quick"));
    return json_array_size(json_object_get(json, "models"));
}

/* It may leave out what is predicted of the file, but what it predicts has to be there.
 */
static void test_both_have_to_be_sound(void **state)
{
    (void)state;
    assert_int_equal(models_chosen("{'models':['threads']}", true), 1);
    assert_int_equal(models_chosen("{'models':['threads']}", false), 2);
    not_chosen("{'load':{'requests':0}}", false, "with --preset quick: load.requests");
    not_chosen("{'models':['threads'],'expect':[{'says':'S.','metric':"
               "'measured_ns','model':'coroutines','concurrency':8,'at_least':1}]}",
               true, "'coroutines' is not one of models");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_its_values_take_the_place_of_the_others),
        cmocka_unit_test(test_it_is_an_object_without_another),
        cmocka_unit_test(test_blocks_that_fit),
        cmocka_unit_test(test_each_scenario_has_its_time),
        cmocka_unit_test(test_both_have_to_be_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
