/* compare_load: which cells of two files may be compared: those of the same scenario,
 * model and concurrency under the same load. */
#ifndef ANALYSIS_COMPARE_LOAD_H
#define ANALYSIS_COMPARE_LOAD_H

#include "analysis/compare/compare_file.h"

struct compare_pairs {
    struct {
        const struct cell *old, *new; /* borrowed from the files */
    } * items;                        /* owned: free it */
    size_t count;
};

/* Whether both have the scenario of that name, under one load; if not, the reason is
 * appended to skipped as below. */
bool compare_load_fits(const struct compare_file *base, const struct compare_file *file,
                       const char *name, json_t *skipped);

/* The pairs of cells that have valid trials in both, in the order of the base. What is
 * left out is appended to skipped as {file, against, where, reason}. */
struct compare_pairs compare_load_pairs(const struct compare_file *base,
                                        const struct compare_file *file, json_t *skipped);

#endif
