/* Tests of common/work.c. */
#include "common/work.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>
#include <time.h>

#include <cmocka.h>

static void test_divisors_are_counted(void **state)
{
    (void)state;
    assert_int_equal(work_divide(12, 0), 0);
    assert_int_equal(work_divide(12, 1), 1);  /* 2 */
    assert_int_equal(work_divide(12, 11), 5); /* 2 3 4 6 12 */
    assert_int_equal(work_divide(13, 11), 0);
    assert_int_equal(work_divide(13, 12), 1); /* itself */
}

static void test_both_ways_find_the_same(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= 500; number++) {
        for (uint64_t tests = 0; tests <= 510; tests++)
            assert_int_equal(work_divisors(number, tests), work_divide(number, tests));
    }
    const uint64_t large = UINT64_C(4000000000);
    assert_int_equal(work_divisors(large, 100000), work_divide(large, 100000));
}

static void test_the_speed_is_found(void **state)
{
    (void)state;
    const uint64_t speed = work_tests_per_us();
    assert_true(speed >= 1 && speed <= 100000);
}

static const struct itimerval soon = {.it_value = {0, 200}};

static void sleep_a_while(int number)
{
    const struct timespec pause = {0, 2000000};
    (void)number;
    (void)nanosleep(&pause, NULL);
    (void)setitimer(ITIMER_REAL, &soon, NULL);
}

/* Every 200 us it has to stand still for 2 ms, as when others have the CPU. */
static void test_a_busy_machine_is_no_slower(void **state)
{
    (void)state;
    const uint64_t quiet = work_tests_per_us();
    const struct sigaction action = {.sa_handler = sleep_a_while};
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
    const uint64_t busy = work_tests_per_us();
    assert_int_equal(sigaction(SIGALRM, &ignore, NULL), 0);
    assert_true(busy >= quiet / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_divisors_are_counted),
        cmocka_unit_test(test_both_ways_find_the_same),
        cmocka_unit_test(test_the_speed_is_found),
        cmocka_unit_test(test_a_busy_machine_is_no_slower),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
