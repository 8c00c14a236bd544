/* plot.c: see plot.h. gnuplot does axes, ticks and intervals; it cannot keep labels
 * apart, so the range of the axis is set here, and each label gets a place on it. */
#include "report/draw/plot.h"

#include "common/cleanup.h"
#include "common/file.h"
#include "common/memory.h"
#include "report/draw/labels.h"
#include "report/draw/plot_text.h"
#include "report/draw/plot_timeline.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#define TEMPLATE_BYTES_MAX (64U << 10)

const struct plot_look plot_looks[] = {
    [PANEL_SMALL] = {360, 280, 36, 46, 14, 28, 15, 18, 36, 12.5},
    [PANEL_WIDE] = {1040, 330, 42, 52, 16, 34, 18, 34, 60, 14},
};

static unsigned int widest_label(const struct panel *panel)
{
    double widest = 7;
    for (size_t s = 0; s < panel->series_count; s++)
        widest =
            fmax(widest, plot_text_width(panel, plot_text_label(&panel->series[s]).s));
    return (unsigned int)widest;
}

static unsigned int widest_value(const struct panel *panel, const struct axis *axis)
{
    double widest = 7;
    for (size_t s = 0; s < panel->series_count; s++)
        widest = fmax(
            widest,
            plot_text_width(panel, plot_text_value(panel, axis, &panel->series[s]).s));
    return (unsigned int)widest;
}

/* Whether the values go to the right, and the series from the top downwards. */
static bool plot_is_across(const struct panel *panel)
{
    return panel->kind == PANEL_ROWS || panel->kind == PANEL_TIMELINE;
}

/* --- the script */

static void put_style(FILE *out, const struct panel *panel, size_t s)
{
    const struct panel_series *series = &panel->series[s];
    const struct style *style = series->style;
    const bool is_thin = series->companion || series->is_reference;
    const struct dash *dash =
        palette_dash(series->companion ? PALETTE_COMPANION : style->dash);
    (void)fprintf(out, "set style line %zu lc rgb '#%06x' lw %s pt %d ps %s dt ", s + 1,
                  style->line, is_thin ? "1" : "1.8", style->marker,
                  panel->size == PANEL_WIDE ? "0.72" : "0.62");
    for (size_t i = 0; i < dash->count; i++)
        (void)fprintf(out, "%s%g", i > 0 ? "," : "(", dash->lengths[i]);
    (void)fputs(dash->count > 0 ? ")\n" : "1\n", out);
}

/* The range to the right of lines and dots. */
static void put_xs(FILE *out, const struct panel *panel)
{
    const struct plot_look *look = &plot_looks[panel->size];
    AUTO_FREE double *xs = NULL;
    const size_t count = panel_xs(panel, false, &xs);
    const double last = count > 0 && xs[count - 1] > 0 ? xs[count - 1] : 1;
    if (panel->kind == PANEL_LINES || panel->kind == PANEL_KNEE) {
        (void)fputs("xs = '", out);
        for (size_t i = 0; i < count; i++)
            (void)fprintf(out, "%s%.9g", i > 0 ? " " : "", xs[i]);
        (void)fprintf(out, "'%s  # requests in flight\n", count == 0 ? "1 2" : "");
    } else if (panel->kind == PANEL_PERCENTILES) {
        (void)fprintf(out, "x_high = %.9g\n", last < 1 ? last : 0.5);
    } else {
        const double step = panel_step(last);
        (void)fprintf(out, "x_high = %.9g; x_step = %.9g  # seconds\n",
                      ceil(last / step) * step, step);
    }
    const double plot = look->width - 60.0 - widest_label(panel) - look->leader;
    (void)fprintf(out, "gap = %.3f  # of the width, for the hairlines to the labels\n",
                  (panel->series_count > 6 ? 1.5 : 1) * look->leader / plot);
}

static void put_numbers(FILE *out, const struct panel *panel, const char *name)
{
    const struct plot_look *look = &plot_looks[panel->size];
    const struct axis axis = panel_axis(panel);
    const bool is_rows = plot_is_across(panel);
    (void)fprintf(out,
                  "# %s.gp draws %s.svg and %s.png. Its texts and values are in %s.tsv.\n"
                  "# Change what you like, and run: gnuplot %s.gp\n"
                  "reset\nname = '%s'\n",
                  name, name, name, name, name, name);
    (void)fprintf(out,
                  "width = %u; height = %u; font_size = %g  # pixels\n"
                  "top = %u; bottom = %u; ",
                  look->width, panel_height(panel), look->font, look->top,
                  look->bottom - (is_rows ? look->axis_name : 0));
    if (is_rows)
        (void)fprintf(out, "left = %u; ", widest_label(panel) + 14);
    (void)fprintf(out, "right = %u\nlow = %.9g; high = %.9g; step = %.9g; is_log = %d\n",
                  (is_rows ? widest_value(panel, &axis) : widest_label(panel)) + 12,
                  axis.low, axis.high, axis.step, axis.is_log);
    if (!is_rows)
        put_xs(out, panel);
    (void)fprintf(out,
                  "series = %zu  # blocks of the file after the first; their "
                  "lines, and the colours of their labels:\n",
                  panel->series_count);
    for (size_t s = 0; s < panel->series_count; s++)
        put_style(out, panel, s);
    (void)fputs("label_colours = '", out);
    for (size_t s = 0; s < panel->series_count; s++)
        (void)fprintf(out, "%s#%06x", s > 0 ? " " : "", panel->series[s].style->text);
    (void)fputs("'\n", out);
    if (panel->kind == PANEL_TIMELINE)
        plot_timeline_colours(out, panel);
}

int plot_script(const struct panel *panel, const char *name, const char *templates,
                char **out_text, size_t *out_size, struct err *err)
{
    static const char *const kinds[] = {[PANEL_LINES] = "lines",
                                        [PANEL_KNEE] = "knee",
                                        [PANEL_PERCENTILES] = "percentiles",
                                        [PANEL_ORDER] = "order",
                                        [PANEL_ROWS] = "bars",
                                        [PANEL_TIMELINE] = "timeline"};
    const bool is_rows = plot_is_across(panel);
    const char *const parts[] = {
        "look", is_rows ? "x-axis" : "y-axis",
        is_rows && panel_axis(panel).is_log ? "dots" : kinds[panel->kind], "end"};
    int status = 0;
    FILE *out = memory_stream(out_text, out_size);
    put_numbers(out, panel, name);
    for (size_t i = 0; i < COUNT_OF(parts) && !status; i++) {
        AUTO_FREE char *text = NULL;
        char path[PATH_MAX];
        size_t size = 0;
        (void)snprintf(path, sizeof path, "%.4000s/%s.gp", templates, parts[i]);
        status = file_read(path, TEMPLATE_BYTES_MAX, &text, &size, err);
        if (!status)
            (void)fwrite(text, 1, size, out);
    }
    memory_stream_close(out, out_text);
    return status;
}

/* --- the data */

static void put_number(FILE *out, double value)
{
    (void)fputc('\t', out);
    if (isfinite(value))
        (void)fprintf(out, "%.9g", value);
}

static double to_pixel(const struct axis *axis, double value)
{
    return axis->is_log ? log(value / axis->low) / log(axis->high / axis->low)
                        : (value - axis->low) / (axis->high - axis->low);
}

static double from_pixel(const struct axis *axis, double part)
{
    return axis->is_log ? axis->low * pow(axis->high / axis->low, part)
                        : axis->low + part * (axis->high - axis->low);
}

/* Where each series' label stands, on the axis; NaN: it has none. */
static void place_labels(const struct panel *panel, const struct axis *axis,
                         double *out_places)
{
    const struct plot_look *look = &plot_looks[panel->size];
    const double plot = panel_height(panel) - look->top - look->bottom;
    double pixels[PANEL_SERIES_MAX];
    size_t of[PANEL_SERIES_MAX], count = 0;
    for (size_t s = 0; s < panel->series_count; s++) {
        const struct panel_series *series = &panel->series[s];
        out_places[s] = NAN;
        if (series->count == 0 || series->companion)
            continue;
        const double last = series->points[series->count - 1].y / axis->divisor;
        pixels[count] = plot * to_pixel(axis, last);
        of[count++] = s;
    }
    labels_spread(pixels, count, look->label, 2, plot - 1);
    for (size_t i = 0; i < count; i++)
        out_places[of[i]] = from_pixel(axis, pixels[i] / plot);
}

/* x, y, low, high, y again where there is a marker; at the last one the label. */
static void put_point(FILE *out, const struct panel_point *point, const struct axis *axis)
{
    (void)fprintf(out, "%.9g", point->x);
    put_number(out, point->y / axis->divisor);
    put_number(out, point->low / axis->divisor);
    put_number(out, point->high / axis->divisor);
    put_number(out, point->is_marked ? point->y / axis->divisor : (double)NAN);
}

static void put_line(FILE *out, const struct panel *panel, const struct axis *axis,
                     size_t s, double place)
{
    const struct panel_series *series = &panel->series[s];
    AUTO_FREE double *xs = NULL;
    const size_t count = panel_xs(panel, false, &xs);
    if (series->is_level && series->count > 0 && count > 0) {
        struct panel_point end = {xs[0], series->points[0].y, NAN, NAN, false};
        put_point(out, &end, axis);
        (void)fputs("\t\t\n", out);
        end.x = xs[count - 1];
        put_point(out, &end, axis);
    }
    for (size_t i = 0; i < series->count && !series->is_level; i++) {
        (void)fputs(i > 0 ? "\t\t\n" : "", out);
        put_point(out, &series->points[i], axis);
    }
    if (series->count == 0)
        (void)fputs("\t\t\t\t", out);
    put_number(out, place);
    plot_text_put(out, "\t", isfinite(place) ? plot_text_label(series).s : "");
    (void)fputc('\n', out);
}

static void put_row(FILE *out, const struct panel *panel, const struct axis *axis,
                    size_t s)
{
    const struct panel_series *series = &panel->series[s];
    struct panel_point point = {0, NAN, NAN, NAN, false};
    if (series->count > 0)
        point = series->points[0];
    const double end = fmax(point.y, point.high); /* the one that is a number */
    (void)fprintf(out, "%g", (double)(panel->series_count - s) - 0.5);
    put_number(out, point.y / axis->divisor);
    put_number(out, point.low / axis->divisor);
    put_number(out, point.high / axis->divisor);
    put_number(out, isfinite(end) ? end / axis->divisor : axis->low);
    plot_text_put(out, "\t", plot_text_value(panel, axis, series).s);
    plot_text_put(out, "\t", plot_text_label(series).s);
    (void)fputc('\n', out);
}

void plot_data(const struct panel *panel, char **out_text, size_t *out_size)
{
    const struct axis axis = panel_axis(panel);
    const bool is_rows = panel->kind == PANEL_ROWS;
    double places[PANEL_SERIES_MAX];
    FILE *out = memory_stream(out_text, out_size);
    plot_text_put(out, "", panel_title(panel).s);
    plot_text_put(out, "\t", panel->x_name ? panel->x_name : "-");
    (void)fputc('\n', out);
    if (panel->kind == PANEL_TIMELINE) {
        plot_timeline_data(out, panel, &axis);
        memory_stream_close(out, out_text);
        return;
    }
    if (!is_rows)
        place_labels(panel, &axis, places);
    for (size_t s = 0; s < panel->series_count; s++) {
        plot_text_put(out, "\n\n", is_rows ? "row" : panel->x_name);
        plot_text_put(out, "\t", format_label(panel->series[s].label, 60).s);
        (void)fputs(is_rows ? "\tlow\thigh\tend\ttext\tlabel\n"
                            : "\tlow\thigh\tmarker\tlabel at\tlabel\n",
                    out);
        if (is_rows)
            put_row(out, panel, &axis, s);
        else
            put_line(out, panel, &axis, s, places[s]);
    }
    memory_stream_close(out, out_text);
}
