/* warnings: everything a reader has to know before trusting the numbers. One table of
 * ids; each has a text with its number and a next step. */
#ifndef ANALYSIS_WARNINGS_H
#define ANALYSIS_WARNINGS_H

#include <jansson.h>

/* The array `warnings` [{id, text, where}] for a results document that has everything but
 * them, or for a journal's header (then only what is known before the run). New. */
json_t *warnings_make(const json_t *results);

#endif
