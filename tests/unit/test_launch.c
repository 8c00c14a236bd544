/* The promises about processes, descriptors and accounts: nothing leaks, nothing
 * outlives a killed harness, and the numbers are those of /usr/bin/time. */
#include "common/cleanup.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "fake_trial.h"

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

static double cpu_of(int who)
{
    struct rusage usage;
    assert_int_equal(getrusage(who, &usage), 0);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

/* All of a trial that is not the runner: health, energy, pipes, JSON and the launcher. It
 * is to be below 1 % of a runner's second; five times that leaves a slow machine room. */
static void check_that_the_harness_costs_little(double others_s, double runner_s)
{
    assert_true(runner_s >= 1);
    print_message("harness and launcher: %.2f %% of the runner's %.2f s\n",
                  100 * others_s / runner_s, runner_s);
    assert_true(others_s < 0.05 * runner_s);
}

/* The caller holds 200 MB, and nothing of that is seen. */
static void test_the_account_agrees_with_time_and_costs_little(void **state)
{
    const size_t ballast_bytes = (size_t)200 << 20;
    double cpu_s = 0;
    double rss_kib = 0;
    (void)state;
    set_mode("spin");
    const bool is_known = run_time(&cpu_s, &rss_kib);
    char *ballast = malloc(ballast_bytes);
    assert_non_null(ballast);
    memset(ballast, 1, ballast_bytes);
    const double before_s = cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN);
    json_auto_t *trial = run_fake("spin", 60);
    const double all_s = cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN) - before_s;
    free(ballast);
    assert_string_equal(class_of(trial), "valid");
    const double own_s = (double)number_of(trial, "cpu_total_ns") / 1e9;
    check_that_the_harness_costs_little(all_s - own_s, own_s);
    const double own_kib = (double)number_of(trial, "max_rss_bytes") / 1024;
    print_message("CPU %.3f s, time says %.2f; RSS %.0f KiB, time says %.0f\n", own_s,
                  cpu_s, own_kib, rss_kib);
    assert_true(own_s > 0.97 && own_s < 1.03);
    if (is_known) {
        assert_true(own_s > cpu_s * 0.97 && own_s < cpu_s * 1.03 + 0.02); /* truncated */
        assert_true(own_kib > rss_kib - 256 && own_kib < rss_kib + 256);
    }
    const double launcher_bytes = (double)number_of(trial, "launcher_rss_bytes");
    assert_true(launcher_bytes > 0 && launcher_bytes <= 2 << 20);
}

/* Max RSS of the null runner; the least of five, since which pages of a library the
 * kernel maps around a fault differs by some 100 KiB. */
static double null_runner_kib(uint64_t requests)
{
    double least = 1e9;
    for (int i = 0; i < 5; i++) {
        struct scenario scenario = a_scenario();
        struct trial_context context = a_context(NULL);
        struct err err = {0};
        json_auto_t *trial = NULL;
        const struct trial_request request = {.scenario = &scenario,
                                              .model = "null",
                                              .concurrency = 1,
                                              .requests = requests};
        context.runner_path = NULL;
        assert_int_equal(trial_run(&context, &request, &trial, &err), 0);
        assert_string_equal(class_of(trial), "valid");
        const double kib = (double)number_of(trial, "max_rss_bytes") / 1024;
        least = kib < least ? kib : least;
    }
    return least;
}

/* Recorders have constant size: a thousand times the requests, the same footprint. */
static void test_a_million_requests_need_no_more_memory(void **state)
{
    (void)state;
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    skip(); /* their shadow memory is measured with it */
#endif
    const double few = null_runner_kib(1000);
    const double many = null_runner_kib(1000000);
    print_message("1,000 requests: %.0f KiB, 1,000,000: %.0f KiB\n", few, many);
    assert_true(many - few <= 256);
}

static const json_t *counter(const json_t *trial, const char *name, const char *key)
{
    const json_t *counters = json_object_get(trial, "counters");
    return json_object_get(json_object_get(counters, name), key);
}

#define BEFORE_EXEC_NS 30e6 /* amply, where the machine is busy */

/* The kernel's own counter, by the way of all counters, against wait4: exec, threads and
 * forks included. What was before the exec is in wait4's account only. */
static void test_the_counters_agree_with_the_account(void **state)
{
    struct scenario scenario = a_scenario();
    struct trial_context context = a_context(fake_runner);
    struct err err = {0};
    (void)state;
    const struct trial_request request = {.scenario = &scenario,
                                          .model = "fake",
                                          .concurrency = 2,
                                          .requests = 8,
                                          .pass = TRIAL_WARM};
    json_auto_t *trial = NULL;
    set_mode("spin-tree");
    assert_int_equal(trial_run(&context, &request, &trial, &err), 0);
    assert_string_equal(class_of(trial), "valid");
    const json_t *clock = counter(trial, "task_clock_ns", "value");
    if (!json_is_integer(clock)) {
        print_message("%s\n",
                      json_string_value(counter(trial, "task_clock_ns", "reason")));
        skip();
    }
    const double counted = (double)json_integer_value(clock);
    const double account = (double)number_of(trial, "cpu_total_ns");
    print_message("counted %.3f s, wait4 says %.3f s\n", counted / 1e9, account / 1e9);
    /* the task clock runs on while a hypervisor has taken the CPU away; wait4's does not */
    assert_true(counted > account * 0.97 - BEFORE_EXEC_NS && counted < account * 1.25);
    assert_true(json_real_value(counter(trial, "task_clock_ns", "running_ratio")) > 0.99);
    const json_t *instructions = counter(trial, "instructions", "value");
    assert_true(json_is_string(counter(trial, "instructions", "reason")) ==
                json_is_null(instructions));
}

/* Living processes whose environment began with this token. */
static size_t count_with_token(const char *token)
{
    size_t count = 0;
    DIR *dir = opendir("/proc");
    const struct dirent *entry = NULL;
    assert_non_null(dir);
    while ((entry = readdir(dir))) {
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
    const uint64_t deadline_ns = clock_ns() + 200 * NS_PER_S;
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

/* A server that takes connections into its backlog and never answers. */
static int listen_silently(char *out_url, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 16), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    (void)snprintf(out_url, size, "http://127.0.0.1:%d/", ntohs(address.sin_port));
    return fd;
}

static void test_no_runner_of_ours_outlives_a_killed_harness(void **state)
{
    static const struct {
        const char *model;
        uint64_t concurrency;
        size_t processes; /* with the launcher */
    } models[] = {{"sequential", 1, 2},
                  {"threads", 4, 2},
                  {"processes", 4, 6},
                  {"coroutines", 4, 2}};
    char url[64];
    (void)state;
    int fd = listen_silently(url, sizeof url);
    for (size_t i = 0; i < COUNT_OF(models); i++) {
        char token[64];
        (void)snprintf(token, sizeof token, "CONCBENCH_TOKEN=%d.%zu", (int)getpid(), i);
        pid_t harness = fork();
        if (harness == 0) {
            struct scenario scenario = a_scenario();
            struct trial_context context = a_context(NULL);
            struct err err = {0};
            json_t *trial = NULL;
            scenario.timeout_ms = 600000;
            scenario.trial_seconds = 600;
            context.runner_path = NULL;
            context.url = url;
            const struct trial_request request = {.scenario = &scenario,
                                                  .model = models[i].model,
                                                  .concurrency = models[i].concurrency,
                                                  .requests = 4};
            (void)putenv(token);
            (void)trial_run(&context, &request, &trial, &err);
            _exit(0);
        }
        assert_true(wait_for_count(token, models[i].processes, models[i].processes));
        assert_int_equal(kill(harness, SIGKILL), 0);
        assert_int_equal(waitpid(harness, NULL, 0), harness);
        assert_true(wait_for_count(token, 0, 0));
    }
    assert_int_equal(close(fd), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_runner_gets_only_its_four_descriptors),
        cmocka_unit_test(test_two_hundred_trials_leak_no_descriptor),
        cmocka_unit_test(test_the_account_agrees_with_time_and_costs_little),
        cmocka_unit_test(test_a_million_requests_need_no_more_memory),
        cmocka_unit_test(test_the_counters_agree_with_the_account),
        cmocka_unit_test(test_nothing_outlives_a_killed_harness),
        cmocka_unit_test(test_no_runner_of_ours_outlives_a_killed_harness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
