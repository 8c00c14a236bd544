/* page: report.html as one string. Deterministic: the same results give the same bytes.
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "report/draw/chart.h"
#include "report/page/html.h"
#include "report/page/render.h"

/* Charts stand scenario by scenario, chart_spec_count of them each. */
struct page {
    const struct results *results;
    const struct palette *palette;
    const struct chart *charts;
    const struct drawing *drawings;
    const char *series_name; /* what a series of a chart is; NULL: a model */
};

/* *out_text is new, *out_size its length. */
void page_write(const struct page *page, char **out_text, size_t *out_size);

/* The parts, in the order of the page; each in a file of its own. */
void page_write_scenario(struct html *html, const struct page *page, size_t index);
void page_write_environment(struct html *html, const struct page *page);
void page_write_facts(struct html *html, const struct page *page);

/* The machine as a picture, with who got which cores; nothing without it. */
void page_write_machine(struct html *html, const struct page *page);

/* The line of facts: whatever in the origin, the options and the load is not the default.
 * For another server (run.url) nothing is said about our origin. */
void page_write_load(struct html *html, const struct page *page,
                     const struct scenario *scenario);

/* The scenario's question, its answer, the few numbers that people choose by, and one
 * line that says how far to trust them. */
void page_write_answer(struct html *html, const struct page *page,
                       const struct scenario *scenario);

/* The numbers under that answer in a run that `concbench tune` made. */
void page_write_tune(struct html *html, const struct page *page,
                     const struct scenario *scenario, const json_t *tune);

/* The scenario's question; url: of the other server that was measured, or NULL. */
void page_write_question(struct html *html, const char *question, const char *url);

/* The verdict, with its models in bold and its intervals dimmed, where the results say
 * which these are. */
void page_write_sentence(struct html *html, const struct scenario *scenario);

/* A text in pieces, each a model, an interval or plain text (docs/results.md). */
void page_write_pieces(struct html *html, const json_t *pieces);

/* What to expect and why, and which predictions held, folded; nothing without them. */
void page_write_why(struct html *html, const struct scenario *scenario);
void page_write_expectations(struct html *html, const struct page *page,
                             const struct scenario *scenario);

/* The table at the highest concurrency, and the one of all cells. */
void page_write_table(struct html *html, const struct page *page,
                      const struct scenario *scenario);
void page_write_all_cells(struct html *html, const struct page *page,
                          const struct scenario *scenario);

/* A factor, the interval of its estimate dimmed, and the estimate under this name if it
 * is apart from the factor. */
void page_write_factor(struct html *html, struct factor factor, const char *name);

/* The p50, p90, p99 or p999 (index 0 to 3) with its interval. */
void page_write_quantile(struct html *html, const struct latency *latency, size_t index);

/* System calls per request, and what the processor counted. Without them in the results
 * there is nothing, or a sentence. */
void page_write_syscalls(struct html *html, const struct page *page,
                         const struct scenario *scenario);
void page_write_counters(struct html *html, const struct page *page,
                         const struct scenario *scenario);

/* The trials that are valid, what disturbed them, whether the results may be quoted. */
void page_write_validity(struct html *html, const struct page *page);

/* The warnings about a scenario and about the whole run; scenario NULL: all of them. */
void page_write_warnings(struct html *html, const struct results *results,
                         const struct scenario *scenario);
size_t page_count_warnings(const struct results *results,
                           const struct scenario *scenario);

/* Suite, host, system: the beginning of a line. results may be NULL. */
void page_write_where(struct html *html, const struct results *results);

/* "AMD EPYC 9B14", without ornaments; "this machine" if it is not known. */
void page_write_processor(struct html *html, const struct results *results);

/* "26 November 2026, 14:05 UTC" for 2026-11-26T14:05:09Z; anything else as it is. */
void page_write_date(struct html *html, const char *iso);

/* The style sheet of this page. New text. */
char *page_css(const struct page *page);

/* The head of a page; the text of its title goes between the two. css is page_css's. */
void page_begin_head(struct html *html, const char *css);
void page_end_head(struct html *html, const char *css);

/* The symbols that page_write_model refers to; once, at the top. */
void page_write_marks(struct html *html, const struct palette *palette);

/* A figure: pictures, caption, the numbers as a table. A chart without a scenario has
 * no files of its own to link to. */
void page_write_figure(struct html *html, const struct page *page,
                       const struct chart *chart, const struct drawing *drawing);

/* One picture, with alternative text; series is what each line is, "model";
 * where its numbers are: "the report". */
void page_write_picture(struct html *html, const struct panel *panel,
                        const struct picture *pictures, const char *series,
                        const char *where);

/* A model's line and marker, as in the charts, and its name. */
void page_write_model(struct html *html, const struct page *page, const char *model);

/* Begins the row of a cell: its class, its model, and its concurrency where that is not
 * the scenario's highest. */
void page_begin_row(struct html *html, const struct page *page,
                    const struct scenario *scenario, const struct cell *cell);

/* ` class="m3"` for the row of a model: gives its colour, and lets the picker hide it. */
void page_write_class(struct html *html, const struct page *page, const char *model);

/* Whether there are many models: then they are listed by family, with a picker. */
bool page_is_grouped(const struct page *page);
bool page_has_family(const struct palette *palette, enum family family);

/* The heading of the model's family, as a row with this many columns inside a tbody.
 * Written if there are many models and the one before (or NULL) is of another family. */
void page_write_family(struct html *html, const struct page *page, const char *before,
                       const char *model, size_t columns);

/* The picker, and the note that some models are hidden; nothing if there are few models.
 */
void page_write_picker(struct html *html, const struct page *page);
void page_write_picked(struct html *html, const struct page *page);

/* Whether the results may be quoted; *out_why is new text, or NULL when they may. */
bool page_is_publishable(const struct results *results, char **out_why);

#endif
