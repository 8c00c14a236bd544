/* compare_text: strings and numbers of results files, which are never trusted, made fit
 * for a terminal, for Markdown and for JSON of our own. */
#ifndef ANALYSIS_COMPARE_TEXT_H
#define ANALYSIS_COMPARE_TEXT_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

/* A short text by value: nothing to free. */
struct compare_text {
    char s[192];
};

/* utf8 (or NULL for "") as clean_text makes it, cut with an ellipsis after max_chars
 * characters. */
struct compare_text compare_text_clean(const char *utf8, size_t max_chars);

/* A JSON scalar for people, cleaned and cut: null is "unknown", NULL "not recorded", and
 * a value that is not a scalar "?". */
struct compare_text compare_text_of(const json_t *value);

/* value of the metric with that name, in the unit that its name ends in, as the report
 * writes it: "5,721/s", "57.1 µs", "10.2 MiB"; a dash when it is not finite. */
struct compare_text compare_text_value(const char *metric, double value);

/* The factor of a row of comparisons: "1.18× [1.04, 1.33]", with the shift estimate named
 * beside it where it differs from the quotient of the values shown; a dash when there is
 * none. */
struct compare_text compare_text_factor(const json_t *row);

/* What the metric of a comparison is called: by its scenario where it is the headline,
 * else by metric_specs. Borrowed from row, or static. */
const char *compare_text_metric(const json_t *row);

/* The number of characters (not bytes) of valid UTF-8. */
size_t compare_text_width(const char *utf8);

#endif
