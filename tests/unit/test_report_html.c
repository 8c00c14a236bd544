/* test_report_html: nothing that comes from data can become markup. */
#include "report/base64.h"
#include "report/html.h"

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

static void write_svg(struct html *html)
{
    static const char svg[] = "<svg/>\"'\xC2\xB5";
    html_attr_svg(html, svg, sizeof svg - 1);
}

static void test_svg_becomes_a_data_uri(void **state)
{
    (void)state;
    char *text = written(write_svg);
    assert_string_equal(text, " src=\"data:image/svg+xml;base64,PHN2Zy8+IifCtQ==\"");
    free(text);
}

static void test_base64(void **state)
{
    (void)state;
    char out[16];
    static const struct {
        const char *bytes, *text;
    } table[] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        base64_encode((const unsigned char *)table[i].bytes, strlen(table[i].bytes), out,
                      sizeof out);
        assert_string_equal(out, table[i].text);
    }
    base64_encode((const unsigned char *)"foob", 4, out, 8);
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_escaped),
        cmocka_unit_test(test_attributes_are_escaped),
        cmocka_unit_test(test_svg_becomes_a_data_uri),
        cmocka_unit_test(test_base64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
