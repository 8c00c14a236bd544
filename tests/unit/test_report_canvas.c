/* test_report_canvas: dashes go on across the vertices of a line, and blocks stay apart.
 */
#include "report/draw/canvas.h"

#include "common/file.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct style style_with(int dash)
{
    return (struct style){.dash = dash, .marker = 7, .slot = 3};
}

/* The text of one block of what a line of steps of length step along y = 5 is written as.
 */
static char *block_of(enum canvas_block block, struct ink ink, int steps, double step)
{
    char path[] = "/tmp/concbench-test-canvas.XXXXXX";
    struct canvas canvas;
    struct err err = {0};
    char *text = NULL;
    size_t size = 0;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    canvas_init(&canvas, 360, 280);
    for (int i = 0; i <= steps; i++)
        canvas_line(&canvas, ink, i * step, 5);
    canvas_line_end(&canvas, ink);
    assert_int_equal(canvas_write(&canvas, path, &err), 0);
    canvas_done(&canvas);
    assert_int_equal(file_read(path, 1 << 20, &text, &size, &err), 0);
    assert_int_equal(unlink(path), 0);
    char *at = text;
    for (int i = 0; i < (int)block; i++) {
        at = strstr(at, "\n\n\n");
        assert_non_null(at);
        at += 3;
    }
    char *end = strstr(at, "\n\n\n");
    char *found = strndup(at, end ? (size_t)(end - at) : strlen(at));
    free(text);
    return found;
}

/* How many vertices lie on the picture, and how long all strokes together are. */
static size_t count_vertices(const char *text, double *out_length)
{
    size_t count = 0;
    double last = 0;
    bool is_open = false;
    *out_length = 0;
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        char *after = NULL;
        double x = strtod(line, &after);
        double y = after == line ? 0 : strtod(after, NULL);
        bool is_vertex = *line != '\n' && y > 0;
        if (is_vertex && is_open)
            *out_length += x - last;
        count += is_vertex;
        last = x;
        is_open = is_vertex;
        if (!strchr(line, '\n'))
            break;
    }
    return count;
}

static void test_a_dash_does_not_begin_anew_at_a_vertex(void **state)
{
    (void)state;
    const struct style style = style_with(2); /* strokes of 5, gaps of 4 */
    double length = 0;
    char *text = block_of(CANVAS_STROKES, (struct ink){INK_LINE, &style}, 90, 1);
    (void)count_vertices(text, &length);
    assert_true(fabs(length - 50) < 0.5);
    free(text);
    text = block_of(CANVAS_STROKES, (struct ink){INK_LINE, &style}, 1, 90);
    assert_int_equal(count_vertices(text, &length), 20);
    assert_true(fabs(length - 50) < 0.5);
    free(text);
    text = block_of(CANVAS_STROKES_THIN, (struct ink){INK_COMPANION, &style}, 70, 1);
    (void)count_vertices(text, &length);
    assert_true(fabs(length - 40) < 0.5); /* strokes of 4, gaps of 3 */
    free(text);
}

static void test_a_solid_line_and_the_svg_have_each_vertex_once(void **state)
{
    (void)state;
    const struct style solid = style_with(1), dashed = style_with(2);
    double length = 0;
    char *text = block_of(CANVAS_STROKES, (struct ink){INK_LINE, &solid}, 10, 3);
    assert_int_equal(count_vertices(text, &length), 11);
    assert_true(fabs(length - 30) < 1e-6);
    free(text);
    text = block_of(CANVAS_LINES, (struct ink){INK_LINE, &dashed}, 10, 3);
    assert_int_equal(count_vertices(text, &length), 11);
    free(text);
}

/* gnuplot counts blocks by two blank lines, so nothing else may write two. */
static void test_lines_without_length_keep_the_blocks_apart(void **state)
{
    (void)state;
    const struct style style = style_with(2);
    for (int steps = 0; steps < 2; steps++) {
        char *text =
            block_of(CANVAS_STROKES_THIN, (struct ink){INK_LINE, &style}, steps, 0);
        assert_non_null(strstr(text, "-9000"));
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_dash_does_not_begin_anew_at_a_vertex),
        cmocka_unit_test(test_a_solid_line_and_the_svg_have_each_vertex_once),
        cmocka_unit_test(test_lines_without_length_keep_the_blocks_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
