/* summary: the results in few words (Markdown) and in few columns (CSV). */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H

#include "report/data/load.h"

/* Verdicts and one table per scenario. *out_text is new, *out_size its length. */
void summary_md(const struct results *results, char **out_text, size_t *out_size);

/* RFC 4180: a header, then one line per cell with every metric; numbers are not rounded
 * for people, a missing one is empty. A field that a spreadsheet would take for a formula
 * gets an apostrophe in front. */
void summary_csv(const struct results *results, char **out_text, size_t *out_size);

#endif
