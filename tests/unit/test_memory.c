/* The memory of a tree against known work: W workers with 32 MiB each that nobody shares,
 * in threads, processes and coroutines, on each source that the machine offers. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "fake_trial.h"
#include "harness/host/cgroup.h"
#include "harness/trial/memory.h"

#define WORKER_BYTES ((uint64_t)32 << 20)

static json_t *measure_at(const struct trial_context *context, const char *mode,
                          uint64_t workers)
{
    struct scenario scenario = a_scenario();
    struct err err = {0};
    json_t *memory = NULL;
    const struct trial_request request = {.scenario = &scenario,
                                          .model = "fake",
                                          .concurrency = workers,
                                          .requests = workers};
    set_mode(mode);
    assert_int_equal(trial_run_memory(context, &request, &memory, &err), 0);
    return memory;
}

static json_t *measure(const char *mode, uint64_t workers)
{
    const struct trial_context context = a_context(fake_runner);
    return measure_at(&context, mode, workers);
}

static const json_t *source_of(const json_t *memory, const char *name, const char *key)
{
    const json_t *sources = json_object_get(memory, "sources");
    return json_object_get(json_object_get(sources, name), key);
}

static void check_source(const json_t *memory, const char *name, const char *mode,
                         uint64_t workers)
{
    const json_t *bytes = source_of(memory, name, "bytes");
    const json_t *reason = source_of(memory, name, "reason");
    if (!json_is_integer(bytes)) {
        assert_true(json_is_string(reason));
        print_message("%s: %s\n", name, json_string_value(reason));
        return;
    }
    const double ratio =
        (double)json_integer_value(bytes) / ((double)workers * (double)WORKER_BYTES);
    print_message("%2d %s by %s: %.3f of what they hold\n", (int)workers, mode, name,
                  ratio);
    assert_true(json_is_null(reason));
    assert_true(ratio > 0.9 && ratio < 1.1);
}

static void test_workers_with_32_mib_each(void **state)
{
    static const char *const modes[] = {"hold-threads", "hold-processes",
                                        "hold-coroutines"};
    static const char *const tree[] = {"cgroup-v2-peak", "cgroup-v1-peak", "pss-sampled"};
    (void)state;
    if (sysconf(_SC_AVPHYS_PAGES) * sysconf(_SC_PAGESIZE) < (2L << 30))
        skip(); /* it would swap */
    for (size_t m = 0; m < COUNT_OF(modes); m++) {
        for (uint64_t workers = 4; workers <= 16; workers *= 4) {
            json_auto_t *memory = measure(modes[m], workers);
            assert_string_equal(class_of(json_object_get(memory, "trial")), "valid");
            for (size_t i = 0; i < COUNT_OF(tree); i++)
                check_source(memory, tree[i], modes[m], workers);
            const double anon = (double)number_of(memory, "pss_anon_bytes");
            const double held = (double)workers * (double)WORKER_BYTES;
            assert_true(anon > 0.99 * held && anon < 1.1 * held);
            if (m != 1) /* of processes the largest is one of them */
                check_source(memory, "largest-process", modes[m], workers);
        }
    }
}

/* Where the groups of this machine are made; false when none can be. */
static bool find_parent(char *out_parent, size_t size)
{
    struct cgroup group;
    cgroup_make(&group);
    cgroup_remove(&group);
    if (group.version == 0)
        return false;
    *strrchr(group.path, '/') = '\0';
    (void)snprintf(out_parent, size, "%s", group.path);
    return true;
}

/* Whether the group has a process in it; group is a path below parent. */
static bool is_inhabited(const char *parent, const char *name)
{
    char path[PATH_MAX + 96];
    (void)snprintf(path, sizeof path, "%s/%s/cgroup.procs", parent, name);
    AUTO_FILE FILE *file = fopen(path, "re");
    return file && fgetc(file) != EOF;
}

/* Finds the group of a harness that has a process in it. */
static bool find_inhabited(const char *parent, pid_t harness, char *out_name, size_t size)
{
    for (int i = 0; i < 64; i++) { /* its counter went on from ours */
        (void)snprintf(out_name, size, "concbench-%d-%d", (int)harness, i);
        if (is_inhabited(parent, out_name))
            return true;
    }
    return false;
}

static void pause_10_ms(void)
{
    const struct timespec pause = {.tv_nsec = 10000000};
    (void)nanosleep(&pause, NULL);
}

static void test_no_group_is_left(void **state)
{
    char parent[PATH_MAX];
    (void)state;
    json_decref(measure("good", 4));
    json_decref(measure("crash", 4));
    if (!find_parent(parent, sizeof parent))
        skip();
    for (int i = 0; i < 64; i++) {
        char path[PATH_MAX + 64];
        (void)snprintf(path, sizeof path, "%s/concbench-%d-%d", parent, (int)getpid(), i);
        assert_int_not_equal(access(path, F_OK), 0);
    }
}

/* The harness dies in mid-pass: the launcher kills the runner, and the next harness
 * removes the group. */
static void test_the_group_of_a_killed_harness_is_removed(void **state)
{
    char parent[PATH_MAX], name[64], path[PATH_MAX + 96];
    const uint64_t deadline_ns = clock_ns() + 20 * NS_PER_S;
    (void)state;
    if (!find_parent(parent, sizeof parent))
        skip();
    pid_t harness = fork();
    if (harness == 0) {
        json_decref(measure("hang", 1));
        _exit(0);
    }
    while (!find_inhabited(parent, harness, name, sizeof name) &&
           clock_ns() < deadline_ns)
        pause_10_ms();
    assert_true(is_inhabited(parent, name));
    assert_int_equal(kill(harness, SIGKILL), 0);
    assert_int_equal(waitpid(harness, NULL, 0), harness);
    (void)snprintf(path, sizeof path, "%s/%s", parent, name);
    do {
        cgroup_remove_stale(parent);
        pause_10_ms();
    } while (!access(path, F_OK) && clock_ns() < deadline_ns);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void test_a_failed_pass_names_every_source(void **state)
{
    static const char *const names[] = {"cgroup-v2-peak", "cgroup-v1-peak", "pss-sampled",
                                        "largest-process"};
    (void)state;
    json_auto_t *memory = measure("crash", 4);
    assert_true(json_is_null(json_object_get(memory, "tree_memory_bytes")));
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_int_not_equal(json_is_null(source_of(memory, names[i], "bytes")),
                             json_is_null(source_of(memory, names[i], "reason")));
}

#define TRIES 5

/* Workers that nobody holds: 1 ms each is too short for enough samples, except where the
 * machine is so busy that it takes them long. There an attempt with more requests may
 * fail, too. */
static void test_a_pass_that_is_too_short_makes_more_requests(void **state)
{
    struct trial_context context = a_context(fake_runner);
    (void)state;
    context.url = NULL; /* of a server that is not ours it is not asked for more */
    bool has_enough = false;
    for (int i = 0; i < TRIES && !has_enough; i++) {
        json_auto_t *memory = measure_at(&context, "millisecond-each", 4);
        const json_t *trial = json_object_get(memory, "trial");
        assert_string_equal(class_of(trial), "valid");
        assert_true(number_of(memory, "samples") > 2);
        has_enough = number_of(trial, "requests") > 4 ||
                     number_of(memory, "samples") >= MEMORY_PLATEAU_SAMPLES;
    }
    assert_true(has_enough);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_workers_with_32_mib_each),
        cmocka_unit_test(test_no_group_is_left),
        cmocka_unit_test(test_the_group_of_a_killed_harness_is_removed),
        cmocka_unit_test(test_a_failed_pass_names_every_source),
        cmocka_unit_test(test_a_pass_that_is_too_short_makes_more_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
