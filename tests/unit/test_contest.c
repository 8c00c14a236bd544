/* test_contest: what makes a winner, and what forbids one, at the edges of each rule. */
#include "journal_made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BLOCKS 12

/* What is done to a journal before it is judged. */
struct change {
    const char *model;
    long long concurrency, from, to; /* blocks from .. to */
    bool invalid, disturbed;
    double origin_ratio; /* 0: left as it is */
};

static json_t *scenario_of(const json_t *document)
{
    return json_array_get(json_object_get(document, "scenarios"), 0);
}

static const char *told(const json_t *results, const char *key)
{
    return json_string_value(
        json_object_get(json_object_get(scenario_of(results), "verdict"), key));
}

static json_int_t int_at(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void apply(json_t *journal, const struct change *change)
{
    size_t i = 0;
    json_t *line = NULL;
    json_array_foreach(journal, i, line)
    {
        const char *type = json_string_value(json_object_get(line, "type"));
        const char *model = json_string_value(json_object_get(line, "model"));
        if (strcmp(type, "trial") != 0 || strcmp(model, change->model) != 0 ||
            int_at(line, "concurrency") != change->concurrency ||
            int_at(line, "block") < change->from || int_at(line, "block") > change->to)
            continue;
        if (change->invalid)
            json_put(line, "valid", json_false());
        if (change->disturbed)
            json_put(line, "disturbed",
                     json_pack("[{s:s,s:f,s:f}]", "reason", "steal", "value", .5, "limit",
                               .02));
        if (change->origin_ratio > 0)
            json_put(json_object_get(line, "origin"), "cpu_ns",
                     json_integer(
                         (json_int_t)(change->origin_ratio *
                                      (double)int_at(json_object_get(line, "document"),
                                                     "measured_ns"))));
    }
}

/* A journal of cells at 4 and 8 (and sequential at 1); models are listed once each. */
static json_t *journal_of(const struct made_model *models, size_t count, long long blocks)
{
    const struct made made = {blocks, models, count, true};
    json_t *journal = made_journal(&made), *names = json_array();
    json_t *scenario = scenario_of(json_array_get(journal, 0));
    for (size_t i = 0; i < count; i++) {
        bool is_new = true;
        for (size_t k = 0; k < i; k++)
            is_new = is_new && strcmp(models[i].name, models[k].name) != 0;
        if (is_new)
            json_push(names, json_string(models[i].name));
    }
    json_put(scenario, "models", names);
    json_put(json_object_get(scenario, "load"), "concurrency", json_pack("[i,i]", 4, 8));
    return journal;
}

static json_t *judged(const struct made_model *models, size_t count, long long blocks,
                      const struct change *change)
{
    json_t *journal = journal_of(models, count, blocks);
    if (change)
        apply(journal, change);
    return made_results(journal);
}

static void expect(json_t *results, const char *form, const char *words)
{
    if (strcmp(told(results, "form"), form) != 0 ||
        !strstr(told(results, "sentence"), words))
        fail_msg("%s: %s\nis not %s with '%s'", told(results, "form"),
                 told(results, "sentence"), form, words);
    json_decref(results);
}

/* Coroutines win over threads; sequential, with its one cell at 1, is slower. */
#define THREADS(at)                                                                      \
    {                                                                                    \
        "threads", at, 40000, 40, 20000000, .2                                           \
    }
#define COROUTINES(at)                                                                   \
    {                                                                                    \
        "coroutines", at, 20000, 20, 10000000, .2                                        \
    }
#define SEQUENTIAL(latency, cpu)                                                         \
    {                                                                                    \
        "sequential", 1, latency, cpu, 5000000, .1                                       \
    }

static void test_a_winner_is_not_behind_the_baseline(void **state)
{
    static const struct {
        long long latency_us, cpu_us; /* of sequential: 400/s at 2500, 20 us */
        const char *form, *words;
    } cases[] = {
        {20000, 30, "winner", "coroutines served 400 requests/s, 8.00x sequential ["},
        {2500, 30, "winner", ", 1.00x sequential ["}, /* equal is not behind */
        {1250, 30, "trade-off",
         "no model is best in all three: requests/s sequential at concurrency 1 (796, "
         "3.98x threads ["},
        {2000, 30, "trade-off", "requests/s sequential at concurrency 1 (499, "},
        {20000, 10, "trade-off",
         "CPU per request sequential at concurrency 1 (10.0 µs, "},
        {1250, 10, "trade-off", "; memory coroutines (9.5 MiB, 0.50x threads)"},
        {20000, 20, "winner", "coroutines served 400"},
        {20000, 19, "trade-off", "CPU per request sequential at concurrency 1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct made_model models[] = {
            SEQUENTIAL(cases[i].latency_us, cases[i].cpu_us), THREADS(8), COROUTINES(8)};
        expect(judged(models, 3, BLOCKS, NULL), cases[i].form, cases[i].words);
    }
}

/* A baseline that does have a cell there is a contestant as any other. */
static void test_a_baseline_with_a_cell_there_may_win(void **state)
{
    const struct made_model models[] = {
        COROUTINES(8), THREADS(8), {"callbacks", 8, 40000, 40, 20000000, .2}};
    (void)state;
    expect(judged(models, 3, BLOCKS, NULL), "winner", "coroutines served 400 requests/s");
}

/* Two that tie, of which the baseline beats one: it is said. */
static void test_a_tie_says_who_is_behind_the_baseline(void **state)
{
    const struct made_model models[] = {SEQUENTIAL(20000, 30),
                                        {"threads", 8, 20000, 31, 10000000, .2},
                                        {"coroutines", 8, 20000, 30, 10000000, .2}};
    const struct made_model equal[] = {SEQUENTIAL(20000, 30),
                                       {"threads", 8, 20000, 30, 10000000, .2},
                                       {"coroutines", 8, 20000, 30, 10000000, .2}};
    json_t *results = judged(equal, 3, BLOCKS, NULL);
    (void)state;
    assert_null(strstr(told(results, "sentence"), "is better than"));
    expect(results, "tie", "threads and coroutines tie");
    json_t *journal = journal_of(models, 3, BLOCKS), *line = NULL;
    size_t i = 0;
    json_array_foreach(journal, i, line)
    { /* threads and coroutines cannot be told apart: every other block is contrary */
        json_t *document = json_object_get(line, "document");
        const char *model = json_string_value(json_object_get(line, "model"));
        if (document && !strcmp(model, "coroutines"))
            json_put(document, "cpu_measured_ns",
                     json_integer(80LL * (int_at(line, "block") % 2 ? 29000 : 33000)));
    }
    expect(
        made_results(journal), "tie",
        "; sequential at concurrency 1 is better than threads in CPU per request (n =");
}

/* And it is no question of memory then. */
static void test_equals_behind_the_baseline(void **state)
{
    const struct made_model models[] = {SEQUENTIAL(20000, 300),
                                        {"threads", 8, 20000, 304, 10000000, .2},
                                        {"coroutines", 8, 20000, 302, 10000000, .2}};
    (void)state;
    expect(judged(models, 3, BLOCKS, NULL), "tie",
           "tie: none is shown to be better in requests/s, CPU per request or memory");
    expect(
        judged(models, 3, BLOCKS, NULL), "tie",
        "; sequential at concurrency 1 is better than threads in CPU per request (n =");
}

static void test_memory_counts_from_a_tenth(void **state)
{
    static const struct {
        long long bytes;
        const char *words;
    } cases[] = {{10900000, "none is shown to be better in requests/s"},
                 {11000000, "none is shown to be better in requests/s"},
                 {11001000, "show a difference in memory, but none in requests/s or CPU "
                            "per request; coroutines served"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct made_model models[] = {{"threads", 8, 20000, 20, cases[i].bytes, .2},
                                            COROUTINES(8)};
        expect(judged(models, 2, BLOCKS, NULL), "tie", cases[i].words);
    }
}

static void test_six_blocks_are_enough_for_two(void **state)
{
    const struct made_model models[] = {THREADS(8), COROUTINES(8)};
    (void)state;
    expect(judged(models, 2, 5, NULL), "descriptive", "threads 200 requests/s");
    expect(judged(models, 2, 6, NULL), "winner", "coroutines served 400 requests/s");
}

/* All cells of a scenario stand or fall together: at any concurrency, the baseline too.
 */
static void test_an_invalid_trial_anywhere_names_no_winner(void **state)
{
    static const struct {
        struct change change;
        const char *words;
    } cases[] = {
        {{"threads", 8, 3, 3, true, false, 0}, ": 1 trial of threads stayed invalid."},
        {{"threads", 8, 0, 11, true, false, 0}, ": 12 trials of threads stayed invalid."},
        {{"threads", 4, 3, 3, true, false, 0},
         ": 1 trial of threads at concurrency 4 stayed invalid."},
        {{"coroutines", 4, 0, 11, true, false, 0},
         ": 12 trials of coroutines at concurrency 4 stayed invalid."},
        {{"sequential", 1, 0, 11, true, false, 0},
         ": 12 trials of sequential at concurrency 1 stayed invalid."},
        {{"sequential", 1, 0, 0, true, false, 0},
         ": 1 trial of sequential at concurrency 1 stayed invalid."},
        {{"null", 8, 5, 6, true, false, 0}, ": 2 trials of null stayed invalid."},
        {{"sequential", 1, 0, 11, false, false, .95},
         ": with sequential at concurrency 1 the origin's CPU was the limit."},
        {{"threads", 8, 0, 11, false, false, .95},
         ": with threads the origin's CPU was the limit."},
    };
    const struct made_model models[] = {
        SEQUENTIAL(20000, 30), THREADS(4),    THREADS(8),
        COROUTINES(4),         COROUTINES(8), {"null", 8, 10, 1, 1000000, .1}};
    (void)state;
    expect(judged(models, 6, BLOCKS, NULL), "winner", "coroutines served 400");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(judged(models, 6, BLOCKS, &cases[i].change), "not-publishable",
               cases[i].words);
    const struct change elsewhere = {"threads", 4, 0, 11, false, false, .95};
    expect(judged(models, 6, BLOCKS, &elsewhere), "winner",
           "coroutines"); /* not ranked */
}

/* An interrupted run has cells without a trial, which is no failed block. */
static void test_a_cell_without_a_trial_names_no_winner(void **state)
{
    const struct made_model models[] = {THREADS(4), THREADS(8), COROUTINES(4),
                                        COROUTINES(8)};
    json_t *journal = journal_of(models, 4, BLOCKS);
    (void)state;
    for (size_t i = json_array_size(journal); i-- > 1;) {
        const json_t *line = json_array_get(journal, i);
        if (json_object_get(line, "valid") && int_at(line, "concurrency") == 4)
            (void)json_array_remove(journal, i);
    }
    expect(made_results(journal), "not-publishable",
           ": threads at concurrency 4 has no valid trial.");
}

static void test_more_than_half_disturbed_names_no_winner(void **state)
{
    static const struct {
        struct change change;
        const char *form, *words;
    } cases[] = {
        {{"threads", 8, 0, 5, false, true, 0}, "winner", "coroutines served"},
        {{"threads", 8, 0, 6, false, true, 0},
         "not-publishable",
         ": outside influences disturbed 7 of the 12 trials that count for threads (the "
         "last by steal)."},
        {{"coroutines", 4, 0, 11, false, true, 0},
         "not-publishable",
         ": outside influences disturbed 12 of the 12 trials that count for coroutines "
         "at "
         "concurrency 4 (the last by steal)."},
        {{"sequential", 1, 5, 11, false, true, 0},
         "not-publishable",
         "disturbed 7 of the 12 trials that count for sequential at concurrency 1 "},
        {{"null", 8, 0, 11, false, true, 0}, "winner", "coroutines served"},
    };
    const struct made_model models[] = {SEQUENTIAL(20000, 30),
                                        THREADS(8),
                                        COROUTINES(4),
                                        COROUTINES(8),
                                        {"null", 8, 10, 1, 1000000, .1}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(judged(models, 5, BLOCKS, &cases[i].change), cases[i].form,
               cases[i].words);
}

/* A trial that was repeated undisturbed does not count against the cell. */
static void test_replaced_trials_do_not_count_as_disturbed(void **state)
{
    const struct made_model models[] = {THREADS(8), COROUTINES(8)};
    const struct change all = {"threads", 8, 0, 11, false, true, 0};
    json_t *journal = journal_of(models, 2, BLOCKS);
    (void)state;
    apply(journal, &all);
    for (long long b = 0; b < BLOCKS; b++) {
        json_t *trial = made_trial(&models[0], "timed", b, 1, true);
        json_put(trial, "type", json_string("trial"));
        assert_int_equal(json_array_insert_new(journal, 1, trial), 0);
    }
    expect(made_results(journal), "winner", "coroutines served");
}

/* A control that failed is a failed trial of the run as any other. */
static void test_an_invalid_control_names_no_winner(void **state)
{
    const struct made_model models[] = {THREADS(8), COROUTINES(8)};
    json_t *journal = journal_of(models, 2, BLOCKS);
    json_t *plan = json_object_get(json_array_get(journal, 0), "plan");
    json_t *entry = json_deep_copy(json_array_get(plan, 0));
    (void)state;
    json_put(entry, "arm", json_string("A/A"));
    json_push(plan, entry);
    for (long long b = BLOCKS - 1; b >= 0; b--) {
        json_t *line = made_trial(&models[0], "timed", b, 0, b != 4);
        json_put(line, "arm", json_string("A/A"));
        json_put(line, "type", json_string("trial"));
        assert_int_equal(json_array_insert_new(journal, 1, line), 0);
    }
    json_t *results = made_results(journal);
    assert_int_equal(int_at(json_object_get(results, "run"), "trials_invalid"), 1);
    expect(results, "not-publishable",
           ": 1 trial of the control of threads stayed invalid.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_winner_is_not_behind_the_baseline),
        cmocka_unit_test(test_a_baseline_with_a_cell_there_may_win),
        cmocka_unit_test(test_a_tie_says_who_is_behind_the_baseline),
        cmocka_unit_test(test_equals_behind_the_baseline),
        cmocka_unit_test(test_memory_counts_from_a_tenth),
        cmocka_unit_test(test_six_blocks_are_enough_for_two),
        cmocka_unit_test(test_an_invalid_trial_anywhere_names_no_winner),
        cmocka_unit_test(test_a_cell_without_a_trial_names_no_winner),
        cmocka_unit_test(test_more_than_half_disturbed_names_no_winner),
        cmocka_unit_test(test_replaced_trials_do_not_count_as_disturbed),
        cmocka_unit_test(test_an_invalid_control_names_no_winner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
