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
    html_textf(html, "%s against %s", page->count == 2 ? page->runs[1].label : "Runs",
               page->runs[0].label);
}

static void write_masthead(struct html *html, const struct comparison_page *page)
{
    html_raw(html, "<header>\n<p class=\"meta\">concbench · comparison</p>\n<h1>");
    write_title(html, page);
    html_raw(html, "</h1>\n");
    compare_write_contents(html, page,
                           (const char *const[]){"environment", "method", NULL});
    html_raw(html, "</header>\n");
}

/* Of a merged file: what its hosts' own verdicts say. */
static void write_hosts(struct html *html, const struct comparison_page *page)
{
    size_t i = 0;
    json_t *row = NULL;
    const json_t *hosts = compare_part(page, "hosts");
    if (json_array_size(hosts) == 0)
        return;
    html_raw(html, "<section aria-label=\"Hosts\">\n<ul>");
    json_array_foreach (hosts, i, row) {
        html_raw(html, "<li><b>");
        html_text(html, json_text_of(row, "scenario"));
        html_raw(html, "</b>: ");
        html_prose(html, json_text_of(row, "sentence"));
        html_raw(html, "</li>\n");
    }
    html_raw(html, "</ul>\n<p class=\"note\">Each host's answer, beside the others: "
                   "<code>concbench report FILE</code> of the merged file.</p>\n"
                   "</section>\n");
}

/* The sum of each file; what changed stands in the sections of the scenarios. */
static void write_outcomes(struct html *html, const struct comparison_page *page)
{
    size_t i = 0;
    json_t *outcome = NULL;
    html_raw(html, "<section class=\"scenario\" aria-label=\"Outcome\">\n");
    json_array_foreach (compare_part(page, "outcomes"), i, outcome) {
        html_raw(html, "<p class=\"tag\">");
        compare_write_run(html, page, json_text_of(outcome, "file"));
        html_raw(html, "</p>\n");
        html_element(html, "p class=\"verdict\"", json_text_of(outcome, "sentence"));
        html_raw(html, "\n");
    }
    compare_write_files(html, page);
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
    const bool is_changed = compare_write_changes(html, page, name);
    if (is_changed)
        html_raw(html, "<details open>");
    else
        html_raw(html, "<details>");
    html_raw(html, "<summary>Charts of every model</summary>\n<div class=\"figures\">\n");
    for (size_t i = 0; i < page->chart_count; i++) {
        if (page->chart_scenario[i] == index)
            page_write_figure(html, &figures, &page->charts[i], &page->drawings[i]);
    }
    html_raw(html, "</div></details>\n");
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
    write_hosts(html, page);
    write_outcomes(html, page);
    for (size_t i = 0; i < scenarios; i++)
        write_scenario(html, page, i);
    compare_write_environment(html, page);
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
        page.drawings = memory_calloc(page.chart_count + 1, sizeof *page.drawings);
        status = render_charts(page.charts, page.chart_count, false, page.drawings, err);
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
