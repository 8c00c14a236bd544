/* quantity: the values of a verdict's metrics in words. A metric is a key of
 * cell.summary; the words for it are rows of sentences.c. All functions return new
 * phrases. */
#ifndef ANALYSIS_WORDS_QUANTITY_H
#define ANALYSIS_WORDS_QUANTITY_H

#include <jansson.h>

/* "requests/s", "memory"; kind "name" or "compared" ("the memory"). */
json_t *quantity_metric(const char *kind, const char *metric);

/* The finite value with its unit: "4,571", "31.0 ms", "41.8 µs", "8.3 MiB". */
json_t *quantity_value(const char *metric, double value);

/* kind "quantity": "4,571 requests/s", "99 % within 31.0 ms"; kind "did": "served 4,571
 * requests/s". NULL when the value is not finite. */
json_t *quantity_phrase(const char *kind, const char *metric, double value);

/* The number under key, whole and without commas, or NULL. */
json_t *quantity_number(const json_t *object, const char *key);

#endif
