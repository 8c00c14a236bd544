/* options_json: the table of a command line as data, for programs that ask another one
 * what it takes. */
#ifndef COMMON_OPTIONS_JSON_H
#define COMMON_OPTIONS_JSON_H

#include "common/options.h"

#include <jansson.h>

/* One option: {name, type, min, max, choices, default, about}. type is "flag", "number",
 * "numbers" (a text with a range: with commas between them), "choice", "text" or "list";
 * min and max are null but for numbers, and max is null beyond 2^63 - 1; choices is null
 * but for a choice. defaults is a target as options_parse fills it: the default is null
 * where it holds nothing, or a number outside of the range. A new reference. */
json_t *options_json(const struct option_spec *spec, const void *defaults);

#endif
