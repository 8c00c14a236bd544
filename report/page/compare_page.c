/* compare_page.c: the page of a comparison from top to bottom: what came out, on which
 * machines, how these differ, then each scenario's charts and ratios; see compare.h. */
#include "report/page/compare.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"
#include "report/page/render.h"

#include <stdlib.h>
#include <string.h>

static void write_title(struct html *html, const struct comparison_page *page)
{
    html_textf(html, "%zu run%s compared with %s", page->count - 1,
               page->count == 2 ? "" : "s", page->runs[0].label);
}

static void write_masthead(struct html *html, const struct comparison_page *page)
{
    size_t i = 0;
    json_t *scenario = NULL;
    html_raw(html, "<header>\n<p class=\"meta\">concbench · comparison</p>\n<h1>");
    write_title(html, page);
    html_raw(html, "</h1>\n<nav aria-label=\"Contents\"><a "
                   "href=\"#environment\">environment</a> ");
    json_array_foreach (compare_part(page, "scenarios"), i, scenario) {
        html_raw(html, "<a href=\"#scenario-");
        html_text(html, json_text_of(scenario, "name"));
        html_raw(html, "\">");
        html_text(html, json_text_of(scenario, "name"));
        html_raw(html, "</a> ");
    }
    html_raw(html, "<a href=\"#method\">method</a></nav>\n</header>\n");
}

/* Writes each outcome and the cells that are worse. */
static void write_outcomes(struct html *html, const struct comparison_page *page)
{
    size_t i = 0, j = 0;
    json_t *outcome = NULL, *cell = NULL;
    html_raw(html, "<section class=\"verdicts\" aria-label=\"Outcome\">\n");
    json_array_foreach (compare_part(page, "outcomes"), i, outcome) {
        const json_t *worse = json_object_get(outcome, "worse_cells");
        html_raw(html, "<article><p class=\"tag\">");
        compare_write_run(html, page, json_text_of(outcome, "file"));
        html_raw(html, "</p>\n");
        html_element(html, "p class=\"verdict\"", json_text_of(outcome, "sentence"));
        if (json_array_size(worse) > 0)
            html_raw(html, "\n<details><summary>What is worse</summary><ul>\n");
        json_array_foreach (worse, j, cell) {
            html_raw(html, "<li>");
            html_textf(html, "%s/%s/%.0f: %s", json_text_of(cell, "scenario"),
                       json_text_of(cell, "model"), json_number_of(cell, "concurrency"),
                       compare_metric(json_text_of(cell, "metric")).name);
            html_raw(html, "</li>\n");
        }
        if (json_array_size(worse) > 0)
            html_raw(html, "</ul></details>");
        html_raw(html, "</article>\n");
    }
    html_raw(html, "</section>\n");
}

static void write_scenario(struct html *html, const struct comparison_page *page,
                           size_t index)
{
    const json_t *scenario = json_array_get(compare_part(page, "scenarios"), index);
    const char *name = json_text_of(scenario, "name");
    const struct page figures = {.palette = &page->palette, .series_name = "run"};
    html_raw(html, "<section class=\"scenario\"");
    html_raw(html, " id=\"scenario-");
    html_text(html, name);
    html_raw(html, "\">\n<h2>");
    html_text(html,
              *json_text_of(scenario, "title") ? json_text_of(scenario, "title") : name);
    html_raw(html, " <span class=\"sub\">");
    html_text(html, name);
    html_raw(html, "</span></h2>\n");
    html_raw(html, "<div class=\"figures\">\n");
    for (size_t i = 0; i < page->chart_count; i++) {
        if (page->chart_scenario[i] == index)
            page_write_figure(html, &figures, &page->charts[i], &page->drawings[i]);
    }
    html_raw(html, "</div>\n");
    compare_write_ratios(html, page, name);
    html_raw(html, "</section>\n");
}

static void write_method(struct html *html)
{
    html_raw(
        html,
        "<section><h2 id=\"method\">Method</h2>\n<p>Everything is computed anew from "
        "the trials in the files. Runs of different days share no blocks, so their "
        "trials are not paired: the ratio is the Hodges-Lehmann shift of the "
        "logarithms with its exact interval, and the p-value is that of the exact "
        "Mann-Whitney test, with Holm's correction over the cells of a metric. "
        "<i>different</i>: the interval lies clear of 1 by more than the larger "
        "noise floor of the two runs, at least 1 %; <i>same</i>: it lies inside; "
        "<i>small</i>: it excludes 1 but reaches inside. Points are medians over "
        "trials, bars their exact intervals. Two runs also differ in when they were "
        "made: where that matters, measure both again.</p></section>\n");
}

static void write_page(struct html *html, const struct comparison_page *page)
{
    size_t scenarios = json_array_size(compare_part(page, "scenarios"));
    const struct page look = {.palette = &page->palette, .series_name = "run"};
    AUTO_FREE char *css = page_css(&look);
    page_begin_head(html, css);
    write_title(html, page);
    page_end_head(html, css);
    html_raw(html, "<body>\n<a class=\"skip\" href=\"#main\">Skip to the outcome</a>\n"
                   "<div class=\"page\">\n");
    page_write_marks(html, &page->palette);
    write_masthead(html, page);
    html_raw(html, "<main id=\"main\" tabindex=\"-1\">\n");
    write_outcomes(html, page);
    compare_write_files(html, page);
    compare_write_environment(html, page);
    for (size_t i = 0; i < scenarios; i++)
        write_scenario(html, page, i);
    compare_write_skipped(html, page);
    write_method(html);
    html_raw(html, "</main>\n</div>\n</body>\n</html>\n");
}

int compare_page(const char *path, char **out_text, size_t *out_size, struct err *err)
{
    struct comparison_page page = {.json = NULL};
    int status = compare_load(path, &page, err);
    if (!status) {
        compare_charts(&page);
        page.drawings = calloc(page.chart_count + 1, sizeof *page.drawings);
        if (!page.drawings)
            memory_exhausted();
        status = render_charts(page.charts, page.chart_count, &page.palette, false,
                               page.drawings, err);
    }
    if (!status) {
        struct html html;
        html_init(&html);
        write_page(&html, &page);
        html_finish(&html, out_text, out_size);
        render_done(page.drawings, page.chart_count);
    }
    compare_done(&page);
    return status ? -1 : 0;
}
