/* test_plan: cells, skipped cells, and the balance of the order. */
#include "harness/plan/plan.h"

#include "harness/plan/estimate.h"
#include "single_quotes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct host_limits no_limits = HOST_NO_LIMITS;

static struct scenario *scenario_of(const char *text)
{
    json_t *json = json_quoted(text);
    struct scenario *scenario = NULL;
    struct err err = {0};
    if (scenario_from_json("test", json, &scenario, &err))
        fail_msg("%s", err.text);
    json_decref(json);
    return scenario;
}

static struct scenario *four_models(void)
{
    return scenario_of(
        "{'title':'t','question':'q','models':['sequential',"
        "'threads','processes','coroutines'],'origin':{'bytes':1},"
        "'load':{'concurrency':[1,8,1000],'requests':10,'requests_per_worker':2}}");
}

static struct plan *plan_of(struct scenario *scenario, uint64_t seed,
                            const struct host_limits *limits)
{
    struct plan *plan = NULL;
    assert_int_equal(plan_make(&scenario, 1, 12, seed, limits, &plan, NULL), 0);
    return plan;
}

/* Over a full square each item follows each other equally often, and stands in each
 * position equally often. */
static void test_square_is_balanced(void **state)
{
    (void)state;
    for (size_t k = 2; k <= 12; k++) {
        size_t follows[12][12] = {{0}}, stands[12][12] = {{0}}, items[12];
        size_t rows = plan_square_rows(k);
        for (size_t r = 0; r < rows; r++) {
            plan_square_row(k, r, items);
            for (size_t i = 0; i < k; i++) {
                stands[items[i]][i]++;
                if (i > 0)
                    follows[items[i - 1]][items[i]]++;
            }
        }
        for (size_t a = 0; a < k; a++) {
            for (size_t b = 0; b < k; b++) {
                assert_int_equal(stands[a][b], rows / k);
                assert_int_equal(follows[a][b], a == b ? 0 : rows / k);
            }
        }
    }
}

static void test_cells(void **state)
{
    (void)state;
    struct scenario *s = four_models();
    struct plan *plan = plan_of(s, 1, &no_limits);
    assert_int_equal(plan->cell_count, 10); /* sequential once, three models at three */
    assert_int_equal(plan->feasible_count, 10);
    assert_int_equal(plan->group_count, 3);
    assert_string_equal(plan->cells[0].model, "sequential");
    assert_int_equal(plan->cells[0].concurrency, 1);
    assert_int_equal(plan->cells[0].requests, 10);
    assert_int_equal(plan->cells[9].requests, 2000);
    assert_true(estimate_seconds(plan) > 0);
    plan_free(plan);
    scenario_free(s);
}

static void test_single_cell_without_concurrency_1(void **state)
{
    (void)state;
    struct scenario *s = scenario_of("{'title':'t','question':'q','models':['threads',"
                                     "'sequential'],'origin':{'bytes':1},'load':{"
                                     "'concurrency':[16],'requests':1}}");
    struct plan *plan = plan_of(s, 1, &no_limits);
    assert_int_equal(plan->cell_count, 2);
    assert_int_equal(plan->group_count, 2);
    assert_string_equal(plan->cells[0].model, "sequential");
    assert_int_equal(plan->cells[0].concurrency, 1);
    assert_int_equal(plan->cells[1].concurrency, 16);
    assert_string_equal(s->baseline, "sequential");
    plan_free(plan);
    scenario_free(s);
}

static void test_too_few_files_skip_cells(void **state)
{
    (void)state;
    struct scenario *s = four_models();
    struct host_limits limits = HOST_NO_LIMITS;
    limits.open_files = 1100;
    struct plan *plan = plan_of(s, 1, &limits);
    size_t skipped = 0;
    for (size_t c = 0; c < plan->cell_count; c++) {
        if (!plan->cells[c].skip_reason[0])
            continue;
        skipped++;
        assert_string_equal(plan->cells[c].model, "threads"); /* 3 each: 3064 */
        assert_non_null(strstr(plan->cells[c].skip_reason, "3064"));
    }
    assert_int_equal(skipped, 1);
    size_t order[10];
    plan_order(plan, 0, order); /* exactly feasible_count entries, none of them skipped */
    for (size_t i = 0; i < plan->feasible_count; i++)
        assert_false(plan->cells[order[i]].skip_reason[0]);
    plan_free(plan);
    scenario_free(s);
}

static void test_too_few_ports_skip_cells(void **state)
{
    (void)state;
    struct scenario *s = four_models();
    struct host_limits limits = HOST_NO_LIMITS;
    limits.ports = 500;
    struct plan *plan = plan_of(s, 1, &limits);
    assert_int_equal(plan->feasible_count, 7);
    plan_free(plan);
    scenario_free(s);
}

/* Each block is a permutation of the cells; over the blocks of a full square (12 is a
 * multiple of both 4 and 6 rows) each model follows each other equally often in its
 * group. */
static void test_an_open_loop_takes_as_long_as_its_arrivals(void **state)
{
    (void)state;
    struct scenario *scenario =
        scenario_of("{'title':'t','question':'q','models':['sequential','threads'],"
                    "'origin':{'bytes':1,'delay_ms':100},'load':{'concurrency':[64],"
                    "'requests':1000,'rate_per_s':100},'limits':{'trial_seconds':60}}");
    struct plan *plan = plan_of(scenario, 1, &no_limits);
    assert_int_equal(plan->cell_count, 2);
    assert_string_equal(plan->cells[0].model, "sequential");
    assert_int_equal(plan->cells[0].requests, 1000);
    assert_int_equal(plan->cells[1].requests, 1000);
    double kept_up_s = estimate_trial_seconds(&plan->cells[1]);
    assert_true(kept_up_s > 10 && kept_up_s < 11);
    /* one at a time takes 100 s, more than a trial may */
    assert_non_null(strstr(plan->cells[0].skip_reason, "takes about 1 min 40 s"));
    plan_free(plan);
    scenario_free(scenario);
}

static void test_blocks_are_balanced(void **state)
{
    (void)state;
    struct scenario *s = four_models();
    struct plan *plan = plan_of(s, 99, &no_limits);
    size_t follows[10][10] = {{0}};
    for (uint64_t b = 0; b < plan->blocks; b++) {
        size_t order[10];
        bool seen[10] = {false};
        plan_order(plan, b, order);
        for (size_t i = 0; i < 10; i++) {
            assert_false(seen[order[i]]);
            seen[order[i]] = true;
            if (i > 0 && plan->cells[order[i]].group == plan->cells[order[i - 1]].group)
                follows[order[i - 1]][order[i]]++;
        }
    }
    for (size_t a = 0; a < 10; a++) {
        for (size_t b = 0; b < 10; b++) {
            if (a == b || plan->cells[a].group != plan->cells[b].group)
                continue;
            size_t k = plan->cells[a].concurrency == 1 ? 4 : 3;
            assert_int_equal(follows[a][b], 12 / k);
        }
    }
    plan_free(plan);
    scenario_free(s);
}

static void test_order_depends_on_the_seed_alone(void **state)
{
    (void)state;
    struct scenario *s = four_models();
    struct plan *one = plan_of(s, 7, &no_limits), *same = plan_of(s, 7, &no_limits);
    struct plan *other = plan_of(s, 8, &no_limits);
    bool differs = false;
    for (uint64_t b = 0; b < 12; b++) {
        size_t x[10], y[10], z[10];
        plan_order(one, b, x);
        plan_order(same, b, y);
        plan_order(other, b, z);
        assert_memory_equal(x, y, sizeof x);
        differs = differs || memcmp(x, z, sizeof x) != 0;
    }
    assert_true(differs);
    plan_free(one);
    plan_free(same);
    plan_free(other);
    scenario_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_square_is_balanced),
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_single_cell_without_concurrency_1),
        cmocka_unit_test(test_too_few_files_skip_cells),
        cmocka_unit_test(test_too_few_ports_skip_cells),
        cmocka_unit_test(test_an_open_loop_takes_as_long_as_its_arrivals),
        cmocka_unit_test(test_blocks_are_balanced),
        cmocka_unit_test(test_order_depends_on_the_seed_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
