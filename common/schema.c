/* schema.c: a small JSON Schema validator; see schema.h for how small.
 *
 * A check is a function per keyword in one table. Only the first error is kept, and only
 * for it is the place written out, so a document costs one walk. */
#include "common/schema.h"

#include "common/json.h"
#include "common/memory.h"
#include "common/paths.h"
#include "common/schema_walk.h"

#include <limits.h>
#include <regex.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA_BYTES_MAX ((size_t)1 << 20)
#define SCHEMAS_MAX      16
#define DEPTH_MAX        64
#define PATTERNS_MAX     128 /* about 70 are in the schemas */

/* The files that have been read, and their patterns by the address of the value in the
 * schema. They stay until the program ends. */
static struct {
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
} library;

static int check(const struct schema_walk *walk, const json_t *json, struct err *err);

static int load(const char *name, const json_t **out, struct err *err)
{
    char file[80], path[PATH_MAX];
    for (size_t i = 0; i < library.count; i++) {
        if (!strcmp(library.items[i].name, name)) {
            *out = library.items[i].schema;
            return 0;
        }
    }
    (void)snprintf(file, sizeof file, "schema/%.60s", name);
    json_t *schema = NULL;
    if (library.count == SCHEMAS_MAX || paths_share(file, path, sizeof path, err) ||
        json_load_path(path, SCHEMA_BYTES_MAX, &schema, err))
        return err_set(err, EXIT_CODE_UNFIT, "schema %s cannot be read", name);
    (void)snprintf(library.items[library.count].name, sizeof library.items[0].name,
                   "%.47s", name);
    library.items[library.count++].schema = schema;
    *out = schema;
    return 0;
}

static bool is_type(const json_t *json, const json_t *wanted)
{
    const char *name = json_string_value(wanted);
    return name && (!strcmp(name, schema_types[json_typeof(json)].name) ||
                    (json_is_integer(json) && !strcmp(name, "number")));
}

static int check_type(const struct schema_walk *walk, const json_t *value,
                      const json_t *json, struct err *err)
{
    size_t i = 0;
    json_t *one = NULL;
    if (is_type(json, value))
        return 0;
    json_array_foreach (value, i, one) {
        if (is_type(json, one))
            return 0;
    }
    return schema_unexpected(walk, err);
}

static int check_enum(const struct schema_walk *walk, const json_t *value,
                      const json_t *json, struct err *err)
{
    return json_array_has(value, json) ? 0 : schema_not_one_of(walk, value, json, err);
}

static int check_const(const struct schema_walk *walk, const json_t *value,
                       const json_t *json, struct err *err)
{
    if (json_equal(value, json))
        return 0;
    if (json_is_integer(value))
        return schema_wrong(walk, err, "expected %" JSON_INTEGER_FORMAT,
                            json_integer_value(value));
    return schema_wrong(walk, err, "expected '%.60s'",
                        json_is_string(value) ? json_string_value(value)
                                              : "another value");
}

/* Goes down into a member, or without a key an item. */
static struct schema_walk below(const struct schema_walk *walk, const char *key,
                                size_t index, const json_t *schema)
{
    struct schema_walk next = *walk;
    next.schema = schema;
    next.above = walk;
    next.key = key;
    next.index = index;
    next.depth++;
    return next;
}

static int check_required(const struct schema_walk *walk, const json_t *json,
                          struct err *err)
{
    size_t i = 0;
    json_t *key = NULL;
    json_array_foreach (json_object_get(walk->schema, "required"), i, key) {
        const struct schema_walk member = below(walk, json_string_value(key), 0, NULL);
        if (!json_object_get(json, member.key))
            return schema_wrong(&member, err, "missing");
    }
    return 0;
}

static int check_members(const struct schema_walk *walk, const json_t *json,
                         struct err *err)
{
    const json_t *known = json_object_get(walk->schema, "properties");
    const json_t *others = json_object_get(walk->schema, "additionalProperties");
    const char *key = NULL;
    json_t *value = NULL;
    if (!known && !others)
        return 0;
    json_object_foreach ((json_t *)(uintptr_t)json, key, value) {
        const json_t *its = json_object_get(known, key);
        const struct schema_walk member = below(walk, key, 0, its ? its : others);
        if (json_is_false(member.schema))
            return schema_unknown(&member, known, err);
        if (json_is_object(member.schema) && check(&member, value, err))
            return -1;
    }
    return 0;
}

static int check_items(const struct schema_walk *walk, const json_t *json,
                       struct err *err)
{
    const json_t *first = json_object_get(walk->schema, "prefixItems");
    const json_t *rest = json_object_get(walk->schema, "items");
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach (json, i, item) {
        const struct schema_walk next = below(
            walk, NULL, i, i < json_array_size(first) ? json_array_get(first, i) : rest);
        if (json_is_object(next.schema) && check(&next, item, err))
            return -1;
    }
    return 0;
}

/* Characters, as the standard counts, not bytes. */
static size_t length_of(const json_t *json)
{
    size_t count = 0;
    for (const char *p = json_string_value(json); p && *p; p++)
        count += ((unsigned char)*p & 0xc0U) != 0x80U;
    return count;
}

/* keyword: minimum, maxItems, minLength, ... */
static int check_bound(const struct schema_walk *walk, const char *keyword,
                       const json_t *json, struct err *err)
{
    const struct schema_type *type = &schema_types[json_typeof(json)];
    const double bound = json_number_of(walk->schema, keyword);
    double has = json_number_value(json);
    if (json_is_array(json))
        has = (double)json_array_size(json);
    else if (json_is_string(json))
        has = (double)length_of(json);
    const bool is_wrong = (!strcmp(keyword, type->least) && has < bound) ||
                          (!strcmp(keyword, type->most) && has > bound);
    return is_wrong ? schema_unexpected(walk, err) : 0;
}

/* The compiled pattern, borrowed from the library. NULL: it is none. */
static const regex_t *compiled(const json_t *value)
{
    const size_t count = library.pattern_count;
    for (size_t i = 0; i < count; i++)
        if (library.patterns[i].value == value)
            return &library.patterns[i].regex;
    regex_t *regex = &library.patterns[count].regex;
    if (count == PATTERNS_MAX ||
        regcomp(regex, json_string_value(value), REG_EXTENDED | REG_NOSUB))
        return NULL;
    library.patterns[library.pattern_count++].value = value;
    return regex;
}

static int check_pattern(const struct schema_walk *walk, const json_t *value,
                         const json_t *json, struct err *err)
{
    const char *text = json_string_value(json), *pattern = json_string_value(value);
    const regex_t *regex = text ? compiled(value) : NULL;
    if (text && !regex)
        return err_set(err, EXIT_CODE_INTERNAL, "schema: bad pattern '%.100s'", pattern);
    if (!text || !regexec(regex, text, 0, NULL, 0))
        return 0;
    return json_object_get(walk->schema, "description")
               ? schema_unexpected(walk, err)
               : schema_wrong(walk, err, "does not have the form %.100s", pattern);
}

/* The error worth reading is that of the form whose type the value has, or else what the
 * schema says of all forms, or else that of the last, as the schemas put null first. */
static int check_any(const struct schema_walk *walk, const json_t *value,
                     const json_t *json, struct err *err)
{
    struct schema_walk one = *walk;
    const json_t *fitting = NULL;
    for (size_t i = 0; i < json_array_size(value); i++) {
        one.schema = json_array_get(value, i);
        if (!check(&one, json, NULL))
            return 0;
        if (is_type(json, json_object_get(one.schema, "type")))
            fitting = one.schema;
    }
    if (!fitting && json_object_get(walk->schema, "description"))
        return schema_unexpected(walk, err);
    one.schema = fitting ? fitting : one.schema;
    return check(&one, json, err);
}

static int check_ref(const struct schema_walk *walk, const json_t *value,
                     const json_t *json, struct err *err)
{
    const char *ref = json_string_value(value), *hash = strchr(ref, '#');
    struct schema_walk there = *walk;
    there.depth++;
    if (hash != ref) {
        char name[48];
        size_t length = hash ? (size_t)(hash - ref) : strlen(ref);
        (void)snprintf(name, sizeof name, "%.*s", (int)length, ref);
        if (load(name, &there.root, err))
            return -1;
    }
    there.schema = there.root;
    if (hash)
        there.schema = json_object_get(json_object_get(there.root, "$defs"),
                                       hash + strlen("#/$defs/"));
    if (!json_is_object(there.schema))
        return err_set(err, EXIT_CODE_INTERNAL, "schema: '%.100s' leads nowhere", ref);
    return check(&there, json, err);
}

static const struct keyword {
    const char *name;
    int (*check)(const struct schema_walk *walk, const json_t *value, const json_t *json,
                 struct err *err);
} keywords[] = {
    {"type", check_type},       {"enum", check_enum}, {"const", check_const},
    {"pattern", check_pattern}, {"anyOf", check_any}, {"$ref", check_ref},
};

static int check_keyword(const struct schema_walk *walk, const char *name,
                         const json_t *value, const json_t *json, struct err *err)
{
    if (!strncmp(name, "min", 3) || !strncmp(name, "max", 3))
        return check_bound(walk, name, json, err);
    for (size_t i = 0; i < COUNT_OF(keywords); i++) {
        if (!strcmp(keywords[i].name, name))
            return keywords[i].check(walk, value, json, err);
    }
    return 0;
}

static int check(const struct schema_walk *walk, const json_t *json, struct err *err)
{
    const char *name = NULL;
    json_t *value = NULL;
    if (walk->depth > DEPTH_MAX)
        return schema_wrong(walk, err, "nested too deep");
    json_object_foreach ((json_t *)(uintptr_t)walk->schema, name, value) {
        if (check_keyword(walk, name, value, json, err))
            return -1;
    }
    if (json_is_object(json) &&
        (check_members(walk, json, err) || check_required(walk, json, err)))
        return -1;
    return json_is_array(json) ? check_items(walk, json, err) : 0;
}

int schema_check(const char *name, const char *part, const json_t *json, struct err *err)
{
    struct schema_walk walk = {.depth = 0};
    char file[64];
    (void)snprintf(file, sizeof file, "%.40s.schema.json", name);
    int status = load(file, &walk.root, err);
    walk.schema =
        part ? json_object_get(json_object_get(walk.root, "$defs"), part) : walk.root;
    return status ? status : check(&walk, json, err);
}
