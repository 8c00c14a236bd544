/* compare_environment: in which facts the machines of several results files differ, and
 * which of these would move the numbers. */
#ifndef ANALYSIS_COMPARE_ENVIRONMENT_H
#define ANALYSIS_COMPARE_ENVIRONMENT_H

#include "analysis/compare/compare_file.h"

/* {"differences": [{group, fact, relevant, values: [one per file]}], "unrecorded":
 * ["group.fact", ...]}: facts known in the base and in another file that are not equal,
 * and those that only some of the files know. New reference. */
json_t *compare_environment(const struct compare_set *set);

/* The relevant facts ("group.fact") in which file `index` differs from the base: an array
 * of strings, new. environment is what compare_environment made. */
json_t *compare_environment_of(const json_t *environment, size_t index);

/* Whether a fact is of the machine, its libraries or the suite, and not of the moment or
 * set by the suite. */
bool compare_environment_is_lasting(const char *group, const char *fact);

/* Whether a fact may move the numbers. Facts that change all the time (load, free
 * memory), that the suite sets or checks itself (limits), and names may not. Neither may
 * the suite's version, which may be the very thing that is compared. */
bool compare_environment_is_relevant(const char *group, const char *fact);

#endif
