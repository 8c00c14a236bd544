/* compare: the page of a comparison (docs/compare.md): what differs between hosts, charts
 * host by host, ratios. Like the rest of the report it computes nothing; every number is
 * in the document that `concbench compare --json` prints. */
#ifndef REPORT_COMPARE_H
#define REPORT_COMPARE_H

#include "common/err.h"
#include "report/data/format.h"
#include "report/page/html.h"
#include "report/page/page.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define COMPARE_FILES_MAX 64
#define COMPARE_BYTES_MAX (64U << 20)

/* One of the runs compared; the first is the baseline of the others. */
struct compare_run {
    const char *label;    /* borrowed from the document */
    struct text in_chart; /* label, or a letter where labels are too long for a chart */
};

struct comparison_page {
    bool is_hosts; /* set it before loading; no run is the baseline of the others */
    json_t *json;  /* owned; cleaned */
    struct compare_run runs[COMPARE_FILES_MAX];
    size_t count;
    struct palette palette; /* of the runs, by in_chart */
    struct chart *charts;   /* owned; scenario by scenario */
    size_t *chart_scenario; /* owned; index of each chart's scenario */
    size_t chart_count;
    struct drawing *drawings; /* owned; as many */
};

/* Draws the comparison in the file at path as one page. *out_text is new, *out_size its
 * length. EXIT_CODE_USAGE for a file that is no comparison. */
int compare_page(const char *path, char **out_text, size_t *out_size, struct err *err);

/* Draws what hosts.h makes of several hosts' results in the same way: whether the answers
 * change, and what a request costs on each. */
int hosts_page(const char *path, char **out_text, size_t *out_size, struct err *err);

/* The parts. */
int compare_load(const char *path, struct comparison_page *out_page, struct err *err);
void compare_charts(struct comparison_page *page);
/* Links to the scenarios, then to the sections, whose ids are shown; NULL ends them. */
void compare_write_contents(struct html *html, const struct comparison_page *page,
                            const char *const *sections);
void compare_write_files(struct html *html, const struct comparison_page *page);
void compare_write_environment(struct html *html, const struct comparison_page *page);
/* The ratios of a scenario that show a change; whether there are any. */
bool compare_write_changes(struct html *html, const struct comparison_page *page,
                           const char *scenario);
void compare_write_ratios(struct html *html, const struct comparison_page *page,
                          const char *scenario);
void compare_write_skipped(struct html *html, const struct comparison_page *page);
void compare_done(struct comparison_page *page); /* zeroed is fine */

/* The array or object under key of the document; loading has checked that it exists. */
const json_t *compare_part(const struct comparison_page *page, const char *key);

/* Writes the run's line and marker, as in the charts, and its label. */
void compare_write_run(struct html *html, const struct comparison_page *page,
                       const char *label);

#endif
