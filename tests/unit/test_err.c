/* Tests of common/err: the first error wins, the text is one harmless line. */
#include "common/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_set_returns_negative_code(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(err_set(&err, EXIT_CODE_USAGE, "%s: %d", "n", 3), -2);
    assert_int_equal(err.code, EXIT_CODE_USAGE);
    assert_string_equal(err.text, "n: 3");
}

static void test_null_is_accepted(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, EXIT_CODE_UNFIT, "text"), -3);
    err_prefix(NULL, "prefix");
}

static void test_first_error_wins(void **state)
{
    (void)state;
    struct err err = {0};
    (void)err_set(&err, EXIT_CODE_USAGE, "first");
    assert_int_equal(err_set(&err, EXIT_CODE_INTERNAL, "second"), -1);
    assert_int_equal(err.code, EXIT_CODE_USAGE);
    assert_string_equal(err.text, "first");
}

static void test_control_characters_become_question_marks(void **state)
{
    (void)state;
    struct err err = {0};
    (void)err_set(&err, EXIT_CODE_USAGE, "a\nb\tc\033[31md\x7f");
    assert_string_equal(err.text, "a b c?[31md?");
    err_prefix(&err, "x\r");
    assert_string_equal(err.text, "x?: a b c?[31md?");
}

static void test_utf8_survives(void **state)
{
    (void)state;
    struct err err = {0};
    (void)err_set(&err, EXIT_CODE_USAGE, "größe");
    assert_string_equal(err.text, "größe");
}

static void test_long_text_is_cut(void **state)
{
    (void)state;
    char longer[2000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    struct err err = {0};
    (void)err_set(&err, EXIT_CODE_USAGE, "%s", longer);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    err_prefix(&err, "%s", longer);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

static void test_prefix(void **state)
{
    (void)state;
    struct err err = {0};
    err_prefix(&err, "nothing");
    assert_int_equal(err.code, EXIT_CODE_OK);
    assert_string_equal(err.text, "");
    (void)err_set(&err, EXIT_CODE_USAGE, "inner");
    err_prefix(&err, "outer %d", 7);
    assert_string_equal(err.text, "outer 7: inner");
    assert_int_equal(err.code, EXIT_CODE_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_returns_negative_code),
        cmocka_unit_test(test_null_is_accepted),
        cmocka_unit_test(test_first_error_wins),
        cmocka_unit_test(test_control_characters_become_question_marks),
        cmocka_unit_test(test_utf8_survives),
        cmocka_unit_test(test_long_text_is_cut),
        cmocka_unit_test(test_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
