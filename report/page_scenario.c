/* page_scenario.c: a scenario's section: question, load, hero figure, tables, details. */
#include "report/page.h"

#include "report/format.h"

#include <inttypes.h>

static void write_number_fact(struct html *html, const json_t *object, const char *key,
                              const char *prefix, enum unit unit, double scale)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_number(value))
        return;
    html_raw(html, "<li>");
    html_text(html, prefix);
    html_text(html, format_exact(json_number_value(value) * scale, unit).s);
    html_raw(html, "</li>");
}

static void write_load(struct html *html, const struct page *page,
                       const struct scenario *s)
{
    const json_t *keepalive = json_object_get(s->load, "keepalive");
    html_raw(html, "<ul class=\"load\">");
    if (load_string(page->results->run, "url"))
        html_raw(html, "<li>an origin that is not ours</li>");
    else {
        if (json_number_value(json_object_get(s->origin, "delay_ms")) > 0)
            write_number_fact(html, s->origin, "delay_ms", "answers after ", UNIT_NS,
                              1e6);
        else
            html_raw(html, "<li>answers at once</li>");
        write_number_fact(html, s->origin, "bytes", "bodies of ", UNIT_BYTES, 1);
    }
    if (json_is_boolean(keepalive))
        html_element(html, "li",
                     json_is_true(keepalive) ? "connections kept"
                                             : "a connection per request");
    html_raw(html, "<li>");
    if (s->rate_per_s > 0)
        html_textf(html, "open loop, %" PRIu64 " requests/s, %s arrivals", s->rate_per_s,
                   s->arrivals);
    else
        html_textf(html, "closed loop");
    html_raw(html, "</li>");
    if (json_number_value(json_object_get(s->origin, "freeze_ms")) > 0)
        write_number_fact(html, s->origin, "freeze_ms", "hangs in every trial for ",
                          UNIT_NS, 1e6);
    if (*s->placement)
        html_element(html, "li",
                     s->placement[0] == 's' && s->placement[1] == 'p'
                         ? "origin and runner on CPUs of their own"
                         : "origin and runner share the CPUs");
    html_raw(html, "<li>baseline ");
    html_text(html, s->baseline);
    html_raw(html, "</li></ul>\n");
}

void page_write_scenario(struct html *html, const struct page *page, size_t index)
{
    const struct scenario *s = &page->results->scenarios[index];
    const struct chart *charts = &page->charts[index * chart_spec_count];
    const struct drawing *drawings = &page->drawings[index * chart_spec_count];
    html_raw(html, "<section class=\"scenario\" id=\"scenario-");
    html_text(html, s->name);
    html_raw(html, "\">\n<h2>");
    html_text(html, s->name);
    if (*s->title) {
        html_raw(html, " <span class=\"sub\">");
        html_text(html, s->title);
        html_raw(html, "</span>");
    }
    html_raw(html, "</h2>\n");
    html_element(html, "p class=\"question\"", s->question);
    write_load(html, page, s);
    page_write_figure(html, page, &charts[0], &drawings[0]);
    page_write_table(html, page, s);
    page_write_all_cells(html, page, s);
    html_raw(html, "<h3>In detail</h3>\n<div class=\"figures\">\n");
    for (size_t i = 1; i < chart_spec_count; i++)
        page_write_figure(html, page, &charts[i], &drawings[i]);
    html_raw(html, "</div>\n</section>\n");
}
