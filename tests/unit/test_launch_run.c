/* What a launch_request can ask for beside a trial's needs, with /bin/sh as the runner.
 */
#include "harness/trial/launch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

static struct launch_outcome run_shell(const char *script, bool take_stdout,
                                       uint64_t linger_ms)
{
    char shell[] = "/bin/sh", flag[] = "-c";
    char *argv[] = {shell, flag, (char *)(uintptr_t)script, NULL};
    struct cpus cpus;
    struct launch_outcome outcome;
    struct err err = {0};
    assert_int_equal(cpus_read(0, &cpus), 0);
    const struct launch_request request = {.argv = argv,
                                           .cpus = &cpus,
                                           .timeout_ms = 20000,
                                           .takes_stdout = take_stdout,
                                           .linger_ms = linger_ms};
    assert_int_equal(launch_run(&request, &outcome, &err), 0);
    assert_true(outcome.is_reported);
    return outcome;
}

static void test_stdout_can_be_the_document(void **state)
{
    (void)state;
    struct launch_outcome o = run_shell("echo hello; [ ! -e /proc/$$/fd/3 ]", true, 0);
    assert_string_equal(o.document, "hello\n");
    assert_int_equal(o.report.wait_status, 0);
    launch_outcome_done(&o);
    o = run_shell("echo hello; echo there >&3", false, 0);
    assert_string_equal(o.document, "there\n");
    launch_outcome_done(&o);
}

static void test_what_ends_by_itself_in_time_is_no_orphan(void **state)
{
    (void)state;
    struct launch_outcome o = run_shell("sleep 0.05 & exit 0", false, 20000);
    assert_int_equal(o.report.orphans, 0);
    launch_outcome_done(&o);
    o = run_shell("sleep 60 & exit 0", false, 50);
    assert_int_equal(o.report.orphans, 1);
    assert_int_equal(o.report.unreaped, 0);
    launch_outcome_done(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stdout_can_be_the_document),
        cmocka_unit_test(test_what_ends_by_itself_in_time_is_no_orphan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
