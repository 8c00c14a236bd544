/* Tests of common/shell_words: a command is split as by a shell, and nothing is expanded;
 * what is stored of it shows nobody's directories. */
#include "common/list.h"
#include "common/redact.h"
#include "common/shell_words.h"

#include "common/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void test_words(void **state)
{
    static const struct {
        const char *text;
        const char *joined; /* each word, then a bar */
    } table[] = {
        {"", ""},
        {"  \t ", ""},
        {"python3 run.py", "python3|run.py|"},
        {"  a \t b\n", "a|b|"},
        {"'a b' \"c d\"", "a b|c d|"},
        {"a'b'c\"d\"", "abcd|"},
        {"'' \"\"", "||"},
        {"a\\ b \\' \\\\", "a b|'|\\|"},
        {"\"a\\\"b\\\\c\\d\" 'e\\f'", "a\"b\\c\\d|e\\f|"},
        {"$HOME `id` $(id) *.c ~ ; | & > x", "$HOME|`id`|$(id)|*.c|~|;|"
                                             "||&|>|x|"},
        {"end\\", "end\\|"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        char joined[256] = "";
        char **words = NULL;
        size_t count = 99;
        assert_int_equal(shell_words_split(table[i].text, &words, &count, NULL), 0);
        for (size_t w = 0; w < count; w++) {
            size_t used = strlen(joined);
            (void)snprintf(joined + used, sizeof joined - used, "%s|", words[w]);
        }
        assert_null(words[count]);
        assert_string_equal(joined, table[i].joined);
        shell_words_free(words);
    }
    shell_words_free(NULL);
}

static void test_a_quote_without_an_end_is_named(void **state)
{
    static const char *const texts[] = {"a 'b c", "a \"b c", "\"a\\\"", "''' x"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        char **words = NULL;
        size_t count = 0;
        struct err err = {0};
        assert_int_equal(shell_words_split(texts[i], &words, &count, &err),
                         -EXIT_CODE_USAGE);
        assert_null(words);
        assert_non_null(strstr(err.text, "has no end"));
    }
}

static void test_stored_words_show_no_directory(void **state)
{
    static const struct {
        const char *text, *stored;
    } table[] = {
        {"/home/me/bin/x", "x"},
        {"--file=/home/me/x.pem", "--file=x.pem"},
        {"py=python3 /home/me/x.py '/home/you/y.py' --a:/b/c",
         "py=python3 x.py 'y.py' --a:c"},
        {"/usr/lib/a.c", "lib/a.c"}, /* below the working directory */
        {"/usr", "usr"},
        {"/usrx/y", "y"},
        {"a/b ./c ../d", "a/b ./c ../d"},
        {"http://h/a/b", "http://h/a/b"},
        {"/home/me/", ""},
        {"", ""},
    };
    (void)state;
    assert_int_equal(chdir("/usr"), 0);
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        AUTO_FREE char *stored = redact_paths(table[i].text);
        assert_string_equal(stored, table[i].stored);
    }
}

static void test_a_word_of_a_list(void **state)
{
    (void)state;
    assert_true(list_has("http|sleep|fan-out", 18, "|", "http"));
    assert_true(list_has("http|sleep|fan-out", 18, "|", "fan-out"));
    assert_false(list_has("http|sleep|fan-out", 18, "|", "fan"));
    assert_false(list_has("http|sleep|fan-out", 18, "|", "out"));
    assert_false(list_has("rw,memory 0 0", 9, ",", "cpu"));
    assert_true(list_has("rw,memory 0 0", 9, ",", "memory"));
    assert_false(list_has(NULL, 0, " ", "a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_a_quote_without_an_end_is_named),
        cmocka_unit_test(test_stored_words_show_no_directory),
        cmocka_unit_test(test_a_word_of_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
