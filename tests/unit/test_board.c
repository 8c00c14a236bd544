/* Tests of runtime/board and tickets: shared by threads and by forked processes. */
#include "runtime/board.h"

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

static void run_in_child(void (*function)(struct board *), struct board *board)
{
    pid_t pid = fork();
    if (pid == 0) {
        function(board);
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

static void use_board(struct board *board)
{
    uint64_t number = 0;
    (void)tickets_take(&board->tickets, &number);
    board_enter(board);
    recorder_add(&board->recorders[2], OUTCOME_OK, 10, 30, 7);
    board_add_phase(board, PHASE_TLS, 5);
    board_leave(board);
}

static void test_a_forked_worker_writes_to_the_same_board(void **state)
{
    (void)state;
    struct board *board = board_new(3, 3, false);
    assert_non_null(board);
    assert_int_equal(board->recorder_count, 3);
    run_in_child(use_board, board);
    assert_int_equal(atomic_load(&board->tickets.taken), 1);
    assert_int_equal(atomic_load(&board->peak_in_flight), 1);
    assert_int_equal(atomic_load(&board->in_flight), 0);
    assert_int_equal(board->recorders[2].bytes_received, 7);
    assert_int_equal(hist_count(board->recorders[2].latency), 1);
    assert_int_equal(hist_count(board->recorders[1].latency), 0);
    assert_int_equal(hist_count(&board->phases[PHASE_TLS]), 1);
    board_free(board);
}

static void fail_in_child(struct board *board)
{
    struct err err = {0};
    (void)err_set(&err, EXIT_CODE_UNFIT, "child");
    board_fail(board, &err);
}

static void test_the_first_error_wins_and_ends_the_run(void **state)
{
    (void)state;
    struct board *board = board_new(5, 1, false);
    struct err err = {0};
    assert_int_equal(board_error(board, &err), 0);
    uint64_t number = 99;
    assert_true(tickets_take(&board->tickets, &number));
    assert_int_equal(number, 0);
    run_in_child(fail_in_child, board);
    assert_false(tickets_take(&board->tickets, &number));

    struct err second = {0};
    (void)err_set(&second, EXIT_CODE_INTERNAL, "second");
    board_fail(board, &second);
    assert_int_equal(board_error(board, &err), -EXIT_CODE_UNFIT);
    assert_int_equal(err.code, EXIT_CODE_UNFIT);
    assert_string_equal(err.text, "child");
    board_free(board);
}

struct together {
    struct board *board;
    pthread_barrier_t all_in;
};

static void *enter_and_leave(void *arg)
{
    struct together *together = arg;
    for (int i = 0; i < 200; i++) {
        board_enter(together->board);
        (void)pthread_barrier_wait(&together->all_in);
        board_add_phase(together->board, PHASE_DNS, 1000);
        board_leave(together->board);
        (void)pthread_barrier_wait(&together->all_in);
    }
    return NULL;
}

static void test_the_peak_of_several_threads(void **state)
{
    (void)state;
    struct together together = {.board = board_new(1, 1, false)};
    assert_int_equal(pthread_barrier_init(&together.all_in, NULL, WORKERS), 0);
    run_in_threads(enter_and_leave, &together);
    (void)pthread_barrier_destroy(&together.all_in);
    assert_int_equal(atomic_load(&together.board->peak_in_flight), WORKERS);
    assert_int_equal(atomic_load(&together.board->in_flight), 0);
    assert_int_equal(hist_count(&together.board->phases[PHASE_DNS]), WORKERS * 200);
    board_free(together.board);
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
    struct board *board = board_new(1, 1, false);
    board_add_phase(board, PHASE_CONNECT, HIST_LIMIT_NS);
    board_add_phase(board, PHASE_CONNECT, HIST_LIMIT_NS - 1);
    assert_int_equal(board->phases[PHASE_CONNECT].overflow, 1);
    assert_int_equal(hist_count(&board->phases[PHASE_CONNECT]), 2);
    board_free(board);
}

static void test_the_recorders_of_the_largest_run(void **state)
{
    (void)state;
    struct board *board = board_new(4000000000, 1000000, false); /* 16 GiB, untouched */
    assert_non_null(board);
    struct recorder *last = &board->recorders[999999];
    recorder_add(last, OUTCOME_OK, 1, 2, 3);
    assert_int_equal(hist_count(last->latency), 1);
    board_free(board);
    board_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_forked_worker_writes_to_the_same_board),
        cmocka_unit_test(test_the_first_error_wins_and_ends_the_run),
        cmocka_unit_test(test_the_peak_of_several_threads),
        cmocka_unit_test(test_each_ticket_is_taken_once),
        cmocka_unit_test(test_a_long_phase_is_an_overflow),
        cmocka_unit_test(test_the_recorders_of_the_largest_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
