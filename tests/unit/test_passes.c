/* test_passes: blocks, repetitions and interrupts, with trials that are made up here:
 * this file's trial_run and trial_run_memory take the place of trial.c's. */
#include "harness/run/passes.h"

#include "common/json.h"
#include "single_quotes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

volatile sig_atomic_t interrupt_requested;

/* What the made-up trials do. */
static struct {
    size_t calls, memory_calls;
    size_t fail_from, fail_to;       /* these calls give invalid trials */
    size_t disturb_from, disturb_to; /* and these disturbed ones */
    size_t interrupt_at;             /* in this call SIGINT arrives; SIZE_MAX: never */
    size_t break_at;                 /* in this call the harness itself fails */
    struct trial_request last;
} made;

int trial_run(const struct trial_context *context, const struct trial_request *request,
              json_t **out_trial, struct err *err)
{
    (void)context;
    size_t call = made.calls++;
    bool valid = call < made.fail_from || call >= made.fail_to;
    if (call == made.break_at)
        return err_set(err, EXIT_CODE_UNFIT, "the launcher is gone");
    if (call == made.interrupt_at) {
        interrupt_requested = 1;
        valid = false;
    }
    made.last = *request;
    *out_trial =
        json_pack("{s:b,s:I,s:I,s:I,s:s}", "valid", valid, "block",
                  (json_int_t)request->block, "attempt", (json_int_t)request->attempt,
                  "position", (json_int_t)request->position, "model", request->model);
    if (call >= made.disturb_from && call < made.disturb_to)
        json_put(*out_trial, "disturbed", json_pack("[{s:s}]", "reason", "steal"));
    return 0;
}

int trial_run_memory(const struct trial_context *context,
                     const struct trial_request *request, json_t **out_memory,
                     struct err *err)
{
    (void)context;
    (void)err;
    made.memory_calls++;
    made.last = *request;
    *out_memory = json_object();
    return 0;
}

struct bench {
    char path[64];
    struct scenario *scenario;
    struct plan *plan;
    struct journal *journal;
    struct progress progress;
    struct trial_context context;
    struct passes passes;
};

static void setup(struct bench *b)
{
    static const char text[] =
        "{'title':'t','question':'q','models':['threads','coroutines'],"
        "'origin':{'bytes':1},'load':{'concurrency':[2],'requests':4}}";
    static const struct host_limits limits = HOST_NO_LIMITS;
    json_t *json = json_quoted(text);
    *b = (struct bench){.plan = NULL};
    memset(&made, 0, sizeof made);
    made.interrupt_at = made.break_at = SIZE_MAX;
    interrupt_requested = 0;
    (void)snprintf(b->path, sizeof b->path, "/tmp/test_passes.%d.jsonl", (int)getpid());
    (void)unlink(b->path);
    assert_int_equal(scenario_from_json("s", json, &b->scenario, NULL), 0);
    assert_int_equal(plan_make(&b->scenario, 1, 3, 1, &limits, &b->plan, NULL), 0);
    assert_int_equal(journal_create(b->path, &b->journal, NULL), 0);
    progress_init(&b->progress, PROGRESS_NONE, stderr, b->plan);
    b->passes = (struct passes){.plan = b->plan,
                                .context = &b->context,
                                .journal = b->journal,
                                .progress = &b->progress};
    json_decref(json);
}

/* The journal's lines, new. */
static json_t *teardown(struct bench *b)
{
    json_t *lines = NULL;
    journal_free(b->journal);
    assert_int_equal(journal_read(b->path, &lines, NULL), 0);
    (void)unlink(b->path);
    progress_done(&b->progress);
    plan_free(b->plan);
    scenario_free(b->scenario);
    return lines;
}

static void test_all_passes(void **state)
{
    (void)state;
    struct bench b;
    setup(&b);
    assert_int_equal(passes_run(&b.passes, NULL), 0);
    assert_int_equal(made.calls, 2 * (1 + 3));
    assert_int_equal(made.memory_calls, 2);
    assert_int_equal(made.last.pass, TRIAL_MEMORY);
    assert_int_equal(b.passes.trials_invalid, 0);
    json_t *lines = teardown(&b);
    assert_int_equal(json_array_size(lines), 8 + 2);
    const json_t *last = json_array_get(lines, 9);
    assert_string_equal(json_string_value(json_object_get(last, "type")), "memory");
    assert_string_equal(json_string_value(json_object_get(last, "scenario")), "s");
    json_decref(lines);
}

/* Two more rounds for all, and what an interrupted run had of them is not repeated. */
static void test_memory_passes_repeat(void **state)
{
    (void)state;
    const uint64_t done[] = {2, 1};
    struct bench b;
    setup(&b);
    b.scenario->memory_passes = 3;
    assert_int_equal(passes_run(&b.passes, NULL), 0);
    assert_int_equal(made.memory_calls, 6);
    json_decref(teardown(&b));
    setup(&b);
    b.scenario->memory_passes = 3;
    b.passes.memory_done = done;
    assert_int_equal(passes_run(&b.passes, NULL), 0);
    assert_int_equal(made.memory_calls, 1 + 2);
    json_decref(teardown(&b));
}

static void test_an_invalid_trial_is_repeated_twice(void **state)
{
    (void)state;
    struct bench b;
    setup(&b);
    made.fail_from = 2; /* the first timed trial and both its repetitions */
    made.fail_to = 5;
    assert_int_equal(passes_run(&b.passes, NULL), 0);
    assert_int_equal(made.calls, 8 + 2);
    assert_int_equal(b.passes.trials_invalid, 1);
    json_t *lines = teardown(&b);
    for (size_t i = 0; i < 3; i++) {
        const json_t *line = json_array_get(lines, 2 + i);
        assert_int_equal(json_integer_value(json_object_get(line, "attempt")), i);
        assert_int_equal(json_integer_value(json_object_get(line, "block")), 0);
        assert_int_equal(json_integer_value(json_object_get(line, "position")), 0);
    }
    json_decref(lines);
}

static void test_a_repetition_that_works_counts(void **state)
{
    (void)state;
    struct bench b;
    setup(&b);
    made.fail_from = 3;
    made.fail_to = 4;
    assert_int_equal(passes_run(&b.passes, NULL), 0);
    assert_int_equal(made.calls, 8 + 1);
    assert_int_equal(b.passes.trials_invalid, 0);
    json_decref(teardown(&b));
}

static void test_a_disturbed_trial_is_repeated(void **state)
{
    (void)state;
    struct bench b;
    setup(&b);
    made.disturb_from = 2 + 4; /* the fifth timed trial */
    made.disturb_to = 2 + 5;
    assert_int_equal(passes_run(&b.passes, NULL), 0);
    assert_int_equal(made.calls, 8 + 1);
    assert_int_equal(b.passes.disturbed_repeated, 1);
    assert_int_equal(b.passes.trials_invalid, 0);
    json_t *lines = teardown(&b);
    assert_int_equal(
        json_integer_value(json_object_get(json_array_get(lines, 7), "attempt")), 1);
    json_decref(lines);
}

static void test_a_machine_that_is_always_busy_costs_a_fifth(void **state)
{
    (void)state;
    struct bench b;
    setup(&b);
    b.plan->blocks = 25; /* 50 trials */
    made.disturb_to = SIZE_MAX;
    assert_int_equal(passes_run(&b.passes, NULL), 0);
    assert_int_equal(b.passes.disturbed_repeated, 10);
    assert_int_equal(made.calls, 2 + 50 + 10);
    assert_int_equal(b.passes.trials_invalid, 0);
    json_decref(teardown(&b));
}

/* Two repetitions in all, whatever for; and once there is a valid attempt, no invalid one
 * takes its place. */
static void test_repetitions_share_their_number(void **state)
{
    (void)state;
    struct bench b;
    setup(&b);
    made.fail_from = made.disturb_from = 2 + 4;
    made.fail_to = made.disturb_from + 1; /* invalid, then disturbed twice */
    made.disturb_to = made.disturb_from + 3;
    assert_int_equal(passes_run(&b.passes, NULL), 0);
    assert_int_equal(made.calls, 8 + 2);
    assert_int_equal(b.passes.disturbed_repeated, 1);
    json_decref(teardown(&b));

    setup(&b);
    made.disturb_from = 2 + 4; /* disturbed, then invalid */
    made.disturb_to = made.fail_from = made.disturb_from + 1;
    made.fail_to = made.fail_from + 1;
    assert_int_equal(passes_run(&b.passes, NULL), 0);
    assert_int_equal(made.calls, 8 + 1);
    assert_int_equal(b.passes.trials_invalid, 0);
    json_decref(teardown(&b));
}

static void test_a_warm_trial_is_not_repeated(void **state)
{
    (void)state;
    struct bench b;
    setup(&b);
    made.fail_from = 0;
    made.fail_to = 2;
    assert_int_equal(passes_run(&b.passes, NULL), 0);
    assert_int_equal(made.calls, 8);
    assert_int_equal(b.passes.trials_invalid, 0);
    json_decref(teardown(&b));
}

static void test_a_long_trial_has_no_warm_one(void **state)
{
    (void)state;
    struct bench b;
    setup(&b);
    b.plan->warm_limit_s = 0;
    assert_int_equal(passes_run(&b.passes, NULL), 0);
    assert_int_equal(made.calls, 2 * 3);
    assert_int_equal(made.memory_calls, 2);
    json_auto_t *lines = teardown(&b);
    const json_t *first = json_array_get(lines, 0);
    assert_string_equal(json_string_value(json_object_get(first, "type")), "trial");
    assert_int_equal(json_array_size(lines), 6 + 2);
}

static void test_an_interrupted_trial_is_not_kept(void **state)
{
    (void)state;
    struct bench b;
    setup(&b);
    made.interrupt_at = 4;
    assert_int_equal(passes_run(&b.passes, NULL), 0);
    assert_int_equal(made.calls, 5);
    assert_int_equal(made.memory_calls, 0);
    json_t *lines = teardown(&b);
    assert_int_equal(json_array_size(lines), 4);
    json_decref(lines);
}

static void test_an_error_of_the_harness_ends_it(void **state)
{
    (void)state;
    struct bench b;
    struct err err = {0};
    setup(&b);
    made.break_at = 3;
    assert_true(passes_run(&b.passes, &err) < 0);
    assert_string_equal(err.text, "the launcher is gone");
    assert_int_equal(made.calls, 4);
    json_decref(teardown(&b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_passes),
        cmocka_unit_test(test_memory_passes_repeat),
        cmocka_unit_test(test_an_invalid_trial_is_repeated_twice),
        cmocka_unit_test(test_a_repetition_that_works_counts),
        cmocka_unit_test(test_a_disturbed_trial_is_repeated),
        cmocka_unit_test(test_a_machine_that_is_always_busy_costs_a_fifth),
        cmocka_unit_test(test_repetitions_share_their_number),
        cmocka_unit_test(test_a_warm_trial_is_not_repeated),
        cmocka_unit_test(test_a_long_trial_has_no_warm_one),
        cmocka_unit_test(test_an_interrupted_trial_is_not_kept),
        cmocka_unit_test(test_an_error_of_the_harness_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
