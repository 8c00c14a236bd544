/* canvas.c: marks as gnuplot data; see canvas.h.
 *
 * Every block begins with one mark far outside the picture: gnuplot refuses a plot with
 * an empty block, and draws nothing for a mark that is out of range. */
#include "report/draw/canvas.h"

#include "common/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void canvas_init(struct canvas *canvas, unsigned int width, unsigned int height)
{
    const struct style *nobody = palette_reference();
    *canvas = (struct canvas){.width = width, .height = height};
    for (int i = 0; i < CANVAS_BLOCKS; i++)
        canvas->streams[i] = memory_stream(&canvas->texts[i], &canvas->sizes[i]);
    canvas->x = canvas->y = -9000;
    canvas_grid(canvas, 0, 0, 1, 0);
    canvas_axis(canvas, 0, 0, 1, 0);
    canvas_thin(canvas, (struct ink){INK_RULE, NULL}, 0, 0, 1, 0);
    canvas_box(canvas, nobody, 0, 0, 1, 1);
    canvas_point(canvas, nobody, 0, 0);
    for (int block = CANVAS_TEXT_LEFT; block <= CANVAS_TITLE; block++)
        canvas_text(canvas, (enum canvas_block)block, (struct ink){INK_TICK, NULL}, 0, 0,
                    "-");
    canvas_line(canvas, (struct ink){INK_LINE, nobody}, 0, 0);
    canvas_line(canvas, (struct ink){INK_LINE, nobody}, 9, 0);
    canvas_line_end(canvas, (struct ink){INK_LINE, nobody});
    canvas_line(canvas, (struct ink){INK_COMPANION, nobody}, 0, 0);
    canvas_line(canvas, (struct ink){INK_COMPANION, nobody}, 9, 0);
    canvas_line_end(canvas, (struct ink){INK_COMPANION, nobody});
    canvas->x = canvas->y = 0;
}

/* Ends a line of data with both of its paints: for the SVG and for the PNG. */
static void put_ink(struct canvas *c, int block, struct ink ink)
{
    (void)fprintf(c->streams[block], "\t%u\t%u\n", ink_code(ink), ink_light(ink));
}

static void put_vertex(struct canvas *c, int block, struct ink ink, double x, double y)
{
    (void)fprintf(c->streams[block], "%.2f\t%.2f", c->x + x, c->y + y);
    put_ink(c, block, ink);
}

static void segment(struct canvas *c, enum canvas_block block, struct ink ink,
                    const double *ends)
{
    put_vertex(c, block, ink, ends[0], ends[1]);
    put_vertex(c, block, ink, ends[2], ends[3]);
    (void)fputc('\n', c->streams[block]);
}

void canvas_grid(struct canvas *canvas, double x0, double y0, double x1, double y1)
{
    segment(canvas, CANVAS_GRID, (struct ink){INK_GRID, NULL},
            (double[]){x0, y0, x1, y1});
}

void canvas_axis(struct canvas *canvas, double x0, double y0, double x1, double y1)
{
    segment(canvas, CANVAS_AXES, (struct ink){INK_AXIS, NULL},
            (double[]){x0, y0, x1, y1});
}

void canvas_thin(struct canvas *canvas, struct ink ink, double x0, double y0, double x1,
                 double y1)
{
    segment(canvas, CANVAS_THIN, ink, (double[]){x0, y0, x1, y1});
}

void canvas_interval(struct canvas *c, const struct style *owner, double x, double low,
                     double high)
{
    const double path[][2] = {{x - 3, low}, {x + 3, low},  {x, low},
                              {x, high},    {x - 3, high}, {x + 3, high}};
    for (size_t i = 0; i < sizeof path / sizeof *path; i++)
        put_vertex(c, CANVAS_THIN, (struct ink){INK_THIN, owner}, path[i][0], path[i][1]);
    (void)fputc('\n', c->streams[CANVAS_THIN]);
}

void canvas_box(struct canvas *c, const struct style *owner, double x0, double y0,
                double x1, double y1)
{
    (void)fprintf(c->streams[CANVAS_BOXES], "%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f",
                  c->x + (x0 + x1) / 2, c->y + (y0 + y1) / 2, c->x + x0, c->x + x1,
                  c->y + y0, c->y + y1);
    put_ink(c, CANVAS_BOXES, (struct ink){INK_BOX, owner});
}

void canvas_point(struct canvas *c, const struct style *owner, double x, double y)
{
    (void)fprintf(c->streams[CANVAS_POINTS], "%.2f\t%.2f\t%d", c->x + x, c->y + y,
                  owner->marker);
    put_ink(c, CANVAS_POINTS, (struct ink){INK_POINT, owner});
}

void canvas_text(struct canvas *c, enum canvas_block block, struct ink ink, double x,
                 double y, const char *text)
{
    (void)fprintf(c->streams[block], "%.2f\t%.2f\t%s", c->x + x, c->y + y,
                  *text ? text : " ");
    put_ink(c, block, ink);
}

static enum canvas_block strokes_of(struct ink ink)
{
    return ink.role == INK_COMPANION ? CANVAS_STROKES_THIN : CANVAS_STROKES;
}

/* Writes the strokes from the pen to x, y, which continue the dash of the last ones. */
static void put_strokes(struct canvas *c, struct ink ink, double x, double y)
{
    const struct dash *dash = palette_dash(ink_dash(ink));
    double dx = x - c->pen.x, dy = y - c->pen.y;
    double length = hypot(dx, dy);
    for (double at = 0; isfinite(length) && at < length;) {
        double step = fmin(c->pen.left, length - at);
        double a = at / length, b = (at + step) / length;
        if (c->pen.dash % 2 == 0)
            segment(c, strokes_of(ink), ink,
                    (double[]){c->pen.x + a * dx, c->pen.y + a * dy, c->pen.x + b * dx,
                               c->pen.y + b * dy});
        at += step;
        c->pen.left -= step;
        if (c->pen.left < 1e-9) {
            c->pen.dash = (c->pen.dash + 1) % dash->count;
            c->pen.left = dash->lengths[c->pen.dash];
        }
    }
}

void canvas_line(struct canvas *c, struct ink ink, double x, double y)
{
    const struct dash *dash = palette_dash(ink_dash(ink));
    put_vertex(c, CANVAS_LINES, ink, x, y);
    if (dash->count == 0)
        put_vertex(c, strokes_of(ink), ink, x, y);
    else if (c->pen.is_down)
        put_strokes(c, ink, x, y);
    else
        c->pen.left = dash->lengths[0];
    c->pen.is_down = true;
    c->pen.x = x;
    c->pen.y = y;
}

void canvas_line_end(struct canvas *canvas, struct ink ink)
{
    (void)fputc('\n', canvas->streams[CANVAS_LINES]);
    if (canvas->pen.is_down && palette_dash(ink_dash(ink))->count == 0)
        (void)fputc('\n', canvas->streams[strokes_of(ink)]);
    canvas->pen.is_down = false;
    canvas->pen.dash = 0;
}

int canvas_write(struct canvas *canvas, const char *path, struct err *err)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return err_set(err, EXIT_CODE_UNFIT, "cannot write %.300s", path);
    for (int i = 0; i < CANVAS_BLOCKS; i++) {
        memory_stream_flush(canvas->streams[i]);
        size_t size = canvas->sizes[i];
        while (size > 0 && canvas->texts[i][size - 1] == '\n')
            size--; /* exactly two blank lines separate two blocks */
        (void)fwrite(canvas->texts[i], 1, size, file);
        (void)fputs("\n\n\n", file);
    }
    int failed = ferror(file);
    if (fclose(file) || failed)
        return err_set(err, EXIT_CODE_UNFIT, "cannot write %.300s: is the disk full?",
                       path);
    return 0;
}

void canvas_done(struct canvas *canvas)
{
    for (int i = 0; i < CANVAS_BLOCKS; i++) {
        (void)fclose(canvas->streams[i]);
        free(canvas->texts[i]);
    }
}
