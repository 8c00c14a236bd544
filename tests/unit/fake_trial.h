/* fake_trial: trials of tests/fake/fake-runner, for the tests of the harness. Include it
 * after cmocka.h and what that wants. */
#ifndef TESTS_UNIT_FAKE_TRIAL_H
#define TESTS_UNIT_FAKE_TRIAL_H

#include "common/clock.h"
#include "common/json.h"
#include "harness/trial/trial.h"

#include <stdlib.h>
#include <string.h>

static inline const char *fake_path(void *arg, const char *model)
{
    (void)model;
    return arg;
}

static char fake_runner[] = FAKE_RUNNER;

static inline struct scenario a_scenario(void)
{
    return (struct scenario){.name = "test",
                             .task = "http",
                             .bytes = 1024,
                             .has_keepalive = true,
                             .timeout_ms = 1000,
                             .trial_seconds = 20};
}

static inline struct trial_context a_context(char *runner)
{
    struct trial_context context = {.url = "http://user:secret@127.0.0.1:1/x",
                                    .run_started_ns = clock_ns(),
                                    .runner_path = fake_path,
                                    .runner_path_arg = runner};
    assert_int_equal(cpus_read(0, &context.all_cpus), 0);
    context.runner_cpus = context.all_cpus;
    context.origin_cpus = context.all_cpus;
    return context;
}

static inline void set_mode(const char *mode)
{
    assert_int_equal(setenv("FAKE_MODE", mode, 1), 0);
}

/* A trial of 8 requests at concurrency 2; new. */
static inline json_t *run_fake_as(const char *model, const char *mode,
                                  uint64_t trial_seconds)
{
    struct scenario scenario = a_scenario();
    struct trial_context context = a_context(fake_runner);
    struct err err = {0};
    json_t *trial = NULL;
    scenario.trial_seconds = trial_seconds;
    set_mode(mode);
    const struct trial_request request = {
        .scenario = &scenario, .model = model, .concurrency = 2, .requests = 8};
    if (trial_run(&context, &request, &trial, &err))
        fail_msg("%s", err.text);
    return trial;
}

static inline json_t *run_fake(const char *mode, uint64_t trial_seconds)
{
    return run_fake_as("fake", mode, trial_seconds);
}

static inline const char *class_of(const json_t *trial)
{
    const json_t *reason = json_object_get(trial, "invalid_reason");
    const char *text = json_string_value(json_object_get(reason, "class"));
    assert_int_equal(json_is_true(json_object_get(trial, "valid")), text == NULL);
    return text ? text : "valid";
}

static inline const char *text_of(const json_t *trial)
{
    return json_string_value(
        json_object_get(json_object_get(trial, "invalid_reason"), "text"));
}

static inline uint64_t number_of(const json_t *trial, const char *key)
{
    const json_t *value = json_object_get(trial, key);
    assert_true(json_is_integer(value));
    return (uint64_t)json_integer_value(value);
}

#endif
