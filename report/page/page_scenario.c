/* page_scenario.c: a scenario's section: question, load, main figure, tables, details. */
#include "report/page/page.h"

#include <limits.h>
#include <string.h>

#define CAPTION_HEIGHT 90U /* links, the table's door, space */
#define CAPTION_CHARS  48  /* of a line */
#define LINE_HEIGHT    21U

/* The approximate height of a figure in a column of a page 1,200 pixels wide. */
static unsigned int height_of(const struct chart *chart)
{
    unsigned int height = CAPTION_HEIGHT + (unsigned int)strlen(chart->caption) /
                                               CAPTION_CHARS * LINE_HEIGHT;
    for (size_t i = 0; i < chart->panel_count; i++)
        height += panel_height(&chart->panels[i]);
    return height;
}

static unsigned int height_between(const struct chart *charts, size_t from, size_t to)
{
    unsigned int height = 0;
    for (size_t i = from; i < to; i++)
        height += height_of(&charts[i]);
    return height;
}

/* Finds where the second and third column begin so that the longest column is shortest.
 */
static void split(const struct chart *charts, size_t count, size_t out_starts[2])
{
    unsigned int least = UINT_MAX;
    for (size_t a = 0; a <= count; a++) {
        for (size_t b = a; b <= count; b++) {
            const unsigned int heights[] = {height_between(charts, 0, a),
                                            height_between(charts, a, b),
                                            height_between(charts, b, count)};
            unsigned int longest = heights[0] > heights[1] ? heights[0] : heights[1];
            longest = heights[2] > longest ? heights[2] : longest;
            if (longest >= least)
                continue;
            least = longest;
            out_starts[0] = a;
            out_starts[1] = b;
        }
    }
}

/* Writes three columns, which keep their figures when a table in one of them is opened.
 */
static void write_details(struct html *html, const struct page *page,
                          const struct chart *charts, const struct drawing *drawings,
                          size_t count)
{
    size_t starts[2] = {0, 0};
    split(charts, count, starts);
    html_raw(html, "<h3>In detail</h3>\n<div class=\"figures\">\n<div>\n");
    for (size_t i = 0; i < count; i++) {
        if (i == starts[0] || i == starts[1])
            html_raw(html, "</div>\n<div>\n");
        page_write_figure(html, page, &charts[i], &drawings[i]);
    }
    html_raw(html, "</div>\n</div>\n");
}

/* Whoever measures finds everything in here. */
static void write_measured(struct html *html, const struct page *page,
                           const struct scenario *s, size_t first)
{
    html_raw(html, "<details class=\"measured\"><summary>How this was measured: "
                   "intervals, every concurrency, latency, phases, order of trials, "
                   "counters</summary>\n");
    page_write_table(html, page, s);
    page_write_all_cells(html, page, s);
    page_write_syscalls(html, page, s);
    page_write_counters(html, page, s);
    write_details(html, page, &page->charts[first], &page->drawings[first],
                  chart_spec_count - CHART_TUNE - 1);
    html_raw(html, "</details>\n");
}

static void write_if_any(struct html *html, const struct page *page, size_t chart)
{
    if (page->charts[chart].panel_count > 0)
        page_write_figure(html, page, &page->charts[chart], &page->drawings[chart]);
}

/* What one more worker costs, below the chart over their number. */
static void write_prices(struct html *html, const struct scenario *s)
{
    size_t i = 0;
    json_t *price = NULL;
    json_array_foreach (s->prices, i, price) {
        html_raw(html, "<p class=\"price\">");
        page_write_pieces(html, json_object_get(price, "pieces"));
        html_raw(html, "</p>\n");
    }
}

void page_write_scenario(struct html *html, const struct page *page, size_t index)
{
    const struct scenario *s = &page->results->scenarios[index];
    const size_t first = index * chart_spec_count;
    html_raw(html, "<section class=\"scenario\" id=\"scenario-");
    html_text(html, s->name);
    html_raw(html, "\">\n");
    page_write_answer(html, page, s);
    write_if_any(html, page, first + CHART_TUNE);
    page_write_figure(html, page, &page->charts[first], &page->drawings[first]);
    write_prices(html, s);
    write_if_any(html, page, first + CHART_TIMELINE);
    if (!load_other_server(page->results, s))
        page_write_why(html, s);
    page_write_load(html, page, s);
    page_write_expectations(html, page, s);
    write_measured(html, page, s, first + CHART_TUNE + 1);
    html_raw(html, "</section>\n");
}
