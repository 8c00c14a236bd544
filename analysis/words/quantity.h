/* quantity: the values of a verdict's metrics in words. A metric is a key of
 * cell.summary; the words for it are rows of sentences.c, with the noun of the scenario
 * for a request. headline is that of a verdict, {metric, as, noun, ..}, or NULL. All
 * functions return new phrases. */
#ifndef ANALYSIS_WORDS_QUANTITY_H
#define ANALYSIS_WORDS_QUANTITY_H

#include <jansson.h>
#include <stdbool.h>

/* "requests/s", "time for all ten", "memory"; kind "name", "compared" ("the memory") or
 * "best" ("least memory"). */
json_t *quantity_metric(const char *kind, const char *metric, const json_t *headline);

/* The finite value with its unit, as everywhere: "4,571", "31.0 ms", "8.34 MiB". */
json_t *quantity_value(const char *metric, double value);

/* The same in the unit that suits most, another value of the metric, unless the two are
 * far apart: "0.10 s" beside "1.00 s". */
json_t *quantity_beside(const char *metric, double value, double most);

/* kind "quantity": "4,571 requests/s", "99 % within 31.0 ms"; kind "did": "served 4,571
 * requests/s". NULL when the value is not finite. */
json_t *quantity_phrase(const char *kind, const char *metric, double value,
                        const json_t *headline);

/* The number under key, whole and without commas, or NULL. */
json_t *quantity_number(const json_t *object, const char *key);

/* What one request is: "sleep", "query"; plural: "sleeps", "queries". */
json_t *quantity_noun(const json_t *headline, bool is_plural);

#endif
