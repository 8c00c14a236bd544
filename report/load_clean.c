/* load_clean.c: makes every string and key of a document harmless, once, so that nothing
 * downstream has to remember it. What harmless means is format_clean's business. */
#include "report/load_clean.h"

#include "common/json.h"
#include "common/owners.h"
#include "report/format.h"

/* The depth is limited by json_load_path. */
json_t *load_clean(const json_t *json) // NOLINT(misc-no-recursion)
{
    const char *key = NULL;
    json_t *value = NULL;
    size_t index = 0;
    json_t *out = NULL;
    if (json_is_object(json)) {
        out = json_object();
        json_object_foreach((json_t *)(uintptr_t)json, key, value)
        {
            AUTO_FREE char *clean = format_clean(key);
            json_put(out, clean, load_clean(value));
        }
    } else if (json_is_array(json)) {
        out = json_array();
        json_array_foreach(json, index, value)
        {
            json_push(out, load_clean(value));
        }
    } else if (json_is_string(json)) {
        AUTO_FREE char *clean = format_clean(json_string_value(json));
        out = json_string(clean);
    } else {
        out = json_incref((json_t *)(uintptr_t)json);
    }
    return out;
}
