/* sweep.c: see sweep.h. It turns JSON into JSON: what a runner is, is runners.c's. */
#include "harness/plan/sweep.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/options.h"
#include "harness/plan/models.h"
#include "harness/plan/scenario.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NAME_SIZE 65

/* Whether value is one of the knob's; its text goes to out_text. */
static bool read_value(const struct knob *knob, const json_t *value, char *out_text,
                       size_t size)
{
    const char *text = json_string_value(value);
    uint64_t number = (uint64_t)json_integer_value(value);
    if (!knob->choices) {
        (void)snprintf(out_text, size, "%" PRIu64, number);
        return json_is_integer(value) && number >= knob->min && number <= knob->max;
    }
    for (const char *at = knob->choices; text && *at; at += *at == '|') {
        size_t length = strcspn(at, "|");
        if (strlen(text) == length && !memcmp(at, text, length)) {
            (void)snprintf(out_text, size, "%s", text);
            return true;
        }
        at += length;
    }
    return false;
}

static int refuse(const struct knob *knob, size_t index, const json_t *value,
                  struct err *err)
{
    if (knob->choices) {
        const char *text = json_string_value(value);
        struct suggest suggest = suggest_for(text ? text : "");
        suggest_try_list(&suggest, knob->choices, "|");
        return err_set(err, EXIT_CODE_USAGE, "sweep.%s[%zu]: expected one of %s%s",
                       knob->name, index, knob->choices, suggest_text(&suggest));
    }
    return err_set(err, EXIT_CODE_USAGE,
                   "sweep.%s[%zu]: expected a whole number from %" PRIu64 " to %" PRIu64,
                   knob->name, index, knob->min, knob->max);
}

/* The models of a scenario, as far as they describe themselves. */
struct swept {
    const struct model *models[SCENARIO_MODELS_MAX];
    const json_t *commands[SCENARIO_MODELS_MAX]; /* its entry of "runners", or NULL */
    size_t count;
    bool is_unasked; /* a command was not asked: nothing may be started */
};

static int refuse_knob(const char *name, struct err *err)
{
    const bool is_other = models_any_knob(name) != NULL;
    struct suggest suggest = suggest_for(name);
    AUTO_FREE char *known = models_knob_names();
    if (!is_other)
        models_suggest_knob(&suggest);
    return is_other ? err_set(err, EXIT_CODE_USAGE, "sweep.%s: none of the models has it",
                              name)
                    : err_set(err, EXIT_CODE_USAGE,
                              "sweep.%.64s: not a knob; the knobs are %.200s%s", name,
                              known, suggest_text(&suggest));
}

/* Every value is checked for one model that has the knob. */
static int check_values(const json_t *sweep, const struct knob *knob, struct err *err)
{
    const char *name = knob->name;
    const json_t *values = json_object_get(sweep, name);
    json_t *value = NULL;
    char text[80];
    size_t i = 0;
    json_array_foreach (values, i, value) {
        if (!read_value(knob, value, text, sizeof text))
            return refuse(knob, i, value, err);
        for (size_t j = 0; j < i; j++) {
            if (json_equal(json_array_get(values, j), value))
                return err_set(err, EXIT_CODE_USAGE, "sweep.%s[%zu]: listed twice", name,
                               i);
        }
    }
    return 0;
}

/* Every knob has to belong to a model, or nothing would be swept by it. */
static int check_knob(const json_t *sweep, const char *name, const struct swept *swept,
                      struct err *err)
{
    bool is_had = false;
    for (size_t m = 0; m < swept->count; m++) {
        const struct knob *knob = models_find_knob(swept->models[m], name);
        is_had = is_had || knob;
        if (knob && check_values(sweep, knob, err))
            return -1;
    }
    return is_had || swept->is_unasked ? 0 : refuse_knob(name, err);
}

/* A variant so far, and with one more knob. */
struct variant {
    char name[400];
    json_t *flags; /* owned by the holder of the variant */
};

/* What all variants of one model have in common. */
struct expansion {
    const json_t *sweep;
    const struct model *model;
    const json_t *command;    /* as in struct swept */
    json_t *models, *runners; /* what the variants are appended to */
};

/* The entry of "runners" of a variant, new. */
static json_t *entry_of(const struct expansion *e, const struct variant *variant)
{
    json_t *entry = e->command ? json_deep_copy(e->command) : json_object();
    if (e->command) {
        (void)json_array_extend(json_object_get(entry, "command"), variant->flags);
    } else {
        json_put(entry, "model", json_string(e->model->name));
        json_put(entry, "flags", json_incref(variant->flags));
    }
    json_put(entry, "name", json_string(variant->name));
    return entry;
}

static int emit(const struct expansion *e, const struct variant *variant, struct err *err)
{
    if (json_array_size(e->models) >= SCENARIO_MODELS_MAX)
        return err_set(err, EXIT_CODE_USAGE,
                       "sweep: more than %d models; sweep fewer values at once",
                       SCENARIO_MODELS_MAX);
    json_push(e->runners, entry_of(e, variant));
    json_push(e->models, json_string(variant->name));
    if (!json_name_is_safe(variant->name))
        return err_set(err, EXIT_CODE_USAGE,
                       "sweep: the name '%.100s' is longer than %d bytes; sweep fewer "
                       "knobs at once",
                       variant->name, NAME_SIZE - 1);
    return 0;
}

/* All combinations of the knobs from index on that the model has, depth first. */
static int combine(const struct expansion *e, size_t index, const struct variant *so_far,
                   struct err *err)
{
    const struct knob *knob =
        index < e->model->knob_count ? &e->model->knobs[index] : NULL;
    const json_t *values =
        knob && knob->is_knob ? json_object_get(e->sweep, knob->name) : NULL;
    json_t *value = NULL;
    size_t i = 0;
    int status = 0;
    if (!knob)
        return emit(e, so_far, err);
    if (!values)
        return combine(e, index + 1, so_far, err);
    json_array_foreach (values, i, value) {
        char text[80];
        struct variant next = {.flags = json_copy(so_far->flags)};
        (void)read_value(knob, value, text, sizeof text);
        (void)snprintf(next.name, sizeof next.name, "%.200s.%s%s", so_far->name,
                       knob->prefix, text);
        json_push(next.flags, json_string(knob->flag));
        json_push(next.flags, json_string(text));
        status = status ? status : combine(e, index + 1, &next, err);
        json_decref(next.flags);
    }
    return status;
}

static bool is_swept(const json_t *sweep, const struct model *model)
{
    for (size_t k = 0; k < model->knob_count; k++) {
        if (model->knobs[k].is_knob && json_object_get(sweep, model->knobs[k].name))
            return true;
    }
    return false;
}

/* Leaves out the command that its variants stand for. */
static void remove_entry(json_t *runners, const json_t *entry)
{
    size_t i = 0;
    json_t *one = NULL;
    json_array_foreach (runners, i, one) {
        if (one == entry) {
            (void)json_array_remove(runners, i);
            return;
        }
    }
}

/* swept has the models of json in their order. */
static int expand_models(json_t *json, const struct swept *swept, struct expansion *e,
                         struct err *err)
{
    const json_t *old = json_object_get(json, "models");
    const char *baseline = json_string_value(json_object_get(json, "baseline"));
    for (size_t i = 0; i < swept->count; i++) {
        json_t *name = json_array_get(old, i);
        const char *text = json_string_value(name);
        const size_t first = json_array_size(e->models);
        e->model = swept->models[i];
        e->command = swept->commands[i];
        if (!is_swept(e->sweep, e->model)) {
            json_push(e->models, json_incref(name));
            continue;
        }
        json_auto_t *flags = json_array();
        struct variant start = {.flags = flags};
        (void)snprintf(start.name, sizeof start.name, "%.64s", text);
        if (combine(e, 0, &start, err))
            return -1;
        remove_entry(e->runners, e->command);
        if (baseline && !strcmp(baseline, text)) {
            json_put(json, "baseline", json_incref(json_array_get(e->models, first)));
            baseline = NULL; /* it belonged to the old value */
        }
    }
    return 0;
}

/* The entry of "runners" of that name that has a command, or NULL. */
static const json_t *command_of(const json_t *json, const char *name)
{
    size_t i = 0;
    json_t *entry = NULL;
    json_array_foreach (json_object_get(json, "runners"), i, entry) {
        if (!strcmp(json_text_of(entry, "name"), name) &&
            json_object_get(entry, "command"))
            return entry;
    }
    return NULL;
}

static struct swept models_of(const json_t *json)
{
    struct swept swept = {.count = 0};
    json_t *item = NULL;
    size_t i = 0;
    json_array_foreach (json_object_get(json, "models"), i, item) {
        const char *name = json_is_string(item) ? json_string_value(item) : "";
        const json_t *command = command_of(json, name);
        const struct model *model =
            command ? models_of_command(json_object_get(command, "command"))
                    : models_find(name);
        if (swept.count == SCENARIO_MODELS_MAX)
            break;
        swept.is_unasked = swept.is_unasked || !model;
        swept.commands[swept.count] = command;
        swept.models[swept.count++] = model ? model : models_find("");
    }
    return swept;
}

int sweep_expand(json_t *json, struct err *err)
{
    json_t *sweep = json_object_get(json, "sweep"), *value = NULL;
    const char *name = NULL;
    if (!sweep)
        return 0;
    const struct swept swept = models_of(json);
    json_object_foreach (sweep, name, value) {
        if (check_knob(sweep, name, &swept, err))
            return -1;
    }
    const json_t *old = json_object_get(json, "runners");
    struct expansion e = {.sweep = sweep,
                          .models = json_array(),
                          .runners =
                              old ? json_copy((json_t *)(uintptr_t)old) : json_array()};
    int status =
        json_array_size(json_object_get(json, "models")) > SCENARIO_MODELS_MAX
            ? err_set(err, EXIT_CODE_USAGE, "models: more than %d", SCENARIO_MODELS_MAX)
            : expand_models(json, &swept, &e, err);
    json_put(json, "models", e.models);
    if (json_array_size(e.runners) > 0)
        json_put(json, "runners", e.runners);
    else
        json_decref(e.runners);
    (void)json_object_del(json, "sweep");
    return status;
}

/* The knob of that name of the scenario's models, or else of ours; or NULL. */
static const struct knob *find_knob(const json_t *json, const char *name)
{
    const struct swept swept = models_of(json);
    const struct knob *knob = NULL;
    for (size_t i = 0; !knob && i < swept.count; i++)
        knob = models_find_knob(swept.models[i], name);
    size_t i = 0;
    json_t *entry = NULL;
    json_array_foreach (json_object_get(json, "runners"), i, entry) {
        const struct model *model = models_of_command(json_object_get(entry, "command"));
        if (!knob && model) /* "models" need not name it */
            knob = models_find_knob(model, name);
    }
    return knob ? knob : models_any_knob(name);
}

static json_t *value_of(const struct knob *knob, const char *text)
{
    uint64_t number = 0;
    if (knob && !knob->choices && !options_parse_uint(text, &number) &&
        number <= INT64_MAX)
        return json_uint(number);
    return json_string(text);
}

int sweep_add(json_t *json, const char *text, struct err *err)
{
    char name[32];
    const size_t length = strcspn(text, "=");
    const struct knob *knob = NULL;
    json_t *values = json_array();
    json_t *sweep = json_object_get(json, "sweep");
    (void)snprintf(name, sizeof name, "%.*s", (int)(length < 31 ? length : 31), text);
    knob = find_knob(json, name);
    for (const char *at = text[length] ? text + length + 1 : ""; *at;) {
        size_t size = strcspn(at, ",");
        AUTO_FREE char *item = memory_strndup(at, size);
        json_t *value = value_of(knob, item);
        if (value)
            json_push(values, value);
        at += size + (at[size] == ',');
    }
    if (!knob || json_array_size(values) == 0) {
        json_decref(values);
        struct suggest suggest = suggest_for(name);
        models_suggest_knob(&suggest);
        const bool is_slip =
            suggest_word(&suggest) && strcmp(suggest_word(&suggest), name) != 0;
        return err_set(err, EXIT_CODE_USAGE,
                       "--sweep: '%.80s' is not a knob and its values, such as "
                       "switch=fcontext,ucontext%s",
                       text, is_slip ? suggest_text(&suggest) : "");
    }
    if (!sweep) {
        sweep = json_object();
        json_put(json, "sweep", sweep);
    }
    json_put(sweep, name, values);
    return 0;
}
