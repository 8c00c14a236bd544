/* export_formats: a writer for each format, one file each. All of them clean what they
 * take from a file, leave out what is null, and cannot fail. */
#ifndef ANALYSIS_EXPORT_FORMATS_H
#define ANALYSIS_EXPORT_FORMATS_H

#include "analysis/export/export.h"

/* A row for each metric of each trial that counts. */
void export_csv(const struct export_job *job, FILE *out);

/* The JSON that github-action-benchmark reads: an entry for each cell and metric. */
void export_action(const struct export_job *job, FILE *out);

/* JUnit's XML: a test case for each prediction and for each ratio that can be worse. */
void export_junit(const struct export_job *job, FILE *out);

/* OpenMetrics: the medians of each cell, in seconds and bytes. */
void export_openmetrics(const struct export_job *job, FILE *out);

/* Go's benchmark lines: one for each trial that counts. */
void export_benchstat(const struct export_job *job, FILE *out);

/* What `hyperfine --export-json` writes: the wall time of each cell's trials. */
void export_hyperfine(const struct export_job *job, FILE *out);

/* The Trace Event format: what each worker did when. */
void export_chrome(const struct export_job *job, FILE *out);

#endif
