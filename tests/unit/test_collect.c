/* The result document is the word of a stranger: every key is checked, every error names
 * the key. */
#include "common/cleanup.h"
#include "common/json.h"
#include "harness/trial/collect.h"
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
    assert_false(d.no_request);
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

static void test_each_fault_is_named(void **state)
{
    static const struct {
        const char *key, *value, *error;
    } cases[] = {
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
        {"producer_waits", "-1", "producer_waits: expected a whole number"},
        {"consumer_waits", "'7'", "consumer_waits: expected a whole number"},
        {"extra", "1", "extra: unknown key"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct collect_document d;
        struct err err = {0};
        AUTO_FREE char *text = changed(cases[i].key, cases[i].value);
        assert_non_null(text);
        int status = collect_document(text, strlen(text), "threads", "http", &d, &err);
        if (!status || strncmp(err.text, cases[i].error, strlen(cases[i].error)) != 0)
            fail_msg("%s = %s: '%s', not '%s'", cases[i].key, cases[i].value, err.text,
                     cases[i].error);
    }
}

static void test_a_trace_is_read(void **state)
{
    struct collect_document d;
    struct err err = {0};
    (void)state;
    AUTO_FREE char *text = changed("trace_ns", "[[0, 0, 5], [3, 2, 2]]");
    if (collect_document(text, strlen(text), "threads", "http", &d, &err))
        fail_msg("%s", err.text);
    collect_done(&d);
}

static void test_the_null_runner_says_none(void **state)
{
    struct collect_document d;
    struct err err = {0};
    (void)state;
    AUTO_FREE char *text = changed("task", "'none'");
    assert_int_equal(collect_document(text, strlen(text), "threads", "http", &d, &err),
                     0);
    assert_true(d.no_request);
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
        cmocka_unit_test(test_the_null_runner_says_none),
        cmocka_unit_test(test_what_is_not_json_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
