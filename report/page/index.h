/* index: one page over many runs of one scenario each: its question, its result, and a
 * link to its report. catalogue.json (docs/results.md) lists the runs. Next to it lies a
 * folder for each, named after the scenario. Links are relative, so all can be moved
 * together. */
#ifndef REPORT_INDEX_H
#define REPORT_INDEX_H

#include "common/err.h"
#include "report/data/load_expect.h"
#include "report/draw/chart.h"
#include "report/page/html.h"
#include "report/page/render.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define INDEX_ENTRIES_MAX LOAD_SCENARIOS_MAX /* one palette serves them all */
#define INDEX_FILES       4

enum index_status {
    INDEX_DONE,
    INDEX_INTERRUPTED, /* may have results for the trials that were made */
    INDEX_FAILED,
    INDEX_SKIPPED, /* nothing of it can run here */
    INDEX_NOT_RUN, /* interrupted before its turn */
    INDEX_STATUSES
};

struct index_entry { /* strings borrowed from the catalogue; "" where it says nothing */
    const char *name, *title, *question, *family, *reason;
    enum index_status status;
    double wall_s;                   /* of everything, report included; NaN */
    struct results *results;         /* owned; NULL: there are none */
    const struct scenario *scenario; /* in results, NULL with them */
    char *problem;                   /* owned; why results cannot be shown, or NULL */
    bool has_file[INDEX_FILES];      /* of index_files */
    size_t outcomes[OUTCOME_COUNT];
    size_t cells_skipped, cells_invalid;
};

struct index_page {
    json_t *json; /* owned; cleaned */
    const char *started, *preset;
    double wall_s, limit_s; /* NaN where not said */
    bool is_complete;
    struct index_entry *entries; /* owned */
    size_t count;
    struct palette palette;
    struct chart *charts;     /* owned; one panel for each entry, or none */
    struct drawing *drawings; /* owned; as many */
};

/* A file in a run's folder, and what its link is called. */
struct index_file {
    const char *path, *label;
};
extern const struct index_file index_files[INDEX_FILES]; /* the first is the report */

/* "done", "not run", ... */
const char *index_status_name(enum index_status status);

/* The form of its verdict, or else its status: "winner", "skipped", ... */
const char *index_outcome(const struct index_entry *entry);

/* Draws the page over folder. *out_text is new, *out_size its length. EXIT_CODE_USAGE for
 * a folder without a valid catalogue.json; an entry with invalid results is shown as
 * such.
 */
int index_page(const char *folder, char **out_text, size_t *out_size, struct err *err);

/* The parts. */
int index_load(const char *folder, struct index_page *out_page, struct err *err);
int index_draw(struct index_page *page, struct err *err);
void index_write_entry(struct html *html, const struct index_page *page, size_t index);
void index_done(struct index_page *page); /* zeroed is fine */

#endif
