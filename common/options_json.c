/* options_json.c: see options_json.h. */
#include "common/options_json.h"

#include "common/json.h"

#include <stdbool.h>
#include <string.h>

static const char *type_of(enum option_kind kind)
{
    switch (kind) {
    case OPTION_FLAG:
        return "flag";
    case OPTION_UINT:
        return "number";
    case OPTION_CHOICE:
        return "choice";
    case OPTION_LIST:
        return "list";
    case OPTION_STRING:
        break;
    }
    return "text";
}

/* A text with a range is numbers with commas between them. */
static bool is_numbers(const struct option_spec *spec)
{
    return spec->kind == OPTION_STRING && spec->max > 0;
}

/* "a|b" as ["a", "b"]. */
static json_t *choices_of(const struct option_spec *spec)
{
    json_t *list = json_array();
    for (const char *at = spec->choices; *at; at += *at == '|') {
        const size_t length = strcspn(at, "|");
        json_push(list, json_stringn(at, length));
        at += length;
    }
    return list;
}

static json_t *default_of(const struct option_spec *spec, const void *defaults)
{
    const char *field = (const char *)defaults + spec->offset;
    if (spec->kind == OPTION_FLAG)
        return json_false();
    if (spec->kind == OPTION_UINT) {
        const uint64_t number = *(const uint64_t *)(const void *)field;
        return number < spec->min || number > spec->max ? json_null() : json_uint(number);
    }
    const char *text =
        spec->kind == OPTION_LIST ? NULL : *(const char *const *)(const void *)field;
    return text ? json_string(text) : json_null();
}

json_t *options_json(const struct option_spec *spec, const void *defaults)
{
    const bool is_number = spec->kind == OPTION_UINT || is_numbers(spec);
    json_t *option = json_object();
    json_put(option, "name", json_string(spec->name));
    json_put(option, "type",
             json_string(is_numbers(spec) ? "numbers" : type_of(spec->kind)));
    json_put(option, "min", is_number ? json_uint(spec->min) : json_null());
    json_put(option, "max",
             is_number && spec->max <= INT64_MAX ? json_uint(spec->max) : json_null());
    json_put(option, "choices",
             spec->kind == OPTION_CHOICE ? choices_of(spec) : json_null());
    json_put(option, "default", default_of(spec, defaults));
    json_put(option, "about", json_string(spec->help));
    return option;
}
