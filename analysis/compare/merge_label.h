/* merge_label: what the runs in a merged file are called. */
#ifndef ANALYSIS_MERGE_LABEL_H
#define ANALYSIS_MERGE_LABEL_H

#include "analysis/compare/compare_text.h"
#include "common/err.h"

#include <jansson.h>
#include <stddef.h>

/* One run to be merged. */
struct merge_entry {
    const char *path;           /* borrowed: of the file that it came in */
    const json_t *results;      /* borrowed */
    struct compare_text given;  /* the name that it was given, or "" */
    struct compare_text folder; /* the name of the folder that it came in, or "" */
    struct compare_text label;  /* merge_label writes it */
};

/* An entry without a label. name may be NULL; the others are borrowed. */
struct merge_entry merge_entry(const char *name, const char *path, const json_t *results);

/* The job that made the results: environment.job, or NULL. Borrowed. */
const json_t *merge_job(const json_t *results);

/* Gives every entry its label: its given name, or the first of these that no other entry
 * has: the node of its job, the folder, the host, the run's id. EXIT_CODE_USAGE when a
 * name was given to two. */
int merge_label(struct merge_entry *entries, size_t count, struct err *err);

#endif
