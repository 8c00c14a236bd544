/* verdict_made: looks at the verdict of a results document of one scenario, by its parts.
 * The words are test_verdict_words' alone. Header only, on top of journal_made.h. */
#ifndef TESTS_UNIT_VERDICT_MADE_H
#define TESTS_UNIT_VERDICT_MADE_H

#include "journal_made.h"
#include "single_quotes.h"

#include <math.h>

/* Borrowed. */
static inline const json_t *made_verdict(const json_t *results)
{
    const json_t *scenario = json_array_get(json_object_get(results, "scenarios"), 0);
    return json_object_get(scenario, "verdict");
}

/* Whether value has all that wanted has: an object its members, an array its elements one
 * by one, a number to one per cent. */
static inline bool made_has(const json_t *value, json_t *wanted)
{
    const char *key = NULL;
    json_t *member = NULL;
    if (!value)
        return false;
    if (json_is_number(wanted)) {
        const double number = json_number_value(wanted);
        return json_is_number(value) &&
               fabs(json_number_value(value) - number) <= fabs(number) / 100;
    }
    bool has = json_typeof(wanted) == json_typeof(value);
    if (json_is_array(wanted)) {
        has = has && json_array_size(value) == json_array_size(wanted);
        for (size_t i = 0; has && i < json_array_size(wanted); i++)
            has = made_has(json_array_get(value, i), json_array_get(wanted, i));
        return has;
    }
    if (!json_is_object(wanted))
        return json_equal(value, wanted);
    json_object_foreach (wanted, key, member)
        has = has && made_has(json_object_get(value, key), member);
    return has;
}

/* The verdict of results (taken) has these parts, in the JSON of single_quotes.h. */
static inline void expect_verdict(json_t *results, const char *parts)
{
    json_t *wanted = json_quoted(parts);
    const json_t *verdict = made_verdict(results);
    if (!made_has(verdict, wanted)) {
        char *text = json_dumps(verdict, JSON_INDENT(1));
        fail_msg("not %s but %s", parts, text);
    }
    assert_true(json_string_length(json_object_get(verdict, "sentence")) > 10);
    assert_true(json_string_length(json_object_get(verdict, "caveat")) > 10);
    json_decref(wanted);
    json_decref(results);
}

#endif
