/* Tests of runtime/summary: the text for a person, and which percentiles it dares.
 */
#include "runtime/summary.h"

#include "runtime/runner.h"
#include "runtime/shared.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What the summary says of ok requests of 1 ms each, and failed ones; to be freed. */
static char *summary_of(uint64_t ok, uint64_t failed)
{
    static const struct model model = {.name = "test"};
    struct run run = {.model = &model,
                      .settings = {.requests = ok + failed, .concurrency = 1},
                      .shared = shared_new(ok + failed, 1, false)};
    struct recorder *recorder = &run.shared->recorders[0];
    for (uint64_t i = 1; i <= ok; i++)
        recorder_add(recorder, OUTCOME_OK, i * 1000000, (i + 1) * 1000000, 50);
    for (uint64_t i = 0; i < failed; i++)
        recorder_add(recorder, OUTCOME_RESET, 1000000, 2000000, 0);
    char *text = NULL;
    size_t size = 0;
    struct err err = {0};
    FILE *screen = stdout;
    stdout = open_memstream(&text, &size);
    int status = summary_print(&run, &err);
    (void)fclose(stdout);
    stdout = screen;
    assert_int_equal(status, 0);
    shared_free(run.shared);
    return text;
}

static void assert_says(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("'%s' is not in:\n%s", words, text);
}

static void test_a_percentile_needs_ten_requests_beyond_it(void **state)
{
    (void)state;
    char *text = summary_of(100, 0);
    assert_says(text, "latency p50            1.0");
    assert_says(text, "latency p90            1.0");
    assert_says(text, "latency p99            - (needs 1000 requests)");
    assert_says(text, "latency p99.9          - (needs 10000 requests)");
    free(text);
    text = summary_of(99, 0);
    assert_says(text, "latency p90            - (needs 100 requests)");
    free(text);
    text = summary_of(10000, 0);
    assert_says(text, "latency p99            1.0");
    assert_says(text, "latency p99.9          1.0");
    free(text);
}

static void test_one_request_is_singular(void **state)
{
    (void)state;
    char *text = summary_of(1, 0);
    assert_says(text, "1 request, 1 at a time");
    free(text);
}

static void test_failures_are_counted_by_class(void **state)
{
    (void)state;
    char *text = summary_of(20, 3);
    assert_says(text, "23 requests, 1 at a time");
    assert_says(text, "latency mean           1.000 ms");
    assert_says(text, "mean response size     50 bytes");
    assert_says(text, "failed                 3\n");
    assert_says(text, "  reset                3\n");
    free(text);
}

static void test_a_run_without_success_has_no_latency(void **state)
{
    (void)state;
    char *text = summary_of(0, 2);
    assert_says(text, "requests/s             0.0");
    assert_null(strstr(text, "latency"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_percentile_needs_ten_requests_beyond_it),
        cmocka_unit_test(test_one_request_is_singular),
        cmocka_unit_test(test_failures_are_counted_by_class),
        cmocka_unit_test(test_a_run_without_success_has_no_latency),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
