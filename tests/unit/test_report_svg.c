/* test_report_svg: gnuplot's SVG is taken over whole or not at all; what stands in the page
 * is small, grouped by model, and its texts are no markup. */
#include "report/draw/svg_page.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Three series; their second element is a label. The axes belong to nobody. */
static const char whole[] =
    "<?xml version=\"1.0\"?>\n<svg \n viewBox=\"0 0 9 9\"\n>\n<title>Gnuplot</title>\n"
    "<g id=\"gnuplot_canvas\">\n<rect x=\"0\" y=\"0\" fill=\"#ffffff\"/>\n<defs>\n"
    "\t<path id='gpPt7' stroke='rgb(9,0,2)' d='M7,7 L8,8'/>\n</defs>\n"
    "<g fill=\"none\" color=\"gray\" stroke=\"currentColor\" stroke-width=\"0.70\">\n"
    "\t<path stroke='rgb(223, 225, 229)' class=\"gridline\"  d='M0.00,10.00 L20.00,10.00 "
    " "
    "'/></g>\n"
    "<g fill=\"none\" color=\"black\">\n\t<g transform=\"translate(4.00,5.00)\" "
    "fill=\"rgb(28,28,30)\" font-weight=\"bold\" text-anchor=\"start\">\n"
    "\t\t<text>Title</text>\n\t</g>\n</g>\n"
    "\t<g id=\"gnuplot_plot_1\" ><title>'a > b' index 1</title>\n"
    "<g fill=\"none\" color=\"black\" stroke=\"currentColor\" stroke-width=\"1.80\">\n"
    "\t<path stroke='rgb(  1,   2,   3)' stroke-dasharray='4.5,7.2'  d='M1.04,2.06 "
    "L3.04,2.06\n\t\tL3.04,9.99 M5.00,5.00 L4.50,4.00  '/></g>\n\t</g>\n"
    "\t<g id=\"gnuplot_plot_2\" ><title>b</title>\n"
    "<g fill=\"none\"><g stroke='none' shape-rendering='crispEdges'>\n"
    "<polygon fill = 'rgb(  4,   5,   6)' points = '1.00,1.00 5.00,1.00 5.00,9.00 '/>\n"
    "</g></g>\n"
    "<use xlink:href='#gpPt7' transform='translate(30.00,40.26) scale(2.90)' "
    "color='rgb(  4,   5,   6)'/>\n\t</g>\n"
    "\t<g id=\"gnuplot_plot_3\" ><title>c</title>\n\t</g>\n"
    "\t<g id=\"gnuplot_plot_4\" ><title>a</title>\n<g fill=\"none\">\n"
    "\t<g transform=\"translate(44.00,231.76)\" stroke=\"none\" fill=\"rgb(7,8,9)\" "
    "text-anchor=\"end\">\n\t\t<text>a &lt;b> \" &amp;amp; rgb(1,2,3)</text>\n\t</g>\n"
    "</g>\n\t</g>\n"
    "<g fill=\"none\" color=\"black\" stroke-width=\"1.00\">\n"
    "\t<path stroke='rgb(138, 141, 147)'  d='M1.00,1.00 L2.00,1.00  '/></g>\n"
    "</g>\n</svg>\n\n";

static const struct style styles[] = {{.line = 0x010203, .text = 0x070809, .slot = 2},
                                      {.line = 0x040506, .text = 0x040506, .slot = 1},
                                      {.line = 0x777777, .slot = SIZE_MAX}};
static struct panel panel = {.series_count = 3};

static int make_panel(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++)
        panel.series[i].style = &styles[i];
    return 0;
}

/* What stands in the page; NULL when the file is refused. */
static char *passed(const char *svg)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    const int status = svg_page_write(out, svg, &panel);
    assert_int_equal(fclose(out), 0);
    if (!status)
        return text;
    free(text);
    return NULL;
}

static void test_it_is_grouped_and_small(void **state)
{
    (void)state;
    char *text = passed(whole);
    assert_non_null(text);
    assert_string_equal(
        text,
        "<path class=\"g\" d=\"M0 10L20 10\"/>\n"
        "<text class=\"h\" x=\"4\" y=\"5\">Title</text>\n"
        "<path class=\"a\" d=\"M1 1L2 1\"/>\n"
        "<g class=\"m2\">\n"
        "<path class=\"l\" stroke-dasharray=\"4.5 7.2\" d=\"M1 2.1L3 2.1L3 10M5 5L4.5 "
        "4\"/>\n"
        "<text class=\"n e\" x=\"44\" y=\"231.8\">a &lt;b&#62; &#34; &amp;amp; "
        "rgb(1,2,3)</text>\n</g>\n"
        "<g class=\"m1\">\n<polygon class=\"b\" points=\"1 1 5 1 5 9\"/>\n"
        "<use class=\"k\" href=\"#gpPt7\" transform=\"translate(30 40.3)scale(2.9)\"/>\n"
        "</g>\n<g class=\"ref\">\n</g>\n");
    free(text);
}

static void test_a_part_is_refused(void **state)
{
    (void)state;
    assert_null(passed(""));
    for (size_t cut = 0; cut + 9 < sizeof whole; cut++) {
        char *part = strndup(whole, cut);
        assert_null(passed(part));
        free(part);
    }
}

/* Whatever is in the middle, it is read without harm, and nothing unknown is written. */
static void test_odd_input_does_no_harm(void **state)
{
    (void)state;
    static const char *const middles[] = {
        "<path stroke='rgb(9,0,2)' d='M1'/>",
        "<path stroke='rgb(9,0,2)' d='M1,2 Lx,y'/>",
        "<path stroke='rgb(9,0,2)' d='M1e99,nan L-1e99,2'/>",
        "<path d=/>",
        "<path d='",
        "<path d = >",
        "<g",
        "<>",
        "<text>",
        "<text></text>",
        "<use color='rgb(9,0,2)'/>",
        "<use xlink:href='#gpPt99999' transform='translate(x) scale(1)'/>",
        "<g id='gnuplot_plot_0'><path d='M1,1'/></g>",
        "<g id='gnuplot_plot_-7'><path d='M1,1'/></g>",
        "</g></g></g></g>",
        "<script>alert(1)</script>",
        "<path onclick='x' stroke='rgb(999,999,999)' d='M1,1'/>",
        "<path stroke='rgb(9,255,255)'/>"};
    for (size_t i = 0; i < sizeof middles / sizeof *middles; i++) {
        char text[512];
        (void)snprintf(text, sizeof text,
                       "<g id=\"gnuplot_canvas\"></defs>%s</g></svg>\n", middles[i]);
        char *out = passed(text);
        assert_non_null(out);
        assert_null(strstr(out, "script"));
        assert_null(strstr(out, "onclick"));
        assert_null(strstr(out, "nan"));
        free(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_grouped_and_small),
        cmocka_unit_test(test_a_part_is_refused),
        cmocka_unit_test(test_odd_input_does_no_harm),
    };
    return cmocka_run_group_tests(tests, make_panel, NULL);
}
