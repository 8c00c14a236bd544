/* single_quotes: JSON in a test as it reads best, with ' in place of ".
 *
 *     json_t *json = json_quoted("{'models': ['threads'], 'load': {'requests': 8}}");
 *
 * An apostrophe inside a string is \\u0027. Header only: each test program has its own.
 */
#ifndef TESTS_UNIT_SINGLE_QUOTES_H
#define TESTS_UNIT_SINGLE_QUOTES_H

#include "common/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

/* The text with every ' made a ", whether or not it is JSON. New. */
static inline char *text_quoted(const char *text)
{
    char *copy = strdup(text);
    assert_non_null(copy);
    for (char *c = strchr(copy, '\''); c; c = strchr(c, '\''))
        *c = '"';
    return copy;
}

/* The value that the text stands for, which may be a bare one: new. The test fails if it
 * is not JSON or has a key twice. */
static inline json_t *json_quoted(const char *text)
{
    AUTO_FREE char *copy = text_quoted(text);
    json_error_t error;
    json_t *json = json_loads(copy, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    if (!json)
        fail_msg("%s: %s", text, error.text);
    return json;
}

#endif
