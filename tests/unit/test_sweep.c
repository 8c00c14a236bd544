/* Sweeps: which models become which, in which order, and what is refused. */
#include "harness/plan/scenario.h"
#include "harness/plan/sweep.h"
#include "single_quotes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define REST                                                                             \
    "'title':'t','question':'q','origin':{'bytes':1},"                                   \
    "'load':{'concurrency':[4],'requests':8}}"

static int read_text(const char *models, const char *more, struct scenario **out,
                     struct err *err)
{
    char text[1024];
    (void)snprintf(text, sizeof text, "{'models':[%s],%s" REST, models, more);
    json_t *json = json_quoted(text);
    int status = scenario_from_json("s", json, out, err);
    json_decref(json);
    return status;
}

static void expect_models(const char *models, const char *more, const char *expected)
{
    struct scenario *s = NULL;
    struct err err = {0};
    char text[512] = "";
    if (read_text(models, more, &s, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < s->model_count; i++) {
        size_t used = strlen(text);
        (void)snprintf(text + used, sizeof text - used, "%s ", s->models[i]);
    }
    (void)snprintf(text + strlen(text), 80, "/ %s", s->baseline);
    assert_string_equal(text, expected);
    assert_null(json_object_get(s->json, "sweep")); /* written out: no second expansion */
    scenario_free(s);
}

static void test_variants_stand_where_the_model_stood(void **state)
{
    (void)state;
    expect_models("'threads','coroutines','callbacks'",
                  "'sweep':{'switch':['ucontext','fcontext']},",
                  "threads coroutines.ucontext coroutines.fcontext callbacks / threads");
    expect_models("'coroutines','process-loops'",
                  "'sweep':{'guard':['canary'],'switch':['fcontext','ucontext']},",
                  "coroutines.fcontext.canary coroutines.ucontext.canary "
                  "process-loops.fcontext.canary process-loops.ucontext.canary / "
                  "coroutines.fcontext.canary");
    expect_models("'null','threads','coroutines'",
                  "'sweep':{'buffer_bytes':[1024],'stack_bytes':[32768]},",
                  "null threads.stack-32768.buffer-1024 "
                  "coroutines.stack-32768.buffer-1024 / null");
}

static void test_a_swept_baseline_is_its_first_variant(void **state)
{
    (void)state;
    expect_models("'threads','coroutines'",
                  "'baseline':'coroutines','sweep':{'switch':['ucontext']},",
                  "threads coroutines.ucontext / coroutines.ucontext");
}

static void test_a_variant_runs_the_model_with_its_flags(void **state)
{
    struct scenario *s = NULL;
    struct err err = {0};
    (void)state;
    assert_int_equal(read_text("'coroutines'",
                               "'sweep':{'switch':['ucontext'],'stack_bytes':[16384]},",
                               &s, &err),
                     0);
    const struct runner *runner = runners_find(s, "coroutines.ucontext.stack-16384");
    static const char *const flags[] = {"--switch", "ucontext", "--stack-bytes", "16384"};
    assert_non_null(runner);
    assert_null(runner->program);
    assert_string_equal(runner->model->name, "coroutines");
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(runner->words[i], flags[i]);
    assert_null(runner->words[4]);
    scenario_free(s);
}

static void test_runners_of_the_file_stay(void **state)
{
    (void)state;
    expect_models("'coroutines'",
                  "'runners':[{'name':'x','model':'coroutines'}],"
                  "'sweep':{'switch':['ucontext']},",
                  "coroutines.ucontext x / coroutines.ucontext");
}

static void test_refusals(void **state)
{
    static const struct {
        const char *models, *sweep, *expected;
    } table[] = {
        {"'threads'", "1", "sweep: expected an object"},
        {"'threads'", "{'colour':['red']}", "sweep.colour: not a knob"},
        {"'coroutines'", "{'switch':'ucontext'}", "sweep.switch: expected an array"},
        {"'coroutines'", "{'switch':[]}", "sweep.switch: expected an array of 1"},
        {"'coroutines'", "{'switch':['fast']}", "sweep.switch[0]: expected one of"},
        {"'coroutines'", "{'switch':[1]}", "sweep.switch[0]: expected one of"},
        {"'coroutines'", "{'guard':['canary','canary']}", "sweep.guard[1]: listed twice"},
        {"'coroutines'", "{'buffer_bytes':['1024']}",
         "sweep.buffer_bytes[0]: expected a whole number from 1024"},
        {"'coroutines'", "{'buffer_bytes':[1023]}", "sweep.buffer_bytes[0]: "},
        {"'threads'", "{'cpus':[0]}",
         "sweep.cpus[0]: expected a whole number from 1 to 8192"},
        {"'null'", "{'cpus':[1]}", "sweep.cpus: none of the models"},
        {"'threads'", "{'switch':['ucontext']}", "sweep.switch: none of the models"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct scenario *s = NULL;
        struct err err = {0};
        char more[200];
        (void)snprintf(more, sizeof more, "'sweep':%s,", table[i].sweep);
        assert_true(read_text(table[i].models, more, &s, &err) < 0);
        assert_int_equal(err.code, EXIT_CODE_USAGE);
        if (strncmp(err.text, table[i].expected, strlen(table[i].expected)) != 0)
            fail_msg("'%s', expected '%s'", err.text, table[i].expected);
    }
}

/* 16 x 16 x 3 x 2 variants of three models are refused before they are made. */
static void test_too_many_variants(void **state)
{
    char more[800] = "'sweep':{'switch':['fcontext','ucontext'],'guard':"
                     "['madvise','mprotect','canary'],'stack_bytes':[16384";
    struct scenario *s = NULL;
    struct err err = {0};
    (void)state;
    for (int i = 1; i < 16; i++)
        (void)snprintf(more + strlen(more), 20, ",%d", 16384 + i);
    (void)snprintf(more + strlen(more), 40, "],'buffer_bytes':[1024");
    for (int i = 1; i < 16; i++)
        (void)snprintf(more + strlen(more), 20, ",%d", 1024 + i);
    (void)snprintf(more + strlen(more), 20, "]},");
    assert_true(read_text("'coroutines','coroutine-threads','process-loops'", more, &s,
                          &err) < 0);
    assert_string_equal(err.text,
                        "sweep: more than 24 models; sweep fewer values at once");
}

static void test_the_command_line_adds_to_the_scenario(void **state)
{
    static const char *const bad[] = {"", "switch", "switch=", "colour=red", "=x"};
    json_auto_t *json = json_object();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct err err = {0};
        assert_int_equal(sweep_add(json, bad[i], &err), -EXIT_CODE_USAGE);
        assert_null(json_object_get(json, "sweep"));
    }
    assert_int_equal(sweep_add(json, "switch=fcontext,ucontext", NULL), 0);
    assert_int_equal(sweep_add(json, "buffer_bytes=1024,4096", NULL), 0);
    assert_int_equal(sweep_add(json, "switch=ucontext", NULL),
                     0); /* the last one holds */
    json_auto_t *expected =
        json_quoted("{'sweep':{'buffer_bytes':[1024,4096],'switch':['ucontext']}}");
    assert_true(json_equal(json, expected));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variants_stand_where_the_model_stood),
        cmocka_unit_test(test_a_swept_baseline_is_its_first_variant),
        cmocka_unit_test(test_a_variant_runs_the_model_with_its_flags),
        cmocka_unit_test(test_runners_of_the_file_stay),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_too_many_variants),
        cmocka_unit_test(test_the_command_line_adds_to_the_scenario),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
