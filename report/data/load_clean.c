/* load_clean.c: makes every string and key of a document harmless, once, so that nothing
 * downstream has to remember it. clean_dup decides what is harmless. */
#include "report/data/load_clean.h"

#include "common/clean.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"

#include <stdlib.h>

static void clean_string(json_t *string)
{
    if (clean_is_clean(json_string_value(string)))
        return;
    AUTO_FREE char *clean = clean_dup(json_string_value(string));
    if (json_string_set(string, clean))
        memory_exhausted();
}

static bool has_clean_keys(const json_t *object)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
        if (!clean_is_clean(key))
            return false;
    }
    return true;
}

/* The same values under clean keys, in their order. */
static void clean_keys(json_t *object)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_auto_t *clean = json_object();
    json_object_foreach (object, key, value) {
        AUTO_FREE char *name = clean_dup(key);
        json_put(clean, name, json_incref(value));
    }
    (void)json_object_clear(object);
    if (json_object_update(object, clean))
        memory_exhausted();
}

/* The depth is limited by json_load_path. */
void load_clean(json_t *json) // NOLINT(misc-no-recursion)
{
    const char *key = NULL;
    json_t *value = NULL;
    size_t index = 0;
    if (json_is_string(json))
        clean_string(json);
    json_array_foreach (json, index, value) {
        if (!json_is_number(value))
            load_clean(value);
    }
    if (json_is_object(json) && !has_clean_keys(json))
        clean_keys(json);
    json_object_foreach (json, key, value) {
        if (!json_is_number(value))
            load_clean(value);
    }
}
