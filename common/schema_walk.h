/* schema_walk: for schema.c alone: where a check is, and how its errors are worded. */
#ifndef COMMON_SCHEMA_WALK_H
#define COMMON_SCHEMA_WALK_H

#include "common/err.h"

#include <jansson.h>

/* Where in the document the walk is: a member of above, or without a key an item. */
struct schema_walk {
    const struct schema_walk *above; /* NULL: the top */
    const char *key;
    size_t index;
    const json_t *schema; /* what has to hold here */
    const json_t *root;   /* the file that a "#/..." means */
    int depth;
};

/* What a schema calls a type, how people call it, and its keywords for a range. */
struct schema_type {
    const char *name, *words, *least, *most, *before, *unit;
};

extern const struct schema_type schema_types[]; /* by json_typeof */

/* Each sets err with the place in front of the text, unless err is NULL; returns
 * negative. */
int schema_wrong(const struct schema_walk *walk, struct err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "expected a whole number from 1 to 9": the schema's description, or else its type and
 * range. */
int schema_unexpected(const struct schema_walk *walk, struct err *err);

/* "'x' is not one of a, b, c". */
int schema_not_one_of(const struct schema_walk *walk, const json_t *list,
                      const json_t *json, struct err *err);

/* "unknown key", which walk is at; known: the properties that there are. */
int schema_unknown(const struct schema_walk *walk, const json_t *known, struct err *err);

#endif
