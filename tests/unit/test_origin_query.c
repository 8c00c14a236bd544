/* Tests of origin/query: what is in the table is taken, all else is named. */
#include "origin/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int parse(const char *target, struct query *out_query, struct err *err)
{
    err->code = EXIT_CODE_OK;
    size_t size = strlen(target);
    char *copy = malloc(size + 1);
    assert_non_null(copy);
    memcpy(copy, target, size + 1);
    copy[size] = '9'; /* would change a number if it were read */
    int status = query_parse(copy, size, out_query, err);
    free(copy);
    return status;
}

static void test_bytes_alone(void **state)
{
    (void)state;
    struct query query;
    struct err err;
    assert_int_equal(parse("/bytes/1024", &query, &err), 0);
    assert_int_equal(query.route, QUERY_BYTES);
    assert_int_equal(query.bytes, 1024);
    assert_false(delay_is_any(&query.delay));
    assert_int_equal(parse("/bytes/0", &query, &err), 0);
    assert_int_equal(query.bytes, 0);
    assert_int_equal(parse("/bytes/1073741824", &query, &err), 0);
    assert_int_equal(query.bytes, QUERY_BYTES_MAX);
}

static void test_all_parameters_in_any_order(void **state)
{
    (void)state;
    struct query query;
    struct err err;
    const char *target =
        "/bytes/7?tail_ms=4&tail_ppm=3&delay_ms=600000&jitter_ms=2&exp_ms=9";
    assert_int_equal(parse(target, &query, &err), 0);
    assert_int_equal(query.bytes, 7);
    assert_int_equal(query.delay.delay_ms, 600000);
    assert_int_equal(query.delay.jitter_ms, 2);
    assert_int_equal(query.delay.exp_ms, 9);
    assert_int_equal(query.delay.tail_ppm, 3);
    assert_int_equal(query.delay.tail_ms, 4);
    assert_true(delay_is_any(&query.delay));
}

static void test_forms_and_faults(void **state)
{
    (void)state;
    struct query query;
    struct err err;
    const char *target = "/bytes/9?status=503&chunked=1&chunk_bytes=5&trickle_ms=1&"
                         "trickle_bytes=2&fault=garbage&fault_ppm=0";
    assert_int_equal(parse(target, &query, &err), 0);
    assert_true(query.is_special);
    assert_int_equal(query.status, 503);
    assert_int_equal(query.chunk_bytes, 5);
    assert_int_equal(query.trickle_ms, 1);
    assert_int_equal(query.trickle_bytes, 2);
    assert_int_equal(query.fault, FAULT_GARBAGE);
    assert_int_equal(query.fault_ppm, 0);
    assert_int_equal(parse("/bytes/9?chunked=1&fault=close", &query, &err), 0);
    assert_int_equal(query.chunk_bytes, QUERY_CHUNK_BYTES);
    assert_int_equal(query.fault, FAULT_CLOSE);
    assert_int_equal(query.fault_ppm, DELAY_PPM_MAX);
    assert_int_equal(parse("/bytes/9?status=500&fault_ppm=7", &query, &err), 0);
    assert_int_equal(query.fault, FAULT_NONE);
    assert_int_equal(query.fault_ppm, 7);
    assert_int_equal(parse("/bytes/9?chunked=0&delay_ms=1", &query, &err), 0);
    assert_false(query.is_special);
    assert_int_equal(parse("/bytes/0?fault=short&chunked=1", &query, &err), 0);
}

static void test_every_fault_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        enum query_fault fault;
    } cases[] = {
        {"/bytes/1?fault=reset", FAULT_RESET},     {"/bytes/1?fault=short", FAULT_SHORT},
        {"/bytes/1?fault=stall", FAULT_STALL},     {"/bytes/1?fault=close", FAULT_CLOSE},
        {"/bytes/1?fault=garbage", FAULT_GARBAGE},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct query query;
        struct err err;
        assert_int_equal(parse(cases[i].target, &query, &err), 0);
        assert_int_equal(query.fault, cases[i].fault);
    }
}

static void test_stats_routes(void **state)
{
    (void)state;
    struct query query;
    struct err err;
    assert_int_equal(parse("/stats", &query, &err), 0);
    assert_int_equal(query.route, QUERY_STATS);
    assert_int_equal(parse("/stats/reset", &query, &err), 0);
    assert_int_equal(query.route, QUERY_STATS_RESET);
}

static void test_freeze(void **state)
{
    (void)state;
    struct query query;
    struct err err;
    assert_int_equal(parse("/freeze?for_ms=1000&after_ms=1500", &query, &err), 0);
    assert_int_equal(query.route, QUERY_FREEZE);
    assert_int_equal(query.after_ms, 1500);
    assert_int_equal(query.for_ms, 1000);
    assert_int_equal(parse("/freeze", &query, &err), 0);
    assert_int_equal(query.for_ms, 0);
}

static const struct {
    const char *target;
    int status;
    const char *named;
} refusals[] = {
    {"/", 404, "'/'"},
    {"", 404, "''"},
    {"/byte/1", 404, "'/byte/1'"},
    {"/bytes", 404, "'/bytes'"},
    {"/stats/", 404, "'/stats/'"},
    {"/freeze?delay_ms=1", 400, "'delay_ms'"},
    {"/freeze?for_ms=600001", 400, "for_ms"},
    {"/bytes/1?for_ms=1", 400, "'for_ms'"},
    {"/statsx", 404, "'/statsx'"},
    {"http://h/bytes/1", 404, "'http://h/bytes/1'"},
    {"/bytes/", 400, "/bytes/N: ''"},
    {"/bytes/x", 400, "'x'"},
    {"/bytes/-1", 400, "'-1'"},
    {"/bytes/+1", 400, "'+1'"},
    {"/bytes/1/", 400, "'1/'"},
    {"/bytes/1073741825", 400, "0 to 1073741824"},
    {"/bytes/18446744073709551617", 400, "'18446744073709551617'"},
    {"/bytes/1?", 400, "unknown parameter ''"},
    {"/bytes/1?delay=3", 400, "unknown parameter 'delay'"},
    {"/bytes/1?delay_msx=3", 400, "'delay_msx'"},
    {"/bytes/1?delay_ms", 400, "delay_ms: ''"},
    {"/bytes/1?delay_ms=", 400, "delay_ms: ''"},
    {"/bytes/1?delay_ms=1.5", 400, "'1.5'"},
    {"/bytes/1?delay_ms=600001", 400, "delay_ms: '600001'"},
    {"/bytes/1?tail_ppm=1000001", 400, "0 to 1000000"},
    {"/bytes/1?delay_ms=1&", 400, "unknown parameter ''"},
    {"/bytes/1?delay_ms=1&&jitter_ms=1", 400, "unknown parameter ''"},
    {"/bytes/1?delay_ms=1&delay_ms=1", 400, "delay_ms: given twice"},
    {"/bytes/1?status=199", 400, "200 to 599"},
    {"/bytes/1?status=204", 400, "status: 204"},
    {"/bytes/1?chunked=2", 400, "0 to 1"},
    {"/bytes/1?chunked=1&chunk_bytes=0", 400, "1 to 16777216"},
    {"/bytes/1?chunk_bytes=5", 400, "needs chunked=1"},
    {"/bytes/1?chunked=0&chunk_bytes=5", 400, "needs chunked=1"},
    {"/bytes/1?trickle_ms=5", 400, "trickle_bytes"},
    {"/bytes/1?trickle_bytes=5", 400, "trickle_ms"},
    {"/bytes/1?trickle_ms=0&trickle_bytes=1", 400, "trickle_ms: '0'"},
    {"/bytes/1?fault=", 400, "fault: ''"},
    {"/bytes/1?fault=sho", 400, "'sho' is not one of reset|"},
    {"/bytes/1?fault=reset|short", 400, "'reset|short'"},
    {"/bytes/1?fault=shortx", 400, "'shortx'"},
    {"/bytes/0?fault=short", 400, "needs a body"},
    {"/bytes/1?fault_ppm=1", 400, "needs fault"},
    {"/bytes/1?fault=reset&fault=reset", 400, "fault: given twice"},
    {"/stats?fault=reset", 400, "unknown parameter 'fault'"},
    {"/stats?delay_ms=1", 400, "unknown parameter 'delay_ms'"},
};

static void test_refusals_name_the_culprit(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        struct query query = {.bytes = 77};
        struct err err;
        assert_int_equal(parse(refusals[i].target, &query, &err), refusals[i].status);
        assert_non_null(strstr(err.text, refusals[i].named));
        assert_int_equal(query.bytes, 77);
    }
}

static void test_long_names_are_cut(void **state)
{
    (void)state;
    char target[4000];
    memset(target, 'x', sizeof target);
    struct query query;
    struct err err = {.code = EXIT_CODE_OK};
    assert_int_equal(query_parse(target, sizeof target, &query, &err), 404);
    assert_true(strlen(err.text) < 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_alone),
        cmocka_unit_test(test_all_parameters_in_any_order),
        cmocka_unit_test(test_forms_and_faults),
        cmocka_unit_test(test_every_fault_by_name),
        cmocka_unit_test(test_stats_routes),
        cmocka_unit_test(test_freeze),
        cmocka_unit_test(test_refusals_name_the_culprit),
        cmocka_unit_test(test_long_names_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
