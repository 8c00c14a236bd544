/* elsewhere.c: see elsewhere.h. A key that has its default asks nothing of the server. */
#include "analysis/elsewhere.h"

#include "common/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 4))) static void add(char *text, size_t size,
                                                      const char *format, ...)
{
    const size_t used = strlen(text);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text + used, size - used, format, args);
    va_end(args);
}

static bool is_default(const json_t *value)
{
    return json_is_false(value) || json_is_null(value) ||
           (json_is_number(value) && json_number_value(value) == 0) ||
           (json_is_string(value) && !strcmp(json_string_value(value), "own"));
}

static void add_origin(json_t *origin, char *text, size_t size)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach (origin, key, value) {
        const bool is_size = !strcmp(key, "bytes"); /* also 0 bytes are asked for */
        if (is_default(value) && !is_size)
            continue;
        add(text, size, ", origin.%s", key);
        if (json_is_integer(value))
            add(text, size, " %" JSON_INTEGER_FORMAT, json_integer_value(value));
        else if (json_is_string(value))
            add(text, size, " %.20s", json_string_value(value));
    }
}

bool elsewhere_say(const json_t *scenario, const json_t *placement, char *out_text,
                   size_t size)
{
    static const char *const said = "these keys do not apply: ";
    json_t *origin = json_object_get(scenario, "origin");
    const size_t predictions = json_array_size(json_object_get(scenario, "expect"));
    char keys[ELSEWHERE_SIZE] = "";
    if (!json_is_object(origin))
        return false;
    add_origin(origin, keys, sizeof keys);
    if (json_number_of(json_object_get(scenario, "load"), "addresses") > 1)
        add(keys, sizeof keys, ", load.addresses");
    if (json_object_get(scenario, "why"))
        add(keys, sizeof keys, ", why");
    if (predictions > 0)
        add(keys, sizeof keys, ", expect (%zu prediction%s)", predictions,
            predictions == 1 ? "" : "s");
    (void)snprintf(out_text, size, "%s%s; ", said, keys + strlen(", "));
    const char *cpus = json_text_or_null(placement, "origin_cpus");
    if (!cpus)
        add(out_text, size,
            "the server is on another host, and no CPU here is kept for it");
    else if (json_is_true(json_object_get(placement, "shared")))
        add(out_text, size, "the server shares the CPUs of the runners");
    else
        add(out_text, size,
            "the runners keep off CPU %.60s: start the server there, as `taskset -c`",
            cpus);
    return true;
}
