/* Tests of common/suggest: what is a slip of the keyboard, and what is another word. */
#include "common/array.h"
#include "common/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_distances(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        size_t distance;
    } cases[] = {{"", "", 0},
                 {"run", "", 3},
                 {"run", "run", 0},
                 {"run", "rum", 1},              /* wrong */
                 {"run", "rn", 1},               /* missing */
                 {"run", "runn", 1},             /* too many */
                 {"run", "rnu", 1},              /* swapped */
                 {"coroutines", "corutines", 1}, /* missing in the middle */
                 {"coroutines", "croutnies", 2}, /* missing and swapped */
                 {"delay_ms", "delay-ms", 0},    /* the choice of the dash */
                 {"Threads", "THREADS", 0},      /* case */
                 {"kitten", "sitting", 3},
                 {"run", "list", 4}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(suggest_distance(cases[i].a, cases[i].b), cases[i].distance);
        assert_int_equal(suggest_distance(cases[i].b, cases[i].a), cases[i].distance);
    }
}

static void test_the_longest_words(void **state)
{
    (void)state;
    char longest[SUGGEST_WORD_MAX + 1] = {0}, longer[SUGGEST_WORD_MAX + 2] = {0};
    memset(longest, 'a', SUGGEST_WORD_MAX);
    memset(longer, 'a', SUGGEST_WORD_MAX + 1);
    assert_int_equal(suggest_distance(longest, longest), 0);
    assert_int_equal(suggest_distance(longest, longer), SUGGEST_WORD_MAX);
    struct suggest suggest = suggest_for(longer);
    suggest_try(&suggest, longer);
    assert_null(suggest_word(&suggest));
}

static const char *best_of(const char *given, const char *list)
{
    static struct suggest suggest;
    suggest = suggest_for(given);
    suggest_try_list(&suggest, list, "|, ");
    return suggest_word(&suggest) ? suggest_word(&suggest) : "-";
}

static void test_the_nearest_is_named(void **state)
{
    (void)state;
    assert_string_equal(best_of("rum", "report|run|list"), "run");
    assert_string_equal(best_of("corutines", "threads, coroutines"), "coroutines");
    assert_string_equal(best_of("thread", "threadz|threads"), "threadz"); /* the first */
    assert_string_equal(best_of("Sequential", "sequential"), "sequential");
    assert_string_equal(best_of("lst", "list"), "list");
}

static void test_another_word_is_not(void **state)
{
    (void)state;
    assert_string_equal(best_of("banana", "report|run|list"), "-");
    assert_string_equal(best_of("", "a|run"), "-");
    assert_string_equal(best_of("x", "y|n"), "-");
    assert_string_equal(best_of("cpu", "db"), "-");
    assert_string_equal(best_of("corrrrutines", "coroutines"), "-"); /* three slips */
    assert_string_equal(best_of("run", ""), "-");
}

static void test_the_text(void **state)
{
    (void)state;
    struct suggest suggest = suggest_for("valdate");
    assert_string_equal(suggest_text(&suggest), "");
    suggest_try(&suggest, "run");
    assert_string_equal(suggest_text(&suggest), "");
    suggest_try(&suggest, "validate");
    assert_string_equal(suggest_text(&suggest), "; did you mean 'validate'?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distances),
        cmocka_unit_test(test_the_longest_words),
        cmocka_unit_test(test_the_nearest_is_named),
        cmocka_unit_test(test_another_word_is_not),
        cmocka_unit_test(test_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
