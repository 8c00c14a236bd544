/* trial_run against a runner that misbehaves in every way (tests/fake), and the promises
 * about processes and file descriptors. */
#include "common/clock.h"
#include "common/json.h"
#include "common/owners.h"
#include "harness/trial.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char *fake_path(void *arg, const char *model)
{
    (void)model;
    return arg;
}

static char fake_runner[] = FAKE_RUNNER;
static char nowhere[] = "/nonexistent/runner";

static struct scenario a_scenario(void)
{
    return (struct scenario){.name = "test",
                             .task = "http",
                             .bytes = 1024,
                             .keepalive = true,
                             .timeout_ms = 1000,
                             .trial_seconds = 20};
}

static struct trial_site a_site(char *runner)
{
    struct trial_site site = {.url = "http://user:secret@127.0.0.1:1/x",
                              .run_started_ns = clock_ns(),
                              .runner_path = fake_path,
                              .runner_path_arg = runner};
    assert_int_equal(sched_getaffinity(0, sizeof site.all_cpus, &site.all_cpus), 0);
    site.runner_cpus = site.all_cpus;
    site.origin_cpus = site.all_cpus;
    return site;
}

static void set_mode(const char *mode)
{
    assert_int_equal(setenv("FAKE_MODE", mode, 1), 0);
}

/* A trial of 8 requests at concurrency 2; new. */
static json_t *run_fake(const char *mode, uint64_t trial_seconds)
{
    struct scenario scenario = a_scenario();
    struct trial_site site = a_site(fake_runner);
    struct err err = {0};
    json_t *trial = NULL;
    scenario.trial_seconds = trial_seconds;
    set_mode(mode);
    const struct trial_request request = {
        .scenario = &scenario, .model = "fake", .concurrency = 2, .requests = 8};
    if (trial_run(&site, &request, &trial, &err))
        fail_msg("%s", err.text);
    return trial;
}

static const char *class_of(const json_t *trial)
{
    const json_t *reason = json_object_get(trial, "invalid_reason");
    const char *text = json_string_value(json_object_get(reason, "class"));
    assert_int_equal(json_is_true(json_object_get(trial, "valid")), text == NULL);
    return text ? text : "valid";
}

static const char *text_of(const json_t *trial)
{
    return json_string_value(
        json_object_get(json_object_get(trial, "invalid_reason"), "text"));
}

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
        {"too-few-units", "concurrency", "units_created: expected 2, found 1"},
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
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_auto_t *trial = run_fake(cases[i].mode, 20);
        const char *text = text_of(trial);
        if (strcmp(class_of(trial), cases[i].reason_class) != 0 ||
            (cases[i].part_of_text && !strstr(text, cases[i].part_of_text)))
            fail_msg("%s: %s: %s", cases[i].mode, class_of(trial), text ? text : "");
    }
}

static void test_a_hanging_runner_is_stopped(void **state)
{
    static const char *const modes[] = {"hang", "ignore-and-hang", "workers-hang"};
    (void)state;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        json_auto_t *trial = run_fake(modes[i], 1);
        assert_string_equal(class_of(trial), "timeout");
        assert_non_null(strstr(text_of(trial), "1000 ms"));
        json_int_t number = json_integer_value(json_object_get(trial, "signal"));
        assert_int_equal(number, i == 0 ? SIGTERM : SIGKILL);
        assert_true(json_is_null(json_object_get(trial, "exit_code")));
    }
}

static void test_a_missing_runner_is_an_invalid_trial(void **state)
{
    (void)state;
    struct scenario scenario = a_scenario();
    struct trial_site site = a_site(nowhere);
    struct err err = {0};
    json_auto_t *trial = NULL;
    const struct trial_request request = {
        .scenario = &scenario, .model = "fake", .concurrency = 1, .requests = 1};
    assert_int_equal(trial_run(&site, &request, &trial, &err), 0);
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
                                       "document"};
    (void)state;
    json_auto_t *trial = run_fake("good", 20);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_non_null(json_object_get(trial, keys[i]));
    assert_int_equal(json_object_size(trial), sizeof keys / sizeof keys[0]);
    const json_t *words = json_object_get(trial, "command");
    const size_t count = json_array_size(words);
    assert_null(strchr(json_string_value(json_array_get(words, 0)), '~'));
    assert_int_not_equal(json_string_value(json_array_get(words, 0))[0], '/');
    assert_string_equal(json_string_value(json_array_get(words, count - 1)),
                        "http://***@127.0.0.1:1/x");
}

static void test_a_runner_gets_only_its_four_descriptors(void **state)
{
    (void)state;
    int inheritable = open("/dev/null", O_RDONLY); /* NOLINT: no CLOEXEC is the point */
    assert_true(inheritable >= 0);
    json_auto_t *trial = run_fake("list-fds", 20);
    assert_int_equal(close(inheritable), 0);
    assert_string_equal(class_of(trial), "valid");
    assert_string_equal(json_string_value(json_object_get(trial, "stderr")),
                        "fds 0 1 2 3");
}

static size_t count_fds(void)
{
    size_t count = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    (void)closedir(dir);
    return count;
}

static void test_two_hundred_trials_leak_no_descriptor(void **state)
{
    (void)state;
    json_decref(run_fake("good", 20));
    const size_t before = count_fds();
    for (int i = 0; i < 200; i++)
        json_decref(run_fake(i % 20 ? "good" : "flood-stderr", 20));
    assert_int_equal(count_fds(), before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nor a child */
}

static uint64_t number_of(const json_t *trial, const char *key)
{
    const json_t *value = json_object_get(trial, key);
    assert_true(json_is_integer(value));
    return (uint64_t)json_integer_value(value);
}

/* Runs the fake under /usr/bin/time; false when there is none. */
static bool run_time(double *out_cpu_s, double *out_rss_kib)
{
    char path[] = "/tmp/concbench-time-XXXXXX";
    char text[128] = "";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    pid_t pid = fork();
    if (pid == 0) {
        (void)execl("/usr/bin/time", "time", "-o", path, "-f", "%U %S %M", fake_runner,
                    "--result-fd", "1000", /* nowhere */
                    (char *)NULL);
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    (void)!read(fd, text, sizeof text - 1);
    (void)close(fd);
    (void)unlink(path);
    char *end = text;
    double user = strtod(end, &end);
    *out_cpu_s = user + strtod(end, &end);
    *out_rss_kib = strtod(end, &end);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The caller holds 200 MB, and nothing of that is seen. */
static void test_the_account_agrees_with_time(void **state)
{
    const size_t ballast_bytes = (size_t)200 << 20;
    double cpu_s = 0;
    double rss_kib = 0;
    (void)state;
    set_mode("spin");
    if (!run_time(&cpu_s, &rss_kib))
        skip();
    char *ballast = malloc(ballast_bytes);
    assert_non_null(ballast);
    memset(ballast, 1, ballast_bytes);
    json_auto_t *trial = run_fake("spin", 60);
    free(ballast);
    assert_string_equal(class_of(trial), "valid");
    const double own_s = (double)number_of(trial, "cpu_total_ns") / 1e9;
    const double own_kib = (double)number_of(trial, "max_rss_bytes") / 1024;
    print_message("CPU %.3f s, time says %.2f; RSS %.0f KiB, time says %.0f\n", own_s,
                  cpu_s, own_kib, rss_kib);
    assert_true(own_s > 0.97 && own_s < 1.03);
    assert_true(own_s > cpu_s * 0.97 && own_s < cpu_s * 1.03 + 0.02); /* it truncates */
    assert_true(own_kib > rss_kib - 256 && own_kib < rss_kib + 256);
    assert_in_range(number_of(trial, "launcher_rss_bytes"), 1, 2 << 20);
}

static uint64_t interrupt_once(void *arg, pid_t runner)
{
    (void)arg;
    assert_int_equal(kill(runner, 0), 0);
    (void)raise(SIGINT);
    return 1000000;
}

static void on_interrupt(int number)
{
    (void)number;
    trial_interrupted = 1;
}

static void test_an_interrupt_ends_the_trial(void **state)
{
    (void)state;
    const struct sigaction action = {.sa_handler = on_interrupt};
    struct sigaction old;
    struct scenario scenario = a_scenario();
    struct trial_site site = a_site(fake_runner);
    struct err err = {0};
    json_auto_t *trial = NULL;
    const struct trial_request request = {
        .scenario = &scenario, .model = "fake", .concurrency = 2, .requests = 8};
    set_mode("workers-hang");
    assert_int_equal(sigaction(SIGINT, &action, &old), 0);
    int status = trial_run_sampled(&site, &request, interrupt_once, NULL, &trial, &err);
    assert_int_equal(sigaction(SIGINT, &old, NULL), 0);
    trial_interrupted = 0;
    assert_int_equal(status, 0);
    assert_string_equal(class_of(trial), "signal");
    assert_non_null(strstr(text_of(trial), "interrupted"));
}

/* Living processes whose environment began with this token. */
static size_t count_with_token(const char *token)
{
    size_t count = 0;
    DIR *dir = opendir("/proc");
    const struct dirent *entry = NULL;
    while (dir && (entry = readdir(dir))) {
        char path[300];
        static char text[65536];
        (void)snprintf(path, sizeof path, "/proc/%s/environ", entry->d_name);
        AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof text);
        count += got > 0 && memmem(text, (size_t)got, token, strlen(token));
    }
    (void)closedir(dir);
    return count;
}

static bool wait_for_count(const char *token, size_t low, size_t high)
{
    const uint64_t deadline_ns = clock_ns() + 20 * NS_PER_S;
    size_t count = 0;
    do {
        count = count_with_token(token);
        if (count >= low && count <= high)
            return true;
        const struct timespec pause = {.tv_nsec = 10000000};
        (void)nanosleep(&pause, NULL);
    } while (clock_ns() < deadline_ns);
    return false;
}

static void test_nothing_outlives_a_killed_harness(void **state)
{
    char token[64];
    (void)state;
    (void)snprintf(token, sizeof token, "CONCBENCH_TOKEN=%d.%llu", (int)getpid(),
                   (unsigned long long)clock_ns());
    pid_t harness = fork();
    if (harness == 0) {
        (void)putenv(token);
        json_decref(run_fake("workers-hang", 1000));
        _exit(0);
    }
    /* launcher, runner, two workers, two more in sessions of their own */
    assert_true(wait_for_count(token, 6, 6));
    assert_int_equal(kill(harness, SIGKILL), 0);
    assert_int_equal(waitpid(harness, NULL, 0), harness);
    assert_true(wait_for_count(token, 0, 0));
}

static void test_the_memory_of_a_tree_is_summed(void **state)
{
    (void)state;
    struct scenario scenario = a_scenario();
    struct trial_site site = a_site(fake_runner);
    struct err err = {0};
    json_auto_t *memory = NULL;
    const struct trial_request request = {
        .scenario = &scenario, .model = "fake", .concurrency = 4, .requests = 8};
    set_mode("hold");
    assert_int_equal(trial_run_memory(&site, &request, &memory, &err), 0);
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
    struct trial_site site = a_site(fake_runner);
    struct err err = {0};
    json_auto_t *memory = NULL;
    const struct trial_request request = {
        .scenario = &scenario, .model = "fake", .concurrency = 4, .requests = 8};
    set_mode("crash");
    assert_int_equal(trial_run_memory(&site, &request, &memory, &err), 0);
    assert_true(json_is_null(json_object_get(memory, "tree_memory_bytes")));
    assert_non_null(
        strstr(json_string_value(json_object_get(memory, "reason")), "signal 11"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_mode_gets_its_class),
        cmocka_unit_test(test_a_hanging_runner_is_stopped),
        cmocka_unit_test(test_a_missing_runner_is_an_invalid_trial),
        cmocka_unit_test(test_the_trial_object_is_complete_and_masked),
        cmocka_unit_test(test_a_runner_gets_only_its_four_descriptors),
        cmocka_unit_test(test_two_hundred_trials_leak_no_descriptor),
        cmocka_unit_test(test_the_account_agrees_with_time),
        cmocka_unit_test(test_an_interrupt_ends_the_trial),
        cmocka_unit_test(test_nothing_outlives_a_killed_harness),
        cmocka_unit_test(test_the_memory_of_a_tree_is_summed),
        cmocka_unit_test(test_a_failed_memory_pass_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
