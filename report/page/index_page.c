/* index_page.c: the index from top to bottom: what was measured where, what it amounts
 * to, then the scenarios, family by family; see index.h. */
#include "report/page/index.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"
#include "report/page/page.h"
#include "report/page/style.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct totals {
    struct tally tally;
    size_t measured, cells, cells_skipped, cells_invalid, warnings;
    size_t outcomes[OUTCOME_COUNT];
};

static struct totals add_up(const struct index_page *page)
{
    struct totals all = {0};
    for (size_t i = 0; i < page->count; i++) {
        const struct index_entry *entry = &page->entries[i];
        if (!entry->results)
            continue;
        all.measured += entry->status == INDEX_DONE;
        all.tally = tally_add(all.tally, entry->results->tally);
        all.cells += entry->results->cell_count;
        all.cells_skipped += entry->cells_skipped;
        all.cells_invalid += entry->cells_invalid;
        all.warnings += entry->results->warning_count;
        for (size_t o = 0; o < OUTCOME_COUNT; o++)
            all.outcomes[o] += entry->outcomes[o];
    }
    return all;
}

/* The processor, from any of the results: all are from one machine. */
static const struct results *first_results(const struct index_page *page)
{
    for (size_t i = 0; i < page->count; i++)
        if (page->entries[i].results)
            return page->entries[i].results;
    return NULL;
}

static void write_title(struct html *html, const struct index_page *page)
{
    const struct results *r = first_results(page);
    html_textf(html, "%zu scenario%s on ", page->count, page->count == 1 ? "" : "s");
    page_write_processor(html, r);
}

static bool begins_family(const struct index_page *page, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (!strcmp(page->entries[i].family, page->entries[index].family))
            return false;
    return true;
}

static const char *family_name(const struct index_entry *entry)
{
    return *entry->family ? entry->family : "Others";
}

static void write_masthead(struct html *html, const struct index_page *page)
{
    html_raw(html, "<header>\n<p class=\"meta\">");
    page_write_where(html, first_results(page));
    html_raw(html, " · ");
    page_write_date(html, page->started);
    if (*page->preset)
        html_textf(html, " · preset %s", page->preset);
    html_raw(html, "</p>\n<h1>");
    write_title(html, page);
    html_raw(html, "</h1>\n<nav aria-label=\"Contents\">");
    for (size_t i = 0; i < page->count; i++) {
        if (!begins_family(page, i))
            continue;
        html_raw(html, "<a href=\"#family-");
        html_textf(html, "%zu", i);
        html_raw(html, "\">");
        html_text(html, family_name(&page->entries[i]));
        html_raw(html, "</a> ");
    }
    html_raw(html, "</nav>\n</header>\n");
}

static void write_time(struct html *html, const struct index_page *page)
{
    if (!isfinite(page->wall_s))
        return;
    html_raw(html, "<li>took <b>");
    html_text(html, format_duration(page->wall_s).s);
    html_raw(html, "</b>");
    if (isfinite(page->limit_s))
        html_textf(html, " of at most %s", format_duration(page->limit_s).s);
    html_raw(html, "</li>");
}

static void write_count(struct html *html, const struct index_entry *entry, size_t count)
{
    html_raw(html, "<td>");
    if (entry->results)
        html_textf(html, "%zu", count);
    else
        html_raw(html, "–");
    html_raw(html, "</td>");
}

static void write_row(struct html *html, const struct index_entry *entry)
{
    html_raw(html, "<tr><th scope=\"row\"><a href=\"#scenario-");
    html_text(html, entry->name);
    html_raw(html, "\">");
    html_text(html, entry->name);
    html_raw(html, "</a></th><td class=\"list\">");
    html_text(html, index_outcome(entry));
    html_raw(html, "</td>");
    for (size_t o = 0; o < OUTCOME_COUNT; o++)
        write_count(html, entry, entry->outcomes[o]);
    write_count(html, entry, entry->cells_skipped);
    write_count(html, entry, entry->results ? entry->results->warning_count : 0);
    html_raw(html, "<td>");
    if (isfinite(entry->wall_s))
        html_textf(html, "%.0f", entry->wall_s);
    else
        html_raw(html, "–");
    html_raw(html, "</td></tr>\n");
}

/* Writes the table at the top, in the order of the page below. */
static void write_glance(struct html *html, const struct index_page *page)
{
    if (page->count == 0)
        return;
    html_raw(html,
             "<details class=\"measured\"><summary>All scenarios in one table: outcomes, "
             "predictions, cells, seconds</summary>\n<div class=\"scroll glance\" "
             "tabindex=\"0\" role=\"region\" aria-label=\"At a "
             "glance\"><table><caption>At a glance: outcomes, and predictions "
             "that held</caption>\n<thead><tr><th "
             "scope=\"col\">scenario</th><th scope=\"col\">outcome</th><th "
             "scope=\"col\">held</th><th scope=\"col\">did not hold</th><th "
             "scope=\"col\">unknown</th><th scope=\"col\">cells skipped</th><th "
             "scope=\"col\">warnings</th><th "
             "scope=\"col\">seconds</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < page->count; i++)
        for (size_t k = i; begins_family(page, i) && k < page->count; k++)
            if (!strcmp(page->entries[k].family, page->entries[i].family))
                write_row(html, &page->entries[k]);
    html_raw(html, "</tbody></table></div></details>\n");
}

static void write_totals(struct html *html, const struct index_page *page)
{
    const struct totals all = add_up(page);
    html_raw(html, "<section aria-label=\"Summary\">\n<ul class=\"strip\"><li><b>");
    html_textf(html, "%zu of %zu", all.measured, page->count);
    html_raw(html, "</b> scenarios measured</li><li><b>");
    html_text(html, tally_say_counts(all.tally).s);
    html_raw(html, "</b> trials valid");
    html_text(html, tally_say_blocks(all.tally).s);
    html_raw(html, "</li><li>predictions: <b>");
    html_textf(html, "%zu", all.outcomes[OUTCOME_HELD]);
    html_raw(html, "</b> held, <b>");
    html_textf(html, "%zu", all.outcomes[OUTCOME_NOT_HELD]);
    html_raw(html, "</b> did not hold, <b>");
    html_textf(html, "%zu", all.outcomes[OUTCOME_UNKNOWN]);
    html_raw(html, "</b> unknown</li><li><b>");
    html_textf(html, "%zu of %zu", all.cells_skipped, all.cells);
    html_raw(html, "</b> cells skipped, <b>");
    html_textf(html, "%zu", all.cells_invalid);
    html_raw(html, "</b> without a valid trial</li><li><b>");
    html_textf(html, "%zu", all.warnings);
    html_raw(html, "</b> warnings</li>");
    write_time(html, page);
    html_raw(html, "</ul>\n");
    if (!page->is_complete)
        html_raw(html, "<ul class=\"warnings\"><li><b>Partial:</b> interrupted before "
                       "every scenario was run.</li></ul>\n");
    html_raw(html, "</section>\n");
}

static void write_family(struct html *html, const struct index_page *page, size_t first)
{
    html_raw(html, "<section class=\"family\" id=\"family-");
    html_textf(html, "%zu", first);
    html_raw(html, "\">\n");
    html_element(html, "h2", family_name(&page->entries[first]));
    html_raw(html, "\n<div class=\"entries\">\n");
    for (size_t i = first; i < page->count; i++)
        if (!strcmp(page->entries[i].family, page->entries[first].family))
            index_write_entry(html, page, i);
    html_raw(html, "</div>\n</section>\n");
}

/* The report's style sheet, and the rules that only the index has. New text. */
static char *style_of(const struct index_page *page)
{
    const struct page look = {.palette = &page->palette, .series_name = "model"};
    AUTO_FREE char *common = page_css(&look);
    char *css = NULL;
    if (asprintf(&css, "%s%s", common, index_css) < 0)
        memory_exhausted();
    return css;
}

static void write_page(struct html *html, const struct index_page *page)
{
    AUTO_FREE char *css = style_of(page);
    page_begin_head(html, css);
    write_title(html, page);
    page_end_head(html, css);
    html_raw(html, "<body>\n<a class=\"skip\" href=\"#main\">Skip to the scenarios</a>\n"
                   "<div class=\"page\">\n");
    page_write_marks(html, &page->palette);
    write_masthead(html, page);
    html_raw(html, "<main id=\"main\" tabindex=\"-1\">\n");
    write_totals(html, page);
    for (size_t i = 0; i < page->count; i++)
        if (begins_family(page, i))
            write_family(html, page, i);
    write_glance(html, page);
    html_raw(
        html,
        "<section>\n<h2 id=\"data\">About this page</h2>\n<p>The scenarios "
        "ran one after the other, each with a report of its own; its question, answer "
        "and first chart are shown here. <a href=\"catalogue.json\">"
        "catalogue.json</a> holds what this page adds: times, and why a scenario is "
        "missing.</p>\n</section>\n</main>\n</div>\n</body>\n</html>\n");
}

int index_page(const char *folder, char **out_text, size_t *out_size, struct err *err)
{
    struct index_page page = {.json = NULL};
    int status = index_load(folder, &page, err);
    if (!status)
        status = index_draw(&page, err);
    if (!status) {
        struct html html;
        html_init(&html);
        write_page(&html, &page);
        html_finish(&html, out_text, out_size);
    }
    index_done(&page);
    return status ? -1 : 0;
}
