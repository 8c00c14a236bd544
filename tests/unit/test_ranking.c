/* test_ranking: who is beaten by whom, and what makes a winner, at the edges of each
 * rule. */
#include "analysis/ranking.h"
#include "ranking_made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_a_winner_is_not_behind_the_baseline(void **state)
{
    static const struct {
        long long latency_us, cpu_us; /* of sequential: 400/s at 2500, 20 us */
        const char *parts;
    } cases[] = {
        {20000, 30, WINNER},
        {2500, 30, WINNER}, /* equal is not behind */
        {1250, 30,
         "{'form': 'trade-off', 'leaders': [], 'unbeaten': {"
         " 'throughput_per_s': ['sequential'], 'cpu_per_request_ns': ['coroutines'],"
         " 'tree_memory_bytes': ['coroutines']}, 'ratios': ["
         " {'model': 'sequential', 'against': 'threads', 'quotient': 3.98},"
         " {'model': 'coroutines', 'against': 'threads', 'quotient': 0.5},"
         " {'model': 'coroutines', 'against': 'threads', 'quotient': 0.5}]}"},
        {2000, 30,
         "{'form': 'trade-off', 'unbeaten': {'throughput_per_s': "
         "['sequential'], 'cpu_per_request_ns': ['coroutines']}}"},
        {20000, 10,
         "{'form': 'trade-off', 'unbeaten': {'throughput_per_s': "
         "['coroutines'], 'cpu_per_request_ns': ['sequential']}}"},
        {1250, 10,
         "{'form': 'trade-off', 'unbeaten': {'throughput_per_s': "
         "['sequential'], 'cpu_per_request_ns': ['sequential'],"
         "'tree_memory_bytes': ['coroutines']}}"}, /* never by memory */
        {20000, 20, WINNER},
        {20000, 19,
         "{'form': 'trade-off', 'unbeaten': {'cpu_per_request_ns': "
         "['sequential']}}"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct made_model models[] = {
            SEQUENTIAL(cases[i].latency_us, cases[i].cpu_us), THREADS(8), COROUTINES(8)};
        expect_verdict(judged(models, 3, BLOCKS, NULL), cases[i].parts);
    }
}

/* A baseline that does have a cell there is a candidate as any other. */
static void test_a_baseline_with_a_cell_there_may_win(void **state)
{
    const struct made_model models[] = {
        COROUTINES(8), THREADS(8), {"callbacks", 8, 40000, 40, 20000000, .2}};
    (void)state;
    expect_verdict(judged(models, 3, BLOCKS, NULL), WINNER);
}

/* Who beats whom in what: of three models each is the best of one metric. */
static void test_who_is_beaten_by_whom(void **state)
{
    enum { SPEED = 1 << 0, CPU = 1 << 1, MEM = 1 << 2 };
    static const char *const names[] = {"sequential", "threads", "coroutines",
                                        "callbacks"};
    static const int beaten[4][4] = {
        /* by sequential, threads, coroutines, callbacks */
        {0, SPEED, SPEED | CPU,
         SPEED}, /* memory is not compared with that of another load */
        {CPU, 0, CPU | MEM, MEM},
        {0, SPEED, 0, 0},
        {CPU, SPEED, SPEED | CPU, 0},
    };
    const struct made_model models[] = {SEQUENTIAL(20000, 30),
                                        {"threads", 8, 10000, 40, 20000000, .2},
                                        {"coroutines", 8, 20000, 20, 10000000, .2},
                                        {"callbacks", 8, 40000, 40, 10500000, .2}};
    json_t *results = judged(models, 4, BLOCKS, NULL);
    struct ranking c;
    (void)state;
    ranking_make(results, scenario_of(results), &c);
    assert_int_equal(c.form, RANKING_TRADE_OFF);
    assert_int_equal(c.count, 3);
    assert_string_equal(c.lone_baseline.model, "sequential");
    for (size_t one = 0; one < 4; one++) {
        for (size_t other = 0; other < 4; other++) {
            int by = 0;
            for (size_t m = 0; m < RANKING_METRICS; m++) {
                const bool is_lone_memory = ranking_is_once(&c, m) && (!one || !other);
                if (one != other && !is_lone_memory &&
                    ranking_is_beaten(&c, names[one], names[other], m))
                    by |= 1 << m;
            }
            if (by != beaten[one][other])
                fail_msg("%s by %s: %d", names[one], names[other], by);
        }
    }
    for (size_t i = 0; i < c.count; i++)
        assert_false(c.items[i].is_unbeaten_in_all);
    ranking_done(&c);
    json_decref(results);
}

#define EQUALS(threads_cpu_us, coroutines_cpu_us)                                        \
    {                                                                                    \
        SEQUENTIAL(20000, 30), {"threads", 8, 20000, threads_cpu_us, 10000000, .2},      \
        {                                                                                \
            "coroutines", 8, 20000, coroutines_cpu_us, 10000000, .2                      \
        }                                                                                \
    }

/* Two that tie, of which the baseline beats one: it is said. */
static void test_a_tie_says_who_is_behind_the_baseline(void **state)
{
    const struct made_model models[] = EQUALS(31, 30), equal[] = EQUALS(30, 30);
    (void)state;
    expect_verdict(judged(equal, 3, BLOCKS, NULL),
                   "{'form': 'tie', 'leaders': ['threads', 'coroutines'], 'behind': []}");
    json_t *journal = journal_of(models, 3, BLOCKS), *line = NULL;
    size_t i = 0;
    json_array_foreach (
        journal, i,
        line) { /* threads and coroutines cannot be told apart: every other block is contrary */
        json_t *document = json_object_get(line, "document");
        const char *model = json_string_value(json_object_get(line, "model"));
        if (document && !strcmp(model, "coroutines"))
            json_put(document, "cpu_measured_ns",
                     json_integer(80LL * (int_at(line, "block") % 2 ? 29000 : 33000)));
    }
    expect_verdict(made_results(journal),
                   "{'form': 'tie', 'tie': 'not-settled', 'leaders': ['threads', "
                   "'coroutines'], 'behind': [{'model': 'threads', 'by': 'sequential',"
                   "'metric': 'cpu_per_request_ns'}]}");
}

/* And it is no question of memory then. */
static void test_equals_behind_the_baseline(void **state)
{
    const struct made_model models[] = {SEQUENTIAL(20000, 300),
                                        {"threads", 8, 20000, 304, 10000000, .2},
                                        {"coroutines", 8, 20000, 302, 10000000, .2}};
    (void)state;
    expect_verdict(judged(models, 3, BLOCKS, NULL),
                   "{'form': 'tie', 'tie': 'no-difference', 'behind': [{'model': "
                   "'threads', 'by': 'sequential', 'metric': 'cpu_per_request_ns'}]}");
}

static void test_memory_counts_from_a_tenth(void **state)
{
    static const struct {
        long long bytes;
        const char *parts;
    } cases[] = {
        {10900000, "{'form': 'tie', 'tie': 'no-difference', 'subject': 'threads'}"},
        {11000000, "{'form': 'tie', 'tie': 'no-difference', 'subject': 'threads'}"},
        {11001000, "{'form': 'tie', 'tie': 'memory-only', 'subject': 'coroutines',"
                   " 'leaders': ['threads', 'coroutines']}"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct made_model models[] = {{"threads", 8, 20000, 20, cases[i].bytes, .2},
                                            COROUTINES(8)};
        expect_verdict(judged(models, 2, BLOCKS, NULL), cases[i].parts);
    }
}

static void test_seven_blocks_are_enough_for_two(void **state)
{
    const struct made_model models[] = {THREADS(8), COROUTINES(8)};
    (void)state;
    expect_verdict(judged(models, 2, 5, NULL),
                   "{'form': 'descriptive', 'blocks': 5, 'reasons': [{'class': "
                   "'few-blocks', 'blocks': 5, 'needed': 6}]}");
    expect_verdict(judged(models, 2, 6, NULL), "{'form': 'tie', 'tie': 'not-settled'}");
    expect_verdict(judged(models, 2, 7, NULL), WINNER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_winner_is_not_behind_the_baseline),
        cmocka_unit_test(test_a_baseline_with_a_cell_there_may_win),
        cmocka_unit_test(test_who_is_beaten_by_whom),
        cmocka_unit_test(test_a_tie_says_who_is_behind_the_baseline),
        cmocka_unit_test(test_equals_behind_the_baseline),
        cmocka_unit_test(test_memory_counts_from_a_tenth),
        cmocka_unit_test(test_seven_blocks_are_enough_for_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
