/* json: strict loading and checked reading of JSON that is never trusted.
 *
 * A document is read with limits on size and depth. Duplicate keys and invalid UTF-8 are
 * errors. The getters name the place of what is wrong as a path: "load.concurrency[2]".
 * Each takes the path of its object and makes the member's from it, so a reader says
 *
 *     json_get_uint(load, "load", "requests", 1, 4000000000, &s->requests, err)
 *
 * A getter leaves *out_value alone when the key is absent, so the default stands; the
 * json_need_* forms make an absent key an error. All errors are EXIT_CODE_USAGE. */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include "common/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_DEPTH_LIMIT 64

/* Documents that would take more memory than this, with their text, are refused before
 * they are parsed. */
#define JSON_WEIGHT_LIMIT ((size_t)220 << 20)
#define JSON_STRING_LIMIT ((size_t)4 << 20)

/* About the bytes of memory that size bytes of text and what is parsed from them take, a
 * little too many rather than too few. SIZE_MAX: a string exceeds JSON_STRING_LIMIT. */
size_t json_weigh_text(const char *text, size_t size);

/* The same for a value that has been parsed, without its text. */
size_t json_weigh(const json_t *json);

/* Reads and parses a file of at most max_bytes whose top is an object. *out_json is new.
 * The error names the path and, where known, line and column. */
int json_load_path(const char *path, size_t max_bytes, json_t **out_json,
                   struct err *err);

/* Parses size bytes of text whose top is an object. name is used in the error. */
int json_load_text(const char *name, const char *text, size_t size, json_t **out_json,
                   struct err *err);

int json_get_uint(const json_t *object, const char *at, const char *key, uint64_t min,
                  uint64_t max, uint64_t *out_value, struct err *err);
int json_need_uint(const json_t *object, const char *at, const char *key, uint64_t min,
                   uint64_t max, uint64_t *out_value, struct err *err);
int json_get_real(const json_t *object, const char *at, const char *key,
                  double *out_value, struct err *err);
int json_get_bool(const json_t *object, const char *at, const char *key, bool *out_value,
                  struct err *err);

/* *out_value is borrowed from the object. min_length and max_length are in bytes. */
int json_get_string(const json_t *object, const char *at, const char *key,
                    size_t min_length, size_t max_length, const char **out_value,
                    struct err *err);
int json_need_string(const json_t *object, const char *at, const char *key,
                     size_t min_length, size_t max_length, const char **out_value,
                     struct err *err);

/* *out_value is borrowed; absent gives NULL for get, an error for need. */
int json_get_object(const json_t *object, const char *at, const char *key,
                    json_t **out_value, struct err *err);
int json_need_object(const json_t *object, const char *at, const char *key,
                     json_t **out_value, struct err *err);
int json_get_array(const json_t *object, const char *at, const char *key,
                   size_t max_items, json_t **out_value, struct err *err);
int json_need_array(const json_t *object, const char *at, const char *key,
                    size_t max_items, json_t **out_value, struct err *err);

/* An error naming the first key of object that is not among the NULL-terminated known. */
int json_only_keys(const json_t *object, const char *at, const char *const *known,
                   struct err *err);

/* Names that become file names: [A-Za-z0-9._-]{1,64}, not starting with a dot or dash. */
bool json_name_is_safe(const char *name);

/* Whether the text is one line, without control characters. */
bool json_is_line(const char *text);

/* What stands under object.key, for documents that were checked before: the string, ""
 * or NULL when there is none; the number, NaN when there is none. object may be NULL. A
 * string is borrowed. */
const char *json_text_of(const json_t *object, const char *key);
const char *json_text_or_null(const json_t *object, const char *key);
double json_number_of(const json_t *object, const char *key);

/* The first object of array whose key holds text; NULL without one. Borrowed. array may be
 * NULL. */
json_t *json_find(const json_t *array, const char *key, const char *text);

/* Whether an element of array equals value. array may be NULL. */
bool json_array_has(const json_t *array, const json_t *value);

/* A new integer; counts and nanoseconds stay below 2^63. */
json_t *json_uint(uint64_t value);

/* A finite number, or null for NaN and infinity (json_real would give NULL and the key
 * would silently disappear). Returns a new reference. */
json_t *json_real_or_null(double value);

/* From here on jansson's functions end the program when out of memory, instead of
 * failing. First thing in main. */
void json_end_without_memory(void);

/* text as a new string. Where it is no UTF-8, as paths may be, as clean_text makes it. */
json_t *json_text(const char *text);

/* Sets key to value (taken). Running out of memory ends the program: there is no state in
 * which half a result is better than none. */
void json_put(json_t *object, const char *key, json_t *value);

/* Writes json to a terminal or a pipe, sorted and indented, with a line break, and what
 * would move a terminal's cursor or turn its text escaped. Whether it could be written,
 * the stream knows (process_end). Out of memory ends the program, as json_put. */
void json_show(const json_t *json, FILE *out);

/* Appends value (taken); ends the program when out of memory, as json_put. */
void json_push(json_t *array, json_t *value);

#endif
