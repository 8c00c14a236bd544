/* test_traced: cell.trace comes from the right trial of the journal. */
#include "journal_made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct made_model models[] = {
    {"sequential", 1, 20000, 30, 5000000, .1},
    {"threads", 8, 20000, 40, 20000000, .2},
    {"coroutines", 8, 20000, 20, 10000000, .2},
};

/* The cell of a model, in their order. */
static json_t *made_cell(const json_t *results, size_t model)
{
    return json_array_get(json_object_get(results, "cells"), model);
}

/* Puts a warm trial at the end of the journal, with a trace of one request or none. */
static void push_warm(json_t *journal, const struct made_model *model, bool valid,
                      json_int_t end_ns)
{
    json_t *warm = made_trial(model, "warm", 0, 0, valid);
    json_put(warm, "type", json_string("trial"));
    if (end_ns >= 0)
        json_put(json_object_get(warm, "document"), "trace_ns",
                 json_pack("[[iiI]]", 0, 0, end_ns));
    json_push(journal, warm);
}

/* A resumed run has warmed some cells twice; what failed the second time is no loss. */
static void test_a_trace_comes_from_the_last_good_warm_trial(void **state)
{
    const struct made made = {6, models, 3, true};
    (void)state;
    json_t *journal = made_journal(&made);
    push_warm(journal, &models[1], true, 5);
    push_warm(journal, &models[1], true, 7);
    push_warm(journal, &models[1], false, -1);
    push_warm(journal, &models[2], false, -1);
    json_t *r = made_results(journal);
    json_t *trace = json_object_get(made_cell(r, 1), "trace");
    json_auto_t *rows = json_pack("[[iii]]", 0, 0, 7);
    assert_true(json_equal(json_object_get(trace, "rows"), rows));
    assert_int_equal(json_integer_value(json_object_get(trace, "of")), 80);
    assert_true(json_is_null(json_object_get(trace, "reason")));
    assert_null(json_object_get(trace, "calls"));
    trace = json_object_get(made_cell(r, 2), "trace");
    assert_true(json_is_null(json_object_get(trace, "rows")));
    assert_string_equal(json_string_value(json_object_get(trace, "reason")),
                        "the warm trial is not valid");
    assert_null(json_object_get(made_cell(r, 0), "trace"));
    json_decref(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_trace_comes_from_the_last_good_warm_trial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
