/* merge: results of several hosts in one document, so that one file can be mailed, kept
 * and compared: {"schema_version": 1, "merged": [{"label", "results"}, ...], "missing":
 * ["n3", ...]}. */
#ifndef ANALYSIS_MERGE_H
#define ANALYSIS_MERGE_H

#include "common/err.h"

#include <jansson.h>
#include <stddef.h>

/* One of the files to merge; borrowed. */
struct merge_source {
    const char *name; /* what its run is to be called; NULL: merge finds a name */
    const char *path; /* of results, of a merged file, or of the folder of a run */
};

/* Reads the results at the sources. Every one must be valid and of a complete run, no run
 * may occur twice, and all must be of one version of the suite; EXIT_CODE_USAGE names the
 * file and the place in it. *out_merged is new. */
int merge_files(const struct merge_source *sources, size_t count, json_t **out_merged,
                struct err *err);

/* Notes the name of a host that has sent nothing; one that is in the file is not missing.
 */
void merge_add_missing(json_t *merged, const char *name);

/* Whether a document is such a file: it keeps the schema, and its labels and run ids are
 * unique. `validate` uses this check too, and checks the results inside itself. */
int merge_check(const json_t *merged, struct err *err);

#endif
