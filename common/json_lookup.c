/* json_lookup.c: what stands in documents that were checked before; see json.h. */
#include "common/json.h"

#include <math.h>
#include <string.h>

const char *json_text_or_null(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

const char *json_text_of(const json_t *object, const char *key)
{
    const char *text = json_text_or_null(object, key);
    return text ? text : "";
}

double json_number_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

json_t *json_find(const json_t *array, const char *key, const char *text)
{
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach (array, i, item) {
        if (!strcmp(json_text_of(item, key), text))
            return item;
    }
    return NULL;
}

bool json_array_has(const json_t *array, const json_t *value)
{
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach (array, i, item) {
        if (json_equal(item, value))
            return true;
    }
    return false;
}
