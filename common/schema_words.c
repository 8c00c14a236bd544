/* schema_words.c: how the errors of schema.c are worded; see schema_walk.h. */
#include "common/json.h"
#include "common/schema_walk.h"
#include "common/suggest.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define WORDS_MAX 20 /* of an enum that an error lists */

struct line {
    char s[320];
};

static struct line place_of(const struct schema_walk *walk)
{
    struct line place = {""};
    if (!walk->above)
        return place;
    const struct line above = place_of(walk->above);
    if (!walk->key)
        (void)snprintf(place.s, sizeof place.s, "%.180s[%zu]", above.s, walk->index);
    else
        (void)snprintf(place.s, sizeof place.s, "%.180s%s%.80s", above.s,
                       *above.s ? "." : "", walk->key);
    return place;
}

int schema_wrong(const struct schema_walk *walk, struct err *err, const char *format, ...)
{
    struct line text;
    va_list args;
    if (!err) /* of a form beside which there is another */
        return -1;
    const struct line place = place_of(walk);
    va_start(args, format);
    (void)vsnprintf(text.s, sizeof text.s, format, args);
    va_end(args);
    return err_set(err, EXIT_CODE_USAGE, "%.180s: %s", *place.s ? place.s : "the top",
                   text.s);
}

const struct schema_type schema_types[] = {
    [JSON_OBJECT] = {"object", "an object", "", "", "", ""},
    [JSON_ARRAY] = {"array", "an array", "minItems", "maxItems", "of", " items"},
    [JSON_STRING] = {"string", "a string", "minLength", "maxLength", "of", " characters"},
    [JSON_INTEGER] = {"integer", "a whole number", "minimum", "maximum", "from", ""},
    [JSON_REAL] = {"number", "a number", "minimum", "maximum", "from", ""},
    [JSON_TRUE] = {"boolean", "true or false", "", "", "", ""},
    [JSON_FALSE] = {"boolean", "true or false", "", "", "", ""},
    [JSON_NULL] = {"null", "null", "", "", "", ""},
};

int schema_unexpected(const struct schema_walk *walk, struct err *err)
{
    const json_t *schema = walk->schema;
    const char *description = json_text_or_null(schema, "description");
    const json_t *given = json_object_get(schema, "type");
    const char *name =
        json_string_value(json_is_array(given) ? json_array_get(given, 0) : given);
    struct line range = {""};
    size_t i = 0;
    if (description)
        return schema_wrong(walk, err, "expected %s", description);
    while (i < COUNT_OF(schema_types) - 1 && name &&
           strcmp(schema_types[i].name, name) != 0)
        i++;
    const double low = json_number_of(schema, schema_types[i].least);
    const double high = json_number_of(schema, schema_types[i].most);
    if (low <= high)
        (void)snprintf(range.s, sizeof range.s, " %s %.17g to %.17g%s",
                       schema_types[i].before, low, high, schema_types[i].unit);
    else if (low >= 0 || high >= 0)
        (void)snprintf(range.s, sizeof range.s, " of %s %.17g%s",
                       low >= 0 ? "at least" : "at most", low >= 0 ? low : high,
                       schema_types[i].unit);
    return schema_wrong(walk, err, "expected %s%s%s", schema_types[i].words, range.s,
                        json_array_size(given) > 1 ? " or null" : "");
}

int schema_not_one_of(const struct schema_walk *walk, const json_t *list,
                      const json_t *json, struct err *err)
{
    const char *given = json_string_value(json);
    struct suggest suggest = suggest_for(given ? given : "");
    struct line words = {""};
    size_t i = 0, used = 0;
    json_t *one = NULL;
    json_array_foreach (list, i, one) {
        const char *word = json_is_string(one) ? json_string_value(one) : "null";
        suggest_try(&suggest, word);
        if (used < sizeof words.s)
            used += (size_t)snprintf(words.s + used, sizeof words.s - used, "%s%s",
                                     i ? ", " : "", word);
    }
    if (i > WORDS_MAX)
        (void)snprintf(words.s, sizeof words.s, "the %zu words known here", i);
    return given ? schema_wrong(walk, err, "'%.40s' is not one of %.200s%s", given,
                                words.s, suggest_text(&suggest))
                 : schema_wrong(walk, err, "expected one of %.200s", words.s);
}

int schema_unknown(const struct schema_walk *walk, const json_t *known, struct err *err)
{
    struct suggest suggest = suggest_for(walk->key);
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach ((json_t *)(uintptr_t)known, key, value)
        suggest_try(&suggest, key);
    return schema_wrong(walk, err, "unknown key%s", suggest_text(&suggest));
}
