/* compare_text: strings and numbers of results files, which are never trusted, made fit
 * for a terminal, for Markdown and for JSON of our own. */
#ifndef HARNESS_COMPARE_TEXT_H
#define HARNESS_COMPARE_TEXT_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

/* A short text by value: nothing to free. */
struct compare_text {
    char s[160];
};

/* utf8 (valid, or NULL for "") without control characters, line breaks and Unicode's
 * bidirectional controls, cut with an ellipsis after max_chars characters. */
struct compare_text compare_text_clean(const char *utf8, size_t max_chars);

/* A JSON scalar for people, cleaned and cut: null is "unknown", anything else than a
 * scalar
 * "?"; NULL is "not recorded". */
struct compare_text compare_text_of(const json_t *value);

/* value of the metric with that name, in the unit that its name ends in: "5,721/s",
 * "57.1 us", "10.2 MiB"; "-" when it is not finite. */
struct compare_text compare_text_value(const char *metric, double value);

/* "1.183x", "-" when it is not finite. */
struct compare_text compare_text_ratio(double ratio);

/* The number of characters (not bytes) of valid UTF-8. */
size_t compare_text_width(const char *utf8);

/* Writes text with a backslash before all that Markdown acts on and & < > as entities. */
void compare_text_markdown(FILE *out, const char *text);

#endif
