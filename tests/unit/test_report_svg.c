/* test_report_svg: gnuplot's SVG is accepted whole or not at all, and loses what repeats.
 */
#include "report/svg.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char whole[] =
    "<?xml version=\"1.0\"?>\n<svg \n viewBox=\"0 0 9 9\"\n>\n<title>Gnuplot</title>\n"
    "<desc>Produced by</desc>\n<g id=\"gnuplot_canvas\">\n<defs>\n"
    "\t<path id='gpPt0' d='M0'/>\n\t<path id='gpPt7' d='M7'/>\n"
    "\t<filter id='textbox'>\n<feFlood/>\n\t</filter>\n</defs>\n"
    "<g fill=\"none\" color=\"black\">\n</g>\n"
    "\t<g id=\"gnuplot_plot_1\" ><title>'0.dat' index 1</title>\n"
    "<path stroke='rgb(  0, 114, 178)' d='M1'/></g>\n"
    "<use xlink:href='#gpPt7' color='rgb(213,  94,   0)'/>\n"
    "\t<g stroke=\"none\" fill=\"rgb(0,99,154)\">\n"
    "\t\t<text>rgb(1,2,3) &lt;b></text>\n\t</g>\n</g>\n</svg>\n";

static void test_tidy(void **state)
{
    (void)state;
    size_t size = 0;
    char *text = svg_tidy(whole, 360, 300, &size);
    assert_non_null(text);
    assert_int_equal(size, strlen(text));
    assert_non_null(strstr(text, "viewBox=\"0 0 360 300\" width=\"360\" height=\"300\""));
    assert_null(strstr(text, "<title>"));
    assert_null(strstr(text, "0.dat"));
    assert_null(strstr(text, "filter"));
    assert_null(strstr(text, "gpPt0"));
    assert_non_null(strstr(text, "<path id='gpPt7'"));
    assert_non_null(strstr(text, "stroke='#0072b2'"));
    assert_non_null(strstr(text, "<text>rgb(1,2,3) &lt;b></text>"));
    free(text);
}

static void test_each_colour_has_a_dark_rule(void **state)
{
    (void)state;
    size_t size = 0;
    char *text = svg_tidy(whole, 360, 300, &size);
    assert_non_null(strstr(text, "(prefers-color-scheme:dark)"));
    assert_non_null(strstr(text, "[stroke=\"#0072b2\"]{stroke:#56ade4}"));
    assert_non_null(strstr(text, "[color=\"#d55e00\"]{color:#ff8a3d}"));
    assert_non_null(strstr(text, "[fill=\"#00639a\"]{fill:#56ade4}"));
    free(text);
}

static void test_a_part_is_refused(void **state)
{
    (void)state;
    size_t size = 0;
    assert_null(svg_tidy("", 1, 1, &size));
    for (size_t cut = 0; cut + 8 < sizeof whole; cut++) {
        char *part = strndup(whole, cut);
        assert_null(svg_tidy(part, 1, 1, &size));
        free(part);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tidy),
        cmocka_unit_test(test_each_colour_has_a_dark_rule),
        cmocka_unit_test(test_a_part_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
