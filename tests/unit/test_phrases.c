/* test_phrases: what sentences are made of: the load, a factor with its interval, a list.
 */
#include "analysis/words/load_words.h"
#include "analysis/words/phrase.h"
#include "analysis/words/ratio_words.h"
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

static void test_the_load(void **state)
{
    static const struct {
        const char *load, *words;
    } cases[] = {
        {"{'task': 'sleep', 'origin': null}", ""},
        {"{'task': 'fan-out', 'origin': {'delay_ms': 5}}", " against a 5 ms origin"},
        {"{'task': 'http', 'origin': {}, 'url': 'http://127.0.0.1:1/'}",
         " against http://127.0.0.1:1/"},
        {"{'origin': {'delay_ms': 0}}", " against an origin that answers at once"},
        {"{'origin': {'delay_ms': 5, 'exp_ms': 20}}",
         " against an origin that takes 25 ms on average"},
        {"{'origin': {'delay_ms': 10, 'tail_ppm': 10000, 'tail_ms': 2000}}",
         " against a 10 ms origin with a tail of 2000 ms"},
        {"{'origin': {'fault': 'refused'}}", " against a port on which nothing listens"},
        {"{'origin': {'delay_ms': 0, 'fault': 'reset', 'fault_ppm': 250000}}",
         " against an origin that answers at once, with faults in 25 % of the requests"},
        {"{'origin': {'delay_ms': 20, 'fault_ppm': 100, 'tail_ppm': 1, 'tail_ms': 9}}",
         " against a 20 ms origin with a tail of 9 ms, with faults in 0.01 % of the "
         "requests"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char words[200];
        json_auto_t *load = json_quoted(cases[i].load);
        json_put(load, "concurrency", json_integer(100000));
        (void)snprintf(words, sizeof words, "At concurrency 100000%s", cases[i].words);
        expect(load_words(load, NULL), words);
    }
    json_auto_t *one = json_quoted("{'concurrency': 1, 'rate_per_s': 1000}");
    expect(load_words(one, NULL), "At 1000 requests/s, open loop, with 1 worker");
}

/* The first number is the one that a reader gets by dividing; the interval is of the
 * pairs. */
static void test_a_ratio(void **state)
{
    static const struct {
        const char *ratio, *words;
    } cases[] = {
        {"1.43, 1.08, 1.04, 1.12", "1.43x a (paired by block: 1.08x [1.04, 1.12])"},
        {"1.09, 1.08, 1.04, 1.12", "1.09x a [1.04, 1.12]"},
        {"88.7, 88.2, 86.1, 91.04", "88.7x a [86.1, 91.0]"},
        /* at the ends, and one digit beyond */
        {"1.12, 1.10, 1.08, 1.12", "1.12x a [1.08, 1.12]"},
        {"1.08, 1.10, 1.08, 1.12", "1.08x a [1.08, 1.12]"},
        {"1.13, 1.12, 1.10, 1.12", "1.13x a (paired by block: 1.12x [1.10, 1.12])"},
        {"1.09, 1.10, 1.10, 1.12", "1.09x a (paired by block: 1.10x [1.10, 1.12])"},
        /* what reads the same is no contradiction */
        {"1.0002, 1, 0.9999, 1.0001", "1.00x a [1.00, 1.00]"},
        /* 3 % apart, in an interval that holds both */
        {"1.029, 1, 0.5, 2", "1.03x a [0.50, 2.00]"},
        {"1.031, 1, 0.5, 2", "1.03x a (paired by block: 1.00x [0.50, 2.00])"},
        {"0.972, 1, 0.5, 2", "0.97x a [0.50, 2.00]"},
        {"0.968, 1, 0.5, 2", "0.97x a (paired by block: 1.00x [0.50, 2.00])"},
        /* without an interval, and without medians */
        {"1.43, 1.08, null, null", "1.43x a"},
        {"null, 1.08, 1.04, 1.12", "1.08x a [1.04, 1.12]"},
        {"0, 1.08, 1.04, 1.12", "1.08x a [1.04, 1.12]"},
        {"1178, 1178, 0.0123, 1234567", "1,178x a [0.012, 1,234,567]"},
    };
    static const char *const keys[] = {"quotient", "ratio", "low", "high"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char list[100], unsettled[200];
        (void)snprintf(list, sizeof list, "[%s]", cases[i].ratio);
        json_auto_t *values = json_quoted(list), *ratio = json_object();
        for (size_t k = 0; k < COUNT_OF(keys); k++)
            json_put(ratio, keys[k], json_incref(json_array_get(values, k)));
        expect(ratio_words(ratio, phrase_piece("model", "a")), cases[i].words);
        json_put(ratio, "verdict", json_string("inconclusive"));
        (void)snprintf(unsettled, sizeof unsettled, "%s (not settled)", cases[i].words);
        expect(ratio_words(ratio, phrase_piece("model", "a")), unsettled);
    }
}

/* "a, b and c" */
static void test_a_list(void **state)
{
    static const struct {
        const char *names, *words;
    } cases[] = {{"[]", ""},
                 {"['a']", "a"},
                 {"['a','b']", "a and b"},
                 {"['a','b','c']", "a, b and c"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_auto_t *names = json_quoted(cases[i].names);
        json_t *phrases = json_array(), *name = NULL;
        size_t k = 0;
        json_array_foreach (names, k, name)
            json_push(phrases, phrase_piece("model", json_string_value(name)));
        expect(phrase_list(phrases, ", ", " and "), cases[i].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_load),
        cmocka_unit_test(test_a_ratio),
        cmocka_unit_test(test_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
