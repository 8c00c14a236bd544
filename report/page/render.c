/* render.c: from charts to checked files; see render.h. */
#include "report/page/render.h"

#include "common/cleanup.h"
#include "common/file.h"
#include "common/memory.h"
#include "common/paths.h"
#include "common/process.h"
#include "report/draw/gnuplot.h"
#include "report/draw/plot.h"
#include "report/draw/scratch.h"
#include "report/draw/svg_page.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define GNUPLOT_LIMIT_MS  20000
#define PICTURE_BYTES_MAX (32U << 20)

const char *const render_suffixes[RENDER_PAGE] = {
    [RENDER_SCRIPT] = ".gp",
    [RENDER_DATA] = ".tsv",
    [RENDER_SVG] = ".svg",
    [RENDER_PNG] = ".png",
};

struct job {
    const struct chart *charts;
    size_t count;
    struct drawing *drawings;
    bool has_png;
    char folder[PATH_MAX - 192], templates[PATH_MAX];
};

struct render_name render_name(const struct chart *chart, size_t panel)
{
    struct render_name name;
    (void)snprintf(name.s, sizeof name.s, "%.64s-%.48s", chart->prefix,
                   chart->panels[panel].id);
    return name;
}

/* Of the small picture of a wide panel. */
static struct render_name narrow_name(const struct chart *chart, size_t panel)
{
    struct render_name name = render_name(chart, panel);
    (void)snprintf(name.s + strlen(name.s), sizeof name.s - strlen(name.s), ".narrow");
    return name;
}

/* Calls what for every panel of every chart, until one fails or the program is told to
 * end. */
static int for_each(struct job *job,
                    int (*what)(struct job *, const struct chart *, size_t,
                                struct picture *, struct err *),
                    struct err *err)
{
    sigset_t ending, pending, both;
    process_ending_signals(&ending);
    for (size_t i = 0; i < job->count; i++) {
        if (!sigpending(&pending) && !sigandset(&both, &ending, &pending) &&
            !sigisemptyset(&both))
            return err_set(err, EXIT_CODE_UNFIT, "interrupted");
        for (size_t p = 0; p < job->charts[i].panel_count; p++)
            if (what(job, &job->charts[i], p, job->drawings[i].panels[p], err))
                return -1;
    }
    return 0;
}

static void path_of(const struct job *job, const char *name, enum render_kind kind,
                    char *out_path, size_t size)
{
    (void)snprintf(out_path, size, "%s/%s%s", job->folder, name, render_suffixes[kind]);
}

static int write_panel(const struct job *job, const struct panel *panel, const char *name,
                       struct picture *script, struct picture *data, struct err *err)
{
    char path[PATH_MAX];
    if (plot_script(panel, name, job->templates, &script->bytes, &script->size, err))
        return -1;
    plot_data(panel, &data->bytes, &data->size);
    path_of(job, name, RENDER_SCRIPT, path, sizeof path);
    if (file_write(path, script->bytes, script->size, err))
        return -1;
    path_of(job, name, RENDER_DATA, path, sizeof path);
    return file_write(path, data->bytes, data->size, err);
}

static int write_inputs(struct job *job, const struct chart *chart, size_t index,
                        struct picture *pictures, struct err *err)
{
    struct panel panel = chart->panels[index];
    struct picture script = {NULL, 0}, data = {NULL, 0};
    if (write_panel(job, &panel, render_name(chart, index).s, &pictures[RENDER_SCRIPT],
                    &pictures[RENDER_DATA], err))
        return -1;
    if (panel.size != PANEL_WIDE)
        return 0;
    panel.size = PANEL_SMALL;
    const int status =
        write_panel(job, &panel, narrow_name(chart, index).s, &script, &data, err);
    free(script.bytes);
    free(data.bytes);
    return status;
}

static int is_part(const struct job *job, const char *name, struct err *err)
{
    return err_set(err, EXIT_CODE_UNFIT,
                   "gnuplot wrote only a part of picture %s; is %.1000s full?", name,
                   job->folder);
}

static int read_output(const struct job *job, const char *name, enum render_kind kind,
                       struct picture *out, struct err *err)
{
    char path[PATH_MAX];
    struct err why = {0};
    path_of(job, name, kind, path, sizeof path);
    if (file_read(path, PICTURE_BYTES_MAX, &out->bytes, &out->size, &why))
        return err_set(err, EXIT_CODE_UNFIT,
                       "gnuplot left no picture %s%s; is %.1000s full?", name,
                       render_suffixes[kind], job->folder);
    return 0;
}

/* gnuplot's first group, an empty one, names the last colour of the picture that the same
 * process drew before. Names the one of a process of its own, so that a person who runs
 * the script gets the same bytes. */
static void forget_picture_before(struct picture *svg)
{
    static const char fresh[] = "currentColor";
    char *first = strstr(svg->bytes, "</defs>\n<g ");
    char *value = first ? strstr(first, " stroke=\"") : NULL;
    char *end = value ? strchr(value + 9, '"') : NULL;
    if (!end)
        return;
    const size_t before = (size_t)(value + 9 - svg->bytes);
    const size_t after = (size_t)(end - svg->bytes);
    char *bytes = memory_malloc(svg->size + sizeof fresh);
    memcpy(bytes, svg->bytes, before);
    memcpy(bytes + before, fresh, sizeof fresh - 1);
    memcpy(bytes + before + sizeof fresh - 1, end, svg->size - after + 1);
    svg->size += sizeof fresh - 1 + before - after;
    free(svg->bytes);
    svg->bytes = bytes;
}

static bool is_whole_png(const struct picture *png)
{
    return png->size > 64 && !memcmp(png->bytes, "\x89PNG", 4) &&
           !memcmp(png->bytes + png->size - 8, "IEND", 4);
}

/* Reads name.svg, and makes of it what stands in the page. */
static int read_svg(const struct job *job, const struct panel *panel, const char *name,
                    struct picture *svg, struct picture *page, struct err *err)
{
    if (read_output(job, name, RENDER_SVG, svg, err))
        return -1;
    forget_picture_before(svg);
    FILE *stream = memory_stream(&page->bytes, &page->size);
    const int status = svg_page_write(stream, svg->bytes, panel);
    memory_stream_close(stream, &page->bytes);
    return status ? is_part(job, name, err) : 0;
}

static int read_outputs(struct job *job, const struct chart *chart, size_t index,
                        struct picture *pictures, struct err *err)
{
    const struct render_name name = render_name(chart, index);
    struct panel panel = chart->panels[index];
    if (read_svg(job, &panel, name.s, &pictures[RENDER_SVG], &pictures[RENDER_PAGE], err))
        return -1;
    if (job->has_png &&
        (read_output(job, name.s, RENDER_PNG, &pictures[RENDER_PNG], err) ||
         (!is_whole_png(&pictures[RENDER_PNG]) && is_part(job, name.s, err))))
        return -1;
    if (panel.size != PANEL_WIDE)
        return 0;
    struct picture svg = {NULL, 0};
    panel.size = PANEL_SMALL;
    const int status = read_svg(job, &panel, narrow_name(chart, index).s, &svg,
                                &pictures[RENDER_NARROW], err);
    free(svg.bytes);
    return status;
}

static int run_gnuplot(const struct job *job, struct err *err)
{
    char program[PATH_MAX];
    size_t count = 0, used = 0;
    for (size_t i = 0; i < job->count; i++)
        count += 2 * job->charts[i].panel_count;
    AUTO_FREE struct render_name *names = memory_calloc(count + 1, sizeof *names);
    AUTO_FREE const char **pointers = memory_calloc(count + 1, sizeof *pointers);
    for (size_t i = 0; i < job->count; i++) {
        for (size_t p = 0; p < job->charts[i].panel_count; p++) {
            names[used++] = render_name(&job->charts[i], p);
            if (job->charts[i].panels[p].size == PANEL_WIDE)
                names[used++] = narrow_name(&job->charts[i], p);
        }
    }
    for (size_t i = 0; i < used; i++)
        pointers[i] = names[i].s;
    if (used == 0)
        return 0;
    if (gnuplot_find(program, sizeof program, err))
        return -1;
    return gnuplot_run(program, job->folder, pointers, used, job->has_png,
                       GNUPLOT_LIMIT_MS, err);
}

int render_charts(const struct chart *charts, size_t count, bool has_png,
                  struct drawing *drawings, struct err *err)
{
    struct job job = {
        .charts = charts, .count = count, .drawings = drawings, .has_png = has_png};
    memset(drawings, 0, count * sizeof *drawings);
    if (paths_share("charts", job.templates, sizeof job.templates, err))
        return -1;
    /* a signal that ends the program waits until the folder is removed */
    sigset_t ending, before;
    process_ending_signals(&ending);
    (void)sigprocmask(SIG_BLOCK, &ending, &before);
    int status = scratch_make(job.folder, sizeof job.folder, err);
    if (!status)
        status = for_each(&job, write_inputs, err);
    if (!status)
        status = run_gnuplot(&job, err);
    if (!status)
        status = for_each(&job, read_outputs, err);
    scratch_remove(job.folder);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    if (status)
        render_done(drawings, count);
    return status;
}

void render_done(struct drawing *drawings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t p = 0; p < CHART_PANELS_MAX; p++)
            for (size_t k = 0; k < RENDER_KINDS; k++)
                free(drawings[i].panels[p][k].bytes);
        drawings[i] = (struct drawing){0};
    }
}
