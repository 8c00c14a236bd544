/* compare: several results files against the first of them, computed anew from their
 * trials: docs/compare.md. Unpaired, as files share no blocks: the Hodges-Lehmann shift
 * of the logarithms with its exact interval, the exact Mann-Whitney test, Holm's
 * correction over the cells of each metric. */
#ifndef ANALYSIS_COMPARE_H
#define ANALYSIS_COMPARE_H

#include "analysis/compare/compare_file.h"

/* The comparison as one object (results/schema/compare.schema.json). All strings in it
 * are free of control characters. New reference. */
json_t *compare_make(const struct compare_set *set);

/* One of its `files`. New reference. */
json_t *compare_file_json(const struct compare_file *file);

/* Ways out of that object. */
struct compare_print {
    bool is_colored;
    bool has_all_rows; /* else: those that show a change */
};
void compare_print(const json_t *comparison, const struct compare_print *how, FILE *out);

/* Its table of facts that differ alone; of comparison, files[].label and environment are
 * looked at. */
void compare_print_environment(const json_t *comparison, bool is_colored, FILE *out);
void compare_markdown(const json_t *comparison, FILE *out);

/* Whether a row of comparisons shows a change: `different` or `small`. */
bool compare_is_change(const json_t *row);

/* Whether some file is `different` in the worse direction by throughput, CPU, memory or
 * latency. */
bool compare_is_worse(const json_t *comparison);

/* Whether some ratio that decides has too few trials to be shown as worse, whatever their
 * values. */
bool compare_is_undecided(const json_t *comparison);

/* Whether some file's environment differs from the base's in a relevant fact; the first
 * of these facts go to out_names as text, if there is room. */
bool compare_environment_differs(const json_t *comparison, char *out_names, size_t size);

#endif
