/* Tests of common/clean: whatever bytes come in, what goes out draws only itself. */
#include "common/clean.h"

#include "common/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_characters(void **state)
{
    (void)state;
    static const struct {
        const char *text, *cleaned;
    } cases[] = {
        {"größe € 😀", "größe € 😀"},
        {"a\nb\tc\033[31md\x7f", "a b c?[31md?"},
        {"\u202e\u061c\u200e\u2066x\u2069", "[U+202E][U+061C][U+200E][U+2066]x[U+2069]"},
        {"\xc2\x85\xc2\x9b\u2028\ufeff", "[U+0085][U+009B][U+2028][U+FEFF]"},
        {"\U000e0041", "[U+E0041]"},
        {"a\x9b\xff"
         "b",
         "a??b"},           /* bytes that are no UTF-8; 0x9B alone is CSI in Latin-1 */
        {"\xc0\xaf", "??"}, /* overlong */
        {"\xed\xa0\x80", "???"}, /* a surrogate */
        {"\xf4\x90\x80\x80", "????"},
        {"x\xe2\x80", "x??"}, /* cut */
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char out[128];
        char *copy = clean_dup(cases[i].text);
        assert_int_equal(clean_text(out, sizeof out, cases[i].text),
                         strlen(cases[i].cleaned));
        assert_string_equal(out, cases[i].cleaned);
        assert_string_equal(copy, cases[i].cleaned);
        assert_int_equal(clean_is_clean(cases[i].text), !strcmp(cases[i].text, copy));
        free(copy);
    }
}

static void test_no_character_is_cut(void **state)
{
    (void)state;
    char out[8];
    assert_int_equal(clean_text(out, sizeof out, "123456€"), 6);
    assert_string_equal(out, "123456");
    assert_int_equal(clean_text(out, sizeof out, "\u202e"), 0);
    assert_int_equal(clean_text(out, sizeof out, "1234€"), 7);
    assert_int_equal(clean_text(out, 1, "x"), 0);
    assert_int_equal(clean_text(out, 0, "x"), 0);
}

static void test_a_cut_text_in_its_own_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *cleaned;
    } cases[] = {
        {"tls\u202e: ab\xe4\xb8", "tls[U+202E]: ab"},
        {"ab\xc3", "ab"},
        {"ab\xb8", "ab?"},
        {"a\nb", "a b"},
        {"123456789\u202e\u202e", "123456789[U+202E]"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[20];
        (void)snprintf(text, sizeof text, "%s", cases[i].text);
        clean_in_place(text, sizeof text);
        assert_string_equal(text, cases[i].cleaned);
    }
}

static void test_every_byte_pair_is_harmless(void **state)
{
    (void)state;
    for (unsigned i = 1; i < 0x10000; i++) {
        const char text[] = {(char)(i >> 8 ? i >> 8 : 'x'), (char)(i & 0xff), '\0'};
        char out[64];
        (void)clean_text(out, sizeof out, text);
        for (const char *at = out; *at; at++)
            assert_true((unsigned char)*at >= 0x20 && *at != 0x7f);
        assert_true((unsigned char)out[0] < 0x80 || (unsigned char)out[0] >= 0xc2);
    }
}

static void test_print_keeps_its_own_lines(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    clean_print(out, "a\t%s\n%d\n", "\033]0;x\a\u202e", 7);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "a\t?]0;x?[U+202E]\n7\n");
    free(text);
}

static void test_errors_are_clean(void **state)
{
    (void)state;
    struct err err = {0};
    (void)err_set(&err, EXIT_CODE_USAGE, "unknown key '%s'", "a\u202eb\xff\n");
    assert_string_equal(err.text, "unknown key 'a[U+202E]b? '");
    err_prefix(&err, "%s", "\u2066");
    assert_string_equal(err.text, "[U+2066]: unknown key 'a[U+202E]b? '");
}

static void test_json_keeps_its_meaning(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    clean_json(out, "{\"\u00b5\u202e\": \"\x7f\xc2\x9b\U000e0041\U0001f600\"}\n");
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "{\"\u00b5\\u202e\": "
                              "\"\\u007f\\u009b\\udb40\\udc41\U0001f600\"}\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_characters),
        cmocka_unit_test(test_no_character_is_cut),
        cmocka_unit_test(test_a_cut_text_in_its_own_place),
        cmocka_unit_test(test_every_byte_pair_is_harmless),
        cmocka_unit_test(test_print_keeps_its_own_lines),
        cmocka_unit_test(test_errors_are_clean),
        cmocka_unit_test(test_json_keeps_its_meaning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
