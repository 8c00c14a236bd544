/* page_cells.c: every cell of a scenario as numbers, in two tables that fit the page: one
 * for what a user sees, one for what it costs. */
#include "report/page/page.h"

#include "report/data/columns.h"
#include "report/data/format.h"

#include <inttypes.h>
#include <string.h>

#define SPLIT_FROM_NS 1e9 /* user and system are sampled by a tick of at most 10 ms */

static const enum metric_id speeds[] = {METRIC_THROUGHPUT, METRIC_CPU_PER_REQUEST};
static const enum metric_id costs[] = {
    METRIC_CPU_STARTUP, METRIC_SETUP,     METRIC_TREE_MEMORY, METRIC_MAX_RSS,
    METRIC_WALL,        METRIC_VOLUNTARY, METRIC_INVOLUNTARY, METRIC_MINOR_FAULTS,
    METRIC_ORIGIN_CPU,  METRIC_RUNNER_CPU};

struct view {
    const char *name;
    const enum metric_id *columns;
    size_t column_count, all_columns; /* all: after the model's */
    bool is_speed;
};

static const struct view views[] = {
    {"Speed and latency of every cell", speeds, COUNT_OF(speeds),
     COUNT_OF(speeds) + LOAD_QUANTILES + 3, true},
    {"What every cell costs", costs, COUNT_OF(costs), COUNT_OF(costs) + 3, false},
};

static void write_metric(struct html *html, const struct cell *cell, enum metric_id id,
                         bool has_interval)
{
    const struct metric *m = &cell->metrics[id];
    const enum unit unit = metric_specs[id].unit;
    html_raw(html, "<td>");
    html_text(html, columns_mark(cell, id));
    html_text(html, format_value(m->median, unit).s);
    if (has_interval && m->has_interval) {
        html_raw(html, " <span class=\"ci\">[");
        html_textf(html, "%s, %s", format_value(m->low, unit).s,
                   format_value(m->high, unit).s);
        html_raw(html, "]</span>");
    }
    html_raw(html, "</td>");
}

static void write_split(struct html *html, const struct cell *cell)
{
    html_raw(html, "<td>");
    if (cell->metrics[METRIC_CPU_TOTAL].median >= SPLIT_FROM_NS)
        html_textf(html, "%s / %s",
                   format_value(cell->metrics[METRIC_CPU_USER].median, UNIT_NS).s,
                   format_value(cell->metrics[METRIC_CPU_SYSTEM].median, UNIT_NS).s);
    else
        html_raw(html, "–");
    html_raw(html, "</td><td class=\"list\">");
    html_text(html, cell->bound ? cell->bound : "–");
    html_raw(html, "</td>");
}

static void write_metrics(struct html *html, const struct cell *cell,
                          const struct view *view)
{
    for (size_t i = 0; i < view->column_count; i++)
        write_metric(html, cell, view->columns[i], view->is_speed);
    for (size_t i = 0; i < LOAD_QUANTILES && view->is_speed; i++) {
        html_raw(html, "<td class=\"quantile\">");
        page_write_quantile(html, &cell->latency, i);
        html_raw(html, "</td>");
    }
    if (!view->is_speed)
        write_split(html, cell);
}

static void write_row(struct html *html, const struct page *page, const struct cell *cell,
                      const struct view *view)
{
    html_raw(html, "<tr");
    page_write_class(html, page, cell->model);
    html_raw(html, "><th scope=\"row\">");
    page_write_model(html, page, cell->model);
    html_raw(html, "</th>");
    html_element(html, "td", format_exact((double)cell->concurrency, UNIT_COUNT).s);
    if (view->is_speed) {
        html_element(html, "td", format_exact((double)cell->requests, UNIT_COUNT).s);
        html_element(html, "td",
                     format_exact((double)cell->metrics[METRIC_WALL].n, UNIT_COUNT).s);
    }
    if (cell->has_summary) {
        write_metrics(html, cell, view);
    } else {
        html_raw(html, "<td colspan=\"12\" class=\"list\">");
        html_textf(html, "%s: %s", cell->status, cell->reason ? cell->reason : "–");
        html_raw(html, "</td>");
    }
    html_raw(html, "</tr>\n");
}

static void begin_table(struct html *html, const struct view *view)
{
    html_raw(html, "<div class=\"scroll\" tabindex=\"0\" role=\"region\"");
    html_attr(html, "aria-label", view->name);
    html_raw(html, "><table class=\"wrap\"><caption>");
    html_text(html, view->name);
    html_raw(html, "</caption>\n<thead><tr><th scope=\"col\">model</th><th "
                   "scope=\"col\">in flight</th>");
    if (view->is_speed)
        html_raw(html, "<th scope=\"col\">requests</th><th scope=\"col\">n</th>");
    for (size_t i = 0; i < view->column_count; i++)
        html_element(html, "th scope=\"col\"", metric_specs[view->columns[i]].name);
    if (view->is_speed)
        html_raw(html, "<th scope=\"col\">p50</th><th scope=\"col\">p90</th><th "
                       "scope=\"col\">p99</th><th scope=\"col\">p99.9</th>");
    else
        html_raw(html, "<th scope=\"col\">user / system</th><th "
                       "scope=\"col\" class=\"list\">bound by</th>");
    html_raw(html, "</tr></thead>\n<tbody>\n");
}

static void write_view(struct html *html, const struct page *page,
                       const struct scenario *s, const struct view *view)
{
    begin_table(html, view);
    const char *before = NULL;
    for (size_t m = 0; m < s->model_count; m++) {
        for (size_t i = 0; i < s->cell_count; i++) {
            if (strcmp(s->cells[i].model, s->models[m]) != 0)
                continue;
            page_write_family(html, page, before, s->models[m], view->all_columns + 1);
            write_row(html, page, &s->cells[i], view);
            before = s->models[m];
        }
    }
    html_raw(html, "</tbody></table></div>\n");
}

void page_write_all_cells(struct html *html, const struct page *page,
                          const struct scenario *s)
{
    html_raw(html,
             "<details><summary>All concurrencies</summary>\n<p class=\"note\">"
             "Medians over the trials that count; n is their number. User and system "
             "CPU are shown separately only where a trial used at least 1 s, because "
             "the timer tick samples the split.</p>\n");
    for (size_t i = 0; i < COUNT_OF(views); i++)
        write_view(html, page, s, &views[i]);
    html_raw(html, "</details>\n");
}
