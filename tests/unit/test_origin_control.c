/* origin_control against the real origin, and whole trials of real runners on it. */
#include "common/clock.h"
#include "common/json.h"
#include "harness/trial/trial.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct trial_context context;

static int start_origin(void **state)
{
    struct err err = {0};
    (void)state;
    context = (struct trial_context){.run_started_ns = clock_ns()};
    if (cpus_read(0, &context.all_cpus))
        return -1;
    context.runner_cpus = context.all_cpus;
    context.origin_cpus = context.all_cpus;
    return origin_control_start(&context.all_cpus, 1, 1, 1, NULL, &context.origin, &err);
}

static int stop_origin(void **state)
{
    (void)state;
    origin_control_free(context.origin);
    origin_control_free(NULL);
    return waitpid(-1, NULL, WNOHANG) == -1 ? 0 : -1; /* reaped */
}

static struct origin_stats stats_of(int reset)
{
    struct origin_stats stats;
    struct err err = {0};
    if (origin_control_stats(context.origin, reset, &stats, &err))
        fail_msg("%s", err.text);
    return stats;
}

static void test_counts_start_at_zero_and_do_not_count_themselves(void **state)
{
    (void)state;
    assert_int_equal(strncmp(origin_control_url(context.origin), "http://127.0.0.1:", 17),
                     0);
    for (int i = 0; i < 100; i++) {
        struct origin_stats stats = stats_of(i % 2);
        assert_int_equal(stats.requests, 0);
        assert_int_equal(stats.in_flight, 0);
        assert_int_equal(stats.threads, 1);
    }
}

static void test_the_origin_can_be_placed(void **state)
{
    struct cpus one = {0}, now;
    (void)state;
    cpus_add(&one, cpus_first(&context.all_cpus));
    assert_int_equal(origin_control_place(context.origin, &one), 0);
    assert_int_equal(origin_control_place(context.origin, &one), 0);
    assert_int_equal(origin_control_place(context.origin, &context.all_cpus), 0);
    assert_int_equal(cpus_read(0, &now), 0);
    assert_true(cpus_is_equal(&now, &context.all_cpus)); /* ours were not touched */
    (void)stats_of(0);
}

static struct scenario a_scenario(void)
{
    return (struct scenario){.name = "test",
                             .task = "http",
                             .bytes = 1024,
                             .delay_ms = 20,
                             .has_split_placement = true,
                             .has_keepalive = true,
                             .timeout_ms = 20000,
                             .trial_seconds = 40};
}

static void expect_valid(const json_t *trial)
{
    const json_t *reason = json_object_get(trial, "invalid_reason");
    if (!json_is_true(json_object_get(trial, "valid")))
        fail_msg("%s: %s", json_string_value(json_object_get(reason, "class")),
                 json_string_value(json_object_get(reason, "text")));
}

static json_int_t number_at(const json_t *object, const char *outer, const char *inner)
{
    const json_t *value = json_object_get(json_object_get(object, outer), inner);
    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static const struct {
    const char *model;
    uint64_t concurrency;
} models[] = {
    {"null", 1}, {"sequential", 1}, {"threads", 4}, {"processes", 4}, {"coroutines", 4}};

static void test_every_model_gives_a_valid_trial(void **state)
{
    struct scenario scenario = a_scenario();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(models); i++) {
        struct err err = {0};
        json_auto_t *trial = NULL;
        const bool makes_requests = strcmp(models[i].model, "null") != 0;
        const struct trial_request request = {.scenario = &scenario,
                                              .model = models[i].model,
                                              .concurrency = models[i].concurrency,
                                              .requests = 16,
                                              .delay_ms = 20};
        assert_int_equal(trial_run(&context, &request, &trial, &err), 0);
        expect_valid(trial);
        assert_int_equal(number_at(trial, "origin", "requests"), makes_requests ? 16 : 0);
        assert_int_equal(number_at(trial, "document", "requests"), 16);
        assert_true(json_is_null(json_object_get(trial, "stderr")));
    }
}

static void test_the_memory_pass_holds_the_plateau(void **state)
{
    struct scenario scenario = a_scenario();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(models); i++) {
        struct err err = {0};
        json_auto_t *memory = NULL;
        const bool makes_requests = strcmp(models[i].model, "null") != 0;
        const struct trial_request request = {.scenario = &scenario,
                                              .model = models[i].model,
                                              .concurrency = models[i].concurrency,
                                              .requests = 16,
                                              .delay_ms = 20};
        assert_int_equal(trial_run_memory(&context, &request, &memory, &err), 0);
        expect_valid(json_object_get(memory, "trial"));
        const json_t *samples = json_object_get(memory, "plateau_samples");
        assert_int_equal(json_is_integer(samples), makes_requests);
        if (makes_requests)
            assert_true(json_integer_value(samples) >= 1 &&
                        json_integer_value(samples) <= 100000);
        const double bytes =
            json_number_value(json_object_get(memory, "tree_memory_bytes"));
        assert_true(bytes >= 1e5 && bytes <= 1e9);
    }
}

static const char *fake_path(void *arg, const char *model)
{
    (void)model;
    return arg;
}

static void test_a_runner_that_makes_no_request_is_caught(void **state)
{
    static char fake_runner[] = FAKE_RUNNER;
    struct scenario scenario = a_scenario();
    struct trial_context lying = context;
    struct err err = {0};
    json_auto_t *trial = NULL;
    (void)state;
    assert_int_equal(setenv("FAKE_MODE", "good", 1), 0);
    lying.runner_path = fake_path;
    lying.runner_path_arg = fake_runner;
    const struct trial_request request = {
        .scenario = &scenario, .model = "fake", .concurrency = 2, .requests = 8};
    assert_int_equal(trial_run(&lying, &request, &trial, &err), 0);
    const json_t *reason = json_object_get(trial, "invalid_reason");
    assert_string_equal(json_string_value(json_object_get(reason, "class")),
                        "origin-count");
}

static void test_a_trial_meets_its_freeze(void **state)
{
    struct scenario scenario = a_scenario();
    struct err err = {0};
    json_auto_t *frozen = NULL, *memory = NULL;
    (void)state;
    scenario.freeze_ms = 500;
    struct trial_request request = {
        .scenario = &scenario, .model = "sequential", .concurrency = 1, .requests = 3};
    assert_int_equal(trial_run(&context, &request, &frozen, &err), 0);
    expect_valid(frozen);
    const json_t *document = json_object_get(frozen, "document");
    assert_true(json_integer_value(json_object_get(document, "measured_ns")) >=
                (json_int_t)(500 * NS_PER_MS));
    request.pass = TRIAL_MEMORY; /* not armed, though a freeze of before has been */
    assert_int_equal(trial_run(&context, &request, &memory, &err), 0);
    assert_true(origin_control_freeze(context.origin, 0, 0, &err) == 0);
    expect_valid(memory);
}

int main(void)
{
#define WITH_ORIGIN(test) cmocka_unit_test_setup_teardown(test, start_origin, stop_origin)
    const struct CMUnitTest tests[] = {
        WITH_ORIGIN(test_counts_start_at_zero_and_do_not_count_themselves),
        WITH_ORIGIN(test_the_origin_can_be_placed),
        WITH_ORIGIN(test_every_model_gives_a_valid_trial),
        WITH_ORIGIN(test_the_memory_pass_holds_the_plateau),
        WITH_ORIGIN(test_a_runner_that_makes_no_request_is_caught),
        WITH_ORIGIN(test_a_trial_meets_its_freeze),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
