/* The command line of a trial, and what of it may be stored; sets of CPUs as text. */
#include "common/cleanup.h"
#include "common/cpus.h"
#include "common/redact.h"
#include "harness/trial/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *path_of(void *arg, const char *model)
{
    (void)model;
    return arg;
}

static char absolute[] = "/home/somebody/bin/runner-threads";

/* All words but the first, with blanks between them. */
static void expect_words(const struct trial_context *context,
                         const struct trial_request *request, const char *expected)
{
    char text[1024] = "";
    struct command command;
    struct err err = {0};
    assert_int_equal(command_build(context, request, &command, &err), 0);
    assert_string_equal(command.argv[0], absolute);
    assert_null(command.argv[command.count]);
    for (size_t i = 1; i < command.count; i++) {
        size_t used = strlen(text);
        (void)snprintf(text + used, sizeof text - used, "%s%s", used ? " " : "",
                       command.argv[i]);
    }
    assert_string_equal(text, expected);
    command_done(&command);
}

static void test_the_words_of_a_url_of_somebody_else(void **state)
{
    const struct scenario scenario = {
        .task = "http", .timeout_ms = 30000, .delay_ms = 20, .bytes = 5};
    const struct trial_context context = {.url = "https://a:b@example.org/?q=1",
                                          .runner_path = path_of,
                                          .runner_path_arg = absolute};
    const struct trial_request request = {.scenario = &scenario,
                                          .model = "threads",
                                          .concurrency = 8,
                                          .requests = 64,
                                          .delay_ms = 20};
    (void)state;
    expect_words(&context, &request,
                 "-n 64 -c 8 --timeout-ms 30000 --task http --no-keepalive "
                 "--result-fd 3 https://a:b@example.org/?q=1");
}

/* Tracing is for what is not timed; the command line of a timed trial knows nothing of it.
 */
static void test_only_a_warm_trial_is_traced(void **state)
{
    const struct scenario scenario = {
        .task = "sleep", .timeout_ms = 5, .has_keepalive = true};
    const struct trial_context context = {.runner_path = path_of,
                                          .runner_path_arg = absolute};
    struct trial_request request = {
        .scenario = &scenario, .model = "threads", .concurrency = 8, .requests = 64};
    (void)state;
    static const char *const words[] = {
        [TRIAL_TIMED] = "-n 64 -c 8 --timeout-ms 5 --task sleep --result-fd 3",
        [TRIAL_WARM] = "-n 64 -c 8 --timeout-ms 5 --task sleep --trace --result-fd 3",
        [TRIAL_MEMORY] =
            "-n 64 -c 8 --timeout-ms 20000 --task sleep --sleep-ms 0 --result-fd 3"};
    for (request.pass = TRIAL_TIMED; request.pass <= TRIAL_MEMORY; request.pass++)
        expect_words(&context, &request, words[request.pass]);
    request.pass = TRIAL_WARM;
    request.model = "nobody-knows"; /* nor whether it can */
    expect_words(&context, &request, words[TRIAL_TIMED]);
}

/* The --seed of an open loop's command for this block and pass, or NULL. */
static char *seed_of(struct trial_context context, uint64_t run_seed, uint64_t block,
                     enum trial_pass pass)
{
    const struct scenario scenario = {.task = "http",
                                      .timeout_ms = 5,
                                      .has_keepalive = true,
                                      .rate_per_s = 200,
                                      .arrivals = "fixed"};
    const struct trial_request request = {.scenario = &scenario,
                                          .model = "threads",
                                          .concurrency = 8,
                                          .requests = 64,
                                          .pass = pass,
                                          .block = block};
    struct command command;
    struct err err = {0};
    char *seed = NULL;
    context.seed = run_seed;
    assert_int_equal(command_build(&context, &request, &command, &err), 0);
    for (size_t i = 1; i + 5 < command.count; i++) {
        if (strcmp(command.argv[i], "--rate") != 0)
            continue;
        assert_string_equal(command.argv[i + 1], "200");
        assert_string_equal(command.argv[i + 2], "--arrivals");
        assert_string_equal(command.argv[i + 3], "fixed");
        assert_string_equal(command.argv[i + 4], "--seed");
        seed = strdup(command.argv[i + 5]);
    }
    command_done(&command);
    return seed;
}

static void test_an_open_loop_has_a_seed_for_each_block(void **state)
{
    const struct trial_context context = {
        .url = "http://h/", .runner_path = path_of, .runner_path_arg = absolute};
    (void)state;
    AUTO_FREE char *first = seed_of(context, 7, 0, TRIAL_TIMED);
    AUTO_FREE char *again = seed_of(context, 7, 0, TRIAL_WARM);
    AUTO_FREE char *next = seed_of(context, 7, 1, TRIAL_TIMED);
    AUTO_FREE char *other = seed_of(context, 8, 0, TRIAL_TIMED);
    assert_string_equal(first, again);
    assert_string_not_equal(first, next);
    assert_string_not_equal(first, other);
    assert_null(
        seed_of(context, 7, 0, TRIAL_MEMORY)); /* closed: all are to be in flight */
}

static void test_stored_words_hide_home_and_password(void **state)
{
    const struct scenario scenario = {
        .task = "http", .timeout_ms = 1, .has_keepalive = true};
    const struct trial_context context = {
        .url = "http://a:b@h/x", .runner_path = path_of, .runner_path_arg = absolute};
    const struct trial_request request = {
        .scenario = &scenario, .model = "threads", .concurrency = 1, .requests = 1};
    struct command command;
    struct err err = {0};
    (void)state;
    assert_int_equal(command_build(&context, &request, &command, &err), 0);
    json_auto_t *words = command_json(&command);
    assert_string_equal(json_string_value(json_array_get(words, 0)), "runner-threads");
    assert_string_equal(json_string_value(json_array_get(words, command.count - 1)),
                        "http://***@h/x");
    assert_int_equal(json_array_size(words), command.count);
    command_done(&command);
    command_done(NULL);
}

static void test_an_unknown_model_is_an_error(void **state)
{
    const struct scenario scenario = {.task = "http"};
    const struct trial_context context = {.url = "http://h/"};
    const struct trial_request request = {.scenario = &scenario, .model = "nosuch"};
    struct command command;
    struct err err = {0};
    (void)state;
    assert_int_equal(command_build(&context, &request, &command, &err), -EXIT_CODE_UNFIT);
    assert_non_null(strstr(err.text, "runner-nosuch"));
}

static void test_credentials_are_masked(void **state)
{
    static const char *const cases[][2] = {
        {"http://h/x", "http://h/x"},
        {"http://user@h/x", "http://***@h/x"},
        {"http://user:pass@h:80/x?a@b", "http://***@h:80/x?***"},
        {"https://u:p@ss@h", "https://***@h"},
        {"u:p@h/x", "***@h/x"},
        {"http://h/a@b", "http://h/a@b"},
        {"http://h?a@b", "http://h?***"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *masked = redact_url(cases[i][0]);
        assert_string_equal(masked, cases[i][1]);
    }
    char text[] = "no route to http://me:pw@h, me:pw";
    redact_credentials("http://me:pw@h/", text);
    assert_string_equal(text, "no route to http://*****@h, *****");
    redact_credentials("http://h/", text);
}

static void test_cpu_lists(void **state)
{
    static const char *const good[] = {"0",    "3",         "0-3",    "0,2-3",
                                       "8191", "1023-1025", "1,3,5-7"};
    static const char *const bad[] = {"",    "a",  "-",    "1-",   ",1",
                                      "3-1", "0,", "8192", "0-2 ", "1--2"};
    struct cpus set;
    char text[CPUS_TEXT_SIZE];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_int_equal(cpus_parse(good[i], &set), 0);
        cpus_format(&set, text, sizeof text);
        assert_string_equal(text, good[i]);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(cpus_parse(bad[i], &set), -1);
    set = (struct cpus){0};
    cpus_format(&set, text, sizeof text);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_words_of_a_url_of_somebody_else),
        cmocka_unit_test(test_only_a_warm_trial_is_traced),
        cmocka_unit_test(test_an_open_loop_has_a_seed_for_each_block),
        cmocka_unit_test(test_stored_words_hide_home_and_password),
        cmocka_unit_test(test_an_unknown_model_is_an_error),
        cmocka_unit_test(test_credentials_are_masked),
        cmocka_unit_test(test_cpu_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
