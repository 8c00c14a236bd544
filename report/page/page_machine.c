/* page_machine.c: the machine as a picture: packages, NUMA nodes and caches as boxes, in
 * them cores that are alike as one entry, with who got them. */
#include "report/page/page.h"

#include "common/array.h"
#include "common/json.h"
#include "report/data/format.h"

#include <stdbool.h>
#include <string.h>

#define SQUARES_MAX 8  /* more cores than that are a number only */
#define PLACES_MAX  64 /* more are counted */

static json_int_t number(const json_t *entry, const char *key)
{
    return json_integer_value(json_object_get(entry, key));
}

static bool is_same(const json_t *a, const json_t *b, const char *const *keys)
{
    for (; *keys; keys++) {
        const json_t *x = json_object_get(a, *keys), *y = json_object_get(b, *keys);
        if (!json_equal(x, y) && (x || y))
            return false;
    }
    return true;
}

/* Cores of one last-level cache of one node of one package stand in one box. */
static bool is_one_place(const json_t *a, const json_t *b)
{
    static const char *const keys[] = {"package", "node", "cache", NULL};
    return a && b && is_same(a, b, keys);
}

static bool is_unused(const json_t *entry)
{
    return !strcmp(json_text_of(entry, "use"), "unused");
}

/* How many places from this one on are unused and alike, in the same package. */
static size_t count_alike(const json_t *list, size_t first)
{
    static const char *const keys[] = {"package",     "cores", "threads", "kind",
                                       "cache_bytes", "use",   NULL};
    const json_t *entry = json_array_get(list, first);
    size_t count = 0;
    for (size_t i = first; is_unused(entry); i++, count++) {
        const json_t *at = json_array_get(list, i);
        if (!at || !is_same(entry, at, keys) ||
            is_one_place(at, json_array_get(list, i + 1)))
            break;
    }
    return count;
}

static void write_entry(struct html *html, const json_t *entry)
{
    static const char *const uses[] = {"unused", "origin", "runner", "both"};
    const char *use = json_text_of(entry, "use"), *kind = json_text_of(entry, "kind");
    const json_int_t cores = number(entry, "cores"), threads = number(entry, "threads");
    size_t known = COUNT_OF(uses) - 1;
    while (known > 0 && strcmp(uses[known], use) != 0)
        known--;
    html_raw(html, "<li");
    html_attr(html, "class", uses[known]);
    html_raw(html, ">");
    for (json_int_t i = 0; i < cores && cores <= SQUARES_MAX; i++) {
        if (threads > 1)
            html_raw(html, "<i class=\"two\"></i>");
        else
            html_raw(html, "<i></i>");
    }
    html_raw(html, " <b>");
    html_text(html, known == 3 ? "origin and runner" : uses[known]);
    html_raw(html, "</b> ");
    html_textf(html, "%" JSON_INTEGER_FORMAT " %s%score%s", cores, kind, *kind ? " " : "",
               cores == 1 ? "" : "s");
    if (threads > 1)
        html_textf(html, " of %" JSON_INTEGER_FORMAT " threads", threads);
    html_raw(html, " <span class=\"ci\">CPUs ");
    html_text(html, json_text_of(entry, "cpus"));
    html_raw(html, "</span></li>\n");
}

/* Writes the place that begins at index first, and those like it; the index after them. */
static size_t write_place(struct html *html, const json_t *list, size_t first)
{
    const json_t *entry = json_array_get(list, first);
    const json_int_t bytes = number(entry, "cache_bytes");
    const size_t alike = count_alike(list, first);
    size_t end = first;
    html_raw(html, "<div><p>");
    if (alike > 1)
        html_textf(html, "%zu like this, the first: ", alike);
    html_textf(html, "package %" JSON_INTEGER_FORMAT ", NUMA node %" JSON_INTEGER_FORMAT,
               number(entry, "package"), number(entry, "node"));
    if (bytes > 0)
        html_textf(html, ", cache of %s", format_value((double)bytes, UNIT_BYTES).s);
    html_raw(html, "</p><ul>\n");
    do {
        write_entry(html, json_array_get(list, end++));
    } while (is_one_place(entry, json_array_get(list, end)));
    html_raw(html, "</ul></div>\n");
    return alike > 1 ? first + alike : end;
}

void page_write_machine(struct html *html, const struct page *page)
{
    const json_t *placement = json_object_get(page->results->environment, "placement");
    const json_t *list = json_object_get(placement, "machine");
    const size_t count = json_array_size(list);
    const char *warning = json_text_of(placement, "warning");
    size_t at = 0;
    if (!count)
        return;
    html_raw(html, "<figure class=\"machine\">\n");
    for (size_t places = 0; at < count && places < PLACES_MAX; places++)
        at = write_place(html, list, at);
    html_raw(html, "<figcaption>The cores of this machine and who got them, where a "
                   "scenario splits them");
    if (at < count)
        html_textf(html, "; %zu more groups are not drawn", count - at);
    html_textf(html, "%s%s.", *warning ? ". " : "", warning);
    html_raw(html, "</figcaption></figure>\n");
}
