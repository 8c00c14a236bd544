/* test_verdict_words: the parts of a verdict and what is said of them. Here the words are
 * tested, once; elsewhere only the parts are. */
#include "analysis/words/phrase.h"
#include "analysis/words/verdict_words.h"
#include "common/json.h"
#include "single_quotes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* phrase (taken) has the words, and its pieces read one after another are they. */
static void expect(json_t *phrase, const char *words)
{
    json_auto_t *plain = phrase_plain(phrase);
    assert_string_equal(json_string_value(plain), words);
    json_decref(phrase);
}

/* The members that both objects give; those of more win. Both are texts. */
static json_t *with(const char *text, const char *more)
{
    json_t *all = json_quoted(text);
    json_auto_t *others = json_quoted(more);
    assert_int_equal(json_object_update(all, others), 0);
    return all;
}

#define CLOSED                                                                           \
    "{'load': {'concurrency': 8, 'task': 'http', 'origin': {'delay_ms': 20}},"           \
    " 'blocks': 12,"                                                                     \
    " 'metrics': ['throughput_per_s', 'cpu_per_request_ns', 'tree_memory_bytes'],"       \
    " 'models': ["                                                                       \
    "  {'model': 'threads', 'concurrency': 8, 'throughput_per_s': 4571.3,"               \
    "   'cpu_per_request_ns': 41800, 'tree_memory_bytes': 20000000},"                    \
    "  {'model': 'coroutines', 'concurrency': 8, 'throughput_per_s': 399.6,"             \
    "   'cpu_per_request_ns': 12000000, 'tree_memory_bytes': 10000000},"                 \
    "  {'model': 'sequential', 'concurrency': 1, 'throughput_per_s': 50,"                \
    "   'cpu_per_request_ns': 30000, 'tree_memory_bytes': null}]}"
#define HERE "At concurrency 8 against a 20 ms origin"
#define FASTER                                                                           \
    "{'model': 'threads', 'against': 'sequential', 'metric': "                           \
    "'throughput_per_s', 'quotient': 94, 'ratio': 94, 'low': 91, 'high': 97}"
#define LESS_CPU                                                                         \
    "{'model': 'threads', 'against': 'coroutines', 'metric': 'cpu_per_request_ns', "     \
    "'quotient': 0.68, 'ratio': 0.68, 'low': 0.61, 'high': 0.74}"
#define LESS_MEMORY                                                                      \
    "{'model': 'threads', 'against': 'coroutines', 'metric': 'tree_memory_bytes', "      \
    "'quotient': 0.91, 'ratio': 0.91}"

static void test_each_form(void **state)
{
    static const struct {
        const char *parts, *words;
    } cases[] = {
        {"{'form': 'winner', 'subject': 'threads',"
         " 'ratios': [" FASTER "," LESS_CPU "," LESS_MEMORY "]}",
         HERE ", threads served 4,571 requests/s, 94.0x sequential [91.0, 97.0], with "
              "0.68x the CPU per request [0.61, 0.74] and 0.91x the memory of coroutines "
              "(n = 12 blocks)."},
        {"{'form': 'tie', 'tie': 'no-difference', 'leaders': ['threads', 'coroutines'],"
         " 'subject': 'threads', 'behind': []}",
         HERE ", threads and coroutines tie: none is shown to be better in requests/s, "
              "CPU per request or memory; threads served 4,571 requests/s (n = 12 "
              "blocks)."},
        {"{'form': 'tie', 'tie': 'memory-only', 'leaders': ['threads', 'coroutines'],"
         " 'subject': 'threads', 'behind': [{'model': 'threads', 'by': 'sequential',"
         "  'metric': 'cpu_per_request_ns'}]}",
         HERE ", threads and coroutines tie: they show a difference in memory, but none "
              "in requests/s or CPU per request; threads served 4,571 requests/s; "
              "sequential at concurrency 1 is better than threads in CPU per request (n "
              "= 12 blocks)."},
        {"{'form': 'tie', 'tie': 'not-settled', 'blocks': 6,"
         " 'leaders': ['a', 'threads', 'coroutines'], 'subject': 'coroutines'}",
         HERE ", 6 blocks cannot tell a, threads and coroutines apart: differences in "
              "requests/s or CPU per request are not settled; coroutines served 400 "
              "requests/s (n = 6 blocks)."},
        {"{'form': 'trade-off', 'ratios': [" FASTER "],"
         " 'unbeaten': {'throughput_per_s': ['threads'],"
         "  'cpu_per_request_ns': ['threads', 'sequential'],"
         "  'tree_memory_bytes': ['coroutines']}}",
         HERE ", no model is best in all three: requests/s threads (4,571, 94.0x "
              "sequential [91.0, 97.0]); CPU per request threads and sequential at "
              "concurrency 1 (no difference shown); memory coroutines (9.54 MiB) (n = 12 "
              "blocks)."},
        {"{'form': 'trade-off', 'unbeaten': {'throughput_per_s': ['threads'],"
         "  'cpu_per_request_ns': ['sequential'], 'tree_memory_bytes': ['sequential']}}",
         HERE ", no model is best in all three: requests/s threads (4,571); CPU per "
              "request sequential at concurrency 1 (30.0 µs) (n = 12 blocks)."},
        {"{'form': 'descriptive', 'blocks': 1}",
         HERE ": threads 4,571 requests/s, 41.8 µs CPU per request, 19.1 MiB; coroutines "
              "400 requests/s, 12.0 ms CPU per request, 9.54 MiB (n = 1 block)."},
        {"{'form': 'not-publishable', 'reasons': [{'class': 'failures-counted'},"
         "  {'class': 'no-cell'}]}",
         HERE ", no winner is named: this scenario counts failures and ranks no model. "
              "Measured: threads 4,571 requests/s, 41.8 µs CPU per request, 19.1 MiB; "
              "coroutines 400 requests/s, 12.0 ms CPU per request, 9.54 MiB (n = 12 "
              "blocks)."},
        {"{'form': 'not-publishable', 'reasons': [{'class': 'no-cell'}], 'models': []}",
         HERE ", no winner is named: no cell at this concurrency has a valid trial."},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_auto_t *parts = with(CLOSED, cases[i].parts);
        expect(verdict_words_sentence(parts), cases[i].words);
    }
}

/* Whatever is not known of the subject is left out. */
static void test_what_is_known_of_the_winner(void **state)
{
    static const struct {
        const char *ratios, *words;
    } cases[] = {
        {"", ""},
        {FASTER, ", 94.0x sequential [91.0, 97.0]"},
        {LESS_CPU, ", with 0.68x the CPU per request [0.61, 0.74] of coroutines"},
        {LESS_MEMORY, ", with 0.91x the memory of coroutines"},
        {LESS_CPU "," LESS_MEMORY, ", with 0.68x the CPU per request [0.61, 0.74] and "
                                   "0.91x the memory of coroutines"},
        {FASTER "," LESS_CPU, ", 94.0x sequential [91.0, 97.0], with 0.68x the CPU per "
                              "request [0.61, 0.74] of coroutines"},
        {FASTER "," LESS_MEMORY, ", 94.0x sequential [91.0, 97.0], with 0.91x the memory "
                                 "of coroutines"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char more[1000], words[400];
        (void)snprintf(more, sizeof more,
                       "{'form': 'winner', 'subject': 'threads', 'ratios': [%s]}",
                       cases[i].ratios);
        (void)snprintf(words, sizeof words,
                       HERE ", threads served 4,571 requests/s%s (n = 12 blocks).",
                       cases[i].words);
        json_auto_t *parts = with(CLOSED, more);
        expect(verdict_words_sentence(parts), words);
    }
}

static void test_an_open_loop_goes_by_the_response_time(void **state)
{
    static const char more[] =
        "{'form': 'winner', 'subject': 'threads',"
        " 'load': {'concurrency': 8, 'rate_per_s': 200, 'task': 'sleep'},"
        " 'metrics': ['response_p99_ns', 'cpu_per_request_ns', 'tree_memory_bytes'],"
        " 'models': [{'model': 'threads', 'concurrency': 8, 'response_p99_ns': 31e6,"
        "             'cpu_per_request_ns': null, 'tree_memory_bytes': 2097152}],"
        " 'caveats': [{'class': 'this-load'}, {'class': 'open-loop'}]}";
    (void)state;
    json_auto_t *parts = with(CLOSED, more);
#define THERE "At 200 requests/s, open loop, with 8 workers"
    expect(verdict_words_sentence(parts),
           THERE ", threads answered 99 % within 31.0 ms (n = 12 blocks).");
    json_put(parts, "form", json_string("descriptive"));
    (void)json_object_del(parts, "subject");
    expect(verdict_words_sentence(parts),
           THERE ": threads 99 % within 31.0 ms, 2.00 MiB (n = 12 blocks).");
    expect(verdict_words_caveat(parts),
           "This holds for this load on this machine, open loop; memory was measured "
           "once per model, and differences below 10 % do not count. In an open loop "
           "every model that keeps up serves as many requests/s as arrive, so they are "
           "not compared.");
}

static void test_a_winner_may_have_served_nothing(void **state)
{
    (void)state;
    json_auto_t *parts =
        with(CLOSED, "{'form': 'winner', 'subject': 'm', 'models': [{'model': 'm', "
                     "'concurrency': 8, 'throughput_per_s': 0}]}");
    expect(verdict_words_sentence(parts), HERE ", m served no request (n = 12 blocks).");
}

/* Of more than six models the others are counted; a model may have no number, or have
 * served nothing. */
static void test_many_models(void **state)
{
    (void)state;
    for (int count = 6; count <= 8; count++) {
        json_auto_t *parts = with(CLOSED, "{'form': 'descriptive', 'models': []}");
        for (int i = 0; i < count; i++) {
            json_t *model = json_pack("{s:s, s:i}", "model", "m", "concurrency", 8);
            if (i == 1)
                json_put(model, "throughput_per_s", json_integer(0));
            json_push(json_object_get(parts, "models"), model);
        }
        char words[400];
        (void)snprintf(words, sizeof words,
                       HERE ": m without a number; m no request served; m without a "
                            "number; m without a number; m without a number; m without a "
                            "number%s (n = 12 blocks).",
                       count == 6   ? ""
                       : count == 7 ? "; 1 more model"
                                    : "; 2 more models");
        expect(verdict_words_sentence(parts), words);
    }
}

static void test_the_reasons(void **state)
{
    static const struct {
        const char *reason, *words;
    } cases[] = {
        {"'class': 'invalid-trials', 'model': 'a', 'concurrency': 8, 'trials': 1",
         "1 trial of a stayed invalid"},
        {"'class': 'invalid-trials', 'model': 'a', 'concurrency': 4, 'trials': 12",
         "12 trials of a at concurrency 4 stayed invalid"},
        {"'class': 'invalid-trials', 'model': 'a', 'concurrency': 8, 'trials': 2,"
         "'control': true",
         "2 trials of the control of a stayed invalid"},
        {"'class': 'no-valid-trial', 'model': 'a', 'concurrency': 8",
         "a has no valid trial"},
        {"'class': 'no-valid-trial', 'model': 'a', 'concurrency': 1, 'control': true",
         "the control of a at concurrency 1 has no valid trial"},
        {"'class': 'origin-bound', 'model': 'a', 'concurrency': 1",
         "with a at concurrency 1 the origin\\u0027s CPU was the limit"},
        {"'class': 'few-requests', 'model': 'a', 'concurrency': 8",
         "a trial of a has fewer than the 1,000 requests that a 99 % response time "
         "takes"},
        {"'class': 'control-differs', 'model': 'a', 'concurrency': 4, 'control': true",
         "the A/A control failed: a differed from itself"},
        {"'class': 'disturbed', 'model': 'a', 'concurrency': 8, 'disturbed': 7,"
         "'counted': 12, 'last': 'steal'",
         "outside influences disturbed 7 of the 12 trials that count for a (the last by "
         "steal)"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char more[400];
        (void)snprintf(more, sizeof more,
                       "{'form': 'not-publishable', 'models': [], 'reasons': [{%s}],"
                       " 'words': '" HERE ", no winner is named: %s.'}",
                       cases[i].reason, cases[i].words);
        json_auto_t *parts = with(CLOSED, more);
        expect(verdict_words_sentence(parts), json_text_of(parts, "words"));
    }
}

static void test_the_caveats(void **state)
{
    static const struct {
        const char *caveat, *words;
    } cases[] = {
        {"'class': 'remove-cause'",
         "Do not quote these numbers: remove the cause and measure again."},
        {"'class': 'quieter-machine'",
         "Do not quote these numbers: they include the machine\\u0027s other work. Use a "
         "quieter machine."},
        {"'class': 'nothing-to-fix'",
         "There is nothing to fix: the failures are what is measured here."},
        {"'class': 'response-time-only'",
         "Response times are compared from 1,000 requests up; the scenario\\u0027s other "
         "questions do not depend on that."},
        {"'class': 'too-little'", "No winner is named: that takes at least two models "
                                  "and 6 blocks (the default preset has 12)."},
        {"'class': 'this-load'",
         "This holds for this load on this machine, closed loop; memory was measured "
         "once per model, and differences below 10 % do not count."},
        {"'class': 'not-equal'",
         "A tie does not show that the models are equal; memory was measured once per "
         "model, and differences below 10 % do not count."},
        {"'class': 'what-is-scarce'",
         "Which one to choose depends on what is scarce: time, CPU or memory (measured "
         "once per model); this load, this machine, closed loop."},
        {"'class': 'not-settled', 'more': 0, 'comparisons': ["
         "  {'model': 'a', 'against': 'b', 'metric': 'throughput_per_s',"
         "   'blocks_needed': 200},"
         "  {'model': 'c', 'against': 'b', 'metric': 'cpu_per_request_ns',"
         "   'blocks_needed': 201}]",
         "Not settled: a against b in requests/s (needs about 200 blocks), c against b "
         "in CPU per request (too noisy here)."},
        {"'class': 'not-settled', 'more': 1, 'comparisons': ["
         "  {'model': 'a', 'against': 'b', 'metric': 'response_p99_ns',"
         "   'blocks_needed': 7}]",
         "Not settled: a against b in 99 % response time (needs about 7 blocks), and 1 "
         "more comparison."},
        {"'class': 'noise-control', 'model': 'a', 'concurrency': 8, 'comparisons': ["
         "  {'metric': 'throughput_per_s', 'quotient': 1.01, 'ratio': 1.01, 'low': 0.99,"
         "   'high': 1.02, 'verdict': 'same'},"
         "  {'metric': 'cpu_per_request_ns', 'quotient': 1.3, 'ratio': 1.1, 'low': 1.0,"
         "   'high': 1.2, 'verdict': 'inconclusive'}]",
         "Noise control: a against itself at concurrency 8 read 1.01x [0.99, 1.02] "
         "requests/s (same), 1.30x (paired by block: 1.10x [1.00, 1.20]) CPU per request "
         "(inconclusive)."},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char more[800];
        (void)snprintf(more, sizeof more,
                       "{'caveats': [{'class': 'what nobody knows'}, {%s}],"
                       " 'words': '%s'}",
                       cases[i].caveat, cases[i].words);
        json_auto_t *parts = with(CLOSED, more);
        expect(verdict_words_caveat(parts), json_text_of(parts, "words"));
    }
}

/* Models and intervals are pieces of their own, and text between them is one piece. */
static void test_the_pieces(void **state)
{
    (void)state;
    json_auto_t *parts = with(CLOSED, "{'form': 'winner', 'subject': 'threads',"
                                      " 'ratios': [" FASTER "]}");
    json_auto_t *phrase = verdict_words_sentence(parts);
    json_auto_t *wanted =
        json_quoted("[{'text': '" HERE ", '}, {'model': 'threads'},"
                    " {'text': ' served 4,571 requests/s, 94.0x '},"
                    " {'model': 'sequential'}, {'text': ' '},"
                    " {'interval': '[91.0, 97.0]'}, {'text': ' (n = 12 blocks).'}]");
    assert_true(json_equal(phrase, wanted));
}

/* A name that looks like anything else is a name. */
static void test_odd_names(void **state)
{
    (void)state;
    json_auto_t *parts =
        with(CLOSED, "{'form': 'descriptive', 'models': ["
                     "  {'model': '{where} %s [1, 2] model', 'concurrency': 8}]}");
    json_auto_t *phrase = verdict_words_sentence(parts);
    assert_string_equal(json_text_of(json_array_get(phrase, 1), "model"),
                        "{where} %s [1, 2] model");
}

/* Parts that nobody made say nothing, and nothing breaks. */
static void test_no_parts(void **state)
{
    (void)state;
    static const char *const odd[] = {"{}", "{'form': 'best'}", "{'form': 'tie'}",
                                      "{'form': 'winner', 'subject': 'a'}",
                                      "{'form': 'not-publishable', 'reasons': [7]}"};
    for (size_t i = 0; i < COUNT_OF(odd); i++) {
        json_auto_t *parts = json_quoted(odd[i]);
        expect(verdict_words_sentence(parts), "");
        expect(verdict_words_caveat(parts), "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_form),
        cmocka_unit_test(test_what_is_known_of_the_winner),
        cmocka_unit_test(test_an_open_loop_goes_by_the_response_time),
        cmocka_unit_test(test_a_winner_may_have_served_nothing),
        cmocka_unit_test(test_many_models),
        cmocka_unit_test(test_the_reasons),
        cmocka_unit_test(test_the_caveats),
        cmocka_unit_test(test_the_pieces),
        cmocka_unit_test(test_odd_names),
        cmocka_unit_test(test_no_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
