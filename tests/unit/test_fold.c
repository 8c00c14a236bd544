/* Tests of common/fold: where a line is broken, and what its rest hangs from. */
#include "common/array.h"
#include "common/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What becomes of text in lines of that many columns; to be freed. */
static char *folded(const char *columns, const char *text)
{
    char *out_text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&out_text, &size);
    assert_non_null(out);
    assert_int_equal(setenv("COLUMNS", columns, 1), 0);
    FILE *lines = fold_open(out, 80);
    (void)fputs(text, lines);
    fold_close(lines, out);
    assert_int_equal(fclose(out), 0);
    return out_text;
}

static void test_where_lines_break(void **state)
{
    (void)state;
    static const struct {
        const char *columns, *text, *lines;
    } cases[] = {
        {"20", "short\n", "short\n"},
        {"20", "", ""},
        {"20", "\n\n", "\n\n"},
        {"20", "no line break", "no line break"},
        {"20", "exactly twenty chars\n", "exactly twenty chars\n"},
        {"20", "exactly twenty chars or more\n", "exactly twenty chars\nor more\n"},
        {"20", "a line of twenty one!\n", "a line of twenty\none!\n"},
        {"20", "blanks at its end     \n", "blanks at its end\n"},
        {"20", "  indented, and so is its rest\n", "  indented, and so\n  is its rest\n"},
        /* columns: the last one goes on below itself */
        {"30", "  -n N  requests to make, all in all\n",
         "  -n N  requests to make, all\n        in all\n"},
        /* ... or, beginning in the right half, on lines of its own */
        {"30", "  --requests NUMBER  how many it makes\n",
         "  --requests NUMBER\n      how many it makes\n"},
        {"30", "  name      1.00  2.00  inconclusive\n",
         "  name      1.00  2.00\n      inconclusive\n"},
        {"20", "              far to the right\n", "      far to the\n      right\n"},
        {"20", "(one|two|three|four|five)\n", "(one|two|three|four|\nfive)\n"},
        {"20", "see /a/path/without/any/blank/in/it now\n",
         "see\n/a/path/without/any/blank/in/it\nnow\n"},
        {"20", "µµµµµ µµµµµ µµµµµ µµ\n", "µµµµµ µµµµµ µµµµµ µµ\n"},
        {"20", "\033[32mgreen\033[0m takes no room\n",
         "\033[32mgreen\033[0m takes no room\n"},
        {"19", "a width below twenty is no width\n",
         "a width below twenty is no width\n"},
        {"wide", "nor is a word for one, however long\n",
         "nor is a word for one, however long\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *lines = folded(cases[i].columns, cases[i].text);
        assert_string_equal(lines, cases[i].lines);
        free(lines);
    }
}

static void test_no_line_is_wider(void **state)
{
    (void)state;
    static const char text[] =
        "  ten-requests          0:10  Ten requests, one after the other or together\n"
        "                              Ten answers take 100 ms each: how long do all?\n"
        "  threads  128  throughput_per_s  4,199/s  4,199/s  1.00 [0.99, 1.01]  too "
        "noisy\n"
        "A paragraph of many words, none of which is as long as a line, goes on and "
        "on.\n";
    for (unsigned int columns = 24; columns < 100; columns++) {
        char number[16];
        (void)snprintf(number, sizeof number, "%u", columns);
        char *lines = folded(number, text);
        size_t letters = 0;
        for (const char *line = lines; *line;) {
            const size_t length = strcspn(line, "\n");
            assert_true(length > 0 && length <= columns);
            assert_true(line[length - 1] != ' ' && line[length] == '\n');
            for (size_t at = 0; at < length; at++)
                letters += line[at] != ' ';
            line += length + 1;
        }
        for (const char *at = text; *at; at++)
            letters -= *at != ' ' && *at != '\n';
        assert_int_equal(letters, 0); /* nothing is lost */
        free(lines);
    }
}

static void test_without_a_terminal(void **state)
{
    (void)state;
    assert_int_equal(unsetenv("COLUMNS"), 0);
    FILE *out = tmpfile();
    assert_non_null(out);
    assert_int_equal(fold_width(out, 80), 80);
    assert_ptr_equal(fold_open(out, 0), out);
    assert_int_equal(setenv("COLUMNS", "40", 1), 0);
    assert_int_equal(fold_width(out, 80), 40);
    assert_ptr_equal(fold_open(out, 0), out); /* for programs to read */
    assert_int_equal(fclose(out), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_where_lines_break),
        cmocka_unit_test(test_no_line_is_wider),
        cmocka_unit_test(test_without_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
