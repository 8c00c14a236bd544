/* Tests of runtime/shared and tickets: shared by threads and by forked processes. */
#include "runtime/shared.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define WORKERS 8

static void run_in_child(void (*function)(struct shared *), struct shared *shared)
{
    pid_t pid = fork();
    if (pid == 0) {
        function(shared);
        _exit(0);
    }
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void run_in_threads(void *(*function)(void *), void *arg)
{
    pthread_t threads[WORKERS];
    for (size_t i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, function, arg), 0);
    for (size_t i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void use_shared(struct shared *shared)
{
    uint64_t number = 0;
    (void)tickets_take(&shared->tickets, &number);
    shared_enter(shared);
    recorder_add(&shared->recorders[2], OUTCOME_OK, 10, 30, 7);
    shared_add_phase(shared, PHASE_TLS, 5);
    shared_leave(shared);
}

static void test_a_forked_worker_writes_to_the_same_memory(void **state)
{
    (void)state;
    struct shared *shared = shared_new(3, 3, false);
    assert_non_null(shared);
    assert_int_equal(shared->recorder_count, 3);
    run_in_child(use_shared, shared);
    assert_int_equal(atomic_load(&shared->tickets.taken), 1);
    assert_int_equal(atomic_load(&shared->peak_in_flight), 1);
    assert_int_equal(atomic_load(&shared->in_flight), 0);
    assert_int_equal(shared->recorders[2].bytes_received, 7);
    assert_int_equal(hist_count(shared->recorders[2].latency), 1);
    assert_int_equal(hist_count(shared->recorders[1].latency), 0);
    assert_int_equal(hist_count(&shared->phases[PHASE_TLS]), 1);
    shared_free(shared);
}

static void fail_in_child(struct shared *shared)
{
    struct err err = {0};
    (void)err_set(&err, EXIT_CODE_UNFIT, "child");
    shared_fail(shared, &err);
}

static void test_the_first_error_wins_and_ends_the_run(void **state)
{
    (void)state;
    struct shared *shared = shared_new(5, 1, false);
    struct err err = {0};
    assert_int_equal(shared_error(shared, &err), 0);
    uint64_t number = 99;
    assert_true(tickets_take(&shared->tickets, &number));
    assert_int_equal(number, 0);
    run_in_child(fail_in_child, shared);
    assert_false(tickets_take(&shared->tickets, &number));

    struct err second = {0};
    (void)err_set(&second, EXIT_CODE_INTERNAL, "second");
    shared_fail(shared, &second);
    assert_int_equal(shared_error(shared, &err), -EXIT_CODE_UNFIT);
    assert_int_equal(err.code, EXIT_CODE_UNFIT);
    assert_string_equal(err.text, "child");
    shared_free(shared);
}

struct together {
    struct shared *shared;
    pthread_barrier_t all_in;
};

static void *enter_and_leave(void *arg)
{
    struct together *together = arg;
    for (int i = 0; i < 200; i++) {
        shared_enter(together->shared);
        (void)pthread_barrier_wait(&together->all_in);
        shared_add_phase(together->shared, PHASE_DNS, 1000);
        shared_leave(together->shared);
        (void)pthread_barrier_wait(&together->all_in);
    }
    return NULL;
}

static void test_the_peak_of_several_threads(void **state)
{
    (void)state;
    struct together together = {.shared = shared_new(1, 1, false)};
    assert_int_equal(pthread_barrier_init(&together.all_in, NULL, WORKERS), 0);
    run_in_threads(enter_and_leave, &together);
    (void)pthread_barrier_destroy(&together.all_in);
    assert_int_equal(atomic_load(&together.shared->peak_in_flight), WORKERS);
    assert_int_equal(atomic_load(&together.shared->in_flight), 0);
    assert_int_equal(hist_count(&together.shared->phases[PHASE_DNS]), WORKERS * 200);
    shared_free(together.shared);
}

struct shared_work {
    struct tickets tickets;
    _Atomic uint64_t done, sum;
};

static void *take_all(void *arg)
{
    struct shared_work *work = arg;
    for (uint64_t number = 0; tickets_take(&work->tickets, &number);) {
        (void)atomic_fetch_add(&work->done, 1);
        (void)atomic_fetch_add(&work->sum, number);
    }
    return NULL;
}

static void test_each_ticket_is_taken_once(void **state)
{
    (void)state;
    struct shared_work work = {.tickets.total = 50000};
    run_in_threads(take_all, &work);
    assert_int_equal(atomic_load(&work.done), 50000);
    assert_int_equal(atomic_load(&work.sum), UINT64_C(50000) * 49999 / 2);
    uint64_t number = 99;
    assert_false(tickets_take(&work.tickets, &number));
    assert_int_equal(number, 99);
}

static void test_a_long_phase_is_an_overflow(void **state)
{
    (void)state;
    struct shared *shared = shared_new(1, 1, false);
    shared_add_phase(shared, PHASE_CONNECT, HIST_LIMIT_NS);
    shared_add_phase(shared, PHASE_CONNECT, HIST_LIMIT_NS - 1);
    assert_int_equal(shared->phases[PHASE_CONNECT].overflow, 1);
    assert_int_equal(hist_count(&shared->phases[PHASE_CONNECT]), 2);
    shared_free(shared);
}

static void test_the_recorders_of_the_largest_run(void **state)
{
    (void)state;
    if (sizeof(void *) < 8)
        skip(); /* 32 bits have no 16 GiB of addresses */
    struct shared *shared =
        shared_new(4000000000, 1000000, false); /* 16 GiB, untouched */
    assert_non_null(shared);
    struct recorder *last = &shared->recorders[999999];
    recorder_add(last, OUTCOME_OK, 1, 2, 3);
    assert_int_equal(hist_count(last->latency), 1);
    shared_free(shared);
    shared_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_forked_worker_writes_to_the_same_memory),
        cmocka_unit_test(test_the_first_error_wins_and_ends_the_run),
        cmocka_unit_test(test_the_peak_of_several_threads),
        cmocka_unit_test(test_each_ticket_is_taken_once),
        cmocka_unit_test(test_a_long_phase_is_an_overflow),
        cmocka_unit_test(test_the_recorders_of_the_largest_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
