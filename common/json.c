/* json.c: strict loading and checked getters; see json.h. */
#include "common/json.h"

#include "common/clean.h"
#include "common/cleanup.h"
#include "common/file.h"
#include "common/memory.h"
#include "common/suggest.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define LOAD_FLAGS (JSON_REJECT_DUPLICATES)

/* What values take in memory, about: jansson gives an array room for 8 values and an
 * object a table of 8 buckets, also when they are empty. */
#define BYTES_OF_ITEM   48 /* a number and its place in an array */
#define BYTES_OF_STRING 48 /* and its text */
#define BYTES_OF_MEMBER 64 /* and its key, a string */
#define BYTES_OF_ARRAY  128
#define BYTES_OF_OBJECT 224

/* What a character of JSON outside a string adds. */
static size_t weight_of(char c)
{
    switch (c) {
    case ',':
        return BYTES_OF_ITEM;
    case ':':
        return BYTES_OF_MEMBER;
    case '[':
        return BYTES_OF_ARRAY;
    case '{':
        return BYTES_OF_OBJECT;
    default:
        return 0;
    }
}

size_t json_weigh_text(const char *text, size_t size)
{
    size_t weight = size, string = 0;
    bool is_in_string = false;
    for (size_t i = 0; i < size; i++) {
        const char c = text[i];
        if (is_in_string) {
            if (i - string > JSON_STRING_LIMIT)
                return SIZE_MAX;
            i += c == '\\';
            is_in_string = c != '"';
            weight += is_in_string ? 1 : 0;
        } else if (c == '"') {
            is_in_string = true;
            string = i;
            weight += BYTES_OF_STRING;
        } else {
            weight += weight_of(c);
        }
    }
    return weight;
}

size_t json_weigh(const json_t *json)
{
    size_t weight = BYTES_OF_ITEM, i = 0;
    const char *key = NULL;
    json_t *value = NULL;
    if (json_is_string(json))
        return weight + BYTES_OF_STRING + json_string_length(json);
    if (json_is_array(json))
        weight += BYTES_OF_ARRAY;
    if (json_is_object(json))
        weight += BYTES_OF_OBJECT;
    json_array_foreach (json, i, value)
        weight += json_weigh(value);
    json_object_foreach ((json_t *)(uintptr_t)json, key, value)
        weight += BYTES_OF_MEMBER + strlen(key) + json_weigh(value);
    return weight;
}

/* jansson stops at 2048 levels; recursion that deep could overflow the stack, so nesting
 * is counted before parsing. Brackets inside strings do not count. */
static bool is_too_deep(const char *text, size_t size)
{
    size_t depth = 0;
    bool is_in_string = false;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (is_in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                is_in_string = false;
        } else if (c == '"') {
            is_in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > JSON_DEPTH_LIMIT)
                return true;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return false;
}

int json_load_text(const char *name, const char *text, size_t size, json_t **out_json,
                   struct err *err)
{
    if (is_too_deep(text, size))
        return err_set(err, EXIT_CODE_USAGE, "%.200s: nested deeper than %d levels", name,
                       JSON_DEPTH_LIMIT);
    if (json_weigh_text(text, size) > JSON_WEIGHT_LIMIT)
        return err_set(err, EXIT_CODE_USAGE,
                       "%.200s: too large: it would take more than %zu MiB of memory, or "
                       "a string in it has more than %zu MiB",
                       name, JSON_WEIGHT_LIMIT >> 20, JSON_STRING_LIMIT >> 20);
    json_error_t where;
    json_t *json = json_loadb(text, size, LOAD_FLAGS, &where);
    if (!json)
        return err_set(err, EXIT_CODE_USAGE, "%.200s:%d:%d: %s", name, where.line,
                       where.column, where.text);
    if (!json_is_object(json)) {
        json_decref(json);
        return err_set(err, EXIT_CODE_USAGE, "%.200s: the top is not an object", name);
    }
    *out_json = json;
    return 0;
}

int json_load_path(const char *path, size_t max_bytes, json_t **out_json, struct err *err)
{
    AUTO_FREE char *text = NULL;
    size_t size = 0;
    int status = file_read(path, max_bytes, &text, &size, err);
    if (status)
        return status;
    return json_load_text(path, text, size, out_json, err);
}

/* "at.key", or just "key" at the top */
struct place {
    char text[200];
};

static struct place place_of(const char *at, const char *key)
{
    struct place place;
    (void)snprintf(place.text, sizeof place.text, "%.120s%s%.64s", at, *at ? "." : "",
                   key);
    return place;
}

static int wrong(struct err *err, const char *at, const char *key, const char *expected)
{
    return err_set(err, EXIT_CODE_USAGE, "%s: expected %s", place_of(at, key).text,
                   expected);
}

static int missing(struct err *err, const char *at, const char *key)
{
    return err_set(err, EXIT_CODE_USAGE, "%s: missing", place_of(at, key).text);
}

int json_get_uint(const json_t *object, const char *at, const char *key, uint64_t min,
                  uint64_t max, uint64_t *out_value, struct err *err)
{
    const json_t *value = json_object_get(object, key);
    if (!value)
        return 0;
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 0 || (uint64_t)number < min ||
        (uint64_t)number > max) {
        char expected[80];
        (void)snprintf(expected, sizeof expected,
                       "a whole number from %" PRIu64 " to %" PRIu64, min, max);
        return wrong(err, at, key, expected);
    }
    *out_value = (uint64_t)number;
    return 0;
}

int json_need_uint(const json_t *object, const char *at, const char *key, uint64_t min,
                   uint64_t max, uint64_t *out_value, struct err *err)
{
    if (!json_object_get(object, key))
        return missing(err, at, key);
    return json_get_uint(object, at, key, min, max, out_value, err);
}

int json_get_real(const json_t *object, const char *at, const char *key,
                  double *out_value, struct err *err)
{
    const json_t *value = json_object_get(object, key);
    if (!value)
        return 0;
    if (!json_is_number(value))
        return wrong(err, at, key, "a number");
    *out_value = json_number_value(value);
    return 0;
}

int json_get_bool(const json_t *object, const char *at, const char *key, bool *out_value,
                  struct err *err)
{
    const json_t *value = json_object_get(object, key);
    if (!value)
        return 0;
    if (!json_is_boolean(value))
        return wrong(err, at, key, "true or false");
    *out_value = json_is_true(value);
    return 0;
}

int json_get_string(const json_t *object, const char *at, const char *key,
                    size_t min_length, size_t max_length, const char **out_value,
                    struct err *err)
{
    const json_t *value = json_object_get(object, key);
    if (!value)
        return 0;
    size_t length = json_string_length(value);
    const char *text = json_string_value(value);
    if (!text || length < min_length || length > max_length || strlen(text) != length) {
        char expected[80];
        (void)snprintf(expected, sizeof expected, "a string of %zu to %zu bytes",
                       min_length, max_length);
        return wrong(err, at, key, expected);
    }
    *out_value = text;
    return 0;
}

int json_need_string(const json_t *object, const char *at, const char *key,
                     size_t min_length, size_t max_length, const char **out_value,
                     struct err *err)
{
    if (!json_object_get(object, key))
        return missing(err, at, key);
    return json_get_string(object, at, key, min_length, max_length, out_value, err);
}

int json_get_object(const json_t *object, const char *at, const char *key,
                    json_t **out_value, struct err *err)
{
    json_t *value = json_object_get(object, key);
    if (value && !json_is_object(value))
        return wrong(err, at, key, "an object");
    *out_value = value;
    return 0;
}

int json_need_object(const json_t *object, const char *at, const char *key,
                     json_t **out_value, struct err *err)
{
    if (!json_object_get(object, key))
        return missing(err, at, key);
    return json_get_object(object, at, key, out_value, err);
}

int json_get_array(const json_t *object, const char *at, const char *key,
                   size_t max_items, json_t **out_value, struct err *err)
{
    json_t *value = json_object_get(object, key);
    if (value && (!json_is_array(value) || json_array_size(value) > max_items)) {
        char expected[80];
        (void)snprintf(expected, sizeof expected, "an array of at most %zu items",
                       max_items);
        return wrong(err, at, key, expected);
    }
    *out_value = value;
    return 0;
}

int json_need_array(const json_t *object, const char *at, const char *key,
                    size_t max_items, json_t **out_value, struct err *err)
{
    if (!json_object_get(object, key))
        return missing(err, at, key);
    return json_get_array(object, at, key, max_items, out_value, err);
}

int json_only_keys(const json_t *object, const char *at, const char *const *known,
                   struct err *err)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
        size_t i = 0;
        while (known[i] && strcmp(known[i], key) != 0)
            i++;
        if (known[i])
            continue;
        struct suggest suggest = suggest_for(key);
        for (i = 0; known[i]; i++)
            suggest_try(&suggest, known[i]);
        return err_set(err, EXIT_CODE_USAGE, "%s: unknown key%s", place_of(at, key).text,
                       suggest_text(&suggest));
    }
    return 0;
}

bool json_is_line(const char *text)
{
    while ((unsigned char)*text >= 0x20 && *text != 0x7f)
        text++;
    return !*text;
}

bool json_name_is_safe(const char *name)
{
    size_t length = strlen(name);
    return length >= 1 && length <= 64 && name[0] != '.' && name[0] != '-' &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                        "0123456789._-") == length;
}

json_t *json_uint(uint64_t value)
{
    return json_integer((json_int_t)value);
}

json_t *json_real_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

void json_end_without_memory(void)
{
    json_set_alloc_funcs(memory_malloc, free);
}

static void must(int status)
{
    if (status)
        memory_end("out of memory or invalid UTF-8 in a JSON value");
}

json_t *json_text(const char *text)
{
    json_t *string = json_string(text);
    AUTO_FREE char *clean = string ? NULL : clean_dup(text);
    return string ? string : json_string(clean);
}

void json_put(json_t *object, const char *key, json_t *value)
{
    must(json_object_set_new(object, key, value));
}

void json_push(json_t *array, json_t *value)
{
    must(json_array_append_new(array, value));
}

void json_show(const json_t *json, FILE *out)
{
    AUTO_FREE char *text = json_dumps(json, JSON_INDENT(1) | JSON_SORT_KEYS);
    must(text ? 0 : -1);
    clean_json(out, text);
    (void)fputc('\n', out);
}
