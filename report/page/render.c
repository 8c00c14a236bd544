/* render.c: from charts to checked SVG and PNG; see render.h.
 *
 * Canvas numbers: first every chart as a whole, drawn as PNG where that is wanted, then
 * every single panel, drawn as SVG. One gnuplot writes all SVGs, two share the PNGs. The
 * page takes the panels one by one, the SVG file of a chart side by side.
 */
#include "report/page/render.h"

#include "common/cleanup.h"
#include "common/file.h"
#include "common/memory.h"
#include "common/paths.h"
#include "common/process.h"
#include "report/draw/gnuplot.h"
#include "report/draw/scratch.h"
#include "report/draw/svg_read.h"
#include "report/draw/svg_write.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define GNUPLOT_LIMIT_MS  20000
#define PICTURE_BYTES_MAX (32U << 20)

struct job {
    const struct chart *charts;
    const struct palette *palette;
    size_t count;
    bool has_png;
    struct drawing *drawings;
    char folder[PATH_MAX - 64];
    size_t wholes, canvases;
    FILE *widths, *heights; /* of all canvases */
    char *widths_text, *heights_text, *whole_widths, *whole_heights;
    size_t sizes[4];
};

/* Draws panels first .. first + count - 1 of chart side by side as the next canvas. */
static int write_canvas(struct job *job, const struct chart *chart, size_t first,
                        size_t count, struct err *err)
{
    struct canvas canvas;
    char path[PATH_MAX];
    unsigned int width = PANEL_WIDTH * (unsigned int)count;
    canvas_init(&canvas, width, chart->height);
    for (size_t i = 0; i < count; i++) {
        canvas.x = (double)(PANEL_WIDTH * i);
        panel_draw(&chart->panels[first + i], &canvas, chart->height);
    }
    (void)snprintf(path, sizeof path, "%s/%zu.dat", job->folder, job->canvases++);
    int status = canvas_write(&canvas, path, err);
    canvas_done(&canvas);
    (void)fprintf(job->widths, "%u ", width);
    (void)fprintf(job->heights, "%u ", chart->height);
    return status;
}

static bool is_ended(struct err *err)
{
    sigset_t ending, pending, both;
    process_ending_signals(&ending);
    return !sigpending(&pending) && !sigandset(&both, &ending, &pending) &&
           !sigisemptyset(&both) && err_set(err, EXIT_CODE_UNFIT, "interrupted");
}

static int write_canvases(struct job *job, struct err *err)
{
    for (size_t i = 0; i < job->count; i++) {
        const struct chart *chart = &job->charts[i];
        if (is_ended(err) || (job->has_png && chart->panel_count > 0 &&
                              write_canvas(job, chart, 0, chart->panel_count, err)))
            return -1;
    }
    job->wholes = job->canvases;
    memory_stream_flush(job->widths);
    memory_stream_flush(job->heights);
    job->whole_widths = memory_strdup(job->widths_text);
    job->whole_heights = memory_strdup(job->heights_text);
    for (size_t i = 0; i < job->count; i++) {
        const struct chart *chart = &job->charts[i];
        for (size_t p = 0; p < chart->panel_count; p++)
            if (is_ended(err) || write_canvas(job, chart, p, 1, err))
                return -1;
    }
    return fflush(job->widths) || fflush(job->heights) ? -1 : 0;
}

static int run_gnuplot(const struct job *job, struct err *err)
{
    char program[PATH_MAX];
    char charts[PATH_MAX];
    char script[PATH_MAX + 16];
    if (gnuplot_find(program, sizeof program, err) ||
        paths_share("charts", charts, sizeof charts, err))
        return -1;
    (void)snprintf(script, sizeof script, "%s/canvas.gp", charts);
    char first[32];
    (void)snprintf(first, sizeof first, "%zu", job->wholes);
    const struct gnuplot_job jobs[] = {
        {"svg", job->widths_text, job->heights_text, first, "1"},
        {"png", job->whole_widths, job->whole_heights, "0", "2"},
        {"png", job->whole_widths, job->whole_heights, "1", "2"},
    };
    return gnuplot_run(program, script, job->folder, jobs, job->has_png ? 3 : 1,
                       GNUPLOT_LIMIT_MS, err);
}

static int read_output(const struct job *job, size_t number, const char *suffix,
                       char **out_bytes, size_t *out_size, struct err *err)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%zu.%s", job->folder, number, suffix);
    struct err why = {0};
    if (file_read(path, PICTURE_BYTES_MAX, out_bytes, out_size, &why))
        return err_set(err, EXIT_CODE_UNFIT,
                       "gnuplot left no picture %zu.%s; is %s full?", number, suffix,
                       job->folder);
    return 0;
}

static int collect_panel(const struct job *job, size_t number, struct svg_picture *out,
                         struct err *err)
{
    AUTO_FREE char *raw = NULL;
    size_t size = 0;
    if (read_output(job, number, "svg", &raw, &size, err))
        return -1;
    if (svg_read(raw, out))
        return err_set(err, EXIT_CODE_UNFIT,
                       "gnuplot wrote only a part of picture %zu.svg; is %s full?",
                       number, job->folder);
    return 0;
}

static FILE *open_picture(struct picture *picture)
{
    return memory_stream(&picture->bytes, &picture->size);
}

/* The panels of a chart, from number *next on, and its SVG file. */
static int collect_svg(const struct job *job, const struct chart *chart,
                       struct drawing *drawing, size_t *next, struct err *err)
{
    struct svg_picture pictures[CHART_PANELS_MAX] = {{.marks = NULL}};
    int status = 0;
    for (size_t p = 0; p < chart->panel_count && !status; p++) {
        status = collect_panel(job, (*next)++, &pictures[p], err);
        if (status)
            break;
        FILE *stream = open_picture(&drawing->panels[p]);
        svg_write_inline(stream, &pictures[p], job->palette);
        memory_stream_close(stream, &drawing->panels[p].bytes);
    }
    if (!status) {
        FILE *stream = open_picture(&drawing->svg);
        svg_write_file(stream, pictures, chart->panel_count, job->palette, PANEL_WIDTH,
                       chart->height);
        memory_stream_close(stream, &drawing->svg.bytes);
    }
    for (size_t p = 0; p < chart->panel_count; p++)
        svg_picture_done(&pictures[p]);
    return status;
}

static int collect_png(const struct job *job, size_t number, struct picture *picture,
                       struct err *err)
{
    static const char end[] = {'I', 'E', 'N', 'D'};
    if (read_output(job, number, "png", &picture->bytes, &picture->size, err))
        return -1;
    bool is_whole = picture->size > 64 && !memcmp(picture->bytes, "\x89PNG", 4) &&
                    !memcmp(picture->bytes + picture->size - 8, end, sizeof end);
    if (!is_whole)
        return err_set(err, EXIT_CODE_UNFIT,
                       "gnuplot wrote only a part of picture %zu.png; is %s full?",
                       number, job->folder);
    return 0;
}

static int collect(const struct job *job, struct err *err)
{
    size_t whole = 0;
    size_t single = job->wholes;
    for (size_t i = 0; i < job->count; i++) {
        struct drawing *drawing = &job->drawings[i];
        if (job->charts[i].panel_count == 0)
            continue;
        if (is_ended(err) || collect_svg(job, &job->charts[i], drawing, &single, err) ||
            (job->has_png && collect_png(job, whole++, &drawing->png, err)))
            return -1;
    }
    return 0;
}

int render_charts(const struct chart *charts, size_t count, const struct palette *palette,
                  bool has_png, struct drawing *drawings, struct err *err)
{
    struct job job = {.charts = charts,
                      .palette = palette,
                      .count = count,
                      .has_png = has_png,
                      .drawings = drawings};
    memset(drawings, 0, count * sizeof *drawings);
    job.widths = memory_stream(&job.widths_text, &job.sizes[0]);
    job.heights = memory_stream(&job.heights_text, &job.sizes[1]);
    /* a signal that ends the program waits until the folder is removed */
    sigset_t ending, before;
    process_ending_signals(&ending);
    (void)sigprocmask(SIG_BLOCK, &ending, &before);
    int status = scratch_make(job.folder, sizeof job.folder, err);
    if (!status)
        status = write_canvases(&job, err);
    if (!status && job.canvases > 0)
        status = run_gnuplot(&job, err);
    if (!status)
        status = collect(&job, err);
    scratch_remove(job.folder);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    (void)fclose(job.widths);
    (void)fclose(job.heights);
    free(job.widths_text);
    free(job.heights_text);
    free(job.whole_widths);
    free(job.whole_heights);
    if (status)
        render_done(drawings, count);
    return status;
}

void render_done(struct drawing *drawings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(drawings[i].svg.bytes);
        free(drawings[i].png.bytes);
        for (size_t p = 0; p < CHART_PANELS_MAX; p++)
            free(drawings[i].panels[p].bytes);
        drawings[i] = (struct drawing){0};
    }
}
