/* page_table.c: the numbers of a scenario at its highest concurrency, with ratios to the
 * baseline. */
#include "report/page/page.h"

#include "common/format.h"
#include "report/data/columns.h"
#include "report/data/load_index.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define REASONS_MAX 8

struct reasons {
    const char *texts[REASONS_MAX];
    size_t count;
};

static void add_reason(struct reasons *reasons, const char *text)
{
    if (!text || reasons->count == REASONS_MAX)
        return;
    for (size_t i = 0; i < reasons->count; i++)
        if (!strcmp(reasons->texts[i], text))
            return;
    reasons->texts[reasons->count++] = text;
}

static bool has_unit_of(const struct text *a, const struct text *b)
{
    const char *left = strchr(a->s, ' '), *right = strchr(b->s, ' ');
    return left && right && !strcmp(left, right);
}

/* "[19.9, 20.7]" beside "20.3 ms": without the unit where it is the value's. */
static void write_short_interval(struct html *html, struct text value, double low_ns,
                                 double high_ns)
{
    struct text low = format_value(low_ns, UNIT_NS),
                high = format_value(high_ns, UNIT_NS);
    if (has_unit_of(&value, &low) && has_unit_of(&value, &high)) {
        low.s[strcspn(low.s, " ")] = '\0';
        high.s[strcspn(high.s, " ")] = '\0';
    }
    html_raw(html, " <span class=\"ci\">[");
    html_textf(html, "%s, %s", low.s, high.s);
    html_raw(html, "]</span>");
}

void page_write_quantile(struct html *html, const struct latency *latency, size_t index)
{
    const double values[LOAD_QUANTILES] = {latency->p50_ns, latency->p90_ns,
                                           latency->p99_ns, latency->p999_ns};
    const struct text value = format_value(values[index], UNIT_NS);
    html_text(html, value.s);
    if (isfinite(latency->low_ns[index]) && isfinite(latency->high_ns[index]))
        write_short_interval(html, value, latency->low_ns[index],
                             latency->high_ns[index]);
}

static void write_bar(struct html *html, double value, double max)
{
    char width[16];
    if (!isfinite(value) || !(max > 0))
        return;
    (void)snprintf(width, sizeof width, "%.1f", value / max * 100);
    html_raw(html, "<svg class=\"bar\" viewBox=\"0 0 100 3\" "
                   "preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"k\" "
                   "height=\"3\"");
    html_attr(html, "width", width);
    html_raw(html, "/></svg>");
}

static double column_max(const struct scenario *s, enum metric_id id)
{
    double max = 0;
    for (size_t m = 0; m < s->model_count; m++) {
        const struct cell *cell = load_cell(s, s->models[m], s->concurrency_max);
        if (cell && cell->metrics[id].median > max)
            max = cell->metrics[id].median;
    }
    return max;
}

void page_write_factor(struct html *html, struct factor factor, const char *name)
{
    bool is_apart = factor_is_apart(factor);
    html_text(html, format_value(factor_shown(factor), UNIT_FACTOR).s);
    if (!isfinite(factor.low) || !isfinite(factor.high))
        return;
    html_raw(html, " <span");
    html_attr(html, "class", is_apart ? "ci apart" : "ci");
    html_raw(html, ">");
    if (is_apart)
        html_textf(html, "%s: %s ", name, format_value(factor.estimate, UNIT_FACTOR).s);
    html_textf(html, "[%s, %s]", format_number(factor.low).s,
               format_number(factor.high).s);
    html_raw(html, "</span>");
}

static void write_ratio(struct html *html, const struct page *page,
                        const struct scenario *s, const struct cell *cell,
                        enum metric_id id, struct reasons *reasons)
{
    const struct comparison *c = load_comparison(page->results, s, cell, id);
    html_raw(html, "<td class=\"ratio\" data-label=\"× ");
    html_text(html, s->baseline);
    html_raw(html, "\">");
    if (c && isfinite(c->ratio)) {
        page_write_factor(html, load_factor(c), "paired by block");
        if (c->verdict) {
            html_raw(html, "<span class=\"word\">");
            html_text(html, c->verdict);
            if (c->reason &&
                !page_is_grouped(page)) /* else write_whys shows the reasons */
                html_textf(html, ": %s", c->reason);
            html_raw(html, "</span>");
        } else {
            add_reason(reasons, c->reason);
        }
    } else if (!strcmp(cell->model, s->baseline)) {
        html_raw(html, "<span class=\"word\">baseline</span>");
    } else {
        html_raw(html, "–");
        add_reason(reasons, c ? c->reason : NULL);
    }
    html_raw(html, "</td>");
}

static const struct {
    enum metric_id id;
    const char *heading;
} columns[] = {
    {METRIC_THROUGHPUT, "requests/s"},
    {METRIC_CPU_PER_REQUEST, "CPU per request"},
    {METRIC_TREE_MEMORY, "tree memory"},
};

static void write_row(struct html *html, const struct page *page,
                      const struct scenario *s, const struct cell *cell,
                      struct reasons *reasons)
{
    page_begin_row(html, page, s, cell);
    if (!cell->has_summary) {
        html_raw(html, "<td colspan=\"9\" class=\"list\">");
        html_textf(html, "%s: %s", cell->status,
                   cell->reason ? cell->reason : "no reason is given");
        html_raw(html, "</td></tr>\n");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        const struct metric *m = &cell->metrics[columns[i].id];
        html_raw(html, "<td class=\"value\"");
        html_attr_value(html, " data-label=\"", columns[i].heading);
        html_raw(html, ">");
        html_text(html, columns_mark(cell, columns[i].id));
        html_text(html, format_value(m->median, metric_specs[columns[i].id].unit).s);
        write_bar(html, m->median, column_max(s, columns[i].id));
        if (!isfinite(m->median))
            add_reason(reasons, m->reason);
        html_raw(html, "</td>");
        write_ratio(html, page, s, cell, columns[i].id, reasons);
    }
    html_raw(html, "<td class=\"quantile\" data-label=\"p50\">");
    page_write_quantile(html, &cell->latency, 0);
    html_raw(html, "</td><td class=\"quantile\" data-label=\"p99\">");
    page_write_quantile(html, &cell->latency, 2);
    add_reason(reasons, isfinite(cell->latency.p99_ns) ? NULL : cell->latency.reason);
    html_raw(html, "</td><td data-label=\"switches per request\">");
    html_text(html, format_number(cell->metrics[METRIC_VOLUNTARY].median).s);
    html_raw(html, "</td></tr>\n");
}

/* The reasons for one model's verdicts: "requests/s: too noisy here; ...". */
static bool write_why(struct html *html, const struct page *page,
                      const struct scenario *s, const struct cell *cell, bool is_first)
{
    const char *between = "";
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        const struct comparison *c =
            load_comparison(page->results, s, cell, columns[i].id);
        if (!c || !isfinite(c->ratio) || !c->verdict || !c->reason)
            continue;
        if (!*between) {
            if (is_first)
                html_raw(html,
                         "<details><summary>Why some are not settled</summary>\n<ul "
                         "class=\"whys\">\n");
            html_raw(html, "<li");
            page_write_class(html, page, cell->model);
            html_raw(html, ">");
            page_write_model(html, page, cell->model);
            html_raw(html, ": ");
        }
        html_textf(html, "%s%s %s", between, columns[i].heading, c->reason);
        between = "; ";
    }
    if (*between)
        html_raw(html, "</li>\n");
    return *between != '\0';
}

/* Lists the reasons below the table where models are many: in it nobody could read them.
 */
static void write_whys(struct html *html, const struct page *page,
                       const struct scenario *s)
{
    bool is_any = false;
    for (size_t m = 0; m < s->model_count && page_is_grouped(page); m++) {
        const struct cell *cell = load_cell(s, s->models[m], s->concurrency_max);
        if (cell)
            is_any = write_why(html, page, s, cell, !is_any) || is_any;
    }
    if (is_any)
        html_raw(html, "</ul></details>\n");
}

static void begin_table(struct html *html, const struct page *page,
                        const struct scenario *s)
{
    html_raw(html, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                   "aria-label=\"Ratios\"><table class=\"cards");
    if (page_is_grouped(page))
        html_raw(html, " many");
    html_raw(html, "\"><caption>");
    html_textf(html,
               "At %" PRIu64
               " in flight. Values are medians over trials; × is the ratio to "
               "%s, and below 1 is less. Brackets give the interval of the estimate "
               "that pairs the trials of a block. Where that estimate is apart from "
               "the ratio of the medians, it is given too.%s",
               s->concurrency_max, s->baseline,
               s->rate_per_s > 0 ? " Open loop: p50 and p99 are of the response time, "
                                   "from when a request was due."
                                 : "");
    html_raw(html, "</caption>\n<thead><tr><th scope=\"col\">model</th>");
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        html_element(html, "th scope=\"col\"", columns[i].heading);
        html_raw(html, "<th scope=\"col\">× ");
        html_text(html, s->baseline);
        html_raw(html, "</th>");
    }
    html_raw(html, "<th scope=\"col\">p50</th><th scope=\"col\">p99</th><th "
                   "scope=\"col\">switches per request</th></tr></thead>\n<tbody>\n");
}

void page_write_table(struct html *html, const struct page *page,
                      const struct scenario *s)
{
    struct reasons reasons = {.count = 0};
    begin_table(html, page, s);
    const char *before = NULL;
    for (size_t m = 0; m < s->model_count; m++) {
        const struct cell *cell = load_cell(s, s->models[m], s->concurrency_max);
        if (!cell)
            continue;
        page_write_family(html, page, before, cell->model, 10);
        write_row(html, page, s, cell, &reasons);
        before = cell->model;
    }
    if (!before)
        html_raw(html, "<tr><td colspan=\"10\" class=\"list\">No cell was planned.</td>"
                       "</tr>\n");
    html_raw(html, "</tbody></table></div>\n");
    if (reasons.count > 0) {
        html_raw(html, "<p class=\"note\">Missing values: ");
        for (size_t i = 0; i < reasons.count; i++)
            html_textf(html, "%s%s", i > 0 ? "; " : "", reasons.texts[i]);
        html_raw(html, ".</p>\n");
    }
    write_whys(html, page, s);
}
