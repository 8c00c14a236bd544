/* When a trial is valid, on facts made up here; what needs a process is in test_trial.c.
 */
#include "harness/host/first_line.h"
#include "harness/trial/validity.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A trial without a fault: 100 requests of 1,000 bytes, 10 in flight, 20 ms each. */
struct world {
    struct scenario scenario;
    struct trial_request request;
    struct launch_outcome outcome;
    struct collect_document document;
    struct origin_stats origin;
    struct validity_facts facts;
};

static void make(struct world *w)
{
    *w = (struct world){
        .scenario = {.name = "test", .bytes = 1000, .trial_seconds = 20},
        .request = {.model = "threads",
                    .concurrency = 10,
                    .requests = 100,
                    .delay_ms = 20},
        .outcome = {.is_reported = true, .document_size = 1},
        .document = {.requests = 100,
                     .concurrency = 10,
                     .ok = 100,
                     .bytes_received = 100000,
                     .units_created = 10,
                     .peak_in_flight = 10,
                     .latency_count = 99,
                     .overflow = 1},
        .origin = {.requests = 100, .peak_in_flight = 10},
    };
    w->request.scenario = &w->scenario;
    w->facts = (struct validity_facts){.request = &w->request,
                                       .limit_ms = 20000,
                                       .outcome = &w->outcome,
                                       .stderr_line = "",
                                       .document = &w->document,
                                       .document_error = "",
                                       .origin = &w->origin};
}

static void expect(const struct world *w, const char *reason_class, const char *text)
{
    struct validity_verdict verdict;
    validity_judge(&w->facts, &verdict);
    if (!reason_class) {
        assert_null(verdict.reason_class);
        assert_string_equal(verdict.text, "");
        return;
    }
    assert_non_null(verdict.reason_class);
    assert_string_equal(verdict.reason_class, reason_class);
    assert_string_equal(verdict.text, text);
}

static void test_a_faultless_trial_is_valid(void **state)
{
    struct world w;
    (void)state;
    make(&w);
    expect(&w, NULL, NULL);
}

static void test_bytes_must_be_those_of_the_ok_requests(void **state)
{
    struct world w;
    (void)state;
    make(&w);
    w.document.bytes_received = 99999;
    expect(&w, "bytes", "bytes_received: expected 100000, found 99999");
    w.document.has_no_request = true;
    expect(&w, NULL, NULL);
    w.document.has_no_request = false;
    w.facts.origin = NULL;
    expect(&w, NULL, NULL);
}

static void test_the_origin_must_have_counted_the_same(void **state)
{
    struct world w;
    (void)state;
    make(&w);
    w.origin.requests = 101;
    expect(&w, "origin-count", "the origin served 101 requests, the runner made 100");
    w.document.has_no_request = true;
    expect(&w, NULL, NULL);
}

static void test_concurrency_is_demanded_where_the_load_allows_it(void **state)
{
    struct world w;
    (void)state;
    make(&w);
    w.origin.peak_in_flight = 9;
    expect(&w, NULL, NULL);
    w.origin.peak_in_flight = 8;
    expect(&w, "concurrency", "the origin saw at most 8 in flight of the 10 asked for");
    w.origin.peak_in_flight = 10;
    w.document.peak_in_flight = 8;
    expect(&w, "concurrency", "the runner had at most 8 in flight of the 10 asked for");
    w.request.delay_ms = 4; /* too fast to tell */
    expect(&w, NULL, NULL);
    w.document.units_created = 9; /* but this must hold always */
    expect(&w, "concurrency", "units_created: expected 10, found 9");
    w.document.has_no_request = true;
    expect(&w, NULL, NULL);
}

static void test_units_are_those_of_the_model(void **state)
{
    static const struct {
        const char *model;
        uint64_t units;
        const char *text; /* NULL: valid */
    } table[] = {
        {"stackless", 10, NULL},
        {"stackless", 100, "units_created: expected 10, found 100"},
        {"thread-per-request", 100, NULL},
        {"thread-per-request", 10, "units_created: expected 100, found 10"},
        {"process-per-request", 100, NULL},
        {"process-per-request", 99, "units_created: expected 100, found 99"},
        {"somebody-elses", 10, NULL},
        {"somebody-elses", 0, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct world w;
        make(&w);
        w.request.model = table[i].model;
        w.document.units_created = table[i].units;
        expect(&w, table[i].text ? "concurrency" : NULL, table[i].text);
    }
}

static void test_a_closed_loop_is_no_answer_to_a_rate(void **state)
{
    struct world w;
    (void)state;
    make(&w);
    json_auto_t *json = json_object();
    w.document.json = json;
    w.scenario.rate_per_s = 200;
    expect(&w, "counts", "rate_per_s: expected 200, found 0");
    (void)json_object_set_new(json, "rate_per_s", json_integer(200));
    expect(&w, NULL, NULL);
    w.scenario.rate_per_s = 0;
    expect(&w, "counts", "rate_per_s: expected 0, found 200");
}

static void test_the_demand_follows_delay_and_concurrency(void **state)
{
    struct scenario scenario = {.name = "test"};
    struct trial_request request = {
        .scenario = &scenario, .model = "threads", .concurrency = 128, .delay_ms = 20};
    (void)state;
    assert_true(validity_demands_concurrency(&request));
    request.concurrency = 5000;
    assert_false(validity_demands_concurrency(&request));
    request.delay_ms = 1000;
    assert_true(validity_demands_concurrency(&request));
    scenario.rate_per_s = 100; /* open: the arrivals decide, but not in the memory pass */
    assert_false(validity_demands_concurrency(&request));
    request.pass = TRIAL_MEMORY;
    assert_true(validity_demands_concurrency(&request));
    request = (struct trial_request){
        .scenario = &scenario, .model = "threads", .concurrency = 1, .delay_ms = 0};
    assert_false(validity_demands_concurrency(&request));
}

/* Forking takes time, and in this model it is part of each request. */
static void test_a_worker_that_has_to_be_made_may_be_late(void **state)
{
    struct scenario scenario = {.name = "test"};
    struct trial_request request = {.scenario = &scenario,
                                    .model = "process-per-request",
                                    .concurrency = 32,
                                    .delay_ms = 95};
    (void)state;
    assert_false(validity_demands_concurrency(&request));
    request.delay_ms = 96;
    assert_true(validity_demands_concurrency(&request));
    request.delay_ms = 15;
    request.model = "thread-per-request";
    assert_false(validity_demands_concurrency(&request));
    request.delay_ms = 16;
    assert_true(validity_demands_concurrency(&request));
    request.model = "processes";
    request.delay_ms = 5;
    assert_true(validity_demands_concurrency(&request));
}

static void test_the_cause_comes_before_its_consequences(void **state)
{
    struct world w;
    (void)state;
    make(&w);
    w.facts.document = NULL;
    w.outcome.document_size = 0;
    expect(&w, "no-document", "the runner wrote no result document");
    w.outcome.report.wait_status = SIGKILL;
    expect(&w, "signal", "killed by signal 9 (Killed)");
    w.outcome.report.orphans = 3;
    expect(&w, "signal", "killed by signal 9 (Killed)");
    w.outcome.report.timed_out = 1;
    expect(&w, "timeout", "still running after 20000 ms; stopped");
    w.outcome.flooded = "stderr";
    expect(&w, "flood", "stderr was larger than allowed; stopped");
    w.outcome.is_interrupted = true;
    expect(&w, "signal", "the run was interrupted");
    w.outcome.is_reported = false;
    expect(&w, "launch", "the launcher did not answer while the runner ran");
}

static void test_counts_must_add_up(void **state)
{
    struct world w;
    (void)state;
    make(&w);
    w.document.overflow = 0;
    expect(&w, "counts", "latency_ns counts + overflow: expected 100, found 99");
    make(&w);
    w.document.requests = 50;
    expect(&w, "counts", "requests: expected 100, found 50");
    make(&w);
    w.document.concurrency = 5;
    expect(&w, "counts", "concurrency: expected 10, found 5");
    make(&w);
    w.document.failed = 1;
    expect(&w, "counts", "ok + failed: expected 100, found 101");
}

static void test_what_the_loader_says_of_tags_is_no_reason(void **state)
{
    static const struct {
        const char *said, *line;
    } cases[] = {
        {"", ""},
        {"no\n", "no"},
        {"one\ntwo\n", "one"},
        {"r: c.so.4: no version information available (required by r)\n", ""},
        {"r: c.so.4: no version information available (required by r)", ""},
        {"r: c.so.4: no version information available (required by r)\n"
         "r: d.so.1: no version information available (required by c.so.4)\nwhy\n",
         "why"},
        {"why\nr: c.so.4: no version information available (required by r)\n", "why"},
    };
    char line[80];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        first_line_of(cases[i].said, line, sizeof line);
        assert_string_equal(line, cases[i].line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_faultless_trial_is_valid),
        cmocka_unit_test(test_bytes_must_be_those_of_the_ok_requests),
        cmocka_unit_test(test_the_origin_must_have_counted_the_same),
        cmocka_unit_test(test_concurrency_is_demanded_where_the_load_allows_it),
        cmocka_unit_test(test_units_are_those_of_the_model),
        cmocka_unit_test(test_a_closed_loop_is_no_answer_to_a_rate),
        cmocka_unit_test(test_the_demand_follows_delay_and_concurrency),
        cmocka_unit_test(test_a_worker_that_has_to_be_made_may_be_late),
        cmocka_unit_test(test_the_cause_comes_before_its_consequences),
        cmocka_unit_test(test_counts_must_add_up),
        cmocka_unit_test(test_what_the_loader_says_of_tags_is_no_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
