/* test_settled: what runs until settled conclude on a machine that drifts, through the
 * real plan, comparisons and looks; only the trials are made up. The seeds are fixed. By
 * default so few runs are made that it takes seconds; with CONCBENCH_LONG=1 as many as
 * docs/methodology.md speaks of. */
#include "analysis/comparisons.h"
#include "analysis/looks.h"
#include "analysis/settled.h"
#include "common/json.h"
#include "drifting_machine.h"
#include "harness/plan/plan.h"
#include "harness/plan/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MODELS_MAX 4
#define MOST       64
#define DEFAULT    12 /* blocks of a run that does not look */

struct study {
    const char *models; /* a list in JSON; the last one may be slower */
    double noise_sd, margin, slowdown;
};

struct tally {
    int runs, wrong, found; /* runs with a false word; those that find the last slower */
    double blocks, bias, width; /* means; of the log ratio of requests/s, last to first */
};

struct made_run {
    struct cells cells;
    struct cell items[MODELS_MAX];
    struct headline headline;
    const json_t *valid[MODELS_MAX][MOST];
};

static int runs(int count)
{
    return getenv("CONCBENCH_LONG") ? count : count / 20;
}

static void begin(struct made_run *run, const struct plan *plan)
{
    *run = (struct made_run){.cells = {.items = run->items, .count = plan->cell_count}};
    headline_of(NULL, &run->headline);
    for (size_t c = 0; c < plan->cell_count; c++) {
        run->items[c] = (struct cell){.json = json_pack("{s:o}", "trials", json_array()),
                                      .scenario = "made",
                                      .model = plan->cells[c].model,
                                      .concurrency = 8,
                                      .requests = MADE_REQUESTS,
                                      .headline = &run->headline,
                                      .memory_bytes = (double)NAN,
                                      .valid = run->valid[c]};
    }
}

static void add_block(struct made_run *run, const struct plan *plan, uint64_t block,
                      const struct study *s, struct made_machine *m)
{
    size_t order[MODELS_MAX];
    plan_order(plan, block, order);
    for (size_t i = 0; i < plan->feasible_count; i++) {
        struct cell *cell = &run->items[order[i]];
        const bool is_last = order[i] + 1 == plan->cell_count;
        const double slow = is_last ? 1 + s->slowdown : 1, machine = machine_next(m);
        const double ns = 1e6 * slow * exp(s->noise_sd * normal(&m->rng) - machine);
        const double cpu = 1e6 * slow * exp(s->noise_sd * normal(&m->rng) - machine);
        json_t *trial =
            json_pack("{s:I,s:i,s:{s:i,s:f,s:f}}", "block", (json_int_t)block, "requests",
                      MADE_REQUESTS, "document", "ok", MADE_REQUESTS, "measured_ns", ns,
                      "cpu_measured_ns", cpu);
        json_push(json_object_get(cell->json, "trials"), trial);
        run->valid[order[i]][cell->n++] = trial;
    }
}

static void count(const struct study *s, const json_t *results, size_t blocks,
                  struct tally *tally)
{
    const json_t *rows = json_object_get(results, "comparisons"), *row = NULL;
    bool is_wrong = false, is_found = false;
    size_t i = 0;
    json_array_foreach (rows, i, row) {
        const bool is_last = !strcmp(json_text_of(row, "model"), "coroutines");
        const bool is_different = !strcmp(json_text_of(row, "verdict"), "different");
        const bool is_slower = json_number_of(row, "ratio") < 1;
        const bool is_rate = !strcmp(json_text_of(row, "metric"), "throughput_per_s");
        is_wrong = is_wrong || (is_different && (s->slowdown <= 0 || !is_last));
        if (!is_last || !is_rate || strcmp(json_text_of(row, "baseline"), "threads") != 0)
            continue;
        is_found = is_different && is_slower;
        tally->bias += log(json_number_of(row, "ratio")) + log1p(s->slowdown);
        tally->width +=
            log(json_number_of(row, "high")) - log(json_number_of(row, "low"));
    }
    tally->runs++;
    tally->wrong += is_wrong;
    tally->found += is_found;
    tally->blocks += (double)blocks;
}

/* One run until it is settled, hopeless, or has made all its blocks. */
static void make_run(const struct study *s, struct scenario *scenario, uint64_t seed,
                     struct tally *tally)
{
    const struct host_limits limits = HOST_NO_LIMITS;
    struct made_machine machine = machine_new(seed);
    struct made_run run;
    struct plan *plan = NULL;
    json_auto_t *results = json_object(),
                *facts = json_pack("{s:s,s:{s:{s:f},s:{s:f}}}", "until", "settled",
                                   "delta", "throughput_per_s", "value", s->margin,
                                   "cpu_per_request_ns", "value", s->margin);
    json_auto_t *scenarios = json_pack("[O]", scenario->json);
    assert_int_equal(plan_make(&scenario, 1, MOST, seed, &limits, &plan, NULL), 0);
    begin(&run, plan);
    size_t blocks = 0;
    for (bool is_done = false; !is_done;) {
        add_block(&run, plan, blocks++, s, &machine);
        if (!looks_is_due(blocks))
            continue;
        json_put(results, "comparisons", comparisons_make(&run.cells, scenarios, facts));
        const struct settled found = settled_count(results, scenario->json, MOST);
        is_done = found.open == 0 || blocks == MOST ||
                  (found.open == found.hopeless && blocks >= SETTLED_PATIENCE);
    }
    count(s, results, blocks, tally);
    for (size_t c = 0; c < plan->cell_count; c++)
        json_decref(run.items[c].json);
    plan_free(plan);
}

static struct tally study(const struct study *s, int count_of_runs)
{
    struct tally t = {0};
    struct scenario *scenario = made_scenario(s->models);
    for (int r = 0; r < count_of_runs; r++)
        make_run(s, scenario, (uint64_t)r + 1, &t);
    scenario_free(scenario);
    t.blocks /= t.runs;
    t.bias /= t.runs;
    t.width /= t.runs;
    print_message(
        "%s, noise %.0f %%, %.0f %% slower, margin %.4g %%: false words in %.1f "
        "%%, found in %.1f %%, %.1f blocks, bias %.2f %%, interval %.1f %%\n",
        s->models, 100 * s->noise_sd, 100 * s->slowdown, 100 * s->margin,
        100.0 * t.wrong / t.runs, 100.0 * t.found / t.runs, t.blocks, 100 * t.bias,
        100 * t.width);
    return t;
}

#define TWO  "[\"threads\",\"coroutines\"]"
#define FOUR "[\"threads\",\"processes\",\"another\",\"coroutines\"]"

/* With a margin too small to help, two models show what the looks and Holm leave. */
static void test_identical_models(void **state)
{
    const struct study four = {FOUR, .02, .01, 0}, bare = {TWO, .02, 1e-6, 0};
    (void)state;
    const struct tally all = study(&four, runs(3000)), two = study(&bare, runs(3000));
    assert_true(all.wrong <= .06 * all.runs);
    assert_true(two.wrong <= .06 * two.runs);
}

/* The estimate of a run that stops when it likes what it sees is a little too far from 1:
 * by less than a third of its interval. */
static void test_a_slower_model_is_found(void **state)
{
    const struct study cases[] = {{TWO, .02, .01, .05}, {FOUR, .02, .01, .05}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct tally t = study(&cases[i], runs(1000));
        assert_true(t.found >= .9 * t.runs);
        assert_true(fabs(t.bias) <= t.width / 3);
    }
}

static void test_a_large_difference_takes_fewer_blocks(void **state)
{
    const struct study two = {TWO, .02, .01, .20}, noisy = {TWO, .10, .01, .20},
                       four = {FOUR, .02, .25, .5};
    (void)state;
    const struct tally t = study(&two, runs(1000)), n = study(&noisy, runs(1000));
    assert_true(t.found >= .95 * t.runs && t.blocks < .75 * DEFAULT);
    assert_true(n.found >= .8 * n.runs && fabs(n.bias) <= n.width / 3);
    assert_true(study(&four, runs(1000)).blocks < .9 * DEFAULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identical_models),
        cmocka_unit_test(test_a_slower_model_is_found),
        cmocka_unit_test(test_a_large_difference_takes_fewer_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
