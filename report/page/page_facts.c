/* page_facts.c: the environment as tables, one per group: what is known, in readable
 * units, and the reason for what is not. */
#include "report/page/page.h"

#include "common/json.h"
#include "report/data/format.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define UNKNOWN     "unknown"
#define MITIGATIONS "mitigations"

/* Known groups in an order that reads well; others follow. */
static const char *const order[] = {"host",   "cpu",       "memory",
                                    "kernel", "libraries", "build",
                                    "limits", "placement", MITIGATIONS};

static bool ends_with(const char *text, size_t length, const char *end)
{
    size_t size = strlen(end);
    return length > size && !strncmp(text + length - size, end, size);
}

/* How a number's unit stands at the end of its name, and how it is written. */
static const struct {
    const char *suffix;
    enum unit unit;
} suffixes[] = {{"_bytes", UNIT_BYTES}, {"_hz", UNIT_COUNT}, {"_s", UNIT_SECONDS}};

static size_t suffix_of(const char *key)
{
    size_t i = 0;
    while (i < COUNT_OF(suffixes) && !ends_with(key, strlen(key), suffixes[i].suffix))
        i++;
    return i;
}

static void write_hertz(struct html *html, double hz)
{
    const char *name = hz >= 1e9 ? "GHz" : hz >= 1e6 ? "MHz" : "Hz";
    double size = hz >= 1e9 ? 1e9 : hz >= 1e6 ? 1e6 : 1;
    html_textf(html, "%s %s", format_exact(hz / size, UNIT_COUNT).s, name);
}

static void write_number(struct html *html, const char *key, double value)
{
    size_t suffix = suffix_of(key);
    if (suffix < COUNT_OF(suffixes) && !strcmp(suffixes[suffix].suffix, "_hz"))
        write_hertz(html, value);
    else
        html_text(html,
                  format_exact(value, suffix < COUNT_OF(suffixes) ? suffixes[suffix].unit
                                                                  : UNIT_COUNT)
                      .s);
}

static void write_unknown(struct html *html, const json_t *reasons, const char *group,
                          const char *key)
{
    char name[256];
    (void)snprintf(name, sizeof name, "%s.%s", group, key);
    const char *reason = json_text_or_null(reasons, name);
    html_raw(html, "<span class=\"ci\">");
    html_text(html, reason ? reason : "not known");
    html_raw(html, "</span>");
}

/* "frequency_max_hz" is written as "frequency max": the value has the unit. */
static void write_key(struct html *html, const char *key, const json_t *value)
{
    size_t length = strlen(key);
    size_t suffix = json_is_number(value) ? suffix_of(key) : COUNT_OF(suffixes);
    if (suffix < COUNT_OF(suffixes))
        length -= strlen(suffixes[suffix].suffix);
    for (size_t i = 0; i < length; i++)
        html_textf(html, "%c", key[i] == '_' ? ' ' : key[i]);
}

static void write_fact(struct html *html, const json_t *reasons, const char *group,
                       const char *key, const json_t *value)
{
    html_raw(html, "<tr><th scope=\"row\">");
    write_key(html, key, value);
    html_raw(html, "</th><td class=\"list\">");
    if (json_is_string(value))
        html_text(html, json_string_length(value) ? json_string_value(value) : "none");
    else if (json_is_boolean(value))
        html_text(html, json_is_true(value) ? "yes" : "no");
    else if (json_is_number(value))
        write_number(html, key, json_number_value(value));
    else
        write_unknown(html, reasons, group, key);
    html_raw(html, "</td></tr>\n");
}

static bool is_unaffected(const json_t *value)
{
    return json_is_string(value) && !strcmp(json_string_value(value), "Not affected");
}

/* Whether the processor is not affected. Kernels list some twenty vulnerabilities, most
 * of other processors. */
static void write_unaffected(struct html *html, json_t *facts)
{
    const char *key = NULL;
    json_t *value = NULL;
    const char *between = "";
    json_object_foreach (facts, key, value) {
        if (!is_unaffected(value))
            continue;
        if (!*between)
            html_raw(html, "<tr><th scope=\"row\">not affected</th><td class=\"list\">");
        html_text(html, between);
        write_key(html, key, value);
        between = ", ";
    }
    if (*between)
        html_raw(html, "</td></tr>\n");
}

static void write_group(struct html *html, const json_t *reasons, const char *group,
                        json_t *facts)
{
    const char *key = NULL;
    json_t *value = NULL;
    bool is_folded = !strcmp(group, MITIGATIONS);
    html_raw(html, "<table><caption>");
    html_text(html, group);
    html_raw(html, "</caption><tbody>\n");
    json_object_foreach (facts, key, value) {
        if (!json_is_array(value) && (!is_folded || !is_unaffected(value)))
            write_fact(html, reasons, group, key, value);
    }
    if (is_folded)
        write_unaffected(html, facts);
    html_raw(html, "</tbody></table>\n");
}

static bool has_place(const char *group)
{
    for (size_t i = 0; i < COUNT_OF(order); i++)
        if (!strcmp(order[i], group))
            return true;
    return !strcmp(group, UNKNOWN);
}

void page_write_facts(struct html *html, const struct page *page)
{
    json_t *environment = (json_t *)(uintptr_t)page->results->environment;
    const json_t *reasons = json_object_get(environment, UNKNOWN);
    const char *group = NULL;
    json_t *facts = NULL;
    html_raw(html, "<div class=\"facts\">\n");
    for (size_t i = 0; i < COUNT_OF(order); i++)
        if (json_object_size(json_object_get(environment, order[i])) > 0)
            write_group(html, reasons, order[i], json_object_get(environment, order[i]));
    json_object_foreach (environment, group, facts) {
        if (!has_place(group))
            write_group(html, reasons, group, facts);
    }
    html_raw(html, "</div>\n");
}
