/* hosts: the results of several hosts beside each other: for every scenario which model
 * each host picks, whether that changes, and what a request costs on each. Taken from the
 * verdicts in the results; nothing is judged anew. */
#ifndef ANALYSIS_HOSTS_H
#define ANALYSIS_HOSTS_H

#include "analysis/compare/compare_file.h"

/* {schema_version, files, environment (as in a comparison), missing [label, ..],
 *  scenarios [{name, title, question, sentence, changes, baseline,
 *              models [{model, concurrency}], metrics [{key, name}],
 *              hosts [{label, answer, level, trust, picks [model], close, reason|null,
 *                      values {model: [{value, relative, share}|null, one per metric]}}]}]}
 * relative: to the baseline on that host; share: of the best at the same load, 1 is the
 * best; both may be null. New reference. */
json_t *hosts_make(const struct compare_set *set);

/* [{scenario, sentence}, ..] of it. New reference. */
json_t *hosts_sentences(const struct compare_set *set);

#endif
