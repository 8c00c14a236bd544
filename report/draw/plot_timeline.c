/* plot_timeline.c: see plot_timeline.h. */
#include "report/draw/plot_timeline.h"

#include "report/draw/plot.h"
#include "report/draw/plot_text.h"

#include <math.h>

/* The colour with so much white in it, for what is there and does nothing. */
static unsigned int paler(unsigned int colour)
{
    unsigned int pale = 0;
    for (int shift = 16; shift >= 0; shift -= 8)
        pale = pale << 8 | (0xFF - (0xFF - (colour >> shift & 0xFF)) * 38 / 100);
    return pale;
}

void plot_timeline_colours(FILE *out, const struct panel *panel)
{
    (void)fprintf(out, "setup = %u; blocked = %u\nwork = '", PLOT_SETUP, PLOT_BLOCKED);
    for (size_t s = 0; s < panel->series_count; s++)
        (void)fprintf(out, "%s%u", s > 0 ? " " : "", panel->series[s].style->line);
    (void)fputs("'\nwait = '", out);
    for (size_t s = 0; s < panel->series_count; s++)
        (void)fprintf(out, "%s%u", s > 0 ? " " : "", paler(panel->series[s].style->line));
    (void)fputs("'\n", out);
}

/* From start to end in the unit of the axis, from low to high in pixels above the axis. */
static void put_bar(FILE *out, double start, double end, double low, double high,
                    int state)
{
    (void)fprintf(out, "%.7g\t%.7g\t%.4g\t%.4g\t%d", start, end, low, high, state);
}

/* The bars of a band whose upper end is at top, and at last its end with the texts. */
static void put_band(FILE *out, const struct panel *panel, const struct axis *axis,
                     size_t s, double top)
{
    const struct panel_series *series = &panel->series[s];
    const struct timeline *t = &series->timeline;
    const double band = panel_band(series), lane = band / fmax(1, t->lanes);
    const double space = t->is_area ? 0 : lane > 6 ? 2 : 1;
    put_bar(out, fmax(axis->low, -t->setup_ns / axis->divisor), 0, top - band, top,
            TRACE_SETUP);
    (void)fputs("\t\t\n", out);
    for (enum trace_state state = TRACE_WAIT; state < TRACE_STATES; state++) {
        for (size_t i = 0; i < t->count; i++) {
            const struct timeline_bar *bar = &t->bars[i];
            const double low = t->is_area
                                   ? top - band + fmin(bar->bottom, t->lanes) * lane
                                   : top - bar->top * lane + space;
            const double high = t->is_area ? top - band + fmin(bar->top, t->lanes) * lane
                                           : top - bar->bottom * lane;
            if (bar->state != state)
                continue;
            put_bar(out, bar->start_ns / axis->divisor, bar->end_ns / axis->divisor, low,
                    high, (int)state);
            (void)fputs("\t\t\n", out);
        }
    }
    const double end = t->end_ns / axis->divisor;
    put_bar(out, end, end, top - band, top, TRACE_STATES);
    plot_text_put(out, "\t", plot_text_value(panel, axis, series).s);
    plot_text_put(out, "\t", plot_text_label(series).s);
    (void)fputc('\n', out);
}

void plot_timeline_data(FILE *out, const struct panel *panel, const struct axis *axis)
{
    const struct plot_look *look = &plot_looks[panel->size];
    double top = panel_height(panel) - look->top - look->bottom + look->axis_name;
    for (size_t s = 0; s < panel->series_count; s++) {
        plot_text_put(out, "\n\n", "start");
        plot_text_put(out, "\t", format_label(panel->series[s].label, 60).s);
        (void)fputs("\tlow\thigh\tstate\ttext\tlabel\n", out);
        put_band(out, panel, axis, s, top);
        top -= panel_band(&panel->series[s]) + PANEL_BAND_GAP;
    }
}
