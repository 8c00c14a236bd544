/* test_report_caption: a caption claims an order only where the verdict could. */
#include "report/data/caption.h"

#include "report/data/load_index.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MODELS 4

static const char *const names[MODELS] = {"alpha", "beta", "gamma", "delta"};

/* A scenario of up to four models at 8 in flight, and words between the first and each
 * other; NULL: no comparison has one. */
struct given {
    size_t count;
    double medians[MODELS];
    const char *words[MODELS - 1];
    bool is_inverse; /* the rows have the first as the baseline */
    const char *form;
    const char *sources[MODELS];
    bool is_first_alone; /* the first model was measured at 1 in flight only */
};

static void check_caption(const struct given *given, enum metric_id metric,
                          const char *wanted)
{
    struct cell cells[MODELS] = {0};
    struct comparison rows[MODELS] = {0};
    struct scenario scenario = {
        .name = "made",
        .headline = {.spec = {"throughput_per_s", "requests/s", UNIT_PER_S},
                     .noun = "request"},
        .form = given->form ? given->form : "winner",
        .cells = cells,
        .cell_count = given->count,
        .model_count = given->count,
        .concurrency_max = 8};
    struct results results = {
        .comparisons = rows, .scenarios = &scenario, .scenario_count = 1};
    for (size_t i = 0; i < given->count; i++) {
        const double median = given->medians[i];
        scenario.models[i] = names[i];
        cells[i] = (struct cell){.scenario = "made",
                                 .model = names[i],
                                 .concurrency = given->is_first_alone && i == 0 ? 1 : 8,
                                 .is_level = given->is_first_alone && i == 0,
                                 .memory_source = given->sources[i]};
        for (size_t m = 0; m < METRIC_COUNT; m++)
            cells[i].metrics[m] = (struct metric){.median = median,
                                                  .low = median * .999,
                                                  .high = median * 1.001,
                                                  .has_interval = true,
                                                  .n = 12};
    }
    for (size_t i = 1; i < given->count; i++) {
        if (given->words[i - 1])
            rows[results.comparison_count++] =
                (struct comparison){.scenario = "made",
                                    .model = names[given->is_inverse ? i : 0],
                                    .baseline = names[given->is_inverse ? 0 : i],
                                    .metric = metric_specs[metric].key,
                                    .verdict = given->words[i - 1],
                                    .concurrency = 8,
                                    .baseline_concurrency = 8};
    }
    load_index(&results);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    caption_extremes(out, &results, &scenario, metric);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, wanted);
    free(text);
    load_index_done(&results);
}

static void test_only_different_is_an_order(void **state)
{
    static const struct {
        const char *word;
        bool is_order;
    } cases[] = {{"different", true},
                 {"small", false},
                 {"same", false},
                 {NULL, true},
                 {"inconclusive", false}};
    (void)state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        const struct given given = {.count = 2,
                                    .medians = {900, 800},
                                    .words = {cases[i / 2].word},
                                    .is_inverse = i % 2 == 1};
        check_caption(
            &given, METRIC_THROUGHPUT,
            cases[i / 2].is_order
                ? "Most requests per second at 8 in flight: alpha 900; beta 800."
                : "Requests per second at 8 in flight: alpha 900 and beta 800 "
                  "cannot be told apart.");
    }
}

/* The first has to be apart from all, not from the next one alone. */
static void test_the_best_is_better_than_every_other(void **state)
{
    const struct given all = {.count = 3,
                              .medians = {900, 800, 700},
                              .words = {"different", "different"}},
                       third = {.count = 3,
                                .medians = {900, 800, 700},
                                .words = {"different", "inconclusive"}},
                       second = {.count = 4,
                                 .medians = {900, 800, 700, 600},
                                 .words = {"small", "inconclusive", "different"}};
    (void)state;
    check_caption(&all, METRIC_THROUGHPUT,
                  "Most requests per second at 8 in flight: alpha 900; the others range "
                  "from beta 800 to gamma 700.");
    check_caption(&third, METRIC_THROUGHPUT,
                  "Requests per second at 8 in flight: alpha 900 and gamma 700 cannot be "
                  "told apart.");
    check_caption(&second, METRIC_THROUGHPUT,
                  "Requests per second at 8 in flight: alpha 900, beta 800 and gamma 700 "
                  "cannot be told apart. At the other end: delta 600.");
}

static void test_memory_counts_from_a_tenth(void **state)
{
    const double mib = 1048576;
    const struct given within = {.count = 2, .medians = {10 * mib, 11 * mib}},
                       beyond = {.count = 2, .medians = {10 * mib, 11.1 * mib}},
                       mixed = {.count = 2,
                                .medians = {10 * mib, 20 * mib},
                                .sources = {"pss-sampled", "largest-process"}};
    (void)state;
    check_caption(
        &within, METRIC_TREE_MEMORY,
        "Memory at 8 in flight: alpha 10.0 MiB and beta 11.0 MiB are within 10 %, "
        "which does not count as a difference.");
    check_caption(&beyond, METRIC_TREE_MEMORY,
                  "Least memory at 8 in flight: alpha 10.0 MiB; beta 11.1 MiB.");
    check_caption(
        &mixed, METRIC_TREE_MEMORY,
        "Memory at 8 in flight: alpha 10.0 MiB and beta 20.0 MiB were not measured "
        "in the same way.");
}

static void test_what_is_not_publishable_has_no_order(void **state)
{
    const struct given given = {.count = 2,
                                .medians = {900, 800},
                                .words = {"different"},
                                .form = "not-publishable"};
    (void)state;
    check_caption(&given, METRIC_THROUGHPUT,
                  "Requests per second at 8 in flight: from alpha 900 to beta 800.");
}

static void test_a_model_at_another_concurrency_is_in_no_order(void **state)
{
    const double mib = 1048576;
    const struct given three = {.count = 3,
                                .medians = {4 * mib, 10 * mib, 20 * mib},
                                .is_first_alone = true},
                       two = {.count = 2, .medians = {900, 800}, .is_first_alone = true};
    (void)state;
    check_caption(&three, METRIC_TREE_MEMORY,
                  "Least memory at 8 in flight: beta 10.0 MiB; gamma 20.0 MiB.");
    check_caption(
        &two, METRIC_THROUGHPUT,
        "Requests per second at 8 in flight: beta 800; no other model has a value "
        "there.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_different_is_an_order),
        cmocka_unit_test(test_the_best_is_better_than_every_other),
        cmocka_unit_test(test_memory_counts_from_a_tenth),
        cmocka_unit_test(test_what_is_not_publishable_has_no_order),
        cmocka_unit_test(test_a_model_at_another_concurrency_is_in_no_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
