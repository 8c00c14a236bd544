/* schema: checks a document against one of the suite's own JSON Schemas, so that what
 * `concbench validate` accepts and what any other validator accepts is the same text.
 *
 * Understood is the part of JSON Schema 2020-12 that results/schema/ uses: type, enum,
 * const, properties, required, additionalProperties, items, prefixItems, minItems,
 * maxItems, minimum, maximum, minLength, maxLength, pattern (POSIX extended), anyOf,
 * $defs and $ref to "#/$defs/x", "file.schema.json" and "file.schema.json#/$defs/x". A
 * test checks that they use no other. */
#ifndef COMMON_SCHEMA_H
#define COMMON_SCHEMA_H

#include "common/err.h"

#include <jansson.h>

/* Checks json against share/concbench/schema/<name>.schema.json, or against $defs/<part>
 * of it when part is not NULL. EXIT_CODE_USAGE names the place of the first thing that is
 * wrong, as "cells[3].status"; EXIT_CODE_UNFIT when the schema itself cannot be read. */
int schema_check(const char *name, const char *part, const json_t *json, struct err *err);

/* What has been read of the schemas, for many checks in a row. */
struct schema_library;

/* New; must be given to schema_close. */
struct schema_library *schema_open(void);

/* As schema_check. */
int schema_check_with(struct schema_library *library, const char *name, const char *part,
                      const json_t *json, struct err *err);

void schema_close(struct schema_library *library);

#endif
