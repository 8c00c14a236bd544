/* The account of what a runner left behind, with children that the test makes up. */
#include "launcher/reap.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmocka.h>

static int left;

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker's names */
pid_t __wrap_wait4(pid_t pid, int *status, int options, struct rusage *usage);

pid_t __wrap_wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
    (void)pid, (void)status, (void)options;
    if (left == 0) {
        errno = ECHILD;
        return -1;
    }
    *usage = (struct rusage){.ru_utime = {1, 250000}, .ru_stime = {2, 500000}};
    return 1000 + left--;
}

/* What wait4 is called where 32 bits have been made to hold the time. */
pid_t __wrap___wait4_time64(pid_t pid, int *status, int options, struct rusage *usage)
    __attribute__((alias("__wrap_wait4")));
/* NOLINTEND(bugprone-reserved-identifier) */

static void test_user_and_system_time_of_orphans_count(void **state)
{
    (void)state;
    struct launch_report report = {0};
    left = 2;
    reap_orphans(&report, 0);
    assert_int_equal(report.orphans, 2);
    assert_int_equal(report.orphan_cpu_ns, 2 * UINT64_C(3750000000));
    assert_int_equal(report.unreaped, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_user_and_system_time_of_orphans_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
