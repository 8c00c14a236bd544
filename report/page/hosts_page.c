/* hosts_page.c: the page of several hosts: for each scenario whether its answer changes,
 * every host's answer, and what the models reach and cost there, hosts by models. The
 * document is that of analysis/compare/hosts.h. */
#include "report/page/compare.h"

#include "common/cleanup.h"
#include "common/format.h"
#include "common/json.h"

#include <math.h>
#include <string.h>

#define SHADES 4 /* of style.css; the last is the best */

static size_t count_changes(const struct comparison_page *page)
{
    size_t i = 0, count = 0;
    json_t *scenario = NULL;
    json_array_foreach (compare_part(page, "scenarios"), i, scenario)
        count += json_is_true(json_object_get(scenario, "changes"));
    return count;
}

static void write_title(struct html *html, const struct comparison_page *page)
{
    const size_t scenarios = json_array_size(compare_part(page, "scenarios"));
    html_textf(html, "%zu scenario%s on %zu host%s", scenarios, scenarios == 1 ? "" : "s",
               page->count, page->count == 1 ? "" : "s");
}

static void write_masthead(struct html *html, const struct comparison_page *page)
{
    html_raw(html, "<header>\n<p class=\"meta\">concbench · hosts</p>\n<h1>");
    write_title(html, page);
    html_raw(html, "</h1>\n");
    compare_write_contents(html, page,
                           (const char *const[]){"hosts", "environment", NULL});
    html_raw(html, "</header>\n");
}

static void write_sum(struct html *html, const struct comparison_page *page)
{
    const json_t *missing = compare_part(page, "missing");
    size_t i = 0;
    json_t *name = NULL;
    html_raw(html, "<section aria-label=\"Summary\">\n<ul class=\"strip\"><li>the answer "
                   "changes in <b>");
    html_textf(html, "%zu of %zu", count_changes(page),
               json_array_size(compare_part(page, "scenarios")));
    html_raw(html, "</b> scenarios</li><li><b>");
    html_textf(html, "%zu of %zu", page->count, page->count + json_array_size(missing));
    html_raw(html, "</b> hosts</li>");
    json_array_foreach (missing, i, name) {
        html_raw(html, "<li class=\"absent\">");
        html_textf(html, "%s is missing", json_string_value(name));
        html_raw(html, "</li>");
    }
    html_raw(html, "</ul>\n</section>\n");
}

/* Begins a row, and ends it where the host has nothing to show in it. */
static bool begin_row(struct html *html, const char *label, const char *reason,
                      size_t columns)
{
    html_raw(html, "<tr><th scope=\"row\">");
    html_text(html, label);
    html_raw(html, "</th>");
    if (!reason)
        return true;
    html_raw(html, "<td class=\"list absent\" colspan=\"");
    html_textf(html, "%zu", columns);
    html_raw(html, "\">");
    html_text(html, reason);
    html_raw(html, "</td></tr>\n");
    return false;
}

static void write_missing(struct html *html, const struct comparison_page *page,
                          size_t columns)
{
    size_t i = 0;
    json_t *name = NULL;
    json_array_foreach (compare_part(page, "missing"), i, name)
        (void)begin_row(html, json_string_value(name), "missing", columns);
}

static void write_answers(struct html *html, const struct comparison_page *page,
                          const json_t *scenario)
{
    size_t i = 0;
    json_t *host = NULL;
    html_raw(html, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                   "aria-label=\"Answers\"><table class=\"wrap\"><caption>The answer of "
                   "each host</caption>\n<thead><tr><th scope=\"col\">host</th><th "
                   "scope=\"col\" class=\"list\">answer</th><th scope=\"col\" "
                   "class=\"list\">how far to trust it</th></tr></thead>\n<tbody>\n");
    json_array_foreach (json_object_get(scenario, "hosts"), i, host) {
        if (!begin_row(html, json_text_of(host, "label"),
                       json_text_or_null(host, "reason"), 2))
            continue;
        html_raw(html, "<td class=\"list\">");
        html_prose(html, json_text_of(host, "answer"));
        html_raw(html, "</td><td class=\"list trust\"><span");
        html_attr(html, "class", json_text_of(host, "level"));
        html_raw(html, ">");
        html_prose(html, json_text_of(host, "trust"));
        html_raw(html, "</span></td></tr>\n");
    }
    write_missing(html, page, 2);
    html_raw(html, "</tbody></table></div>\n");
}

/* The shade of a value: 0 is none. */
static int shade_of(double share)
{
    static const double from[SHADES] = {0.5, 0.7, 0.85, 0.95};
    int shade = 0;
    while (shade < SHADES && share >= from[shade])
        shade++;
    return shade;
}

static void write_value(struct html *html, const json_t *host, const char *model,
                        size_t metric, const char *key)
{
    const json_t *values = json_object_get(json_object_get(host, "values"), model);
    const json_t *one = json_array_get(values, metric);
    const double value = json_number_of(one, "value"),
                 relative = json_number_of(one, "relative");
    json_auto_t *name = json_text(model);
    const bool is_picked = json_array_has(json_object_get(host, "picks"), name);
    const struct text text = format_value(value, format_unit_of(key));
    html_raw(html, "<td class=\"shade");
    html_textf(html, "%d", shade_of(json_number_of(one, "share")));
    html_raw(html, "\">");
    if (is_picked)
        html_element(html, "b", text.s);
    else
        html_text(html, text.s);
    if (isfinite(relative)) {
        html_raw(html, "<small>");
        html_text(html, format_value(relative, UNIT_FACTOR).s);
        html_raw(html, "</small>");
    }
    html_raw(html, "</td>");
}

/* A model, and its load where that is not the others'. */
static void write_models(struct html *html, const json_t *models)
{
    const json_t *first = json_array_get(models, 0);
    size_t i = 0;
    json_t *model = NULL;
    html_raw(html, "<thead><tr><th scope=\"col\">host</th>");
    json_array_foreach (models, i, model) {
        html_raw(html, "<th scope=\"col\">");
        html_text(html, json_text_of(model, "model"));
        if (!json_equal(json_object_get(model, "concurrency"),
                        json_object_get(first, "concurrency")))
            html_textf(html, " at %.0f", json_number_of(model, "concurrency"));
        html_raw(html, "</th>");
    }
    html_raw(html, "</tr></thead>\n<tbody>\n");
}

/* One metric of a scenario as a picture: hosts by models. */
static void write_matrix(struct html *html, const struct comparison_page *page,
                         const json_t *scenario, size_t metric)
{
    const json_t *models = json_object_get(scenario, "models");
    const json_t *spec = json_array_get(json_object_get(scenario, "metrics"), metric);
    const size_t columns = json_array_size(models);
    size_t i = 0, m = 0;
    json_t *host = NULL, *model = NULL;
    html_raw(html, "<div class=\"scroll\" tabindex=\"0\" role=\"region\"");
    html_attr(html, "aria-label", json_text_of(spec, "name"));
    html_raw(html, "><table class=\"matrix\"><caption><b>");
    html_text(html, json_text_of(spec, "name"));
    html_raw(html, "</b>, hosts by models</caption>\n");
    write_models(html, models);
    json_array_foreach (json_object_get(scenario, "hosts"), i, host) {
        if (!begin_row(html, json_text_of(host, "label"),
                       json_text_or_null(host, "reason"), columns))
            continue;
        json_array_foreach (models, m, model)
            write_value(html, host, json_text_of(model, "model"), metric,
                        json_text_of(spec, "key"));
        html_raw(html, "</tr>\n");
    }
    write_missing(html, page, columns);
    html_raw(html, "</tbody></table></div>\n");
}

static void write_scenario(struct html *html, const struct comparison_page *page,
                           const json_t *scenario)
{
    const char *question = json_text_of(scenario, "question");
    html_raw(html, "<section class=\"scenario\" id=\"scenario-");
    html_text(html, json_text_of(scenario, "name"));
    html_raw(html, "\">\n");
    html_element(html, "p class=\"tag\"", json_text_of(scenario, "name"));
    page_write_question(html, *question ? question : json_text_of(scenario, "title"),
                        NULL);
    html_raw(html, "\n<h2>");
    html_prose(html, json_text_of(scenario, "sentence"));
    html_raw(html, "</h2>\n");
    write_answers(html, page, scenario);
    for (size_t m = 0; m < json_array_size(json_object_get(scenario, "metrics")); m++)
        write_matrix(html, page, scenario, m);
    html_raw(html, "<p class=\"note\">× is the ratio to ");
    html_text(html, json_text_of(scenario, "baseline"));
    html_raw(html,
             " on the same host. The stronger the colour, the nearer to the best "
             "on that host; bold is what the host's verdict names.</p>\n</section>\n");
}

static void write_page(struct html *html, const struct comparison_page *page)
{
    const struct page look = {.palette = &page->palette, .series_name = "host"};
    AUTO_FREE char *css = page_css(&look);
    size_t i = 0;
    json_t *scenario = NULL;
    page_begin_head(html, css);
    write_title(html, page);
    page_end_head(html, css);
    html_raw(html, "<body>\n<a class=\"skip\" href=\"#main\">Skip to the scenarios</a>\n"
                   "<div class=\"page\">\n");
    write_masthead(html, page);
    html_raw(html, "<main id=\"main\" tabindex=\"-1\">\n");
    write_sum(html, page);
    json_array_foreach (compare_part(page, "scenarios"), i, scenario)
        write_scenario(html, page, scenario);
    html_raw(html, "<section class=\"scenario\" id=\"hosts\">\n<h2>Hosts</h2>\n");
    compare_write_files(html, page);
    html_raw(html, "</section>\n");
    compare_write_environment(html, page);
    html_raw(html, "<section><p class=\"note\">Each answer is the host's own verdict, "
                   "made from its own trials; nothing is judged across hosts here. "
                   "<code>concbench compare</code> of the same file tests the "
                   "differences to the first host.</p></section>\n"
                   "</main>\n</div>\n</body>\n</html>\n");
}

int hosts_page(const char *path, char **out_text, size_t *out_size, struct err *err)
{
    struct comparison_page page = {.is_hosts = true};
    const int status = compare_load(path, &page, err);
    if (!status) {
        struct html html;
        html_init(&html);
        write_page(&html, &page);
        html_finish(&html, out_text, out_size);
    }
    compare_done(&page);
    return status ? -1 : 0;
}
