/* Tests of runtime/recorder: what is kept of each request, and what a merge keeps.
 */
#include "runtime/recorder.h"

#include "common/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void use_cpu(uint64_t duration_ns)
{
    uint64_t end_ns = clock_thread_cpu_ns() + duration_ns;
    while (clock_thread_cpu_ns() < end_ns)
        continue;
}

static void test_a_request_is_kept_by_its_outcome(void **state)
{
    (void)state;
    struct hist latency = {0};
    struct recorder r = {.latency = &latency};
    recorder_add(&r, OUTCOME_OK, 1000, 1500, 10);
    recorder_add(&r, OUTCOME_OK, 1100, 1200, 20);
    recorder_add(&r, OUTCOME_OK, 1300, 2300, 30);
    recorder_add(&r, OUTCOME_SHORT, 900, 9900, 40);
    assert_int_equal(r.outcomes[OUTCOME_OK], 3);
    assert_int_equal(r.outcomes[OUTCOME_SHORT], 1);
    assert_int_equal(r.bytes_received, 60); /* the bodies of ok requests only */
    assert_int_equal(r.latency_sum_ns, 1600);
    assert_int_equal(r.latency_min_ns, 100);
    assert_int_equal(r.latency_max_ns, 1000);
    assert_int_equal(hist_count(&latency), 3);
    assert_int_equal(r.first_start_ns, 900);
    assert_int_equal(r.last_end_ns, 9900);
}

static void test_the_minimum_does_not_start_at_zero(void **state)
{
    (void)state;
    struct hist latency = {0};
    struct recorder r = {.latency = &latency};
    recorder_add(&r, OUTCOME_RESET, 5, 6, 0);
    recorder_add(&r, OUTCOME_OK, 10, 60, 0);
    recorder_add(&r, OUTCOME_OK, 10, 90, 0);
    assert_int_equal(r.latency_min_ns, 50);
}

static void test_several_workers_of_one_recorder_bracket_the_cpu_time(void **state)
{
    (void)state;
    struct recorder r = {0};
    recorder_begin(&r);
    uint64_t begin_ns = r.cpu_begin_ns;
    assert_true(begin_ns > 0);
    use_cpu(NS_PER_MS);
    recorder_begin(&r);
    assert_true(r.cpu_begin_ns == begin_ns);
    recorder_end(&r);
    assert_true(r.cpu_end_ns == 0); /* one is still at work */
    recorder_end(&r);
    uint64_t end_ns = r.cpu_end_ns;
    assert_true(end_ns - begin_ns >= NS_PER_MS);

    use_cpu(NS_PER_MS); /* a worker that begins when the others have ended */
    recorder_begin(&r);
    recorder_end(&r);
    assert_true(r.cpu_begin_ns == begin_ns);
    assert_true(r.cpu_end_ns - end_ns >= NS_PER_MS);
    assert_int_equal(r.open_workers, 0);
}

static void test_a_merge_of_two(void **state)
{
    (void)state;
    struct hist hists[3] = {0};
    struct recorder a = {.latency = &hists[0], .cpu_begin_ns = 100, .cpu_end_ns = 400};
    struct recorder b = {.latency = &hists[1], .cpu_begin_ns = 1000, .cpu_end_ns = 1020};
    recorder_add(&a, OUTCOME_OK, 50, 250, 1);
    recorder_add(&a, OUTCOME_TIMEOUT, 60, 700, 0);
    recorder_add(&b, OUTCOME_OK, 40, 140, 2);
    recorder_add(&b, OUTCOME_OK, 150, 650, 4);
    a.connections_opened = 1;
    b.connections_opened = 2;
    struct recorder total = {.latency = &hists[2]};
    recorder_merge(&total, &a);
    recorder_merge(&total, &b);
    assert_int_equal(total.outcomes[OUTCOME_OK], 3);
    assert_int_equal(total.outcomes[OUTCOME_TIMEOUT], 1);
    assert_int_equal(total.first_start_ns, 40);
    assert_int_equal(total.last_end_ns, 700);
    assert_int_equal(total.latency_min_ns, 100);
    assert_int_equal(total.latency_max_ns, 500);
    assert_int_equal(total.latency_sum_ns, 800);
    assert_int_equal(total.bytes_received, 7);
    assert_int_equal(total.connections_opened, 3);
    assert_int_equal(total.cpu_begin_ns, 0);
    assert_int_equal(total.cpu_end_ns, 320);
    assert_int_equal(hist_count(total.latency), 3);
}

static void test_a_merge_of_one_without_success(void **state)
{
    (void)state;
    struct hist hists[3] = {0};
    struct recorder failed = {.latency = &hists[0]};
    struct recorder idle = {.latency = &hists[1]};
    struct recorder total = {.latency = &hists[2]};
    recorder_add(&failed, OUTCOME_CONNECT, 70, 90, 0);
    recorder_add(&total, OUTCOME_OK, 80, 180, 0);
    recorder_merge(&total, &failed);
    recorder_merge(&total, &idle);
    assert_int_equal(total.latency_min_ns, 100);
    assert_int_equal(total.first_start_ns, 70);
    assert_int_equal(total.last_end_ns, 180);
}

static void test_a_worker_that_was_killed_adds_no_cpu_time(void **state)
{
    (void)state;
    struct hist hists[2] = {0};
    struct recorder killed = {.latency = &hists[0], .cpu_begin_ns = 100};
    struct recorder total = {.latency = &hists[1], .cpu_end_ns = 5};
    recorder_merge(&total, &killed);
    assert_int_equal(total.cpu_end_ns, 5);
}

static void test_every_outcome_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        assert_non_null(outcome_name((enum outcome)i));
    assert_string_equal(outcome_name(OUTCOME_OK), "ok");
    assert_string_equal(outcome_name(OUTCOME_OTHER), "other");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_request_is_kept_by_its_outcome),
        cmocka_unit_test(test_the_minimum_does_not_start_at_zero),
        cmocka_unit_test(test_several_workers_of_one_recorder_bracket_the_cpu_time),
        cmocka_unit_test(test_a_merge_of_two),
        cmocka_unit_test(test_a_merge_of_one_without_success),
        cmocka_unit_test(test_a_worker_that_was_killed_adds_no_cpu_time),
        cmocka_unit_test(test_every_outcome_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
