/* The result document is the word of a stranger: every key is checked, every error names
 * the key. */
#include "common/array.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "harness/trial/collect.h"
#include "harness/trial/trace_rows.h"
#include "single_quotes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char good[] =
    "{'contract': 1, 'model': 'threads', 'task': 'http', 'requests': 10,"
    " 'concurrency': 2, 'ok': 8, 'failed': {'reset': 1, 'status': 1},"
    " 'bytes_received': 8000, 'connections_opened': 2, 'units_created': 2,"
    " 'peak_in_flight': 2, 'setup_ns': 1, 'measured_ns': 2, 'teardown_ns': 3,"
    " 'cpu_measured_ns': 4, 'latency_ns': [[0, 1], [5, 2], [9, 4]], 'overflow': 1,"
    " 'latency_sum_ns': 60, 'latency_min_ns': null, 'latency_max_ns': 9,"
    " 'phases_ns': {'dns': null, 'connect': 1, 'tls': null, 'first_byte': 2},"
    " 'knobs': {'libcurl': '7.88.1', 'tls': null, 'keepalive': true,"
    " 'buffer_bytes': 16384}}";

static void test_a_good_document_is_read(void **state)
{
    struct collect_document d;
    struct err err = {0};
    (void)state;
    AUTO_FREE char *text = text_quoted(good);
    if (collect_document(text, strlen(text), "threads", "http", &d, &err))
        fail_msg("%s", err.text);
    assert_int_equal(d.requests, 10);
    assert_int_equal(d.ok, 8);
    assert_int_equal(d.failed, 2);
    assert_int_equal(d.latency_count, 7);
    assert_int_equal(d.overflow, 1);
    assert_int_equal(d.cpu_measured_ns, 4);
    assert_false(d.has_no_request);
    collect_done(&d);
}

/* The good document with the value of one key replaced (value NULL: key removed). */
static char *changed(const char *key, const char *value)
{
    json_auto_t *json = json_quoted(good);
    if (value)
        json_put(json, key, json_quoted(value));
    else
        assert_int_equal(json_object_del(json, key), 0);
    return json_dumps(json, 0);
}

static const struct {
    const char *key, *value, *error;
} faults[] = {
    {"contract", "2", "contract: expected a whole number from 1 to 1"},
    {"contract", NULL, "contract: missing"},
    {"model", "'processes'", "model: expected 'threads', found 'processes'"},
    {"task", "'sleep'", "task: expected 'http', found 'sleep'"},
    {"task", "7", "task: expected a string"},
    {"requests", "-1", "requests: expected a whole number"},
    {"requests", "1.5", "requests: expected a whole number"},
    {"ok", "99999999999", "ok: expected a whole number"},
    {"bytes_received", "'8000'", "bytes_received: expected a whole number"},
    {"setup_ns", NULL, "setup_ns: missing"},
    {"units_created", "null", "units_created: expected a whole number"},
    {"failed", "[]", "failed: expected an object"},
    {"failed", "{'luck': 1}", "failed.luck: unknown key"},
    {"failed", "{'reset': 0}", "failed.reset: expected a whole number from 1"},
    {"latency_ns", "{}", "latency_ns: expected an array"},
    {"latency_ns", "[[5, 1], [5, 1]]", "latency_ns[1]: expected ascending"},
    {"latency_ns", "[[5, 1], [4, 1]]", "latency_ns[1]: expected ascending"},
    {"latency_ns", "[[-1, 1]]", "latency_ns[0]: expected ascending"},
    {"latency_ns", "[[5, 0]]", "latency_ns[0]: expected a count"},
    {"latency_ns", "[[5]]", "latency_ns[0]: expected [lower_edge, count]"},
    {"latency_ns", "[7]", "latency_ns[0]: expected [lower_edge, count]"},
    {"latency_ns", "[[5, 1.5]]", "latency_ns[0]: expected [lower_edge, count]"},
    {"latency_sum_ns", NULL, "latency_sum_ns: missing"},
    {"latency_min_ns", "true", "latency_min_ns: expected a whole number"},
    {"phases_ns", "{'dns': null}", "phases_ns.connect: missing"},
    {"phases_ns", "{'warp': 1}", "phases_ns.warp: unknown key"},
    {"knobs", "{'a': [1]}", "knobs.a: expected a short string"},
    {"knobs", "{'a b': 1}", "knobs.a b: not a name"},
    {"knobs", "{'a': 1.5}", "knobs.a: expected a short string"},
    {"trace_ns", "7", "trace_ns: expected an array"},
    {"trace_ns", "[[0, 1]]", "trace_ns[0]: expected [request, start, end]"},
    {"trace_ns", "[[0, 1, 1.5]]", "trace_ns[0]: expected [request, start, end]"},
    {"trace_ns", "[[0, 2, 1]]", "trace_ns[0]: expected [request, start, end]"},
    {"trace_ns", "[[1, 0, 0], [1, 2, 3]]", "trace_ns[1]: expected [request"},
    {"trace_ns", "[[0, 0, 1, -1]]", "trace_ns[0]: expected [request"},
    {"trace_ns", "[[0, 0, 1, 0, 2, 0]]", "trace_ns[0]: expected [request"},
    {"trace_ns", "[[0, 0, 1, 0, 1, 0, 0]]", "trace_ns[0]: expected [request"},
    {"trace_calls_ns", "[[0, 0, 1, 'me']]", "trace_calls_ns[0]: expected [request"},
    {"trace_calls_ns", "[[0, 2, 1, 'loop']]", "trace_calls_ns[0]: expected [request"},
    {"trace_due_ns", "[[0, null]]", "trace_due_ns[0]: expected [request, due]"},
    {"trace_queue_ns", "[[0, 1, 2]]", "trace_queue_ns[0]: expected [request, put"},
    {"producer_waits", "-1", "producer_waits: expected a whole number"},
    {"consumer_waits", "'7'", "consumer_waits: expected a whole number"},
    {"stack_used_bytes", "0", "stack_used_bytes: expected a whole number"},
    {"extra", "1", "extra: unknown key"},
};

static void test_each_fault_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        struct collect_document d;
        struct err err = {0};
        AUTO_FREE char *text = changed(faults[i].key, faults[i].value);
        assert_non_null(text);
        int status = collect_document(text, strlen(text), "threads", "http", &d, &err);
        if (!status || strncmp(err.text, faults[i].error, strlen(faults[i].error)) != 0)
            fail_msg("%s = %s: '%s', not '%s'", faults[i].key, faults[i].value, err.text,
                     faults[i].error);
    }
}

static void test_a_trace_is_read(void **state)
{
    struct collect_document d;
    struct err err = {0};
    (void)state;
    static const struct {
        const char *key, *rows;
    } read[] = {
        {"trace_ns", "[[0, 0, 5], [3, 2, 2]]"},
        {"trace_ns", "[[0, 0, 5, 1], [3, 2, 3, null, null, null], [4, 2, 9, 0, 7, 1]]"},
        {"trace_calls_ns", "[[0, 0, 5, 'loop'], [1, 0, 5, 'executor']]"},
        {"trace_due_ns", "[[0, -7], [1, 5]]"},
        {"trace_queue_ns", "[[0, 3, 3, 1]]"}};
    for (size_t i = 0; i < COUNT_OF(read); i++) {
        AUTO_FREE char *text = changed(read[i].key, read[i].rows);
        if (collect_document(text, strlen(text), "threads", "http", &d, &err))
            fail_msg("%s: %s", read[i].rows, err.text);
        collect_done(&d);
    }
}

/* A document with as many requests in each table. */
static json_t *traced(json_int_t requests)
{
    json_t *document = json_object(), *rows = json_array(), *dues = json_array();
    for (json_int_t i = 0; i < requests; i++) {
        json_push(rows, json_pack("[III]", i, i, i + 1));
        json_push(dues, json_pack("[II]", i, i));
    }
    json_put(document, "trace_ns", rows);
    json_put(document, "trace_due_ns", dues);
    return document;
}

/* Few remain of many: the first half whole, the others spread over all that follow. */
static void test_a_long_trace_is_thinned(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, 199, 200, 201, 203, 399, 1000, 9999, 10000};
    for (size_t c = 0; c < COUNT_OF(counts); c++) {
        const size_t count = counts[c], kept = count < 200 ? count : 200;
        json_auto_t *document = traced((json_int_t)count);
        trace_rows_thin(document, 200);
        const json_t *rows = json_object_get(document, "trace_ns");
        const json_t *dues = json_object_get(document, "trace_due_ns");
        assert_int_equal(json_array_size(rows), kept);
        assert_int_equal(json_array_size(dues), kept);
        size_t last = 0;
        for (size_t i = 0; i < kept; i++) {
            const json_t *request = json_array_get(json_array_get(rows, i), 0);
            const size_t number = (size_t)json_integer_value(request);
            assert_true(json_equal(request, json_array_get(json_array_get(dues, i), 0)));
            assert_true(i >= 100 || number == i);
            assert_true(i == 0 || (number > last && number - last <= 2 * (count / 100)));
            last = number;
        }
        assert_true(count - last <= count / 100 + 1);
    }
}

static void test_the_null_runner_says_none(void **state)
{
    struct collect_document d;
    struct err err = {0};
    (void)state;
    AUTO_FREE char *text = changed("task", "'none'");
    assert_int_equal(collect_document(text, strlen(text), "threads", "http", &d, &err),
                     0);
    assert_true(d.has_no_request);
    collect_done(&d);
}

static void test_what_is_not_json_is_refused(void **state)
{
    static const char *const texts[] = {"",     "{",    "[]", "7", "{'a':1,'a':2}",
                                        "\xff", "{} {}"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct collect_document d;
        struct err err = {0};
        AUTO_FREE char *text = text_quoted(texts[i]);
        assert_int_not_equal(
            collect_document(text, strlen(text), "threads", NULL, &d, &err), 0);
        assert_int_not_equal(strlen(err.text), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_good_document_is_read),
        cmocka_unit_test(test_each_fault_is_named),
        cmocka_unit_test(test_a_trace_is_read),
        cmocka_unit_test(test_a_long_trace_is_thinned),
        cmocka_unit_test(test_the_null_runner_says_none),
        cmocka_unit_test(test_what_is_not_json_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
