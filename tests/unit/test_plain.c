/* Tests of common/plain: what strangers may put into a text, and what is left of it. */
#include "common/plain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void test_what_is_unfit_becomes_a_question_mark(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } table[] = {
        {"", ""},
        {"plain", "plain"},
        {"gr\u00fc\u00dfe \u4e16 \U0001F600", "gr\u00fc\u00dfe \u4e16 \U0001F600"},
        {"a\tb\nc\x1b[31md\x7f", "a?b?c?[31md?"},
        {"\xc2\x9b"
         "31m",
         "?31m"},                                    /* the C1 form of ESC [ */
        {"\u202eabc\u2066\u200b", "?abc??"},         /* direction, unseen */
        {"\xff\xfe\x80 x", "??? x"},                 /* no UTF-8 */
        {"\xc0\xaf\xe0\x80\xaf", "?????"},           /* longer than need be */
        {"\xed\xa0\x80\xf4\x90\x80\x80", "???????"}, /* surrogate; above U+10FFFF */
        {"\xc3(", "?("},
        {"ab\xe4\xb8", "ab"}, /* cut off */
        {"ab\xc3", "ab"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "%s", table[i].in);
        plain_text(text);
        assert_string_equal(text, table[i].out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_unfit_becomes_a_question_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
