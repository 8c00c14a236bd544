/* page_scenario.c: a scenario's section: question, load, hero figure, tables, details. */
#include "report/page.h"

#include "report/format.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#define CAPTION_HEIGHT 90U /* links, the table's door, space */
#define CAPTION_CHARS  48  /* of a line */
#define LINE_HEIGHT    21U

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

/* What else the task was told, as the scenario says it. */
static void write_options(struct html *html, const struct scenario *s)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)(uintptr_t)s->options, key, value)
    {
        html_raw(html, "<li>");
        html_text(html, key);
        html_raw(html, " ");
        if (json_is_string(value))
            html_text(html, json_string_value(value));
        else
            html_textf(html, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        html_raw(html, "</li>");
    }
}

static void write_load(struct html *html, const struct page *page,
                       const struct scenario *s)
{
    const json_t *keepalive = json_object_get(s->load, "keepalive");
    html_raw(html, "<ul class=\"load\">");
    if (!s->origin) {
        html_raw(html, "<li>task ");
        html_text(html, s->task);
        html_raw(html, ", without an origin</li>");
    } else if (load_string(page->results->run, "url"))
        html_raw(html, "<li>an origin that is not ours</li>");
    else {
        if (json_number_value(json_object_get(s->origin, "delay_ms")) > 0)
            write_number_fact(html, s->origin, "delay_ms", "answers after ", UNIT_NS,
                              1e6);
        else
            html_raw(html, "<li>answers at once</li>");
        write_number_fact(html, s->origin, "bytes", "bodies of ", UNIT_BYTES, 1);
    }
    write_options(html, s);
    if (json_is_boolean(keepalive) && s->origin)
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

/* About how high a figure is in a column on a page 1,200 pixels wide. */
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

/* Where the second and the third column begin, so that the longest is shortest. */
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

/* Three columns that stay as they are when a table in one of them is opened. */
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
    page_write_why(html, s);
    write_load(html, page, s);
    page_write_figure(html, page, &charts[0], &drawings[0]);
    page_write_table(html, page, s);
    page_write_all_cells(html, page, s);
    page_write_syscalls(html, page, s);
    page_write_counters(html, page, s);
    page_write_expectations(html, page, s);
    write_details(html, page, charts + 1, drawings + 1, chart_spec_count - 1);
    html_raw(html, "</section>\n");
}
