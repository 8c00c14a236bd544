/* compare_table.c: the tables of a comparison's page: runs, facts that differ, ratios,
 * and what was not compared. */
#include "report/page/compare.h"

#include "common/format.h"
#include "common/json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

void compare_write_run(struct html *html, const struct comparison_page *page,
                       const char *label)
{
    const struct page lines = {.palette = &page->palette, .series_name = "run"};
    if (page->is_hosts)
        html_text(html, label);
    for (size_t i = 0; i < page->count && !page->is_hosts; i++) {
        if (strcmp(page->runs[i].label, label) != 0)
            continue;
        page_write_model(html, &lines, page->runs[i].in_chart.s);
        if (strcmp(page->runs[i].in_chart.s, label) != 0) {
            html_raw(html, " ");
            html_text(html, label);
        }
    }
}

static void write_warnings(struct html *html, const json_t *ids)
{
    size_t i = 0;
    json_t *id = NULL;
    html_raw(html, "<td class=\"list\">");
    json_array_foreach (ids, i, id) {
        html_text(html, i ? ", " : "");
        html_text(html, json_string_value(id));
    }
    html_raw(html, "</td>");
}

static void write_link(struct html *html, const char *kind, const char *name)
{
    html_raw(html, "<a href=\"#");
    html_text(html, kind);
    html_text(html, name);
    html_raw(html, "\">");
    html_text(html, name);
    html_raw(html, "</a> ");
}

void compare_write_contents(struct html *html, const struct comparison_page *page,
                            const char *const *sections)
{
    size_t i = 0;
    json_t *scenario = NULL;
    html_raw(html, "<nav aria-label=\"Contents\">");
    json_array_foreach (compare_part(page, "scenarios"), i, scenario)
        write_link(html, "scenario-", json_text_of(scenario, "name"));
    for (; *sections; sections++)
        write_link(html, "", *sections);
    html_raw(html, "</nav>\n");
}

void compare_write_files(struct html *html, const struct comparison_page *page)
{
    static const struct {
        const char *key, *name;
    } columns[] = {{"host", "host"},
                   {"started", "started"},
                   {"cpu", "CPU"},
                   {"kernel", "kernel"},
                   {"libcurl", "libcurl"}};
    size_t i = 0;
    json_t *file = NULL;
    html_raw(html, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                   "aria-label=\"Runs\"><table class=\"wrap\"><caption>");
    html_text(html, page->is_hosts ? "The hosts" : "The runs; the first is the baseline");
    html_raw(html, "</caption>\n<thead><tr><th scope=\"col\">");
    html_text(html, page->is_hosts ? "name" : "run");
    html_raw(html, "</th>");
    for (size_t c = 0; c < COUNT_OF(columns); c++)
        html_element(html, "th scope=\"col\"", columns[c].name);
    html_raw(html, "<th scope=\"col\">valid trials</th><th "
                   "scope=\"col\" class=\"list\">warnings</th></tr></thead>\n<tbody>\n");
    json_array_foreach (compare_part(page, "files"), i, file) {
        html_raw(html, "<tr><th scope=\"row\">");
        compare_write_run(html, page, json_text_of(file, "label"));
        if (json_is_false(json_object_get(file, "complete")))
            html_raw(html, " <span class=\"ci\">interrupted</span>");
        html_raw(html, "</th>");
        for (size_t c = 0; c < COUNT_OF(columns); c++) {
            html_raw(html, "<td>");
            page_write_date(html, json_text_of(file, columns[c].key));
            html_raw(html, "</td>");
        }
        html_element(html, "td",
                     format_exact(json_number_of(file, "valid_trials"), UNIT_COUNT).s);
        write_warnings(html, json_object_get(file, "warnings"));
        html_raw(html, "</tr>\n");
    }
    html_raw(html, "</tbody></table></div>\n");
}

static void write_value(struct html *html, const char *fact, const json_t *value)
{
    size_t length = strlen(fact);
    bool is_bytes = length > 6 && !strcmp(fact + length - 6, "_bytes");
    if (json_is_string(value))
        html_text(html, json_string_length(value) ? json_string_value(value) : "none");
    else if (json_is_boolean(value))
        html_text(html, json_is_true(value) ? "yes" : "no");
    else if (json_is_number(value))
        html_text(
            html,
            format_exact(json_number_value(value), is_bytes ? UNIT_BYTES : UNIT_COUNT).s);
    else
        html_raw(html, "<span class=\"ci\">not known</span>");
}

static void write_difference(struct html *html, const json_t *row)
{
    size_t i = 0;
    json_t *value = NULL;
    html_raw(html, "<tr><th scope=\"row\">");
    html_textf(html, "%s.%s", json_text_of(row, "group"), json_text_of(row, "fact"));
    html_raw(html, "</th>");
    json_array_foreach (json_object_get(row, "values"), i, value) {
        html_raw(html, "<td>");
        write_value(html, json_text_of(row, "fact"), value);
        html_raw(html, "</td>");
    }
    html_element(html, "td",
                 json_is_true(json_object_get(row, "relevant")) ? "yes" : "no");
    html_raw(html, "</tr>\n");
}

void compare_write_environment(struct html *html, const struct comparison_page *page)
{
    const json_t *environment = compare_part(page, "environment");
    const json_t *differences = json_object_get(environment, "differences");
    size_t i = 0,
           unrecorded = json_array_size(json_object_get(environment, "unrecorded"));
    json_t *row = NULL;
    html_raw(html,
             "<section class=\"scenario\" id=\"environment\">\n<h2>Environment</h2>\n");
    if (json_array_size(differences) == 0) {
        html_raw(html, "<p>No recorded fact about the machines differs.</p>\n");
    } else {
        html_raw(
            html,
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
            "aria-label=\"Facts that differ\"><table class=\"wrap\"><caption>Facts that "
            "differ, and whether they may affect the numbers</caption>\n<thead>"
            "<tr><th scope=\"col\">fact</th>");
        for (i = 0; i < page->count; i++) {
            html_raw(html, "<th scope=\"col\">");
            compare_write_run(html, page, page->runs[i].label);
            html_raw(html, "</th>");
        }
        html_raw(html, "<th scope=\"col\">counts</th></tr></thead>\n<tbody>\n");
        json_array_foreach (differences, i, row)
            write_difference(html, row);
        html_raw(html, "</tbody></table></div>\n");
    }
    if (unrecorded > 0) {
        html_raw(html, "<p class=\"note\">");
        html_textf(html, "%zu fact%s known for only some of the runs.", unrecorded,
                   unrecorded == 1 ? " is" : "s are");
        html_raw(html, "</p>\n");
    }
    html_raw(html, "</section>\n");
}

static void write_ratio(struct html *html, const json_t *row)
{
    const char *verdict = json_text_of(row, "verdict"),
               *direction = json_text_of(row, "direction");
    struct factor factor = {json_number_of(row, "quotient"), json_number_of(row, "ratio"),
                            json_number_of(row, "low"), json_number_of(row, "high")};
    if (!isfinite(factor.quotient) &&
        isfinite(factor.estimate)) /* a document of an older suite */
        factor.quotient =
            json_number_of(row, "value") / json_number_of(row, "against_value");
    html_raw(html, "<td>");
    page_write_factor(html, factor, "shift estimate");
    html_raw(html, "</td><td>");
    html_textf(html, "%s%s%s", verdict, *direction ? ", " : "", direction);
    html_raw(html, "<span class=\"word\">");
    html_text(html, json_text_of(row, "reason"));
    html_raw(html, "</span></td>");
}

static void write_row(struct html *html, const struct comparison_page *page,
                      const json_t *row)
{
    struct metric_spec metric = metric_spec_of(json_text_of(row, "metric"));
    html_raw(html, "<tr><th scope=\"row\">");
    html_text(html, json_text_of(row, "model"));
    html_raw(html, "</th>");
    html_element(html, "td",
                 format_exact(json_number_of(row, "concurrency"), UNIT_COUNT).s);
    html_element(html, "td",
                 *json_text_of(row, "headline") ? json_text_of(row, "headline")
                                                : metric.name);
    if (page->count > 2) {
        html_raw(html, "<td>");
        compare_write_run(html, page, json_text_of(row, "file"));
        html_raw(html, "</td>");
    }
    html_element(html, "td",
                 format_value(json_number_of(row, "against_value"), metric.unit).s);
    html_element(html, "td", format_value(json_number_of(row, "value"), metric.unit).s);
    write_ratio(html, row);
    html_raw(html, "</tr>\n");
}

/* Whether a row shows a real change. */
static bool is_change(const json_t *row)
{
    const char *verdict = json_text_of(row, "verdict");
    return !strcmp(verdict, "different") || !strcmp(verdict, "small");
}

/* Writes the rows of a scenario: all, or only those that show a change. */
static size_t write_rows(struct html *html, const struct comparison_page *page,
                         const char *scenario, bool changes_only)
{
    size_t i = 0, count = 0;
    json_t *row = NULL;
    json_array_foreach (compare_part(page, "comparisons"), i, row) {
        if (strcmp(json_text_of(row, "scenario"), scenario) != 0 ||
            (changes_only && !is_change(row)))
            continue;
        if (count++ == 0) {
            html_raw(html, "<div class=\"scroll\" tabindex=\"0\" role=\"region\"");
            html_attr(html, "aria-label", changes_only ? "Changes" : "All ratios");
            html_raw(html,
                     "><table class=\"wrap\"><caption>Ratios to the first run, with "
                     "exact 95 % "
                     "intervals</caption>\n<thead><tr><th scope=\"col\">model</th><th "
                     "scope=\"col\">in flight</th><th scope=\"col\">metric</th>");
            if (page->count > 2) /* else there is only one */
                html_raw(html, "<th scope=\"col\">run</th>");
            html_raw(html, "<th scope=\"col\">first run</th><th "
                           "scope=\"col\">this run</th><th scope=\"col\">ratio</th><th "
                           "scope=\"col\">verdict</th></tr></thead>\n<tbody>\n");
        }
        write_row(html, page, row);
    }
    if (count > 0)
        html_raw(html, "</tbody></table></div>\n");
    return count;
}

bool compare_write_changes(struct html *html, const struct comparison_page *page,
                           const char *scenario)
{
    const size_t count = write_rows(html, page, scenario, true);
    if (count == 0)
        html_raw(html, "<p class=\"note\">No change could be shown.</p>\n");
    return count > 0;
}

void compare_write_ratios(struct html *html, const struct comparison_page *page,
                          const char *scenario)
{
    html_raw(html, "<details><summary>All ratios</summary>\n");
    if (write_rows(html, page, scenario, false) == 0)
        html_raw(html, "<p class=\"note\">Nothing was compared.</p>\n");
    html_raw(html, "</details>\n");
}

void compare_write_skipped(struct html *html, const struct comparison_page *page)
{
    const json_t *skipped = compare_part(page, "skipped");
    size_t i = 0;
    json_t *row = NULL;
    if (json_array_size(skipped) == 0)
        return;
    html_raw(html, "<section>\n<h2 id=\"skipped\">Not compared</h2>\n<ul>\n");
    json_array_foreach (skipped, i, row) {
        html_raw(html, "<li>");
        html_textf(html, "%s (%s): %s", json_text_of(row, "where"),
                   json_text_of(row, "file"), json_text_of(row, "reason"));
        html_raw(html, "</li>\n");
    }
    html_raw(html, "</ul>\n</section>\n");
}
