/* page_figure.c: one figure: its pictures with alternative text, the caption that states
 * the caption, links to the files for slides, and the numbers as a table. */
#include "report/page/page.h"

#include "common/cleanup.h"
#include "common/memory.h"
#include "report/data/format.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *series_name(const struct page *page)
{
    return page->series_name ? page->series_name : "model";
}

static void write_value(struct html *html, const struct panel *panel,
                        const struct panel_point *point)
{
    html_text(html, format_value(point->y, panel->unit).s);
    if (isfinite(point->low) && isfinite(point->high)) {
        html_raw(html, " <span class=\"ci\">[");
        html_text(html, format_value(point->low, panel->unit).s);
        html_raw(html, ", ");
        html_text(html, format_value(point->high, panel->unit).s);
        html_raw(html, "]</span>");
    }
}

/* Begins the row of a series: the heading of its family where that begins, and its name.
 */
static void begin_row(struct html *html, const struct page *page,
                      const struct panel *panel, size_t s, size_t columns)
{
    const struct panel_series *series = &panel->series[s];
    if (series->is_reference)
        html_raw(html, "</tbody><tbody>\n"); /* rows without a family */
    else
        page_write_family(html, page, s > 0 ? panel->series[s - 1].label : NULL,
                          series->label, columns);
    html_raw(html, "<tr");
    page_write_class(html, page, series->label);
    html_raw(html, "><th scope=\"row\">");
    if (series->is_reference)
        html_text(html, series->label);
    else
        page_write_model(html, page, series->label);
    if (series->companion)
        html_textf(html, " %s", series->companion);
    html_raw(html, "</th>");
}

static void write_trials(struct html *html, const struct panel *panel,
                         const struct panel_series *series)
{
    html_raw(html, "<td class=\"list\">");
    for (size_t i = 0; i < series->count; i++) {
        html_text(html, i > 0 ? "; " : "");
        html_text(html, format_value(series->points[i].y, panel->unit).s);
        html_textf(html, " (%.1f)", series->points[i].x);
    }
    html_raw(html, "</td>");
}

static void write_bar(struct html *html, const struct panel *panel,
                      const struct panel_series *series)
{
    html_raw(html, "<td>");
    html_textf(html, "%" PRIu64, series->concurrency);
    html_raw(html, "</td><td>");
    if (series->count > 0)
        write_value(html, panel, &series->points[0]);
    else
        html_raw(html, "–");
    html_raw(html, "</td>");
}

/* A column for each of the xs. */
static void write_line(struct html *html, const struct panel *panel,
                       const struct panel_series *series, const double *xs, size_t count)
{
    for (size_t i = 0, at = 0; i < count; i++) {
        html_raw(html, "<td>");
        if (at < series->count && series->points[at].x == xs[i])
            write_value(html, panel, &series->points[at++]);
        html_raw(html, "</td>");
    }
}

/* What there is to see of each model, summed up. */
static void write_timeline_table(struct html *html, const struct page *page,
                                 const struct panel *panel)
{
    html_raw(html, "<thead><tr>");
    html_element(html, "th scope=\"col\"", series_name(page));
    html_raw(html, "<th scope=\"col\">lanes</th><th scope=\"col\">requests</th>"
                   "<th scope=\"col\">start-up</th><th scope=\"col\">end</th>"
                   "<th scope=\"col\">all waits</th><th scope=\"col\">all computing</th>"
                   "<th scope=\"col\">loop blocked</th></tr></thead>\n<tbody>\n");
    for (size_t s = 0; s < panel->series_count; s++) {
        const struct timeline *t = &panel->series[s].timeline;
        const double times[] = {t->setup_ns, t->end_ns, t->sum_ns[TRACE_WAIT],
                                t->sum_ns[TRACE_WORK], t->sum_ns[TRACE_BLOCKED]};
        begin_row(html, page, panel, s, 8);
        html_raw(html, "<td>");
        if (t->is_by_cpu)
            html_textf(html, "%u of ", t->used_cpus);
        html_textf(html, "%s%u %s%s", t->is_area ? "up to " : "", t->lanes,
                   t->is_area     ? "in flight"
                   : t->is_by_cpu ? "CPU"
                                  : "worker",
                   t->is_area || t->lanes == 1 ? "" : "s");
        html_raw(html, "</td>");
        html_element(html, "td", format_exact((double)t->requests, UNIT_COUNT).s);
        for (size_t i = 0; i < COUNT_OF(times); i++)
            html_element(html, "td", format_value(times[i], UNIT_NS).s);
        html_raw(html, "</tr>\n");
    }
    html_raw(html, "</tbody>");
}

/* One row per series. */
static void write_table(struct html *html, const struct page *page,
                        const struct panel *panel)
{
    const bool is_rows = panel->kind == PANEL_ROWS;
    const bool is_order = panel->kind == PANEL_ORDER;
    AUTO_FREE double *xs = NULL;
    const size_t count = panel_xs(panel, true, &xs);
    html_raw(html, "<thead><tr>");
    html_element(html, "th scope=\"col\"", series_name(page));
    if (is_rows)
        html_raw(html, "<th scope=\"col\">in flight</th>");
    if (is_rows || is_order)
        html_element(html, "th scope=\"col\"",
                     is_rows ? "value" : "value (second of the run), in order");
    for (size_t i = 0; i < count && !is_rows && !is_order; i++)
        html_element(html, "th scope=\"col\"",
                     panel->kind == PANEL_PERCENTILES
                         ? format_quantile(xs[i]).s
                         : format_exact(xs[i], UNIT_COUNT).s);
    html_raw(html, "</tr></thead>\n<tbody>\n");
    for (size_t s = 0; s < panel->series_count; s++) {
        const struct panel_series *series = &panel->series[s];
        begin_row(html, page, panel, s, is_rows ? 3 : is_order ? 2 : count + 1);
        if (is_rows)
            write_bar(html, panel, series);
        else if (is_order)
            write_trials(html, panel, series);
        else
            write_line(html, panel, series, xs, count);
        html_raw(html, "</tr>\n");
    }
    html_raw(html, "</tbody>");
}

static void write_numbers(struct html *html, const struct page *page,
                          const struct chart *chart)
{
    html_raw(html, "<details><summary>Numbers of this figure</summary>\n");
    for (size_t i = 0; i < chart->panel_count; i++) {
        const struct panel *panel = &chart->panels[i];
        html_raw(html, "<div class=\"scroll\" tabindex=\"0\" role=\"region\"");
        html_attr(html, "aria-label", panel->name);
        html_raw(html, "><table><caption>");
        html_text(html, panel->name);
        if (panel->x_name)
            html_textf(html, ", over %s", panel->x_name);
        html_raw(html, "</caption>\n");
        if (panel->kind == PANEL_TIMELINE)
            write_timeline_table(html, page, panel);
        else
            write_table(html, page, panel);
        html_raw(html, "</table></div>\n");
    }
    html_raw(html, "</details>\n");
}

/* "Throughput, requests/s (log), over requests in flight. At the right end: ..." */
static void write_alt(struct html *html, const char *series_word, const char *where,
                      const struct panel *panel)
{
    html_raw(html, " aria-label=\"");
    html_text(html, panel_title(panel).s);
    if (panel->x_name)
        html_textf(html, " over %s", panel->x_name);
    html_textf(html,
               panel->kind == PANEL_ROWS ? ", one bar per %s:"
               : panel->kind == PANEL_TIMELINE
                   ? " from the first request on. End of each %s:"
                   : ". Last point of each %s:",
               series_word);
    for (size_t s = 0; s < panel->series_count; s++) {
        const struct panel_series *series = &panel->series[s];
        if (series->count == 0 || series->is_reference)
            continue;
        html_textf(html, "%s %s%s%s %s", s > 0 ? "," : "", series->label,
                   series->companion ? " " : "",
                   series->companion ? series->companion : "",
                   format_value(series->points[series->count - 1].y, panel->unit).s);
    }
    html_textf(html, ". The numbers are in %s.", where);
    html_raw(html, "\"");
}

/* The files of a panel that there are. */
static void write_links(struct html *html, const struct chart *chart, size_t panel,
                        const struct picture *pictures)
{
    static const char *const words[RENDER_PAGE] = {".gp", ".tsv", "SVG", "PNG"};
    html_raw(html, "<p class=\"files\">");
    for (int kind = 0; kind < RENDER_PAGE; kind++) {
        if (!pictures[kind].bytes)
            continue;
        html_raw(html, " <a href=\"charts/");
        html_textf(html, "%s%s", render_name(chart, panel).s, render_suffixes[kind]);
        html_raw(html, "\">");
        html_text(html, words[kind]);
        html_raw(html, "</a>");
    }
    html_raw(html, "</p>\n");
}

static void write_svg(struct html *html, const struct panel *panel,
                      const char *class_name, const struct picture *picture,
                      const char *series, const char *where)
{
    html_raw(html, "<svg");
    html_attr(html, "class", class_name);
    html_raw(html, " viewBox=\"0 0 ");
    html_textf(html, "%u %u", panel_width(panel), panel_height(panel));
    html_raw(html, "\" role=\"img\"");
    write_alt(html, series, where, panel);
    html_raw(html, ">\n");
    html_svg(html, picture->bytes, picture->size);
    html_raw(html, "</svg>\n");
}

void page_write_picture(struct html *html, const struct panel *panel,
                        const struct picture *pictures, const char *series,
                        const char *where)
{
    write_svg(html, panel, "p", &pictures[RENDER_PAGE], series, where);
    if (!pictures[RENDER_NARROW].bytes)
        return;
    struct panel narrow = *panel;
    narrow.size = PANEL_SMALL;
    write_svg(html, &narrow, "p narrow", &pictures[RENDER_NARROW], series, where);
}

static void write_panel(struct html *html, const struct page *page,
                        const struct chart *chart, size_t index,
                        const struct picture *pictures)
{
    const struct panel *panel = &chart->panels[index];
    html_raw(html, "<div");
    html_attr(html, "class", panel->size == PANEL_WIDE ? "chart wide" : "chart");
    html_raw(html, ">\n");
    page_write_picture(html, panel, pictures, series_name(page),
                       "the table below the figure");
    if (chart->scenario)
        write_links(html, chart, index, pictures);
    html_raw(html, "</div>\n");
}

void page_write_figure(struct html *html, const struct page *page,
                       const struct chart *chart, const struct drawing *drawing)
{
    html_raw(html, "<figure>\n");
    if (chart->panel_count > 0)
        html_raw(html, "<div class=\"panels\">\n");
    for (size_t i = 0; i < chart->panel_count; i++)
        write_panel(html, page, chart, i, drawing->panels[i]);
    if (chart->panel_count > 0)
        html_raw(html, "</div>\n");
    html_raw(html, "<figcaption><b>");
    html_text(html, chart->title);
    html_raw(html, ".</b> ");
    if (chart->panel_count > 0) {
        html_prose(html, chart->caption);
        html_raw(html, "\n");
        write_numbers(html, page, chart);
    } else {
        html_raw(html, "Not measured.");
    }
    html_raw(html, "</figcaption></figure>\n");
}
