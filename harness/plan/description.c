/* description.c: see description.h. */
#include "harness/plan/description.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/schema.h"
#include "harness/host/probe.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_SIZE ((size_t)128 * 1024)

const struct model description_none = {.name = "",
                                       .about = "",
                                       .family = "",
                                       .tasks = "",
                                       .fds_per_worker = 3,
                                       .units = MODEL_UNITS_UNCHECKED};

static const char *copy_of(const json_t *object, const char *key)
{
    return memory_strdup(json_text_of(object, key));
}

static uint64_t number_at(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

/* ["a", "b"] as "a|b", new. */
static char *joined(const json_t *list)
{
    size_t i = 0, size = 1, used = 0;
    json_t *word = NULL;
    json_array_foreach (list, i, word)
        size += json_string_length(word) + 1;
    char *text = memory_calloc(size, 1);
    json_array_foreach (list, i, word) {
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? "|" : "",
                                 json_string_value(word));
    }
    return text;
}

/* "stack-bytes" is stack_bytes in a scenario; its variants are stack-16384. */
static struct knob knob_of(const json_t *flag)
{
    const char *name = json_text_of(flag, "name");
    const json_t *max = json_object_get(flag, "max");
    const json_t *choices = json_object_get(flag, "choices");
    const bool is_single = strcmp(json_text_of(flag, "type"), "numbers") != 0;
    struct knob knob = {
        .is_knob = is_single && json_is_true(json_object_get(flag, "is_knob")),
        .min = number_at(flag, "min"),
        .max = json_is_integer(max) ? (uint64_t)json_integer_value(max) : INT64_MAX,
        .choices = json_is_array(choices) ? joined(choices) : NULL};
    char text[80];
    char *key = memory_strdup(name);
    for (char *at = key; *at; at++)
        *at = *at == '-' ? '_' : *at;
    knob.name = key;
    (void)snprintf(text, sizeof text, "--%s", name);
    knob.flag = memory_strdup(text);
    (void)snprintf(text, sizeof text, "%.*s-", (int)strcspn(name, "-"), name);
    knob.prefix = knob.choices ? "" : memory_strdup(text);
    return knob;
}

static void read_knobs(const json_t *flags, struct model *model)
{
    struct knob *knobs = memory_calloc(json_array_size(flags) + 1, sizeof *knobs);
    json_t *flag = NULL;
    size_t i = 0;
    json_array_foreach (flags, i, flag) {
        const char *type = json_text_of(flag, "type");
        if (!strcmp(type, "number") || !strcmp(type, "numbers") ||
            !strcmp(type, "choice"))
            knobs[model->knob_count++] = knob_of(flag);
    }
    model->knobs = knobs;
}

static bool lists_flag(const json_t *said, const char *name)
{
    size_t i = 0;
    json_t *flag = NULL;
    bool is_listed = false;
    json_array_foreach (json_object_get(said, "flags"), i, flag)
        is_listed = is_listed || !strcmp(json_text_of(flag, "name"), name);
    return is_listed;
}

static struct model *read_model(const json_t *said)
{
    const json_t *needs = json_object_get(said, "needs");
    const char *units = json_text_of(said, "units");
    struct model *model = memory_calloc(1, sizeof *model);
    *model = (struct model){
        .name = copy_of(said, "name"),
        .about = copy_of(said, "about"),
        .family = copy_of(said, "family"),
        .tasks = joined(json_object_get(said, "tasks")),
        .is_single = json_is_true(json_object_get(said, "is_single")),
        .is_probed = json_is_true(json_object_get(said, "needs_probe")),
        .uses_libcurl = json_is_true(json_object_get(said, "uses_libcurl")),
        .takes_trace = lists_flag(said, "trace"),
        .takes_resolve = lists_flag(said, "resolve"),
        .takes_warm = lists_flag(said, "warm-requests"),
        .fds_per_worker = number_at(needs, "descriptors"),
        .tasks_per_worker = number_at(needs, "threads"),
        .maps_per_worker = number_at(needs, "mappings"),
        .kib_per_worker = number_at(needs, "kib"),
        .kib_bare = number_at(needs, "kib_bare"),
        .start_us = number_at(needs, "start_us"),
        .units = !strcmp(units, "worker")    ? MODEL_UNITS_CONCURRENCY
                 : !strcmp(units, "request") ? MODEL_UNITS_REQUESTS
                                             : MODEL_UNITS_UNCHECKED};
    read_knobs(json_object_get(said, "flags"), model);
    return model;
}

int description_ask(const char *const *argv, const struct model **out_model,
                    struct err *err)
{
    AUTO_FREE char *text = memory_calloc(TEXT_SIZE, 1);
    json_auto_t *said = NULL;
    int code = 0;
    *out_model = NULL;
    if (probe_read(argv, PROBE_LIMIT_MS, text, TEXT_SIZE, &code, err))
        return -1;
    if (!code && !json_load_text("description", text, strlen(text), &said, NULL) &&
        !schema_check("runner-description", NULL, said, NULL))
        *out_model = read_model(said);
    return 0;
}
