/* The facts of this very machine: whatever it is, each has a value or a reason, and none
 * says where or whose it is. */
#include "harness/host/environment.h"

#include "common/json.h"
#include "harness/host/facts.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static json_t *make(uint64_t origin_threads)
{
    struct placement placement = {.count = 2};
    cpus_add(&placement.runner, 0);
    cpus_add(&placement.origin, 1);
    return environment_make(&placement, origin_threads);
}

static void every_null_has_its_reason(void **state)
{
    json_auto_t *all = make(0);
    json_t *unknown = json_object_get(all, "unknown"), *facts = NULL, *value = NULL;
    const char *group = NULL, *fact = NULL;
    size_t nulls = 0;
    (void)state;
    json_object_foreach (all, group, facts) {
        assert_true(json_is_object(facts));
        json_object_foreach (facts, fact, value) {
            char name[160];
            (void)snprintf(name, sizeof name, "%s.%s", group, fact);
            const json_t *reason = json_object_get(unknown, name);
            if (json_is_null(value))
                assert_true(json_string_length(reason) > 0);
            else
                assert_null(reason);
            nulls += json_is_null(value);
        }
    }
    assert_int_equal(nulls, json_object_size(unknown));
    assert_non_null(json_object_get(unknown, "placement.origin_threads"));
}

static const char *job_fact(const json_t *all, const char *fact)
{
    return json_text_of(json_object_get(all, "job"), fact);
}

/* Most runs are no jobs. A job script's own words come before Slurm's. */
static void a_job_is_told_where_there_is_one(void **state)
{
    (void)state;
    json_auto_t *none = make(1);
    assert_null(json_object_get(none, "job"));
    assert_int_equal(setenv("SLURM_JOB_ID", "41", 1), 0);
    assert_int_equal(setenv("SLURMD_NODENAME", "n1", 1), 0);
    json_auto_t *first = make(1);
    assert_string_equal(job_fact(first, "node"), "n1");
    assert_string_equal(job_fact(first, "id"), "41");
    assert_true(json_number_of(json_object_get(first, "job"), "attempt") == 0);
    assert_int_equal(setenv("SLURM_RESTART_COUNT", "2", 1), 0);
    assert_int_equal(setenv("CONCBENCH_NODE", "board 7", 1), 0);
    json_auto_t *again = make(1);
    assert_string_equal(job_fact(again, "node"), "board 7");
    assert_true(json_number_of(json_object_get(again, "job"), "attempt") == 2);
    static const char *const set[] = {"SLURM_JOB_ID", "SLURMD_NODENAME",
                                      "SLURM_RESTART_COUNT", "CONCBENCH_NODE"};
    for (size_t i = 0; i < COUNT_OF(set); i++)
        assert_int_equal(unsetenv(set[i]), 0);
}

static void nothing_private_is_in_it(void **state)
{
    json_auto_t *all = make(1);
    json_t *facts = NULL, *value = NULL;
    const char *group = NULL, *fact = NULL;
    char cwd[4096];
    (void)state;
    assert_non_null(getcwd(cwd, sizeof cwd));
    json_object_foreach (all, group, facts) {
        json_object_foreach (facts, fact, value) {
            const char *text = json_is_string(value) ? json_string_value(value) : "";
            assert_null(strstr(text, "/home/"));
            assert_null(strstr(text, "/root"));
            assert_null(strstr(text, cwd));
        }
    }
}

static void what_the_report_needs_is_there(void **state)
{
    static const char *const needed[][2] = {{"cpu", "count"},
                                            {"kernel", "release"},
                                            {"memory", "page_bytes"},
                                            {"build", "compiler"},
                                            {"libraries", "libc"},
                                            {"host", "container"},
                                            {"cpu", "frequency_at_start_hz"},
                                            {"limits", "open_files"}};
    json_auto_t *all = make(1);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(needed); i++)
        assert_non_null(
            json_object_get(json_object_get(all, needed[i][0]), needed[i][1]));
}

static void facts_are_clean_and_finite(void **state)
{
    struct facts facts = facts_begin();
    (void)state;
    facts_put_text(&facts, "g", "text", "a\tb\x01\xff", "");
    facts_put_text(&facts, "g", "none", "", "why");
    facts_put_number(&facts, "g", "whole", 5, "");
    facts_put_number(&facts, "g", "part", 1.5, "");
    facts_put_number(&facts, "g", "nan", 0.0 / 0.0, "not there");
    facts_put_line(&facts, "g", "line", "/proc/concbench-is-not-here");
    json_auto_t *all = facts_finish(&facts);
    json_t *g = json_object_get(all, "g"), *unknown = json_object_get(all, "unknown");
    assert_string_equal(json_string_value(json_object_get(g, "text")), "a b??");
    assert_true(json_is_integer(json_object_get(g, "whole")));
    assert_true(json_is_real(json_object_get(g, "part")));
    assert_string_equal(json_string_value(json_object_get(unknown, "g.none")), "why");
    assert_string_equal(json_string_value(json_object_get(unknown, "g.nan")),
                        "not there");
    assert_string_equal(json_string_value(json_object_get(unknown, "g.line")),
                        "/proc/concbench-is-not-here: No such file or directory");
}

static void programs_are_asked_within_limits(void **state)
{
    char text[16];
    const char *const echo[] = {"/bin/sh", "-c", "echo $LC_ALL $HOME; echo x >&2", NULL};
    const char *const much[] = {"/bin/sh", "-c", "seq 100000", NULL};
    const char *const fails[] = {"/bin/sh", "-c", "exit 3", NULL};
    const char *const absent[] = {"/bin/concbench-is-not-here", NULL};
    (void)state;
    assert_int_equal(facts_capture(echo, text, sizeof text), 0);
    assert_string_equal(text, "C\n");
    assert_int_equal(facts_capture_all(echo, text, sizeof text), 0);
    assert_string_equal(text, "C\nx\n");
    assert_int_equal(facts_capture(much, text, sizeof text), 0);
    assert_int_equal(strlen(text), sizeof text - 1);
    assert_int_equal(facts_capture(fails, text, sizeof text), -EIO);
    assert_true(facts_capture(absent, text, sizeof text) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_null_has_its_reason),
        cmocka_unit_test(a_job_is_told_where_there_is_one),
        cmocka_unit_test(nothing_private_is_in_it),
        cmocka_unit_test(what_the_report_needs_is_there),
        cmocka_unit_test(facts_are_clean_and_finite),
        cmocka_unit_test(programs_are_asked_within_limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
