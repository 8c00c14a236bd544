/* merge: results of several hosts in one document, so that one file can be mailed, kept
 * and compared: {"schema_version": 1, "merged": [{"label", "results"}, ...]}. */
#ifndef ANALYSIS_MERGE_H
#define ANALYSIS_MERGE_H

#include "common/err.h"

#include <jansson.h>
#include <stddef.h>

/* Reads the results (or merged files) at count paths. Every one must be valid and of a
 * complete run, and no run may occur twice; EXIT_CODE_USAGE names the file and the place
 * in it. *out_merged is new. */
int merge_files(const char *const *paths, size_t count, json_t **out_merged,
                struct err *err);

/* Whether a document is such a file: it keeps the schema, and its labels and run ids are
 * unique. `validate` uses this check too, and checks the results inside itself. */
int merge_check(const json_t *merged, struct err *err);

#endif
