/* schema.c: a small JSON Schema validator; see schema.h for how small.
 *
 * A check is a function per keyword in one table. Places are built on the way down and
 * only the first error is kept, so a document costs one walk. */
#include "common/schema.h"

#include "common/json.h"
#include "common/memory.h"
#include "common/paths.h"

#include <limits.h>
#include <regex.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA_BYTES_MAX ((size_t)1 << 20)
#define SCHEMAS_MAX      8
#define DEPTH_MAX        64
#define PATTERNS_MAX     128 /* about 70 are in the schemas */

/* The files that have been read, for $ref, and their patterns, by the address of the
 * value in the schema. */
struct schema_library {
    struct {
        char name[48];
        json_t *schema;
    } items[SCHEMAS_MAX];
    size_t count;
    struct {
        const json_t *value;
        regex_t regex;
    } patterns[PATTERNS_MAX];
    size_t pattern_count;
};

struct walk {
    struct schema_library *library;
    const json_t *root; /* the file that a "#/..." means */
    const char *at;     /* the place in the document */
    int depth;
};

static int check(const struct walk *walk, const json_t *schema, const json_t *json,
                 struct err *err);

__attribute__((format(printf, 3, 4))) static int
wrong(const struct walk *walk, struct err *err, const char *format, ...)
{
    char text[300];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return err_set(err, EXIT_CODE_USAGE, "%.160s: %s", *walk->at ? walk->at : "the top",
                   text);
}

static int load(struct schema_library *library, const char *name, const json_t **out,
                struct err *err)
{
    char file[80], path[PATH_MAX];
    for (size_t i = 0; i < library->count; i++) {
        if (!strcmp(library->items[i].name, name)) {
            *out = library->items[i].schema;
            return 0;
        }
    }
    (void)snprintf(file, sizeof file, "schema/%.60s", name);
    json_t *schema = NULL;
    if (library->count == SCHEMAS_MAX || paths_share(file, path, sizeof path, err) ||
        json_load_path(path, SCHEMA_BYTES_MAX, &schema, err))
        return err_set(err, EXIT_CODE_UNFIT, "schema %s cannot be read", name);
    (void)snprintf(library->items[library->count].name, sizeof library->items[0].name,
                   "%.47s", name);
    library->items[library->count++].schema = schema;
    *out = schema;
    return 0;
}

static const char *type_name(const json_t *json)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "object",   [JSON_ARRAY] = "array", [JSON_STRING] = "string",
        [JSON_INTEGER] = "integer", [JSON_REAL] = "number", [JSON_TRUE] = "boolean",
        [JSON_FALSE] = "boolean",   [JSON_NULL] = "null"};
    return names[json_typeof(json)];
}

static bool is_type(const json_t *json, const json_t *wanted)
{
    const char *name = json_string_value(wanted);
    return name && (!strcmp(name, type_name(json)) ||
                    (!strcmp(name, "number") && json_is_integer(json)));
}

static int check_type(const struct walk *walk, const json_t *value, const json_t *json,
                      struct err *err)
{
    size_t i = 0;
    json_t *one = NULL;
    if (is_type(json, value))
        return 0;
    json_array_foreach (value, i, one) {
        if (is_type(json, one))
            return 0;
    }
    const json_t *first = json_is_array(value) ? json_array_get(value, 0) : value;
    return wrong(walk, err, "expected %s, found %s", json_string_value(first),
                 type_name(json));
}

static int check_enum(const struct walk *walk, const json_t *value, const json_t *json,
                      struct err *err)
{
    size_t i = 0;
    json_t *one = NULL;
    json_array_foreach (value, i, one) {
        if (json_equal(one, json))
            return 0;
    }
    return wrong(walk, err, "not one of the values allowed here");
}

static int check_const(const struct walk *walk, const json_t *value, const json_t *json,
                       struct err *err)
{
    if (json_equal(value, json))
        return 0;
    if (json_is_integer(value))
        return wrong(walk, err, "expected %" JSON_INTEGER_FORMAT,
                     json_integer_value(value));
    return wrong(walk, err, "expected '%.60s'",
                 json_is_string(value) ? json_string_value(value) : "another value");
}

static int check_required(const struct walk *walk, const json_t *value,
                          const json_t *json, struct err *err)
{
    size_t i = 0;
    json_t *key = NULL;
    json_array_foreach (value, i, key) {
        if (json_is_object(json) && !json_object_get(json, json_string_value(key)))
            return wrong(walk, err, "'%s' is missing", json_string_value(key));
    }
    return 0;
}

/* Goes down into a member or an item. */
static int descend(const struct walk *walk, const char *at, const json_t *schema,
                   const json_t *json, struct err *err)
{
    const struct walk below = {walk->library, walk->root, at, walk->depth + 1};
    return check(&below, schema, json, err);
}

static int check_members(const struct walk *walk, const json_t *schema,
                         const json_t *json, struct err *err)
{
    const json_t *known = json_object_get(schema, "properties");
    const json_t *others = json_object_get(schema, "additionalProperties");
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach ((json_t *)(uintptr_t)json, key, value) {
        char at[200];
        (void)snprintf(at, sizeof at, "%.120s%s%.70s", walk->at, *walk->at ? "." : "",
                       key);
        const json_t *below = json_object_get(known, key);
        if (!below && json_is_false(others)) {
            const struct walk here = {walk->library, walk->root, at, walk->depth};
            return wrong(&here, err, "unknown key");
        }
        if (!below)
            below = json_is_object(others) ? others : NULL;
        if (below && descend(walk, at, below, value, err))
            return -1;
    }
    return 0;
}

static int check_items(const struct walk *walk, const json_t *schema, const json_t *json,
                       struct err *err)
{
    const json_t *first = json_object_get(schema, "prefixItems");
    const json_t *rest = json_object_get(schema, "items");
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach (json, i, item) {
        char at[200];
        const json_t *below =
            i < json_array_size(first) ? json_array_get(first, i) : rest;
        (void)snprintf(at, sizeof at, "%.160s[%zu]", walk->at, i);
        if (json_is_object(below) && descend(walk, at, below, item, err))
            return -1;
    }
    return 0;
}

static int check_min_items(const struct walk *walk, const json_t *value,
                           const json_t *json, struct err *err)
{
    if (!json_is_array(json) ||
        (json_int_t)json_array_size(json) >= json_integer_value(value))
        return 0;
    return wrong(walk, err, "too few items");
}

static int check_max_items(const struct walk *walk, const json_t *value,
                           const json_t *json, struct err *err)
{
    if (!json_is_array(json) ||
        (json_int_t)json_array_size(json) <= json_integer_value(value))
        return 0;
    return wrong(walk, err, "too many items");
}

static int check_minimum(const struct walk *walk, const json_t *value, const json_t *json,
                         struct err *err)
{
    if (!json_is_number(json) || json_number_value(json) >= json_number_value(value))
        return 0;
    return wrong(walk, err, "below %g", json_number_value(value));
}

static int check_maximum(const struct walk *walk, const json_t *value, const json_t *json,
                         struct err *err)
{
    if (!json_is_number(json) || json_number_value(json) <= json_number_value(value))
        return 0;
    return wrong(walk, err, "above %g", json_number_value(value));
}

/* Characters, as the standard counts, not bytes. */
static json_int_t length_of(const json_t *json)
{
    json_int_t count = 0;
    for (const char *p = json_string_value(json); p && *p; p++)
        count += ((unsigned char)*p & 0xc0U) != 0x80U;
    return count;
}

static int check_min_length(const struct walk *walk, const json_t *value,
                            const json_t *json, struct err *err)
{
    if (!json_is_string(json) || length_of(json) >= json_integer_value(value))
        return 0;
    return wrong(walk, err, "too short");
}

static int check_max_length(const struct walk *walk, const json_t *value,
                            const json_t *json, struct err *err)
{
    if (!json_is_string(json) || length_of(json) <= json_integer_value(value))
        return 0;
    return wrong(walk, err, "too long");
}

/* The compiled pattern, borrowed from the library. NULL: it is none. */
static const regex_t *compiled(struct schema_library *library, const json_t *value)
{
    const size_t count = library->pattern_count;
    for (size_t i = 0; i < count; i++)
        if (library->patterns[i].value == value)
            return &library->patterns[i].regex;
    regex_t *regex = &library->patterns[count].regex;
    if (count == PATTERNS_MAX ||
        regcomp(regex, json_string_value(value), REG_EXTENDED | REG_NOSUB))
        return NULL;
    library->patterns[library->pattern_count++].value = value;
    return regex;
}

static int check_pattern(const struct walk *walk, const json_t *value, const json_t *json,
                         struct err *err)
{
    const char *text = json_string_value(json), *pattern = json_string_value(value);
    const regex_t *regex = text ? compiled(walk->library, value) : NULL;
    if (text && !regex)
        return err_set(err, EXIT_CODE_INTERNAL, "schema: bad pattern '%.100s'", pattern);
    if (text && regexec(regex, text, 0, NULL, 0))
        return wrong(walk, err, "does not have the form %.100s", pattern);
    return 0;
}

/* The error of the form that fits the value's type best is the one worth reading: the
 * last, as the schemas put null first. */
static int check_any(const struct walk *walk, const json_t *value, const json_t *json,
                     struct err *err)
{
    struct err last = {0};
    size_t i = 0;
    json_t *one = NULL;
    json_array_foreach (value, i, one) {
        last = (struct err){0};
        if (!check(walk, one, json, &last))
            return 0;
    }
    return err_set(err, last.code, "%s", last.text);
}

static int check_ref(const struct walk *walk, const json_t *value, const json_t *json,
                     struct err *err)
{
    const char *ref = json_string_value(value), *hash = strchr(ref, '#');
    struct walk below = *walk;
    below.depth++;
    if (hash != ref) {
        char name[48];
        size_t length = hash ? (size_t)(hash - ref) : strlen(ref);
        (void)snprintf(name, sizeof name, "%.*s", (int)length, ref);
        if (load(walk->library, name, &below.root, err))
            return -1;
    }
    const json_t *schema = below.root;
    if (hash)
        schema = json_object_get(json_object_get(below.root, "$defs"),
                                 hash + strlen("#/$defs/"));
    if (!json_is_object(schema))
        return err_set(err, EXIT_CODE_INTERNAL, "schema: '%.100s' leads nowhere", ref);
    return check(&below, schema, json, err);
}

static const struct keyword {
    const char *name;
    int (*check)(const struct walk *walk, const json_t *value, const json_t *json,
                 struct err *err);
} keywords[] = {
    {"type", check_type},
    {"enum", check_enum},
    {"const", check_const},
    {"required", check_required},
    {"minItems", check_min_items},
    {"maxItems", check_max_items},
    {"minimum", check_minimum},
    {"maximum", check_maximum},
    {"minLength", check_min_length},
    {"maxLength", check_max_length},
    {"pattern", check_pattern},
    {"anyOf", check_any},
    {"$ref", check_ref},
};

static int check(const struct walk *walk, const json_t *schema, const json_t *json,
                 struct err *err)
{
    if (walk->depth > DEPTH_MAX)
        return wrong(walk, err, "nested too deep");
    for (size_t i = 0; i < COUNT_OF(keywords); i++) {
        const json_t *value = json_object_get(schema, keywords[i].name);
        if (value && keywords[i].check(walk, value, json, err))
            return -1;
    }
    if (json_is_object(json) && check_members(walk, schema, json, err))
        return -1;
    return json_is_array(json) ? check_items(walk, schema, json, err) : 0;
}

struct schema_library *schema_open(void)
{
    return memory_calloc(1, sizeof(struct schema_library));
}

int schema_check_with(struct schema_library *library, const char *name, const char *part,
                      const json_t *json, struct err *err)
{
    struct walk walk = {library, NULL, "", 0};
    char file[64];
    (void)snprintf(file, sizeof file, "%.40s.schema.json", name);
    int status = load(library, file, &walk.root, err);
    const json_t *schema = walk.root;
    if (!status && part)
        schema = json_object_get(json_object_get(walk.root, "$defs"), part);
    return status ? status : check(&walk, schema, json, err);
}

void schema_close(struct schema_library *library)
{
    for (size_t i = 0; i < library->count; i++)
        json_decref(library->items[i].schema);
    for (size_t i = 0; i < library->pattern_count; i++)
        regfree(&library->patterns[i].regex);
    free(library);
}

int schema_check(const char *name, const char *part, const json_t *json, struct err *err)
{
    struct schema_library *library = schema_open();
    int status = schema_check_with(library, name, part, json, err);
    schema_close(library);
    return status;
}
