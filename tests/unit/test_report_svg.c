/* test_report_svg: gnuplot's SVG is read whole or not at all; what is written is small,
 * grouped by model, and its texts are no markup. */
#include "report/draw/svg_read.h"
#include "report/draw/svg_write.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Inks: 1 grid, 7 line, 9 point, 3 box, 13 label; groups 0 nobody, 2 and 3 models. */
static const char whole[] =
    "<?xml version=\"1.0\"?>\n<svg \n viewBox=\"0 0 9 9\"\n>\n<title>Gnuplot</title>\n"
    "<g id=\"gnuplot_canvas\">\n<rect x=\"0\" y=\"0\" fill=\"none\"/>\n<defs>\n"
    "\t<path id='gpPt7' stroke='rgb(9,0,2)' d='M7,7 L8,8'/>\n</defs>\n"
    "\t<g id=\"gnuplot_plot_1\" ><title>'0.dat' index 1</title>\n"
    "<g fill=\"none\" color=\"black\" stroke=\"currentColor\" stroke-width=\"1.80\">\n"
    "\t<path stroke='rgb(  1,   0,   0)'  d='M0.00,10.00 L20.00,10.00  '/>\n"
    "\t<path stroke='rgb(  7,   0,   3)' stroke-dasharray='4.5,7.2'  d='M1.04,2.06 "
    "L3.04,2.06\nL3.04,9.99 M5.00,5.00 L4.50,4.00  '/></g>\n\t</g>\n"
    "<g stroke='none'><polygon fill = 'rgb(  3,   0,   2)' points = '1.00,1.00 5.00,1.00 "
    "5.00,9.00 1.00,9.00 '/></g>\n"
    "<use xlink:href='#gpPt7' transform='translate(30.00,40.26) scale(2.90)' "
    "color='rgb(9, 0, 2)'/>\n"
    "\t<g transform=\"translate(44.00,231.76)\" stroke=\"none\" fill=\"rgb(13,0,3)\" "
    "text-anchor=\"end\">\n\t\t<text>a &lt;b> &amp;amp; rgb(1,2,3)</text>\n\t</g>\n"
    "<g fill=\"none\" color=\"white\" stroke=\"rgb(  9,   0,   2)\">\n</g>\n"
    "</g>\n</svg>\n";

static struct palette palette;

static int make_palette(void **state)
{
    (void)state;
    palette.count = 0;
    for (size_t i = 0; i < 4; i++)
        palette_add_run(&palette, (const char *[]){"a", "b", "c", "d"}[i]);
    return 0;
}

static char *written(bool is_file)
{
    struct svg_picture picture;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(svg_read(whole, &picture), 0);
    if (is_file)
        svg_write_file(out, &picture, 1, &palette, 360, 300);
    else
        svg_write_inline(out, &picture, &palette);
    assert_int_equal(fclose(out), 0);
    svg_picture_done(&picture);
    return text;
}

static void test_marks_are_read(void **state)
{
    (void)state;
    struct svg_picture picture;
    assert_int_equal(svg_read(whole, &picture), 0);
    assert_int_equal(picture.mark_count, 5);
    assert_int_equal(picture.marks[0].role, INK_GRID);
    assert_int_equal(picture.marks[0].group, 0);
    assert_int_equal(picture.marks[1].role, INK_LINE);
    assert_int_equal(picture.marks[1].group, 3);
    assert_int_equal(picture.marks[1].count, 5);
    assert_int_equal(picture.marks[2].role, INK_BOX);
    assert_int_equal(picture.marks[3].role, INK_POINT);
    assert_int_equal(picture.vertices[picture.marks[3].first].x, 300);
    assert_int_equal(picture.vertices[picture.marks[3].first].y, 403);
    assert_string_equal(picture.marks[4].text, "a <b> &amp; rgb(1,2,3)");
    assert_int_equal(picture.marks[4].anchor, SVG_END);
    svg_picture_done(&picture);
}

static void test_inline_is_grouped_and_small(void **state)
{
    (void)state;
    char *text = written(false);
    assert_string_equal(
        text, "<path class=\"g\" d=\"M0 10h20\"/>\n"
              "<g class=\"m2\"><path class=\"l\" d=\"M1 2.1h2v7.9M5 5l-.5-1\"/>\n"
              "<text class=\"n e\" x=\"44\" y=\"231.8\">a &#60;b&#62; &#38;amp; "
              "rgb(1,2,3)</text>\n</g>\n"
              "<g class=\"m1\"><path class=\"b\" d=\"M1 1h4v8h-4z\"/>\n"
              "<path class=\"k\" d=\"M30 36.4l-3.9 5.9h7.8z\"/>\n</g>\n");
    free(text);
}

static void test_a_file_stands_alone(void **state)
{
    (void)state;
    char *text = written(true);
    assert_non_null(strstr(text, "viewBox=\"0 0 360 300\" width=\"360\" height=\"300\""));
    assert_non_null(strstr(text, " stroke=\"#d55e00\" fill=\"none\" stroke-width"));
    assert_non_null(strstr(text, "(prefers-color-scheme:dark)"));
    assert_non_null(strstr(text, "[stroke=\"#d55e00\"]{stroke:#ff8a3d}"));
    assert_non_null(strstr(text, "[fill=\"#b04e00\"]{fill:#ff8a3d}"));
    assert_null(strstr(text, " id="));
    assert_null(strstr(text, "0.dat"));
    assert_string_equal(text + strlen(text) - 7, "</svg>\n");
    free(text);
}

static void test_a_part_is_refused(void **state)
{
    (void)state;
    struct svg_picture picture;
    assert_int_equal(svg_read("", &picture), -1);
    svg_picture_done(&picture);
    for (size_t cut = 0; cut + 8 < sizeof whole; cut++) {
        char *part = strndup(whole, cut);
        assert_int_equal(svg_read(part, &picture), -1);
        svg_picture_done(&picture);
        free(part);
    }
}

/* Whatever is in the middle, it is read without harm. */
static void test_odd_input_does_no_harm(void **state)
{
    (void)state;
    static const char *const middles[] = {
        "<path stroke='rgb(9,0,2)' d='M1'/>",
        "<path stroke='rgb(9,0,2)' d='M1,2 Lx,y'/>",
        "<path stroke='rgb(9,0,2)' d='M1e99,nan L-1e99,2'/>",
        "<path d=/>",
        "<g",
        "<>",
        "<text>",
        "<use color='rgb(9,0,2)'/>",
        "<defs>",
        "</g></g></g></g>",
        "<path stroke='rgb(999,999,999)' d='M1,1'/>",
        "<path stroke='rgb(9,255,255)'/>"};
    for (size_t i = 0; i < sizeof middles / sizeof *middles; i++) {
        struct svg_picture picture;
        char text[512], *out_text = NULL;
        size_t size = 0;
        (void)snprintf(text, sizeof text, "<g id=\"gnuplot_canvas\">%s</g></svg>\n",
                       middles[i]);
        FILE *out = open_memstream(&out_text, &size);
        assert_non_null(out);
        if (svg_read(text, &picture) == 0)
            svg_write_inline(out, &picture, &palette);
        svg_picture_done(&picture);
        assert_int_equal(fclose(out), 0);
        free(out_text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_marks_are_read),
        cmocka_unit_test(test_inline_is_grouped_and_small),
        cmocka_unit_test(test_a_file_stands_alone),
        cmocka_unit_test(test_a_part_is_refused),
        cmocka_unit_test(test_odd_input_does_no_harm),
    };
    return cmocka_run_group_tests(tests, make_palette, NULL);
}
