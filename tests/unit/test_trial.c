/* trial_run against a runner that misbehaves in every way (tests/fake): each fault gets
 * its class, and the trial object is complete whatever happened. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_trial.h"

static void test_every_mode_gets_its_class(void **state)
{
    static const struct {
        const char *mode, *reason_class, *part_of_text;
    } cases[] = {
        {"good", "valid", NULL},
        {"flood-stdout", "valid", NULL},
        {"wrong-counts", "counts", "ok + failed: expected 8, found 7"},
        {"wrong-histogram", "counts", "overflow: expected 8, found 9"},
        {"wrong-model", "bad-document", "model: expected 'fake', found 'other'"},
        {"failed-requests", "failed-requests", "1 of 8 requests failed: reset 1"},
        {"bad-json", "bad-document", "document:1:"},
        {"deep-json", "bad-document", "nested deeper"},
        {"huge-document", "flood", "the document"},
        {"flood-stderr", "flood", "stderr"},
        {"no-document", "no-document", "no result document"},
        {"crash", "signal", "signal 11"},
        {"exit-3", "exit", "exit code 3: runner-fake: ? too few file descriptors"},
        {"workers-left", "orphans", "2 processes left behind"},
        {"daemon-left", "orphans", "1 process left behind"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_auto_t *trial = run_fake(cases[i].mode, 20);
        const char *text = text_of(trial);
        if (strcmp(class_of(trial), cases[i].reason_class) != 0 ||
            (cases[i].part_of_text && !strstr(text, cases[i].part_of_text)))
            fail_msg("%s: %s: %s", cases[i].mode, class_of(trial), text ? text : "");
    }
}

static void test_too_few_units_are_found_in_a_model_of_the_table(void **state)
{
    (void)state;
    json_auto_t *trial = run_fake_as("threads", "too-few-units", 20);
    assert_string_equal(class_of(trial), "concurrency");
    assert_string_equal(text_of(trial), "units_created: expected 2, found 1");
}

static void test_a_hanging_runner_is_stopped(void **state)
{
    static const char *const modes[] = {"hang", "ignore-and-hang", "workers-hang"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        json_auto_t *trial = run_fake(modes[i], 1);
        assert_string_equal(class_of(trial), "timeout");
        assert_non_null(strstr(text_of(trial), "1000 ms"));
        json_int_t number = json_integer_value(json_object_get(trial, "signal"));
        assert_int_equal(number, i == 0 ? SIGTERM : SIGKILL);
        assert_true(json_is_null(json_object_get(trial, "exit_code")));
    }
}

static char nowhere[] = "/nonexistent/runner";

static void test_a_missing_runner_is_an_invalid_trial(void **state)
{
    (void)state;
    struct scenario scenario = a_scenario();
    struct trial_context context = a_context(nowhere);
    struct err err = {0};
    json_auto_t *trial = NULL;
    const struct trial_request request = {
        .scenario = &scenario, .model = "fake", .concurrency = 1, .requests = 1};
    assert_int_equal(trial_run(&context, &request, &trial, &err), 0);
    assert_string_equal(class_of(trial), "launch");
    assert_non_null(strstr(text_of(trial), "No such file"));
    assert_true(json_is_null(json_object_get(trial, "wall_ns")));
    assert_true(json_is_null(json_object_get(trial, "exit_code")));
}

static void test_the_trial_object_is_complete_and_masked(void **state)
{
    static const char *const keys[] = {"pass",
                                       "scenario",
                                       "model",
                                       "concurrency",
                                       "requests",
                                       "block",
                                       "position",
                                       "attempt",
                                       "started_s",
                                       "command",
                                       "valid",
                                       "invalid_reason",
                                       "exit_code",
                                       "signal",
                                       "stderr",
                                       "placement",
                                       "wall_ns",
                                       "cpu_total_ns",
                                       "cpu_user_ns",
                                       "cpu_system_ns",
                                       "max_rss_bytes",
                                       "launcher_rss_bytes",
                                       "tree_memory_bytes",
                                       "tree_memory_source",
                                       "voluntary_switches",
                                       "involuntary_switches",
                                       "minor_faults",
                                       "major_faults",
                                       "origin",
                                       "health",
                                       "disturbed",
                                       "counters",
                                       "energy_uj",
                                       "energy_reason",
                                       "document"};
    (void)state;
    json_auto_t *trial = run_fake("good", 20);
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        assert_non_null(json_object_get(trial, keys[i]));
    assert_int_equal(json_object_size(trial), COUNT_OF(keys));
    const json_t *words = json_object_get(trial, "command");
    const size_t count = json_array_size(words);
    assert_null(strchr(json_string_value(json_array_get(words, 0)), '~'));
    assert_int_not_equal(json_string_value(json_array_get(words, 0))[0], '/');
    assert_string_equal(json_string_value(json_array_get(words, count - 1)),
                        "http://***@127.0.0.1:1/x");
}

static uint64_t interrupt_once(void *arg, pid_t runner)
{
    (void)arg;
    assert_int_equal(kill(runner, 0), 0);
    (void)raise(SIGINT);
    return 1000000;
}

static uint64_t kill_once(void *arg, pid_t runner)
{
    (void)arg;
    assert_int_equal(kill(runner, SIGKILL), 0);
    return 1000000;
}

static void test_a_killed_runner_leaves_no_worker(void **state)
{
    (void)state;
    struct scenario scenario = a_scenario();
    struct trial_context context = a_context(fake_runner);
    struct err err = {0};
    json_auto_t *trial = NULL;
    const struct trial_request request = {
        .scenario = &scenario, .model = "fake", .concurrency = 2, .requests = 8};
    set_mode("workers-hang");
    assert_int_equal(trial_run_sampled(&context, &request, kill_once, NULL, &trial, &err),
                     0);
    assert_string_equal(class_of(trial), "signal");
    assert_non_null(strstr(text_of(trial), "signal 9"));
    assert_int_equal(number_of(trial, "signal"), SIGKILL);
}

static void on_interrupt(int number)
{
    (void)number;
    interrupt_requested = 1;
}

static void test_an_interrupt_ends_the_trial(void **state)
{
    (void)state;
    const struct sigaction action = {.sa_handler = on_interrupt};
    struct sigaction old;
    struct scenario scenario = a_scenario();
    struct trial_context context = a_context(fake_runner);
    struct err err = {0};
    json_auto_t *trial = NULL;
    const struct trial_request request = {
        .scenario = &scenario, .model = "fake", .concurrency = 2, .requests = 8};
    set_mode("workers-hang");
    assert_int_equal(sigaction(SIGINT, &action, &old), 0);
    int status =
        trial_run_sampled(&context, &request, interrupt_once, NULL, &trial, &err);
    assert_int_equal(sigaction(SIGINT, &old, NULL), 0);
    interrupt_requested = 0;
    assert_int_equal(status, 0);
    assert_string_equal(class_of(trial), "signal");
    assert_non_null(strstr(text_of(trial), "interrupted"));
}

static void test_the_memory_of_a_tree_is_summed(void **state)
{
    (void)state;
    struct scenario scenario = a_scenario();
    struct trial_context context = a_context(fake_runner);
    struct err err = {0};
    json_auto_t *memory = NULL;
    const struct trial_request request = {
        .scenario = &scenario, .model = "fake", .concurrency = 4, .requests = 8};
    set_mode("hold");
    assert_int_equal(trial_run_memory(&context, &request, &memory, &err), 0);
    const double mib = (double)number_of(memory, "tree_memory_bytes") / (1 << 20);
    assert_string_equal(json_string_value(json_object_get(memory, "source")),
                        "pss-sampled");
    assert_true(mib >= 64 && mib <= 64 * 1.1);
    assert_int_equal(number_of(memory, "processes"), 5);
    assert_true(json_is_null(json_object_get(memory, "plateau_samples")));
    assert_true(json_is_string(json_object_get(memory, "reason")));
    const json_t *trial = json_object_get(memory, "trial");
    assert_string_equal(json_string_value(json_object_get(trial, "pass")), "memory");
    assert_int_equal(number_of(trial, "tree_memory_bytes"),
                     number_of(memory, "tree_memory_bytes"));
}

static void test_a_failed_memory_pass_says_why(void **state)
{
    (void)state;
    struct scenario scenario = a_scenario();
    struct trial_context context = a_context(fake_runner);
    struct err err = {0};
    json_auto_t *memory = NULL;
    const struct trial_request request = {
        .scenario = &scenario, .model = "fake", .concurrency = 4, .requests = 8};
    set_mode("crash");
    assert_int_equal(trial_run_memory(&context, &request, &memory, &err), 0);
    assert_true(json_is_null(json_object_get(memory, "tree_memory_bytes")));
    assert_non_null(
        strstr(json_string_value(json_object_get(memory, "reason")), "signal 11"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_mode_gets_its_class),
        cmocka_unit_test(test_too_few_units_are_found_in_a_model_of_the_table),
        cmocka_unit_test(test_a_hanging_runner_is_stopped),
        cmocka_unit_test(test_a_missing_runner_is_an_invalid_trial),
        cmocka_unit_test(test_the_trial_object_is_complete_and_masked),
        cmocka_unit_test(test_a_killed_runner_leaves_no_worker),
        cmocka_unit_test(test_an_interrupt_ends_the_trial),
        cmocka_unit_test(test_the_memory_of_a_tree_is_summed),
        cmocka_unit_test(test_a_failed_memory_pass_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
