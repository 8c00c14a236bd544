/* judge: from intervals and p-values to words, by the rules of docs/results.md; the same
 * for models paired by block and for runs compared with each other. */
#ifndef ANALYSIS_JUDGE_H
#define ANALYSIS_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

/* A p-value counts below this. */
#define JUDGE_P_LIMIT 0.05

/* One comparison among those that are corrected together. */
struct judged {
    double p;      /* replaced by the corrected one */
    bool is_known; /* it has values; else it is not in the family */
};

/* Holm's correction of all p that are known. Returns how many these are. */
size_t judge_correct(struct judged *family, size_t count);

/* Whether the interval lies beyond the margin, whatever the p-value. low and high are the
 * logarithms of the bounds. */
bool judge_is_clear(double low, double high, double margin);

/* The word for a ratio whose logarithm lies between low and high with the corrected
 * p-value p: "different", "same", "small" or "inconclusive". */
const char *judge_word(double low, double high, double p, double margin);

#endif
