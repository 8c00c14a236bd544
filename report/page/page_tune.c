/* page_tune.c: how many workers each model needs: the table under the answer of a run
 * that `concbench tune` made, and what it could not settle. */
#include "report/page/page.h"

#include "common/format.h"
#include "common/json.h"

#include <math.h>
#include <string.h>

static void write_interval(struct html *html, const char *metric, const json_t *value)
{
    const double median = json_number_of(value, "median");
    const double low = json_number_of(value, "low"), high = json_number_of(value, "high");
    html_text(html, format_metric(metric, median, median).s);
    if (!isfinite(low) || !isfinite(high))
        return;
    html_raw(html, " <span class=\"ci\">[");
    html_text(html, format_metric(metric, low, median).s);
    html_raw(html, ", ");
    html_text(html, format_metric(metric, high, median).s);
    html_raw(html, "]</span>");
}

static void begin_value(struct html *html, const char *label)
{
    html_raw(html, "<td");
    html_attr(html, "data-label", label);
    html_raw(html, ">");
}

static void write_half(struct html *html, const char *metric, const json_t *half)
{
    begin_value(html, "half as many");
    if (isfinite(json_number_of(half, "ratio")))
        html_textf(html, "%s: %s of the best",
                   format_exact(json_number_of(half, "concurrency"), UNIT_COUNT).s,
                   format_percent(json_number_of(half, "ratio")).s);
    else if (isfinite(json_number_of(half, "median")))
        write_interval(html, metric, half);
    else
        html_raw(html, "–");
    html_raw(html, "</td>");
}

static void write_model(struct html *html, const struct page *page, const char *metric,
                        const char *as, const json_t *model)
{
    const char *name = json_text_of(model, "model");
    const json_t *little = json_object_get(model, "little");
    const bool is_edge = json_is_true(json_object_get(model, "edge"));
    html_raw(html, "<tr");
    page_write_class(html, page, name);
    html_raw(html, "><th scope=\"row\">");
    page_write_model(html, page, name);
    html_raw(html, "</th>");
    begin_value(html, "in flight");
    html_textf(html, "%s%s", is_edge ? "at least " : "",
               format_exact(json_number_of(model, "chosen"), UNIT_COUNT).s);
    html_raw(html, "</td>");
    begin_value(html, as);
    write_interval(html, metric, json_object_get(model, "value"));
    html_raw(html, "</td>");
    write_half(html, metric, json_object_get(model, "of_half"));
    begin_value(html, "Little's law");
    html_text(html,
              format_exact(round(json_number_of(little, "concurrency")), UNIT_COUNT).s);
    html_raw(html, "</td></tr>\n");
}

void page_write_tune(struct html *html, const struct page *page, const struct scenario *s,
                     const json_t *tune)
{
    const char *metric = json_text_of(tune, "metric");
    const char *as = !strcmp(s->headline.spec.key, metric) ? s->headline.as
                                                           : metric_spec_of(metric).name;
    size_t i = 0;
    json_t *model = NULL, *note = NULL;
    html_raw(html,
             "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
             "aria-label=\"The answer in numbers\"><table class=\"answer cards\">"
             "<thead><tr><th scope=\"col\">model</th><th scope=\"col\">in flight</th>");
    html_element(html, "th scope=\"col\"", as);
    html_raw(html,
             "<th scope=\"col\">half as many</th><th scope=\"col\">Little's law</th>"
             "</tr></thead>\n<tbody>\n");
    json_array_foreach (json_object_get(tune, "models"), i, model)
        write_model(html, page, metric, as, model);
    html_raw(html, "</tbody></table></div>\n");
    json_array_foreach (json_object_get(tune, "notes"), i, note)
        html_element(html, "p class=\"note\"", json_string_value(note));
}
