/* test_answer: what is answered in a few words, and of which parts. */
#include "analysis/words/answer.h"
#include "analysis/words/phrase.h"
#include "common/json.h"
#include "single_quotes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The parts of a verdict at concurrency 10 by one metric and the two costs. */
static json_t *parts_of(const char *headline, const char *models, const char *more)
{
    json_auto_t *named = json_quoted(headline);
    json_t *parts = json_quoted(more);
    const char *metric = json_text_of(named, "metric");
    json_put(parts, "headline", json_incref(named));
    json_put(parts, "models", json_quoted(models));
    json_put(parts, "load", json_pack("{s:i}", "concurrency", 10));
    json_put(parts, "blocks", json_integer(12));
    json_put(parts, "metrics",
             json_pack("[s,s,s]", metric, "cpu_per_request_ns", "tree_memory_bytes"));
    return parts;
}

static void expect(const char *headline, const char *models, const char *more,
                   const char *words)
{
    json_auto_t *parts = parts_of(headline, models, more);
    json_auto_t *phrase = answer_words(parts);
    json_auto_t *plain = phrase_plain(phrase);
    assert_string_equal(json_string_value(plain), words);
}

#define TIME                                                                             \
    "{'metric': 'measured_ns', 'as': 'time for all ten', 'noun': 'page', 'unit': 'ns',"  \
    " 'better': 'less'}"
#define SPEED                                                                            \
    "{'metric': 'throughput_per_s', 'as': 'sleeps/s', 'noun': 'sleep', 'unit':"          \
    " 'per_s', 'better': 'more'}"
#define MEMORY                                                                           \
    "{'metric': 'tree_memory_bytes_per_request', 'as': 'memory of one sleeper', 'noun':" \
    " 'sleep', 'unit': 'bytes', 'better': 'less', 'per': 'request'}"
#define WAITS                                                                            \
    "{'metric': 'task.producer_wait_ratio', 'as': 'numbers whose producer waits',"       \
    " 'noun': 'number', 'unit': 'ratio', 'better': null}"
#define M(model, at, metric, value)                                                      \
    "{'model': '" model "', 'concurrency': " at ", '" metric "': " value "}"
#define TIMES(model, value)  M(model, "10", "measured_ns", value)
#define ALONE(value)         M("sequential", "1", "measured_ns", value)
#define SPEEDS(model, value) M(model, "10", "throughput_per_s", value)
#define LONE(value)          M("sequential", "1", "throughput_per_s", value)
#define BYTES(model, value)  M(model, "10", "tree_memory_bytes_per_request", value)
#define WAIT(model, value)   M(model, "10", "task.producer_wait_ratio", value)
#define LOOK                 "{'form': 'descriptive'}"

static void test_compared_with_one_after_the_other(void **state)
{
    (void)state;
    expect(TIME,
           "[" TIMES("threads", "101e6") "," TIMES("a", "103e6") "," ALONE("1003e6") "]",
           LOOK, "Ten at once: 0.10 s instead of 1.00 s");
    expect(TIME,
           "[" TIMES("threads", "101e6") "," TIMES("a", "203e6") "," ALONE("1003e6") "]",
           LOOK, "Ten at once: 0.10 s to 0.20 s instead of 1.00 s");
    expect(TIME,
           "[" TIMES("threads", "1e6") "," ALONE("1003e6") "," TIMES("b", "1e6") "]",
           LOOK, "Ten at once: 1.00 ms instead of 1.00 s");
    expect(TIME,
           "[" TIMES("threads", "500e6") "," TIMES("loop", "990e6") "," ALONE("1e9") "]",
           LOOK, "Threads twice as fast; loop as sequential");
    expect(TIME,
           "[" TIMES("threads", "990e6") "," TIMES("loop", "1020e6") "," ALONE("1e9") "]",
           LOOK, "No model is faster than sequential");
    expect(TIME,
           "[" TIMES("threads", "2e9") "," TIMES("loop", "3e9") "," ALONE("1e9") "]",
           LOOK, "Sequential is the fastest");
    expect(SPEED,
           "[" SPEEDS("threads", "190") "," SPEEDS("processes", "195") "," SPEEDS(
               "coroutines", "101") "," LONE("100") "]",
           "{'form': 'winner', 'subject': 'threads'}",
           "Threads and processes twice as fast; coroutines as sequential");
    expect(
        SPEED,
        "[" SPEEDS("a-1", "790") "," SPEEDS("b", "395") "," SPEEDS("c", "301") "," SPEEDS(
            "d", "400") "," SPEEDS("e", "10") "," LONE("100") "]",
        LOOK, "4 models up to 7.90x as fast; e slower than sequential");
}

static void test_values(void **state)
{
    (void)state;
    expect(MEMORY, "[" BYTES("coroutines", "4230") "," BYTES("callbacks", "130") "]",
           LOOK, "Memory of one sleeper: coroutines 4.13 KiB, callbacks 130 B");
    expect(MEMORY, "[" BYTES("coroutines", "4230") "]", LOOK,
           "Coroutines: 4.13 KiB, memory of one sleeper");
    expect(MEMORY,
           "[" BYTES("a", "4230") "," BYTES("b", "130") "," BYTES("c", "1") "," BYTES(
               "d", "99") "]",
           LOOK, "Memory of one sleeper: from 1.00 B (c) to 4.13 KiB (a)");
    expect(WAITS, "[" WAIT("a", "0.95") "," WAIT("b", "0.97") "," WAIT("c", "0.96") "]",
           LOOK, "Numbers whose producer waits: 95 % to 97 %, whatever the model");
    expect(WAITS, "[" WAIT("a", "0.25") "," WAIT("b", "0.25") "]", LOOK,
           "Numbers whose producer waits: 25 % with every model");
    expect("{'metric': 'cpu_per_request_ns', 'as': 'CPU per thousand', 'noun': 'page',"
           " 'unit': 'ns', 'better': 'less'}",
           "[" M("a", "10", "cpu_per_request_ns", "389e6") "]", LOOK,
           "A: 389 ms, CPU per thousand");
    expect(WAITS, "[]", LOOK, "Nothing was measured");
    expect(TIME, "[" TIMES("a", "null") "]", LOOK, "No model has a time for all ten");
}

#define TWO "[" SPEEDS("threads", "190") "," SPEEDS("coroutines", "101") "]"

static void test_by_the_form(void **state)
{
    (void)state;
    expect(SPEED, TWO,
           "{'form': 'winner', 'subject': 'coroutines', 'unbeaten': {'throughput_per_s':"
           " ['coroutines'], 'cpu_per_request_ns': ['coroutines'], 'tree_memory_bytes':"
           " ['threads', 'coroutines']}}",
           "Coroutines: most sleeps, least CPU");
    expect(SPEED, TWO,
           "{'form': 'winner', 'subject': 'coroutines', 'unbeaten': {'throughput_per_s':"
           " ['coroutines', 'threads']}}",
           "Coroutines: unbeaten in sleeps/s, CPU per sleep and memory");
    expect(SPEED, TWO,
           "{'form': 'trade-off', 'unbeaten': {'throughput_per_s': ['threads'],"
           " 'cpu_per_request_ns': ['coroutines'], 'tree_memory_bytes': ['a', 'b']}}",
           "Most sleeps: threads; least CPU: coroutines; least memory: a and b");
    expect(SPEED, TWO,
           "{'form': 'tie', 'tie': 'not-settled', 'leaders': ['threads', 'coroutines']}",
           "12 blocks cannot tell threads and coroutines apart");
    expect(SPEED, TWO,
           "{'form': 'tie', 'tie': 'no-difference', 'leaders': ['a', 'b', 'c', 'd']}",
           "4 models: no difference shown");
    expect(
        SPEED, TWO,
        "{'form': 'tie', 'tie': 'memory-only', 'subject': 'coroutines', 'leaders': []}",
        "Coroutines: least memory; no other difference shown");
    expect(TIME, "[" TIMES("a", "2") "," TIMES("b", "3") "]",
           "{'form': 'winner', 'subject': 'a', 'unbeaten': {'measured_ns': ['a']}}",
           "A: shortest time for all ten");
}

static void test_what_was_seen(void **state)
{
    static const struct {
        const char *ahead, *words;
    } cases[] = {
        {"{'model': 'coroutines', 'blocks': 4, 'of': 4}",
         "Coroutines were ahead in all 4 blocks"},
        {"{'model': 'stackless', 'blocks': 4, 'of': 4}",
         "Stackless was ahead in all 4 blocks"},
        {"{'model': 'coroutines.ucontext', 'blocks': 4, 'of': 4}",
         "coroutines.ucontext were ahead in all 4 blocks"},
        {"{'model': 'epoll', 'blocks': 3, 'of': 4}",
         "Epoll: most sleeps in 3 of 4 blocks"},
        {"{'model': 'epoll', 'blocks': 1, 'of': 1}",
         "Epoll: most sleeps in the only block"},
        {"{'model': 'epoll', 'blocks': 2, 'of': 4}",
         "No model was ahead in most of 4 blocks"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char more[200];
        (void)snprintf(more, sizeof more, "{'form': 'descriptive', 'ahead': %s}",
                       cases[i].ahead);
        expect(SPEED, TWO, more, cases[i].words);
    }
    expect(TIME, "[" TIMES("a", "2") "," TIMES("b", "3") "]",
           "{'form': 'descriptive', 'ahead': {'model': 'a', 'blocks': 4, 'of': 4}}",
           "A: shortest time for all ten in all 4 blocks");
}

/* Parts of a newer or a broken file make no answer, and do no harm. */
static void test_nonsense(void **state)
{
    static const char *const texts[] = {
        "{}", "{'headline': 1, 'models': [1, {}]}",
        "{'headline': {'metric': 'x'}, 'models': [{'model': 1, 'x': 2}]}",
        "{'headline': {'metric': 'x', 'better': 'less'}, 'form': 'winner', 'models': "
        "[{'model': 'a', 'x': 2}, {'model': 'b', 'x': 3}], 'unbeaten': {'x': [1]}}",
        "{'headline': {'metric': 'x', 'better': 'less'}, 'form': 'tie', 'models': "
        "[{'model': 'a', 'x': 2}, {'model': 'b', 'x': 3}]}"};
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        json_auto_t *parts = json_quoted(texts[i]);
        json_auto_t *phrase = answer_words(parts);
        assert_true(json_is_array(phrase));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compared_with_one_after_the_other),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_by_the_form),
        cmocka_unit_test(test_what_was_seen),
        cmocka_unit_test(test_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
