/* page_validity.c: whether a run may be quoted: its valid trials, what disturbed them, its
 * warnings. */
#include "report/page/page.h"

#include "common/cleanup.h"
#include "common/memory.h"
#include "report/data/validity_notes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define INVALID_SHOWN 40

/* Whether the warning is about this scenario (NULL: any), or about the whole run. */
static bool is_about(const struct warning *warning, const struct scenario *s)
{
    const size_t length = s ? strlen(s->name) : 0;
    return !s || !*warning->where ||
           (!strncmp(warning->where, s->name, length) &&
            (!warning->where[length] || warning->where[length] == '/'));
}

size_t page_count_warnings(const struct results *r, const struct scenario *s)
{
    size_t count = 0;
    for (size_t i = 0; i < r->warning_count; i++)
        count += is_about(&r->warnings[i], s);
    return count;
}

bool page_is_publishable(const struct results *results, char **out_why)
{
    size_t size = 0;
    char *why = NULL;
    FILE *out = memory_stream(&why, &size);
    const char *between = "";
    if (!results->is_complete) {
        (void)fputs("the run was interrupted", out);
        between = "; ";
    }
    if (results->scenario_count == 0)
        (void)fprintf(out, "%sthere is no scenario", between);
    for (size_t i = 0; i < results->scenario_count; i++) {
        const struct scenario *s = &results->scenarios[i];
        bool is_descriptive = !strcmp(s->form, "descriptive");
        if (!is_descriptive && strcmp(s->form, "not-publishable") != 0)
            continue;
        (void)fprintf(out, "%s%s is %s", between, s->name,
                      is_descriptive ? "descriptive only" : "not publishable");
        between = "; ";
    }
    memory_stream_close(out, &why);
    bool is_publishable = size == 0;
    if (is_publishable) {
        free(why);
        why = NULL;
    }
    *out_why = why;
    return is_publishable;
}

static void write_invalid(struct html *html, const struct results *r)
{
    size_t shown = 0;
    for (size_t i = 0; i < r->cell_count; i++) {
        const struct cell *cell = &r->cells[i];
        for (size_t t = 0; t < cell->trial_count; t++) {
            if (cell->trials[t].is_valid || shown++ >= INVALID_SHOWN)
                continue;
            if (shown == 1)
                html_raw(html, "<details><summary>Invalid trials</summary><ul>\n");
            html_raw(html, "<li>");
            html_textf(html, "%s/%s/%" PRIu64 ": %s", cell->scenario, cell->model,
                       cell->concurrency,
                       cell->trials[t].invalid_text ? cell->trials[t].invalid_text
                                                    : "no reason is given");
            html_raw(html, "</li>\n");
        }
    }
    if (shown > INVALID_SHOWN)
        html_textf(html, "and %zu more", shown - INVALID_SHOWN);
    if (shown > 0)
        html_raw(html, "</ul></details>\n");
}

void page_write_warnings(struct html *html, const struct results *r,
                         const struct scenario *s)
{
    if (page_count_warnings(r, s) == 0)
        return;
    html_raw(html, "<ul class=\"warnings\">\n");
    for (size_t i = 0; i < r->warning_count; i++) {
        if (!is_about(&r->warnings[i], s))
            continue;
        html_raw(html, "<li><code>");
        html_text(html, r->warnings[i].id);
        html_raw(html, "</code> ");
        if (*r->warnings[i].where) {
            html_element(html, "b", r->warnings[i].where);
            html_raw(html, ": ");
        }
        html_text(html, r->warnings[i].text);
        html_raw(html, "</li>\n");
    }
    html_raw(html, "</ul>\n");
}

void page_write_validity(struct html *html, const struct page *page)
{
    const struct results *r = page->results;
    AUTO_FREE char *why = NULL;
    bool is_publishable = page_is_publishable(r, &why);
    html_raw(html, "<ul class=\"strip\"><li><b>");
    html_text(html, tally_say_counts(r->tally).s);
    html_raw(html, "</b> trials valid");
    html_text(html, tally_say_blocks(r->tally).s);
    html_raw(html, "</li><li>");
    html_text(html, tally_say_planned(r->tally).s);
    html_raw(html, "</li><li><b>");
    html_textf(html, "%zu", r->warning_count);
    html_raw(html, "</b> ");
    html_text(html, r->warning_count == 1 ? "warning" : "warnings");
    html_raw(html, "</li><li>publishable <b>");
    html_text(html, is_publishable ? "yes" : "no");
    html_raw(html, "</b>");
    if (why)
        html_textf(html, ": %s", why);
    html_raw(html, "</li>");
    struct validity_note notes[VALIDITY_NOTES_MAX];
    size_t count = validity_notes_find(r, notes);
    for (size_t i = 0; i < count; i++)
        html_element(html, "li", notes[i].text);
    html_raw(html, "</ul>\n");
    page_write_warnings(html, r, NULL);
    write_invalid(html, r);
}
