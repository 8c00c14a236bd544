/* elsewhere.c: see elsewhere.h. A key that has its default asks nothing of the server. */
#include "analysis/elsewhere.h"

#include "common/json.h"

#include <string.h>

static bool is_default(const json_t *value)
{
    return json_is_false(value) || json_is_null(value) ||
           (json_is_number(value) && json_number_value(value) == 0) ||
           (json_is_string(value) && !strcmp(json_string_value(value), "own"));
}

static void say_origin(json_t *origin, struct sentence *text)
{
    const char *key = NULL, *before = "";
    json_t *value = NULL;
    json_object_foreach (origin, key, value) {
        const bool is_size = !strcmp(key, "bytes"); /* also 0 bytes are asked for */
        if (is_default(value) && !is_size)
            continue;
        sentence_say(text, "%sorigin.%s", before, key);
        before = ", ";
        if (json_is_integer(value))
            sentence_say(text, " %" JSON_INTEGER_FORMAT, json_integer_value(value));
        else if (json_is_string(value))
            sentence_say(text, " %.20s", json_string_value(value));
    }
}

static void say_cpus(const json_t *placement, struct sentence *text)
{
    const char *cpus = json_text_or_null(placement, "origin_cpus");
    if (!cpus)
        sentence_say(text,
                     "the server is on another host, and no CPU here is kept for it");
    else if (json_is_true(json_object_get(placement, "shared")))
        sentence_say(text, "the server shares the CPUs of the runners");
    else
        sentence_say(text,
                     "the runners keep off CPU %.60s: start the server there, with "
                     "`taskset -c %.60s`",
                     cpus, cpus);
}

bool elsewhere_say(const json_t *scenario, const json_t *placement, struct sentence *text)
{
    json_t *origin = json_object_get(scenario, "origin");
    const size_t predictions = json_array_size(json_object_get(scenario, "expect"));
    if (!json_is_object(origin))
        return false;
    sentence_say(text, "these keys do not apply: ");
    say_origin(origin, text);
    if (json_number_of(json_object_get(scenario, "load"), "addresses") > 1)
        sentence_say(text, ", load.addresses");
    if (json_object_get(scenario, "why"))
        sentence_say(text, ", why");
    if (predictions > 0)
        sentence_say(text, ", expect (%zu prediction%s)", predictions,
                     predictions == 1 ? "" : "s");
    sentence_say(text, "; ");
    say_cpus(placement, text);
    return true;
}
