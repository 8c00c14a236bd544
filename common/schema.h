/* schema: checks a document against one of the suite's own JSON Schemas, so that what
 * `concbench validate` accepts and what any other validator accepts is the same text.
 *
 * Understood is the part of JSON Schema 2020-12 that results/schema/ uses: type, enum,
 * const, properties, required, additionalProperties, items, prefixItems, minItems,
 * maxItems, minimum, maximum, minLength, maxLength, pattern (POSIX extended), anyOf,
 * $defs and $ref to "#/$defs/x", "file.schema.json" and "file.schema.json#/$defs/x". A
 * description is what an error says is expected. A test checks that they use no other. */
#ifndef COMMON_SCHEMA_H
#define COMMON_SCHEMA_H

#include "common/err.h"

#include <jansson.h>

/* Checks json against share/concbench/schema/<name>.schema.json, or against $defs/<part>
 * of it when part is not NULL. EXIT_CODE_USAGE names the place of the first thing that is
 * wrong and what is expected there, as "cells[3].n: expected a whole number from 1 to 9";
 * EXIT_CODE_UNFIT when the schema itself cannot be read. Schemas are read once and kept;
 * for programs of one thread. */
int schema_check(const char *name, const char *part, const json_t *json, struct err *err);

#endif
