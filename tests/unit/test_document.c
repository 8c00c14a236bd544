/* Tests of runtime/document: the result document of runs that went well, badly, and
 * not at all. */
#include "runtime/document.h"

#include "common/array.h"
#include "common/clock.h"
#include "runtime/runner.h"
#include "runtime/shared.h"
#include "runtime/task/task.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct run run_of(uint64_t requests, size_t recorders)
{
    static const struct model model = {.name = "test"};
    return (struct run){.model = &model,
                        .settings = {.requests = requests,
                                     .concurrency = 2,
                                     .fan_out = 1,
                                     .timeout_ms = 1000,
                                     .buffer_bytes = 16384},
                        .task = task_find("http"),
                        .shared = shared_new(requests, recorders, false),
                        .started_ns = clock_ns(),
                        .units_created = 2};
}

static json_int_t integer_at(const json_t *document, const char *key)
{
    const json_t *value = json_object_get(document, key);
    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static json_int_t counts_of(const json_t *document)
{
    json_int_t counts = 0;
    json_int_t edge_before = -1;
    size_t index = 0;
    const json_t *pair = NULL;
    json_array_foreach (json_object_get(document, "latency_ns"), index, pair) {
        assert_int_equal(json_array_size(pair), 2);
        json_int_t edge = json_integer_value(json_array_get(pair, 0));
        json_int_t count = json_integer_value(json_array_get(pair, 1));
        assert_true(edge > edge_before);
        assert_true(count > 0);
        edge_before = edge;
        counts += count;
    }
    return counts;
}

static void test_two_recorders_make_one_document(void **state)
{
    (void)state;
    struct run run = run_of(5, 2);
    uint64_t t = run.started_ns + 1000;
    recorder_add(&run.shared->recorders[0], OUTCOME_OK, t, t + 5000, 100);
    recorder_add(&run.shared->recorders[1], OUTCOME_OK, t + 10, t + 1010, 100);
    recorder_add(&run.shared->recorders[1], OUTCOME_OK, t + 20, t + 9020, 100);
    recorder_add(&run.shared->recorders[1], OUTCOME_OK, t, t + HIST_LIMIT_NS, 100);
    recorder_add(&run.shared->recorders[0], OUTCOME_STATUS, t + 30, t + 40, 9);
    shared_add_phase(run.shared, PHASE_DNS, 50);
    run_add_knob(&run, "stack_guard", "madvise", 0);
    run_add_knob(&run, "stack_bytes", NULL, 65536);
    json_t *document = document_new(&run);
    assert_int_equal(integer_at(document, "contract"), 1);
    assert_string_equal(json_string_value(json_object_get(document, "task")), "http");
    assert_int_equal(integer_at(document, "ok"), 4);
    assert_int_equal(json_object_size(json_object_get(document, "failed")), 1);
    assert_int_equal(integer_at(json_object_get(document, "failed"), "status"), 1);
    assert_int_equal(integer_at(document, "bytes_received"), 400);
    assert_int_equal(integer_at(document, "overflow"), 1);
    assert_int_equal(counts_of(document), 3);
    assert_int_equal(integer_at(document, "latency_min_ns"), 1000);
    assert_true(integer_at(document, "latency_max_ns") == (json_int_t)HIST_LIMIT_NS);
    assert_true(integer_at(document, "measured_ns") == (json_int_t)HIST_LIMIT_NS);
    assert_int_equal(integer_at(document, "setup_ns"), 1000);
    const json_t *phases = json_object_get(document, "phases_ns");
    assert_int_equal(integer_at(phases, "dns"), 50);
    assert_true(json_is_null(json_object_get(phases, "tls")));
    const json_t *knobs = json_object_get(document, "knobs");
    assert_string_equal(json_string_value(json_object_get(knobs, "stack_guard")),
                        "madvise");
    assert_int_equal(integer_at(knobs, "stack_bytes"), 65536);
    assert_true(json_is_true(json_object_get(knobs, "keepalive")));
    json_decref(document);
    shared_free(run.shared);
}

static void test_requests_lost_with_their_worker_are_counted(void **state)
{
    (void)state;
    struct run run = run_of(10, 2);
    uint64_t t = run.started_ns;
    recorder_add(&run.shared->recorders[0], OUTCOME_OK, t, t + 1, 0);
    recorder_add(&run.shared->recorders[1], OUTCOME_RESET, t, t + 1, 0);
    json_t *document = document_new(&run);
    const json_t *failed = json_object_get(document, "failed");
    assert_int_equal(integer_at(document, "ok"), 1);
    assert_int_equal(integer_at(failed, "reset"), 1);
    assert_int_equal(integer_at(failed, "worker"), 8);
    json_decref(document);
    shared_free(run.shared);
}

static void test_latencies_are_null_when_nothing_was_ok(void **state)
{
    (void)state;
    struct run run = run_of(2, 1); /* no request was even begun */
    json_t *document = document_new(&run);
    assert_int_equal(integer_at(json_object_get(document, "failed"), "worker"), 2);
    assert_true(json_is_null(json_object_get(document, "latency_sum_ns")));
    assert_true(json_is_null(json_object_get(document, "latency_min_ns")));
    assert_true(json_is_null(json_object_get(document, "latency_max_ns")));
    assert_int_equal(json_array_size(json_object_get(document, "latency_ns")), 0);
    assert_int_equal(integer_at(document, "measured_ns"), 0);
    assert_true(integer_at(document, "setup_ns") >= 0);
    assert_int_equal(integer_at(document, "teardown_ns"), 0);
    json_decref(document);
    shared_free(run.shared);
}

static void test_knobs_beyond_the_table_are_dropped(void **state)
{
    (void)state;
    struct run run = run_of(1, 1);
    for (int i = 0; i < SHARED_KNOBS_MAX + 3; i++)
        run_add_knob(&run, "k", NULL, 1);
    assert_int_equal(run.shared->knob_count, SHARED_KNOBS_MAX);
    shared_free(run.shared);
}

static void test_it_is_one_line_and_the_descriptor_is_closed(void **state)
{
    (void)state;
    int ends[2];
    char text[64] = "";
    struct err err = {0};
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    json_t *document = json_pack("{s:i}", "ok", 1);
    assert_int_equal(document_write_fd(document, ends[1], &err), 0);
    assert_int_equal(read(ends[0], text, sizeof text - 1), 9);
    assert_string_equal(text, "{\"ok\":1}\n");
    assert_int_equal(read(ends[0], text, sizeof text), 0); /* the end: it is closed */
    (void)close(ends[0]);
    json_decref(document);
}

static void test_a_full_disk_is_an_error(void **state)
{
    (void)state;
    struct err err = {0};
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    json_t *document = json_pack("{s:i}", "ok", 1);
    assert_int_equal(document_write_fd(document, full, &err), -EXIT_CODE_UNFIT);
    assert_non_null(strstr(err.text, "No space left"));
    json_decref(document);
}

/* The span of a request that the trace has room for. */
static struct span *span_of(const struct run *run, uint64_t ticket)
{
    struct span *span = trace_span(run->shared->trace, ticket);
    if (!span)
        abort(); /* a compiler does not know that assert_non_null ends the test */
    return span;
}

static void test_a_trace_has_what_has_ended(void **state)
{
    (void)state;
    struct run run = run_of(20000, 1);
    run.shared->trace = trace_new(20000);
    assert_non_null(run.shared->trace);
    recorder_add(&run.shared->recorders[0], OUTCOME_OK, 1000, 1500, 0);
    assert_null(trace_span(run.shared->trace, 10000)); /* one too many */
    *span_of(&run, 9999) = (struct span){.work_ns = 1200, .cpu = 3};
    trace_end(span_of(&run, 9999), 1010, 1300, 7, false);
    *span_of(&run, 0) = (struct span){.work_ns = 1600, .cpu = -1};
    trace_end(span_of(&run, 0), 1000, 1500, 0, true);
    json_auto_t *document = document_new(&run);
    json_auto_t *expected =
        json_pack("[[iiiiin][iiiiii]]", 0, 0, 500, 0, 500, /* capped */
                  9999, 10, 300, 7, 200, 3);
    assert_true(json_equal(json_object_get(document, "trace_ns"), expected));
    assert_null(json_object_get(document, "trace_calls_ns"));
    assert_null(json_object_get(document, "trace_due_ns"));
    assert_null(json_object_get(document, "trace_queue_ns"));
    shared_free(run.shared);
}

static void call_nothing(void *arg)
{
    *(int *)arg += 1;
}

/* A call that a loop's thread makes is told from one that another thread makes. */
static void test_a_trace_knows_who_made_a_call(void **state)
{
    (void)state;
    static const struct {
        bool is_on_loop, is_elsewhere;
        const char *caller;
    } cases[] = {
        {false, false, "worker"}, {true, false, "loop"}, {true, true, "executor"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct run run = run_of(1, 1);
        int calls = 0;
        run.shared->trace = trace_new(1);
        struct span *span = span_of(&run, 0);
        struct await await = trace_call(span, call_nothing, &calls);
        await.call(await.arg);
        assert_int_equal(calls, 1);
        span->call_thread += cases[i].is_elsewhere;
        trace_end(span, span->call_ns, span->returned_ns, 0, cases[i].is_on_loop);
        json_auto_t *document = document_new(&run);
        json_t *row = json_array_get(json_object_get(document, "trace_calls_ns"), 0);
        assert_string_equal(json_string_value(json_array_get(row, 3)), cases[i].caller);
        shared_free(run.shared);
    }
}

static void test_without_a_trace_there_is_none(void **state)
{
    (void)state;
    struct run run = run_of(1, 1);
    json_auto_t *document = document_new(&run);
    assert_null(json_object_get(document, "trace_ns"));
    shared_free(run.shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_recorders_make_one_document),
        cmocka_unit_test(test_requests_lost_with_their_worker_are_counted),
        cmocka_unit_test(test_latencies_are_null_when_nothing_was_ok),
        cmocka_unit_test(test_knobs_beyond_the_table_are_dropped),
        cmocka_unit_test(test_it_is_one_line_and_the_descriptor_is_closed),
        cmocka_unit_test(test_a_full_disk_is_an_error),
        cmocka_unit_test(test_a_trace_has_what_has_ended),
        cmocka_unit_test(test_a_trace_knows_who_made_a_call),
        cmocka_unit_test(test_without_a_trace_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
