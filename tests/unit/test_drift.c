/* test_drift: what a run concludes on a machine that drifts, through the real plan and
 * the real comparisons; only the trials are made up.
 *
 * The machine's speed wanders (a random walk), swings slowly (a sine over 40 to 400
 * trials) and has bursts of 3 to 10 trials in which it is up to 10 % slower; neighbours
 * in time share all of it. On top every trial has noise of its own. The seed is fixed, so
 * the counts below are too; each is printed, and compared with what docs/methodology.md
 * promises. */
#include "analysis/comparisons.h"
#include "analysis/stats.h"
#include "common/json.h"
#include "drifting_machine.h"
#include "harness/plan/plan.h"
#include "harness/plan/scenario.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CELLS_MAX  8
#define BLOCKS_MAX 24

/* The rates are asked of all runs in the plain build. Under a sanitizer, which makes this
 * ten times slower, a tenth of them is enough to pass every line. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RUNS(count) ((count) / 10)
#else
#define RUNS(count) (count)
#endif

/* One kind of run to simulate. */
struct study {
    struct scenario *scenario;
    uint64_t blocks;
    double noise_sd; /* of a trial, relative */
    double margin;   /* what counts as no difference */
    double slowdown; /* of the last model */
    bool one_by_one; /* AAA..BBB instead of blocks */
    bool controls;   /* each model also against itself */
};

/* A trial that served so many requests a second; CPU and wall time have noise of their
 * own on top of what the machine did. They are there for controls alone, which are judged
 * by all metrics together; other studies look at requests/s, whose verdicts do not depend
 * on other metrics. */
static json_t *trial_of(const struct study *s, struct made_machine *m, uint64_t block,
                        double speed)
{
    double ns = 1e9 / speed;
    double cpu = ns * exp(s->noise_sd * normal(&m->rng));
    json_t *document = json_pack("{s:i,s:f}", "ok", MADE_REQUESTS, "measured_ns", ns);
    json_t *trial = json_pack("{s:I,s:i,s:o}", "block", (json_int_t)block, "requests",
                              MADE_REQUESTS, "document", document);
    if (s->controls) {
        json_put(document, "cpu_measured_ns", json_real(cpu));
        json_put(trial, "wall_ns", json_real(ns + 5e6));
    }
    return trial;
}

/* The order of every trial of the run: indices of cells, block after block. */
static void order_of(const struct study *s, const struct plan *plan, size_t *out_cells,
                     uint64_t *out_blocks)
{
    size_t cells = plan->feasible_count, at = 0, order[CELLS_MAX];
    for (uint64_t b = 0; b < s->blocks; b++) {
        plan_order(plan, b, order);
        for (size_t i = 0; i < cells; i++, at++) {
            out_cells[at] = s->one_by_one ? (size_t)(at / s->blocks) : order[i];
            out_blocks[at] = s->one_by_one ? at % s->blocks : b;
        }
    }
}

struct made_run {
    struct cells cells;
    struct cell items[CELLS_MAX];
    struct headline headline; /* requests/s, as no scenario names another */
    const json_t *valid[CELLS_MAX][BLOCKS_MAX];
    json_t *owned[CELLS_MAX][BLOCKS_MAX];
};

static void fill_cells(struct made_run *run, const struct plan *plan)
{
    *run = (struct made_run){.cells = {.count = plan->cell_count}};
    run->cells.items = run->items;
    run->cells.controls = json_array();
    headline_of(NULL, &run->headline);
    for (size_t c = 0; c < plan->cell_count; c++) {
        const struct plan_cell *from = &plan->cells[c];
        run->items[c] = (struct cell){.scenario = "made",
                                      .model = from->model,
                                      .is_control = from->is_control,
                                      .concurrency = 8,
                                      .requests = MADE_REQUESTS,
                                      .headline = &run->headline,
                                      .memory_bytes = (double)NAN,
                                      .valid = run->valid[c]};
        if (from->is_control) {
            run->items[c].json = json_object();
            json_push(run->cells.controls, run->items[c].json);
        }
    }
}

static void simulate(const struct study *s, uint64_t seed, struct made_run *out_run)
{
    const struct host_limits limits = HOST_NO_LIMITS;
    struct made_machine machine = machine_new(seed);
    struct plan *plan = NULL;
    size_t cells[CELLS_MAX * BLOCKS_MAX];
    uint64_t blocks[CELLS_MAX * BLOCKS_MAX];
    struct scenario *scenario = s->scenario;
    assert_int_equal(plan_make(&scenario, 1, s->blocks, seed, &limits, &plan, NULL), 0);
    if (s->controls)
        assert_int_equal(plan_add_controls(plan, true, NULL), 0);
    fill_cells(out_run, plan);
    order_of(s, plan, cells, blocks);
    for (size_t t = 0; t < plan->feasible_count * s->blocks; t++) {
        size_t c = cells[t];
        bool slow =
            !strcmp(plan->cells[c].model, scenario->models[scenario->model_count - 1]);
        double speed = 1000 *
                       exp(machine_next(&machine) + s->noise_sd * normal(&machine.rng)) /
                       (slow ? 1 + s->slowdown : 1);
        json_t *trial = trial_of(s, &machine, blocks[t], speed);
        out_run->owned[c][blocks[t]] = trial;
        out_run->valid[c][blocks[t]] = trial; /* ascending in block, as journals are */
        out_run->items[c].n++;
    }
    plan_free(plan);
}

static void release(struct made_run *run)
{
    for (size_t c = 0; c < CELLS_MAX; c++) {
        for (size_t b = 0; b < BLOCKS_MAX; b++)
            json_decref(run->owned[c][b]);
    }
    json_decref(run->cells.controls);
}

static json_t *run_json(double margin)
{
    return json_pack("{s:{s:{s:f},s:{s:f},s:{s:f}}}", "delta", "throughput_per_s",
                     "value", margin, "cpu_per_request_ns", "value", margin, "wall_ns",
                     "value", margin);
}

static bool is_row(const json_t *row, const char *key, const char *value)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text && !strcmp(text, value);
}

struct tally {
    int family; /* runs with a `different` against the baseline in requests/s */
    int any;    /* runs with one between any two models, requests/s */
    int found;  /* runs that find the last model slower than the baseline */
    double sd;  /* of the paired log ratios, last model and baseline: mean over runs */
};

static void count_rows(const struct study *s, const json_t *rows, struct tally *tally)
{
    size_t i = 0;
    json_t *row = NULL;
    bool family = false, any = false, found = false;
    const struct scenario *scenario = s->scenario;
    json_array_foreach (rows, i, row) {
        if (!is_row(row, "metric", "throughput_per_s") ||
            !is_row(row, "verdict", "different"))
            continue;
        bool against_baseline = is_row(row, "baseline", scenario->baseline);
        any = true;
        family = family || against_baseline;
        found =
            found || (against_baseline &&
                      is_row(row, "model", scenario->models[scenario->model_count - 1]) &&
                      json_number_value(json_object_get(row, "ratio")) < 1);
    }
    tally->family += family;
    tally->any += any;
    tally->found += found;
}

static double measured(const json_t *trial)
{
    return json_number_of(json_object_get(trial, "document"), "measured_ns");
}

/* What `concbench check` would call this machine's noise. */
static double paired_sd(const struct made_run *made, size_t model)
{
    double logs[BLOCKS_MAX];
    const size_t n = made->items[0].n;
    for (size_t b = 0; b < n; b++)
        logs[b] = log(measured(made->valid[0][b])) - log(measured(made->valid[model][b]));
    return stats_sd(logs, n);
}

static struct tally study(const struct study *s, int runs)
{
    struct tally tally = {0};
    json_t *scenarios = json_pack("[O]", s->scenario->json), *run = run_json(s->margin);
    for (int r = 0; r < runs; r++) {
        struct made_run made;
        simulate(s, (uint64_t)r + 1, &made);
        json_t *rows = comparisons_make(&made.cells, scenarios, run);
        count_rows(s, rows, &tally);
        tally.sd += paired_sd(&made, s->scenario->model_count - 1) / runs;
        json_decref(rows);
        release(&made);
    }
    json_decref(scenarios);
    json_decref(run);
    return tally;
}

static double percent(int count, int runs)
{
    return 100.0 * count / runs;
}

static void test_identical_models(void **state)
{
    struct study s = {.scenario = *state, .blocks = 12, .noise_sd = .02, .margin = .01};
    struct tally quiet = study(&s, RUNS(3000));
    print_message("12 blocks, 2 %% noise, margin 1 %%: %.2f %% of runs have a false "
                  "difference, %.2f %% against the baseline\n",
                  percent(quiet.any, RUNS(3000)), percent(quiet.family, RUNS(3000)));
    assert_true(percent(quiet.any, RUNS(3000)) <= 6);
    /* with no margin to help, what is left is the test and Holm's correction */
    s.margin = 1e-6;
    struct tally bare = study(&s, RUNS(3000));
    print_message("the same with no margin: %.2f %% against the baseline\n",
                  percent(bare.family, RUNS(3000)));
    assert_true(percent(bare.family, RUNS(3000)) <= 6);
}

static void test_slowdown_is_found(void **state)
{
    static const struct {
        uint64_t blocks;
        double noise_sd, least_percent;
    } levels[] = {{12, .02, 90}, {24, .02, 90}};
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        const struct study s = {.scenario = *state,
                                .blocks = levels[i].blocks,
                                .noise_sd = levels[i].noise_sd,
                                .margin = .01,
                                .slowdown = .05};
        struct tally tally = study(&s, RUNS(1000));
        print_message("a 5 %% slowdown at %.1f %% noise (paired sd %.1f %%) in %d blocks "
                      "is found in %.1f %%\n",
                      100 * s.noise_sd, 100 * tally.sd, (int)s.blocks,
                      percent(tally.found, RUNS(1000)));
        assert_true(percent(tally.found, RUNS(1000)) >= levels[i].least_percent);
    }
}

/* What the blocks are for. */
static void test_one_after_the_other_would_not_do(void **state)
{
    struct study s = {.scenario = *state,
                      .blocks = 12,
                      .noise_sd = .02,
                      .margin = .01,
                      .one_by_one = true};
    struct tally tally = study(&s, RUNS(500));
    print_message("AAA..BBB on the same machine: %.1f %% of runs have a false "
                  "difference\n",
                  percent(tally.any, RUNS(500)));
    assert_true(percent(tally.any, RUNS(500)) > 25);
}

/* `concbench check`: a model is never different from itself, or hardly ever. */
static void test_check_names_no_winner(void **state)
{
    (void)state;
    const int runs = RUNS(2000);
    struct scenario *two = made_scenario("[\"threads\",\"coroutines\"]");
    const struct study s = {
        .scenario = two, .blocks = 12, .noise_sd = .02, .margin = .01, .controls = true};
    json_t *run = run_json(.01), *bare = run_json(1e-6);
    int named = 0, named_bare = 0;
    for (int r = 0; r < runs; r++) {
        struct made_run made;
        simulate(&s, (uint64_t)r + 1, &made);
        for (int pass = 0; pass < 2; pass++) {
            bool different = false;
            comparisons_put_controls(&made.cells, pass ? bare : run);
            for (size_t c = 0; c < json_array_size(made.cells.controls); c++) {
                size_t i = 0;
                json_t *row = NULL;
                json_array_foreach (
                    json_object_get(json_array_get(made.cells.controls, c),
                                    "comparisons"),
                    i, row)
                    different = different || is_row(row, "verdict", "different");
            }
            named += different && pass == 0;
            named_bare += different && pass == 1;
        }
        release(&made);
    }
    print_message(
        "check, A against A: different in %.2f %% of %d checks, %.2f %% with no "
        "delta\n",
        percent(named, runs), runs, percent(named_bare, runs));
    assert_true(percent(named, runs) <= 6);
    assert_true(percent(named_bare, runs) <= 6);
    json_decref(run);
    json_decref(bare);
    scenario_free(two);
}

static int set_up(void **state)
{
    *state = made_scenario("[\"threads\",\"processes\",\"coroutines\",\"another\"]");
    return 0;
}

static int tear_down(void **state)
{
    scenario_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identical_models),
        cmocka_unit_test(test_slowdown_is_found),
        cmocka_unit_test(test_one_after_the_other_would_not_do),
        cmocka_unit_test(test_check_names_no_winner),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
