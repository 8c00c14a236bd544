/* Tests of origin/stats: the counts of one answer are those of one moment, with
 * many threads that count and with resets in between. */
#include "origin/stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#define THREADS ((size_t)4)
#define CONNECTIONS                                                                      \
    ((size_t)5) /* of each thread; each makes one request after the other */
#define READS  200000
#define ROUNDS 500

static struct stats stats;
static _Atomic bool is_over;
static bool has_resumes; /* some answers are not taken whole at first */
static _Atomic uint64_t begun;

/* Keeps the requests of its connections beginning and ending, as a loop does. */
static void *count_requests(void *arg)
{
    bool is_open[CONNECTIONS] = {false}, is_counted[CONNECTIONS] = {false};
    (void)arg;
    for (uint64_t i = 0; !is_over; i++) {
        const size_t c = (size_t)(i * 7 / 3 % CONNECTIONS);
        if (is_open[c]) {
            stats_end(&stats);
            if (has_resumes && i % 5 == 0) {
                stats_resume(&stats);
                stats_end(&stats);
            }
        } else {
            (void)stats_begin(&stats, !is_counted[c]);
            begun++;
            is_counted[c] = true;
        }
        is_open[c] = !is_open[c];
    }
    for (size_t c = 0; c < CONNECTIONS; c++) {
        if (is_open[c])
            stats_end(&stats);
    }
    return NULL;
}

static void start(pthread_t *threads, bool with_resumes)
{
    has_resumes = with_resumes;
    stats = (struct stats){0};
    is_over = false;
    begun = 0;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_requests, NULL), 0);
}

static void join(const pthread_t *threads)
{
    is_over = true;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void test_counts_of_one_moment_agree(void **state)
{
    pthread_t threads[THREADS];
    struct stats_counts counts, before = {0};
    (void)state;
    start(threads, true);
    for (int i = 0; i < READS; i++) {
        stats_read(&stats, false, &counts);
        assert_true(counts.in_flight <= THREADS * CONNECTIONS);
        assert_true(counts.peak_in_flight >= counts.in_flight);
        assert_true(counts.requests >= counts.in_flight);
        assert_true(counts.requests >= counts.peak_in_flight);
        assert_true(counts.connections >= counts.peak_in_flight);
        assert_true(counts.requests >= counts.connections);
        assert_true(counts.requests >= before.requests);
        assert_true(counts.peak_in_flight >= before.peak_in_flight);
        before = counts;
    }
    join(threads);
    stats_read(&stats, false, &counts);
    assert_int_equal(counts.in_flight, 0);
    assert_int_equal(counts.requests, begun);
}

static void *begin_all(void *arg)
{
    (void)arg;
    for (size_t c = 0; c < CONNECTIONS; c++)
        (void)stats_begin(&stats, true);
    return NULL;
}

/* As of clients that connect at once: what has begun last must not be half in. */
static void test_a_first_request_is_counted_whole(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t threads[THREADS];
        struct stats_counts counts = {0};
        stats = (struct stats){0};
        for (size_t i = 0; i < THREADS; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, begin_all, NULL), 0);
        while (counts.in_flight < THREADS * CONNECTIONS) {
            stats_read(&stats, false, &counts);
            assert_int_equal(counts.requests, counts.in_flight);
            assert_int_equal(counts.connections, counts.in_flight);
            assert_int_equal(counts.peak_in_flight, counts.in_flight);
        }
        for (size_t i = 0; i < THREADS; i++)
            assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
}

/* What is in flight at a reset stays so, and is no request of the time after it. */
static void test_no_count_is_lost_or_comes_late_at_a_reset(void **state)
{
    pthread_t threads[THREADS];
    struct stats_counts counts;
    uint64_t requests = 0, connections = 0, carried = 0;
    (void)state;
    start(threads, false);
    for (int i = 0; i < READS; i++) {
        const bool reset = i % 3 == 0;
        stats_read(&stats, reset, &counts);
        assert_true(counts.peak_in_flight >= counts.in_flight);
        assert_true(counts.requests + carried >= counts.peak_in_flight);
        if (!reset)
            continue;
        carried = counts.in_flight;
        requests += counts.requests;
        connections += counts.connections;
    }
    join(threads);
    stats_read(&stats, true, &counts);
    assert_int_equal(counts.in_flight, 0);
    assert_int_equal(requests + counts.requests, begun);
    assert_true(connections + counts.connections <= THREADS * CONNECTIONS);
    stats_read(&stats, false, &counts);
    assert_int_equal(counts.requests + counts.peak_in_flight + counts.connections, 0);
}

static void test_all_counts_are_read_and_reset(void **state)
{
    struct stats_counts counts;
    (void)state;
    stats = (struct stats){0};
    assert_int_equal(stats_begin(&stats, true), 0);
    assert_int_equal(stats_begin(&stats, false), 1);
    stats_receive(&stats, 300);
    stats_handshake(&stats, false);
    stats_handshake(&stats, true);
    stats_end(&stats);
    stats_read(&stats, true, &counts);
    assert_int_equal(counts.requests, 2);
    assert_int_equal(counts.in_flight, 1);
    assert_int_equal(counts.peak_in_flight, 2);
    assert_int_equal(counts.connections, 1);
    assert_int_equal(counts.bytes_received, 300);
    assert_int_equal(counts.tls_handshakes, 2);
    assert_int_equal(counts.tls_resumed, 1);
    stats_read(&stats, false, &counts);
    assert_int_equal(counts.in_flight, 1);
    assert_int_equal(counts.peak_in_flight, 1);
    assert_int_equal(counts.requests + counts.connections + counts.bytes_received +
                         counts.tls_handshakes + counts.tls_resumed,
                     0);
    assert_int_equal(stats_begin(&stats, true), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_of_one_moment_agree),
        cmocka_unit_test(test_a_first_request_is_counted_whole),
        cmocka_unit_test(test_no_count_is_lost_or_comes_late_at_a_reset),
        cmocka_unit_test(test_all_counts_are_read_and_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
