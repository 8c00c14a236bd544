/* test_budget: times in words, blocks that fit, and what is said about the rest. */
#include "harness/plan/budget.h"

#include "harness/plan/estimate.h"
#include "harness/plan/scenario.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double seconds;
    } good[] = {{"1s", 1},           {"90s", 90},     {"5m", 300},        {"1h", 3600},
                {"168h", 604800},    {"5 m", 300},    {"5min", 300},      {"1m30s", 90},
                {"6 min 30 s", 390}, {"1h30m", 5400}, {"2 h 5 min", 7500}};
    static const char *const bad[] = {
        "",    "0",  "5",         "300", "0s",   "m",  "5ms",  "30s5m",      "1m1m",
        "1m5", "m5", "5 minutes", "-5",  "1.5h", "5d", "169h", "99999999999"};
    double seconds = 0;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_int_equal(budget_parse(good[i].text, &seconds, NULL), 0);
        assert_true(fabs(seconds - good[i].seconds) < 1e-9);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_not_equal(budget_parse(bad[i], &seconds, NULL), 0);
}

/* Two cells of about 1 s a trial. */
static struct plan *make(struct scenario **out_scenario, uint64_t blocks)
{
    const struct host_limits limits = HOST_NO_LIMITS;
    struct plan *plan = NULL;
    json_t *json =
        json_pack("{s:s,s:s,s:[s,s],s:{s:i,s:i},s:{s:[i],s:i}}", "title", "Made up",
                  "question", "How long?", "models", "threads", "coroutines", "origin",
                  "bytes", 1, "delay_ms", 100, "load", "concurrency", 10, "requests", 90);
    assert_int_equal(scenario_from_json("made", json, out_scenario, NULL), 0);
    json_decref(json);
    assert_int_equal(plan_make(out_scenario, 1, blocks, 1, &limits, &plan, NULL), 0);
    return plan;
}

static void test_blocks_that_fit(void **state)
{
    (void)state;
    struct scenario *scenario = NULL;
    struct plan *plan = make(&scenario, 12);
    assert_int_equal(budget_blocks_expected(plan, 3600, 12), 12);
    assert_int_equal(budget_blocks_expected(plan, 1, 12), BUDGET_BLOCKS_MIN);
    assert_int_equal(budget_blocks_expected(plan, 1, 2), 2);
    uint64_t some = budget_blocks_expected(plan, 18, 12);
    assert_true(some > BUDGET_BLOCKS_MIN && some < 12);
    plan->blocks = some;
    assert_true(estimate_seconds(plan) <= 18);
    plan->blocks = some + 1;
    assert_true(estimate_seconds(plan) >
                17); /* no more would have fitted, but for the reserve */
    /* the warm block was twice as slow, or half */
    assert_true(budget_blocks(plan, 16, 4, 0, 12) < some);
    assert_true(budget_blocks(plan, 16, 1, 0, 12) > some);
    /* five are done: no time for more, for two more, for all */
    assert_int_equal(budget_blocks(plan, 0, 2, 5, 12), 5);
    assert_int_equal(budget_blocks(plan, 6, 2, 5, 12), 7);
    assert_int_equal(budget_blocks(plan, 600, 2, 5, 12), 12);
    assert_int_equal(budget_blocks(plan, 0, 2, 1, 12), BUDGET_BLOCKS_MIN);
    plan_free(plan);
    scenario_free(scenario);
}

static void expect(struct plan *plan, uint64_t blocks, double budget_s, double sd,
                   const char *what)
{
    char text[300];
    plan->blocks = blocks;
    budget_explain(plan, budget_s, 12, sd, .01, text, sizeof text);
    if (!strstr(text, what))
        fail_msg("'%s' does not say '%s'", text, what);
}

static void test_what_is_given_up(void **state)
{
    (void)state;
    struct scenario *scenario = NULL;
    struct plan *plan = make(&scenario, 12);
    expect(plan, 12, 300, (double)NAN, "budget 5 min: 12 of 12 blocks, nothing given up");
    expect(plan, 7, 30, (double)NAN, "7 of 12 blocks, intervals about 1.3x as wide");
    expect(plan, 7, 30, .02, "7 of 12 blocks, no verdict below about 3.2 %");
    expect(plan, 4, 30, .02, "4 of 12 blocks, no intervals and no verdicts below 6");
    expect(plan, 4, 2, .02, "name fewer scenarios, models or concurrencies");
    plan_free(plan);
    scenario_free(scenario);
}

static void test_a_control_costs_a_trial_and_no_memory_pass(void **state)
{
    (void)state;
    struct scenario *scenario = NULL;
    struct plan *plan = make(&scenario, 12);
    double before_s = estimate_seconds(plan);
    assert_int_equal(plan_add_controls(plan, false, NULL), 0);
    assert_int_equal(plan->cell_count, 3);
    assert_true(plan->cells[2].is_control);
    assert_string_equal(plan->cells[2].model, "threads");
    double more_s = estimate_seconds(plan) - before_s;
    assert_true(fabs(more_s - 13 * estimate_trial_seconds(&plan->cells[2])) < 1e-6);
    size_t order[3], seen = 0;
    plan_order(plan, 3, order);
    for (size_t i = 0; i < 3; i++)
        seen += order[i];
    assert_int_equal(seen, 0 + 1 + 2); /* each cell once, the control among them */
    plan_free(plan);
    scenario_free(scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_blocks_that_fit),
        cmocka_unit_test(test_what_is_given_up),
        cmocka_unit_test(test_a_control_costs_a_trial_and_no_memory_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
