/* export: results in the formats that other tools read: docs/export.md. Pure: text out of
 * the results in memory. */
#ifndef ANALYSIS_EXPORT_H
#define ANALYSIS_EXPORT_H

#include "analysis/compare/compare_file.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct export_job {
    const struct compare_set *set; /* labelled; not empty */
    const json_t *comparison; /* junit: of the others with the first; NULL: none wished */
    bool is_rising;           /* benchmark-action: the metrics of which more is better */
};

struct export_format {
    const char *name;
    void (*write)(const struct export_job *job, FILE *out);
    bool takes_base, takes_direction;
    bool needs_trace; /* export_has_trace */
};

/* All their names, as a choice on a command line. */
#define EXPORT_FORMATS                                                                   \
    "csv-long|benchmark-action|junit|openmetrics|benchstat|hyperfine|chrome-trace"

/* The format with that name, or NULL. */
const struct export_format *export_find(const char *name);

/* Whether any cell has a trace to show. */
bool export_has_trace(const struct compare_set *set);

#endif
