/* test_report_html: nothing that comes from data can become markup. */
#include "report/page/html.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *written(void (*write)(struct html *html))
{
    struct html html;
    char *text = NULL;
    size_t size = 0;
    html_init(&html);
    write(&html);
    html_finish(&html, &text, &size);
    assert_int_equal(size, strlen(text));
    return text;
}

static void write_text(struct html *html)
{
    html_raw(html, "<p>");
    html_text(html, "<script>alert('1' & \"2\")</script>");
    html_text(html, NULL);
    html_textf(html, " %s %d", "<b>", 3);
    html_raw(html, "</p>");
}

static void test_text_is_escaped(void **state)
{
    (void)state;
    char *text = written(write_text);
    assert_string_equal(text, "<p>&lt;script&gt;alert(&#39;1&#39; &amp; &quot;2&quot;)"
                              "&lt;/script&gt; &lt;b&gt; 3</p>");
    free(text);
}

static void write_attribute(struct html *html)
{
    html_raw(html, "<i");
    html_attr(html, "title", "\" onload=\"x");
    html_raw(html, ">");
    html_element(html, "td class=\"a\"", "<");
}

static void test_attributes_are_escaped(void **state)
{
    (void)state;
    char *text = written(write_attribute);
    assert_string_equal(text,
                        "<i title=\"&quot; onload=&quot;x\"><td class=\"a\">&lt;</td>");
    free(text);
}

static void write_prose(struct html *html)
{
    html_prose(html, "0.10 s, 5 % of 3 MiB; 12 blocks & 7 s");
    html_prose(html, NULL);
    html_prose(html, "4 ");
}

static void test_a_number_keeps_its_unit(void **state)
{
    (void)state;
    char *text = written(write_prose);
    assert_string_equal(text, "0.10\u00a0s, 5\u00a0% of 3\u00a0MiB; 12 blocks &amp; "
                              "7\u00a0s4 ");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_escaped),
        cmocka_unit_test(test_attributes_are_escaped),
        cmocka_unit_test(test_a_number_keeps_its_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
