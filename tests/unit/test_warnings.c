/* test_warnings: what is warned of, and in which words. */
#include "journal_made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_warnings_are_quiet_on_a_sound_run(void **state)
{
    (void)state;
    const struct made_model models[] = {MADE_SEQUENTIAL,
                                        {"threads", 8, 10000, 40, 20000000, .2}};
    const struct made made = {12, models, 2, true};
    json_t *results = made_results(made_journal(&made));
    assert_int_equal(json_array_size(json_object_get(results, "warnings")), 0);
    json_decref(results);
}

static void test_little_and_few_blocks(void **state)
{
    (void)state;
    const struct made_model models[] = {{"threads", 8, 10000, 40, 20000000, .2}};
    const struct made made = {4, models, 1, true};
    json_t *journal = made_journal(&made), *results = NULL;
    for (size_t i = 1; i <= 4; i++) {
        json_t *document = json_object_get(json_array_get(journal, i), "document");
        json_put(document, "latency_sum_ns", json_integer(80LL * 5000000));
    }
    json_t *header = json_array_get(journal, 0);
    json_put(json_object_get(header, "run"), "build_type", json_string("Debug"));
    assert_int_equal(aggregate(journal, &results, NULL), 0);
    assert_non_null(made_warning(results, "little-law"));
    assert_string_equal(made_warning(results, "few-blocks"),
                        "4 blocks are too few for intervals and verdicts; use --preset "
                        "default or rigorous, or a larger --budget");
    assert_non_null(made_warning(results, "debug-build"));
    assert_null(made_warning(results, "steal"));
    json_decref(journal);
    json_decref(results);
}

/* A queue's places count too, and a loop without waiting has one at a time. */
static void test_little_where_less_is_promised(void **state)
{
    static const struct {
        const char *task;
        int peak, latency_sum_ms;
        bool warns;
    } cases[] = {
        {"http", 8, 1600, false},  {"http", 1, 200, true},  {"http", 8, 3200, true},
        {"file", 1, 200, false},   {"file", 8, 200, true},  {"cpu", 1, 200, false},
        {"cpu", 2, 200, true},     {"sleep", 1, 200, true}, {"pipeline", 20, 3200, false},
        {"faults", 8, 200, false},
    };
    const struct made_model models[] = {{"threads", 8, 20000, 40, 20000000, .2}};
    const struct made made = {1, models, 1, true};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_t *journal = made_journal(&made), *results = NULL;
        json_t *scenario =
            json_array_get(json_object_get(json_array_get(journal, 0), "scenarios"), 0);
        json_t *document = json_object_get(json_array_get(journal, 1), "document");
        if (!strcmp(cases[i].task, "faults"))
            json_put(scenario, "failures", json_string("counted"));
        else
            json_put(scenario, "task", json_string(cases[i].task));
        json_put(document, "peak_in_flight", json_integer(cases[i].peak));
        json_put(document, "latency_sum_ns",
                 json_integer(cases[i].latency_sum_ms * 1000000LL));
        assert_int_equal(aggregate(journal, &results, NULL), 0);
        assert_int_equal(made_warning(results, "little-law") != NULL, cases[i].warns);
        json_decref(results);
        json_decref(journal);
    }
}

static void disturb(json_t *journal, size_t count)
{
    for (size_t i = 1; i <= count; i++)
        json_put(json_array_get(journal, i), "disturbed",
                 json_pack("[{s:s,s:f,s:f}]", "reason", "run-queue", "value", 1234.,
                           "limit", .5));
}

static void test_disturbed_trials_are_counted_in_words(void **state)
{
    static const struct {
        size_t disturbed;
        bool again; /* the first trial, without disturbance */
        const char *text;
    } cases[] = {
        {1, false,
         "outside influences disturbed 1 of 2 trials (kept), the last by run-queue "
         "(1,234)"},
        {2, false, "outside influences disturbed 2 of 2 trials (kept), the last by "},
        {1, true, "outside influences disturbed 1 trial (repeated), the last by "},
        {2, true,
         "outside influences disturbed 1 of 2 trials (kept) and 1 more (repeated), the "
         "last by "},
    };
    const struct made_model models[] = {{"threads", 8, 20000, 20, 10000000, .2},
                                        {"coroutines", 8, 10000, 20, 10000000, .2}};
    const struct made made = {1, models, 2, true};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_t *journal = made_journal(&made), *results = NULL;
        disturb(journal, cases[i].disturbed);
        json_t *again = made_trial(&models[0], "timed", 0, 1, true);
        json_put(again, "type", json_string("trial"));
        if (cases[i].again)
            assert_int_equal(json_array_insert(journal, 2, again), 0);
        assert_int_equal(aggregate(journal, &results, NULL), 0);
        const char *text = made_warning(results, "disturbed");
        assert_non_null(text);
        assert_memory_equal(text, cases[i].text, strlen(cases[i].text));
        json_decref(again);
        json_decref(results);
        json_decref(journal);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_warnings_are_quiet_on_a_sound_run),
        cmocka_unit_test(test_little_and_few_blocks),
        cmocka_unit_test(test_little_where_less_is_promised),
        cmocka_unit_test(test_disturbed_trials_are_counted_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
