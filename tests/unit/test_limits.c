/* Tests of runtime/limits: what is refused before the first request. */
#include "common/cpus.h"
#include "runtime/limits.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Under a hard limit of fds: 0 when 10 workers fit and the soft limit was raised, 1 when
 * they do not and the error says what is needed, 2 otherwise. */
static int try_limit(rlim_t fds)
{
    struct rlimit limit = {.rlim_cur = fds - 10, .rlim_max = fds};
    struct err err = {0};
    if (setrlimit(RLIMIT_NOFILE, &limit))
        return 2;
    if (!limits_check_fds("test", 3, 10, &err))
        return getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur != fds ? 2 : 0;
    return err.code == EXIT_CODE_UNFIT && strstr(err.text, "needs 62") &&
                   strstr(err.text, "limit is 61")
               ? 1
               : 2;
}

/* A hard limit cannot be raised again, so only a child may lower it. */
static int try_limit_in_child(rlim_t fds)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(try_limit(fds));
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_workers_must_fit_the_hard_limit(void **state)
{
    (void)state;
    assert_int_equal(try_limit_in_child(62), 0);
    assert_int_equal(try_limit_in_child(61), 1);
}

static void test_the_result_descriptor_must_be_writable(void **state)
{
    (void)state;
    int ends[2];
    struct err err = {0};
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(limits_check_result_fd(0, &err), 0);
    assert_int_equal(limits_check_result_fd((uint64_t)ends[1], &err), 0);
    assert_int_equal(limits_check_result_fd((uint64_t)ends[0], &err), -EXIT_CODE_USAGE);
    (void)close(ends[0]);
    (void)close(ends[1]);
    struct err closed = {0};
    assert_int_equal(limits_check_result_fd((uint64_t)ends[1], &closed),
                     -EXIT_CODE_USAGE);
    assert_non_null(strstr(closed.text, "--result-fd"));
}

/* 0 when this process, a child, could be restricted to its first CPU and to no more than
 * it has; else the number of what went wrong. */
static int try_cpus(void)
{
    struct err err = {0};
    struct cpus all, now;
    if (cpus_read(0, &all))
        return 1;
    const uint64_t count = cpus_count(&all);
    if (limits_use_cpus(0, &err) || limits_use_cpus(count, &err) || cpus_read(0, &now) ||
        !cpus_is_equal(&all, &now))
        return 2;
    if (limits_use_cpus(count + 1, &err) != -EXIT_CODE_UNFIT ||
        !strstr(err.text, "may use only"))
        return 3;
    if (cpus_read(0, &now) || !cpus_is_equal(&all, &now))
        return 4;
    struct err none = {0};
    if (limits_use_cpus(1, &none) || cpus_read(0, &now))
        return 5;
    return cpus_count(&now) == 1 && cpus_has(&now, cpus_first(&all)) ? 0 : 6;
}

static void test_the_first_cpus_are_taken(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0)
        _exit(try_cpus());
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_workers_must_fit_the_hard_limit),
        cmocka_unit_test(test_the_result_descriptor_must_be_writable),
        cmocka_unit_test(test_the_first_cpus_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
