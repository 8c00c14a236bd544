/* canvas.c: marks as gnuplot data; see canvas.h.
 *
 * Every block begins with one mark far outside the picture: gnuplot refuses a plot with
 * an empty block, and draws nothing for a mark that is out of range. */
#include "report/canvas.h"

#include <stdlib.h>
#include <string.h>

static FILE *open_block(struct canvas *canvas, int block)
{
    FILE *stream = open_memstream(&canvas->texts[block], &canvas->sizes[block]);
    if (!stream)
        abort();
    return stream;
}

void canvas_init(struct canvas *canvas, unsigned int width, unsigned int height)
{
    *canvas = (struct canvas){.width = width, .height = height};
    for (int i = 0; i < CANVAS_BLOCKS; i++)
        canvas->streams[i] = open_block(canvas, i);
    canvas->x = canvas->y = -9000;
    canvas_grid(canvas, 0, 0, 1, 0);
    canvas_axis(canvas, 0, 0, 1, 0);
    canvas_thin(canvas, 0, 0, 0, 1, 0);
    canvas_box(canvas, 0, 0, 0, 1, 1);
    canvas_point(canvas, 0, 1, 0, 0);
    for (int block = CANVAS_TEXT_LEFT; block <= CANVAS_TITLE; block++)
        canvas_text(canvas, (enum canvas_block)block, 0, 0, 0, "-");
    for (size_t slot = 0; slot < CANVAS_BLOCKS - CANVAS_LINES; slot++) {
        canvas_line(canvas, slot, 0, 0);
        canvas_line_end(canvas, slot);
    }
    canvas->x = canvas->y = 0;
}

static void segment(struct canvas *c, enum canvas_block block, const double *ends)
{
    (void)fprintf(c->streams[block], "%.2f\t%.2f\n%.2f\t%.2f\n\n", c->x + ends[0],
                  c->y + ends[1], c->x + ends[2], c->y + ends[3]);
}

void canvas_grid(struct canvas *canvas, double x0, double y0, double x1, double y1)
{
    segment(canvas, CANVAS_GRID, (double[]){x0, y0, x1, y1});
}

void canvas_axis(struct canvas *canvas, double x0, double y0, double x1, double y1)
{
    segment(canvas, CANVAS_AXES, (double[]){x0, y0, x1, y1});
}

void canvas_thin(struct canvas *c, uint32_t colour, double x0, double y0, double x1,
                 double y1)
{
    (void)fprintf(c->streams[CANVAS_THIN], "%.2f\t%.2f\t%u\n%.2f\t%.2f\t%u\n\n",
                  c->x + x0, c->y + y0, colour, c->x + x1, c->y + y1, colour);
}

void canvas_interval(struct canvas *c, uint32_t colour, double x, double low, double high)
{
    const double path[][2] = {{x - 3, low}, {x + 3, low},  {x, low},
                              {x, high},    {x - 3, high}, {x + 3, high}};
    for (size_t i = 0; i < sizeof path / sizeof *path; i++)
        (void)fprintf(c->streams[CANVAS_THIN], "%.2f\t%.2f\t%u\n", c->x + path[i][0],
                      c->y + path[i][1], colour);
    (void)fputc('\n', c->streams[CANVAS_THIN]);
}

void canvas_box(struct canvas *c, uint32_t colour, double x0, double y0, double x1,
                double y1)
{
    (void)fprintf(c->streams[CANVAS_BOXES], "%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%u\n",
                  c->x + (x0 + x1) / 2, c->y + (y0 + y1) / 2, c->x + x0, c->x + x1,
                  c->y + y0, c->y + y1, colour);
}

void canvas_point(struct canvas *c, uint32_t colour, int marker, double x, double y)
{
    (void)fprintf(c->streams[CANVAS_POINTS], "%.2f\t%.2f\t%d\t%u\n", c->x + x, c->y + y,
                  marker, colour);
}

void canvas_text(struct canvas *c, enum canvas_block block, uint32_t colour, double x,
                 double y, const char *text)
{
    (void)fprintf(c->streams[block], "%.2f\t%.2f\t%s\t%u\n", c->x + x, c->y + y,
                  *text ? text : " ", colour);
}

void canvas_line(struct canvas *c, size_t slot, double x, double y)
{
    (void)fprintf(c->streams[(size_t)CANVAS_LINES + slot], "%.2f\t%.2f\n", c->x + x,
                  c->y + y);
}

void canvas_line_end(struct canvas *canvas, size_t slot)
{
    (void)fputc('\n', canvas->streams[(size_t)CANVAS_LINES + slot]);
}

int canvas_write(struct canvas *canvas, const char *path, struct err *err)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return err_set(err, EXIT_CODE_UNFIT, "cannot write %.300s", path);
    for (int i = 0; i < CANVAS_BLOCKS; i++) {
        (void)fflush(canvas->streams[i]);
        size_t size = canvas->sizes[i];
        while (size > 0 && canvas->texts[i][size - 1] == '\n')
            size--; /* blank lines separate blocks: exactly two between two of them */
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
