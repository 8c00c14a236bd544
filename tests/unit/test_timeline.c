/* test_timeline: from a trace's rows to the bars that are drawn. */
#include "common/json.h"
#include "report/data/timeline.h"
#include "single_quotes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const double axis_ns = 2048; /* a cell is a nanosecond */

static struct timeline read_text(const char *text, unsigned int cpus)
{
    json_auto_t *trace = json_quoted(text);
    struct timeline t;
    timeline_read(trace, cpus, axis_ns, 4, &t);
    return t;
}

static void expect_bar(const struct timeline *t, size_t i, struct timeline_bar want)
{
    assert_true(i < t->count);
    const struct timeline_bar *bar = &t->bars[i];
    assert_true(fabs(bar->start_ns - want.start_ns) < 1.5);
    assert_true(fabs(bar->end_ns - want.end_ns) < 3.5); /* and the gap to the next */
    assert_true(bar->bottom == want.bottom && bar->top == want.top);
    assert_int_equal(bar->state, want.state);
}

/* Lanes in the order of their first requests: first pale, then dark. */
static void test_lanes_wait_and_compute(void **state)
{
    (void)state;
    struct timeline t =
        read_text("{'setup_ns':70,'of':3,'rows':[[0,0,1000,5,600,1],[1,10,900,3,900,0],"
                  "[2,1000,2000,5,2000,0]],'reason':null}",
                  0);
    assert_int_equal(t.lanes, 2);
    assert_false(t.is_area);
    assert_int_equal(t.count, 4);
    expect_bar(&t, 0, (struct timeline_bar){0, 600, 0, 1, TRACE_WAIT});
    expect_bar(&t, 1, (struct timeline_bar){600, 1000, 0, 1, TRACE_WORK});
    expect_bar(&t, 2, (struct timeline_bar){1000, 2000, 0, 1, TRACE_WAIT});
    expect_bar(&t, 3, (struct timeline_bar){10, 900, 1, 2, TRACE_WAIT});
    assert_true(t.setup_ns == 70 && t.end_ns == 2000);
    assert_true(t.sum_ns[TRACE_WAIT] == 600 + 890 + 1000);
    assert_true(t.sum_ns[TRACE_WORK] == 400);
    timeline_done(&t);
}

/* One after the other in a lane: each can be seen. */
static void test_requests_stay_apart(void **state)
{
    (void)state;
    struct timeline t = read_text("{'setup_ns':0,'of':3,'rows':[[0,0,500,0],[1,500,1000,"
                                  "0],[2,1000,1500,0]],'reason':null}",
                                  0);
    assert_int_equal(t.count, 3);
    for (size_t i = 0; i + 1 < t.count; i++)
        assert_true(t.bars[i].end_ns < t.bars[i + 1].start_ns);
    timeline_done(&t);
}

/* Only a loop's call is red; another thread's is a wait like any other. */
static void test_who_is_held_by_a_call(void **state)
{
    (void)state;
    struct timeline t =
        read_text("{'setup_ns':0,'of':2,'rows':[[0,0,1000,0,1000,0],[1,0,1000,1,1000,0]],"
                  "'calls':[[0,100,900,'loop'],[1,100,900,'executor']],'reason':null}",
                  0);
    assert_int_equal(t.count, 4);
    expect_bar(&t, 0, (struct timeline_bar){0, 100, 0, 1, TRACE_WAIT});
    expect_bar(&t, 1, (struct timeline_bar){100, 900, 0, 1, TRACE_BLOCKED});
    expect_bar(&t, 2, (struct timeline_bar){900, 1000, 0, 1, TRACE_WAIT});
    expect_bar(&t, 3, (struct timeline_bar){0, 1000, 1, 2, TRACE_WAIT});
    assert_true(t.sum_ns[TRACE_BLOCKED] == 800);
    timeline_done(&t);
}

/* One thread uses one CPU, whichever the kernel puts it on; the other lane stays empty. */
static void test_a_thread_that_moves_uses_one_cpu(void **state)
{
    (void)state;
    struct timeline t =
        read_text("{'setup_ns':0,'of':3,'rows':[[0,0,1000,0,500,3],"
                  "[1,0,1500,1,1000,1],[2,0,1800,2,1500,3]],'reason':null}",
                  2);
    assert_int_equal(t.lanes, 2);
    assert_int_equal(t.used_cpus, 1);
    assert_int_equal(t.count, 1);
    expect_bar(&t, 0, (struct timeline_bar){500, 1800, 0, 1, TRACE_WORK});
    assert_true(fabs(t.busy_ns - 1300) < 2);
    assert_true(t.sum_ns[TRACE_WAIT] == 500 + 1000 + 1500);
    timeline_done(&t);
}

/* Two CPUs at once are two lanes; more threads on them are not more. */
static void test_two_cpus_at_once(void **state)
{
    (void)state;
    struct timeline t = read_text("{'setup_ns':0,'of':4,'rows':[[0,0,1000,0,0,3],"
                                  "[1,0,800,1,200,1],[2,0,900,2,300,1],[3,0,600,3,0,3]],"
                                  "'reason':null}",
                                  2);
    assert_int_equal(t.used_cpus, 2);
    assert_int_equal(t.count, 2);
    expect_bar(&t, 0, (struct timeline_bar){0, 1000, 0, 1, TRACE_WORK});
    expect_bar(&t, 1, (struct timeline_bar){200, 900, 1, 2, TRACE_WORK});
    timeline_done(&t);
}

/* Where one does not say on which CPU it computed, there are no lanes. */
static void test_an_unknown_cpu(void **state)
{
    (void)state;
    struct timeline t = read_text("{'setup_ns':0,'of':2,'rows':[[0,0,1000,0,0,3],"
                                  "[1,0,800,1,200,null]],'reason':null}",
                                  2);
    assert_true(t.is_area && !t.is_by_cpu);
    timeline_done(&t);
}

/* The producer waits in its lane until its number is in the queue. */
static void test_a_producer_has_a_lane(void **state)
{
    (void)state;
    struct timeline t = read_text("{'setup_ns':0,'of':1,'rows':[[0,0,1000,0,900,0]],"
                                  "'queue':[[0,400,900,1]],'reason':null}",
                                  0);
    assert_int_equal(t.lanes, 2);
    assert_int_equal(t.count, 2);
    expect_bar(&t, 0, (struct timeline_bar){0, 400, 0, 1, TRACE_WAIT});
    expect_bar(&t, 1, (struct timeline_bar){900, 1000, 1, 2, TRACE_WORK});
    timeline_done(&t);
}

/* A trace of `of` requests, of which the first half and every other one are there. */
static json_t *thinned(json_int_t of, json_int_t lanes)
{
    json_t *rows = json_array();
    for (json_int_t i = 0; i < of; i += i < of / 3 ? 1 : 2)
        json_push(rows, json_pack("[IIIII]", i, i * 2, i * 2 + 2 * lanes, i % lanes,
                                  i * 2 + 2 * lanes));
    return json_pack("{s:i,s:I,s:o,s:n}", "setup_ns", 0, "of", of, "rows", rows,
                     "reason");
}

/* What was left out counts: as many are in flight at the end as at the beginning. */
static void test_too_many_make_an_area(void **state)
{
    (void)state;
    json_auto_t *many_lanes = thinned(3, 3), *thin = thinned(900, 4);
    struct timeline t;
    for (int i = 0; i < 20; i++)
        json_push(json_object_get(many_lanes, "rows"),
                  json_pack("[iiii]", 100 + i, 0, 1000, 100 + i));
    timeline_read(many_lanes, 0, axis_ns, 64, &t);
    assert_true(t.is_area);
    assert_int_equal(t.lanes, 64);
    timeline_done(&t);
    timeline_read(thin, 0, axis_ns, 4, &t);
    assert_true(t.is_area);
    assert_int_equal(t.shown, 900);
    assert_true(t.count >= 1 && t.count <= 64);
    for (size_t i = 1; i + 1 < t.count; i++)
        assert_true(fabs(t.bars[i].top - 4) < 0.5);
    timeline_done(&t);
}

/* However many requests: few bars. */
static void test_many_requests_make_few_bars(void **state)
{
    (void)state;
    json_auto_t *trace = json_object();
    json_t *rows = json_array();
    for (json_int_t i = 0; i < 1000; i++)
        json_push(rows, json_pack("[IIIII]", i, i * 2, i * 2 + 1, i % 16, i * 2));
    json_put(trace, "rows", rows);
    json_put(trace, "of", json_integer(1000));
    struct timeline t;
    timeline_read(trace, 0, axis_ns, 16, &t);
    assert_false(t.is_area);
    assert_true(t.count <= 240);
    timeline_done(&t);
}

/* Files come from anywhere: what is no row is left out, and nothing breaks. */
static void test_nonsense_is_no_row(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{}",
        "{'rows':null}",
        "{'rows':7,'of':-1}",
        "{'rows':[],'of':5}",
        "{'rows':[1,[],[0],[0,1],['a','b','c'],[0,5,2],[0,-1,3],[0,1,1e300],null]}",
        "[]"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_auto_t *trace = json_quoted(texts[i]);
        struct trace_cpus cpus = {.count = 0};
        assert_true(timeline_end_ns(trace) == 0);
        timeline_add_cpus(trace, &cpus);
        assert_int_equal(cpus.count, 0);
    }
    assert_true(timeline_end_ns(NULL) == 0);
    struct timeline t =
        read_text("{'of':3,'setup_ns':-4,'rows':[[0,0,100,'x',7e9,[]],[1,5,9,-3,2]],"
                  "'calls':[[0,50,20,'loop'],[0],7],'queue':[[1,0,99,0]],'reason':null}",
                  0);
    assert_true(t.is_area && t.end_ns == 100 && t.setup_ns == 0);
    timeline_done(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lanes_wait_and_compute),
        cmocka_unit_test(test_requests_stay_apart),
        cmocka_unit_test(test_who_is_held_by_a_call),
        cmocka_unit_test(test_a_thread_that_moves_uses_one_cpu),
        cmocka_unit_test(test_two_cpus_at_once),
        cmocka_unit_test(test_an_unknown_cpu),
        cmocka_unit_test(test_a_producer_has_a_lane),
        cmocka_unit_test(test_too_many_make_an_area),
        cmocka_unit_test(test_many_requests_make_few_bars),
        cmocka_unit_test(test_nonsense_is_no_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
