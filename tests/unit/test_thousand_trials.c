/* test_thousand_trials: the analysis of 1,000 trials is a matter of moments. It takes
 * 0.2 s on a laptop core of 2020, the promise is 1 s; a sanitizer on a slow machine is
 * given ten, so that the test fails when the work has grown and not when the machine is
 * busy. */
#include "analysis/aggregate.h"
#include "common/json.h"
#include "journal_made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#define MODELS     12
#define BLOCKS     84
#define BUCKETS    200
#define CPU_S_MOST 10.0

static double cpu_s(void)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now), 0);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* A histogram as wide as a jittery origin makes it, 20 requests in each bucket. */
static void widen(json_t *trial)
{
    json_t *document = json_object_get(trial, "document"), *list = json_array();
    for (long long i = 0; i < BUCKETS; i++)
        json_push(list, json_pack("[I,i]", 1000000 + 20000 * i, 20));
    json_put(document, "latency_ns", list);
    json_put(document, "ok", json_uint(UINT64_C(20) * BUCKETS));
}

static void test_analysis_is_quick(void **state)
{
    (void)state;
    struct made_model models[MODELS];
    char names[MODELS][24];
    for (int i = 0; i < MODELS; i++) {
        (void)snprintf(names[i], sizeof names[i], "model-%d", i);
        models[i] =
            (struct made_model){names[i], 8, 20000 + 300 * i, 40 + i, 1000000, .2};
    }
    const struct made made = {BLOCKS, models, MODELS, true};
    json_t *journal = made_journal(&made), *results = NULL, *line = NULL;
    size_t i = 0, trials = 0;
    json_array_foreach (journal, i, line) {
        if (!strcmp(json_string_value(json_object_get(line, "type")), "trial")) {
            widen(line);
            trials++;
        }
    }
    double start_s = cpu_s();
    assert_int_equal(aggregate(journal, &results, NULL), 0);
    double taken_s = cpu_s() - start_s;
    print_message("%zu trials of %d models: %.2f s of CPU\n", trials, MODELS, taken_s);
    assert_true(trials >= 1000);
    assert_true(taken_s < CPU_S_MOST);
    assert_int_equal(json_array_size(json_object_get(results, "cells")), MODELS);
    json_decref(journal);
    json_decref(results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_analysis_is_quick)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
