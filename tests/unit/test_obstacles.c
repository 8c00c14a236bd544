/* test_obstacles: what forbids to name a winner, and that all of it is listed. */
#include "ranking_made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* All cells of a scenario stand or fall together: at any concurrency, the baseline too.
 */
static void test_an_invalid_trial_anywhere_names_no_winner(void **state)
{
    static const struct {
        struct change change;
        const char *reasons; /* all of them */
    } cases[] = {
        {{"threads", 8, 3, 3, true, false, 0},
         "{'class': 'invalid-trials', 'model': 'threads', 'concurrency': 8, 'trials': "
         "1}"},
        {{"threads", 8, 0, 11, true, false, 0},
         "{'class': 'invalid-trials', 'model': 'threads', 'trials': 12}"},
        {{"threads", 4, 3, 3, true, false, 0},
         "{'class': 'invalid-trials', 'model': 'threads', 'concurrency': 4, 'trials': "
         "1}"},
        {{"coroutines", 4, 0, 11, true, false, 0},
         "{'class': 'invalid-trials', 'model': 'coroutines', 'concurrency': 4}"},
        {{"sequential", 1, 0, 11, true, false, 0},
         "{'class': 'invalid-trials', 'model': 'sequential', 'concurrency': 1}"},
        {{"sequential", 1, 0, 0, true, false, 0},
         "{'class': 'invalid-trials', 'model': 'sequential', 'trials': 1}"},
        {{"null", 8, 5, 6, true, false, 0},
         "{'class': 'invalid-trials', 'model': 'null', 'trials': 2}"},
        {{"sequential", 1, 0, 11, false, false, .95},
         "{'class': 'origin-bound', 'model': 'sequential', 'concurrency': 1}"},
        {{"threads", 8, 0, 11, false, false, .95},
         "{'class': 'origin-bound', 'model': 'threads', 'concurrency': 8}"},
    };
    const struct made_model models[] = {
        SEQUENTIAL(20000, 30), THREADS(4),    THREADS(8),
        COROUTINES(4),         COROUTINES(8), {"null", 8, 10, 1, 1000000, .1}};
    (void)state;
    expect_verdict(judged(models, 6, BLOCKS, NULL), WINNER);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char parts[300];
        (void)snprintf(parts, sizeof parts,
                       "{'form': 'not-publishable', 'reasons': [%s]}", cases[i].reasons);
        expect_verdict(judged(models, 6, BLOCKS, &cases[i].change), parts);
    }
    const struct change elsewhere = {"threads", 4, 0, 11, false, false, .95};
    expect_verdict(judged(models, 6, BLOCKS, &elsewhere), WINNER); /* not ranked */
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
    expect_verdict(made_results(journal),
                   "{'form': 'not-publishable', 'reasons': ["
                   " {'class': 'no-valid-trial', 'model': 'threads', 'concurrency': 4},"
                   " {'class': 'no-valid-trial', 'model': 'coroutines', 'concurrency': "
                   "4}]}");
}

static void test_more_than_half_disturbed_names_no_winner(void **state)
{
    static const struct {
        struct change change;
        const char *parts;
    } cases[] = {
        {{"threads", 8, 0, 5, false, true, 0}, WINNER},
        {{"threads", 8, 0, 6, false, true, 0},
         "{'form': 'not-publishable', 'reasons': [{'class': 'disturbed', 'model': "
         "'threads', 'concurrency': 8, 'disturbed': 7, 'counted': 12, 'last': "
         "'steal'}]}"},
        {{"coroutines", 4, 0, 11, false, true, 0},
         "{'form': 'not-publishable', 'reasons': [{'class': 'disturbed', 'model': "
         "'coroutines', 'concurrency': 4, 'disturbed': 12, 'counted': 12}]}"},
        {{"sequential", 1, 5, 11, false, true, 0},
         "{'form': 'not-publishable', 'reasons': [{'class': 'disturbed', 'model': "
         "'sequential', 'concurrency': 1, 'disturbed': 7, 'counted': 12}]}"},
        {{"null", 8, 0, 11, false, true, 0}, WINNER},
    };
    const struct made_model models[] = {SEQUENTIAL(20000, 30),
                                        THREADS(8),
                                        COROUTINES(4),
                                        COROUTINES(8),
                                        {"null", 8, 10, 1, 1000000, .1}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_verdict(judged(models, 5, BLOCKS, &cases[i].change), cases[i].parts);
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
    expect_verdict(made_results(journal), WINNER);
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
    expect_verdict(results, "{'form': 'not-publishable', 'reasons': [{'class': "
                            "'invalid-trials', 'model': 'threads', 'control': true, "
                            "'trials': 1}]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_invalid_trial_anywhere_names_no_winner),
        cmocka_unit_test(test_a_cell_without_a_trial_names_no_winner),
        cmocka_unit_test(test_more_than_half_disturbed_names_no_winner),
        cmocka_unit_test(test_replaced_trials_do_not_count_as_disturbed),
        cmocka_unit_test(test_an_invalid_control_names_no_winner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
