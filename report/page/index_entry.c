/* index_entry.c: one scenario of the index: question, answer, predictions that held,
 * what was left out and why, a picture, links. */
#include "report/page/index.h"

#include "common/json.h"
#include "report/data/format.h"
#include "report/page/page.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define REPORT 0 /* of index_files */

/* ` href="slow-origin/report.html"` */
static void write_href(struct html *html, const struct index_entry *entry, size_t file)
{
    html_raw(html, " href=\"");
    html_textf(html, "%s/%s%s", entry->name, index_files[file].path,
               strchr(index_files[file].path, '.') ? "" : "/");
    html_raw(html, "\"");
}

const char *index_outcome(const struct index_entry *entry)
{
    if (entry->problem)
        return index_status_name(INDEX_FAILED);
    if (entry->status != INDEX_DONE || !entry->scenario)
        return index_status_name(entry->status);
    bool may_be_quoted = strcmp(entry->scenario->form, "not-publishable") != 0;
    return may_be_quoted ? entry->scenario->form : "not publishable";
}

static void begin_link(struct html *html, const struct index_entry *entry)
{
    if (!entry->has_file[REPORT])
        return;
    html_raw(html, "<a");
    write_href(html, entry, REPORT);
    html_raw(html, ">");
}

static void end_link(struct html *html, const struct index_entry *entry)
{
    if (entry->has_file[REPORT])
        html_raw(html, "</a>");
}

static void write_tag(struct html *html, const struct index_entry *entry)
{
    html_raw(html, "<p class=\"tag\">");
    begin_link(html, entry);
    html_text(html, entry->name);
    end_link(html, entry);
    html_raw(html, " <span class=\"form\">");
    html_text(html, index_outcome(entry));
    html_raw(html, "</span></p>\n");
}

/* The answer; where the results hold none, the verdict's sentence. */
static void write_answer(struct html *html, const struct index_entry *entry)
{
    const struct scenario *s = entry->scenario;
    const char *answer = s ? json_text_of(s->verdict, "answer") : "";
    if (*answer) {
        html_raw(html, "<h3>");
        html_prose(html, answer);
        html_raw(html, "</h3>");
    } else if (s) {
        html_raw(html, "<p class=\"verdict\">");
        page_write_sentence(html, s);
        html_raw(html, "</p>");
    }
    if (*entry->reason)
        html_element(html, "p class=\"problem\"", entry->reason);
    if (entry->problem)
        html_element(html, "p class=\"problem\"", entry->problem);
    html_raw(html, "\n");
}

static void write_outcomes(struct html *html, const struct index_entry *entry)
{
    const size_t *n = entry->outcomes;
    if (entry->results->expectation_count == 0) {
        html_element(html, "li", "no predictions");
        return;
    }
    html_raw(html, "<li>predictions: ");
    html_textf(html, "%zu held", n[OUTCOME_HELD]);
    if (n[OUTCOME_NOT_HELD] > 0) {
        html_raw(html, ", <strong>");
        html_textf(html, "%zu did not hold", n[OUTCOME_NOT_HELD]);
        html_raw(html, "</strong>");
    }
    if (n[OUTCOME_UNKNOWN] > 0)
        html_textf(html, ", %zu unknown", n[OUTCOME_UNKNOWN]);
    html_raw(html, "</li>");
}

static void write_facts(struct html *html, const struct index_entry *entry)
{
    const struct results *r = entry->results;
    html_raw(html, "<ul class=\"load\">");
    if (r) {
        write_outcomes(html, entry);
        html_raw(html, "<li>");
        html_text(html, tally_say(r->tally).s);
        html_raw(html, "</li><li>");
        html_textf(html, "%zu warning%s", r->warning_count,
                   r->warning_count == 1 ? "" : "s");
        html_raw(html, "</li>");
    }
    if (isfinite(entry->wall_s)) {
        html_raw(html, "<li>took ");
        html_text(html, format_duration(entry->wall_s).s);
        html_raw(html, "</li>");
    }
    html_raw(html, "</ul>\n");
}

/* Lists the predictions with this outcome: those that did not hold, or are unknown. */
static void write_predictions(struct html *html, const struct index_entry *entry,
                              enum outcome outcome)
{
    const struct results *r = entry->results;
    if (entry->outcomes[outcome] == 0)
        return;
    html_raw(html, "<details><summary>");
    html_text(html, outcome == OUTCOME_UNKNOWN ? "What is unknown" : "What did not hold");
    html_raw(html, "</summary><ul>\n");
    for (size_t i = 0; i < r->expectation_count; i++) {
        const struct expectation *e = &r->expectations[i];
        if (e->outcome != outcome)
            continue;
        html_raw(html, "<li>");
        html_text(html, e->says);
        html_raw(html, " <code>");
        html_text(html, e->inequality);
        html_raw(html, "</code>");
        if (*e->measured)
            html_textf(html, ": measured %s", e->measured);
        else if (*e->reason)
            html_textf(html, ": %s", e->reason);
        html_raw(html, "</li>\n");
    }
    html_raw(html, "</ul></details>\n");
}

static void write_cells(struct html *html, const struct index_entry *entry)
{
    const struct results *r = entry->results;
    if (entry->cells_skipped + entry->cells_invalid == 0)
        return;
    html_raw(html, "<details><summary>");
    if (entry->cells_skipped > 0)
        html_textf(html, "%zu of %zu cells skipped", entry->cells_skipped, r->cell_count);
    if (entry->cells_invalid > 0)
        html_textf(html, "%s%zu of %zu without a valid trial",
                   entry->cells_skipped > 0 ? ", " : "", entry->cells_invalid,
                   r->cell_count);
    html_raw(html, "</summary><ul>\n");
    for (size_t i = 0; i < r->cell_count; i++) {
        const struct cell *cell = &r->cells[i];
        if (!strcmp(cell->status, "ok"))
            continue;
        html_raw(html, "<li>");
        html_textf(html, "%s at %" PRIu64 ": %s", cell->model, cell->concurrency,
                   cell->reason ? cell->reason : "no reason is given");
        html_raw(html, "</li>\n");
    }
    html_raw(html, "</ul></details>\n");
}

static void write_warnings(struct html *html, const struct results *r)
{
    if (r->warning_count == 0)
        return;
    html_raw(html, "<details><summary>Warnings</summary><ul>\n");
    for (size_t i = 0; i < r->warning_count; i++) {
        html_raw(html, "<li><code>");
        html_text(html, r->warnings[i].id);
        html_raw(html, "</code> ");
        html_text(html, r->warnings[i].where);
        html_text(html, *r->warnings[i].where ? ": " : "");
        html_text(html, r->warnings[i].text);
        html_raw(html, "</li>\n");
    }
    html_raw(html, "</ul></details>\n");
}

static void write_links(struct html *html, const struct index_entry *entry)
{
    html_raw(html, "<p class=\"files\">");
    for (size_t i = 0; i < INDEX_FILES; i++) {
        if (!entry->has_file[i])
            continue;
        html_raw(html, "<a");
        write_href(html, entry, i);
        html_raw(html, ">");
        html_text(html, index_files[i].label);
        html_raw(html, "</a>");
    }
    html_raw(html, "</p>\n");
}

void index_write_entry(struct html *html, const struct index_page *page, size_t index)
{
    const struct index_entry *entry = &page->entries[index];
    const char *url =
        entry->scenario ? load_other_server(entry->results, entry->scenario) : NULL;
    html_raw(html, "<article class=\"entry\" id=\"scenario-");
    html_text(html, entry->name);
    html_raw(html, "\">\n");
    write_tag(html, entry);
    html_raw(html, "<p class=\"question\">");
    if (url) /* the question is about our origin */
        html_textf(html, "%s against %s", entry->name, url);
    else
        html_text(html, *entry->question ? entry->question : entry->title);
    html_raw(html, "</p>\n");
    write_answer(html, entry);
    if (page->charts[index].panel_count > 0)
        page_write_picture(html, &page->charts[index].panels[0],
                           page->drawings[index].panels[0], "model", "the report");
    write_facts(html, entry);
    if (entry->results) {
        write_predictions(html, entry, OUTCOME_NOT_HELD);
        write_predictions(html, entry, OUTCOME_UNKNOWN);
        write_cells(html, entry);
        write_warnings(html, entry->results);
    }
    write_links(html, entry);
    html_raw(html, "</article>\n");
}
