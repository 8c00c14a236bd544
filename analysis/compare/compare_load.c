/* compare_load.c: pairs cells of two files; see compare_load.h. A ratio between different
 * loads says nothing about the models, so a scenario whose parameters differ is left out
 * and the keys that differ are named. */
#include "analysis/compare/compare_load.h"

#include "analysis/compare/compare_text.h"
#include "common/json.h"
#include "common/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct keys {
    char text[400];
    size_t count;
};

static void add_key(struct keys *keys, const char *part, const char *key)
{
    char name[200]; /* nothing is cut in the middle of a character */
    (void)snprintf(name, sizeof name, "%s%s%s", part, *part ? "." : "",
                   compare_text_clean(key, 40).s);
    size_t used = strlen(keys->text);
    if (keys->count++ < 4 && used + strlen(name) + 3 < sizeof keys->text)
        (void)snprintf(keys->text + used, sizeof keys->text - used, "%s%s",
                       used ? ", " : "", name);
}

/* Absent, null, false and 0 all say: not that. */
static bool is_nothing(const json_t *value)
{
    return !value || json_is_null(value) || json_is_false(value) ||
           (json_is_integer(value) && json_integer_value(value) == 0);
}

static bool is_same(const json_t *a, const json_t *b)
{
    return (is_nothing(a) && is_nothing(b)) || (a && b && json_equal(a, b));
}

/* load.concurrency is the list of cells, and cells that only one file has are listed one
 * by one; load.arrivals means something with a rate only. */
static bool is_compared(const char *key, const json_t *a, const json_t *b)
{
    bool has_rate = !is_nothing(json_object_get(a, "rate_per_s")) ||
                    !is_nothing(json_object_get(b, "rate_per_s"));
    return strcmp(key, "concurrency") != 0 && (has_rate || strcmp(key, "arrivals") != 0);
}

/* The keys of one part that differ. */
static void compare_part(const json_t *old, const json_t *new, const char *part,
                         struct keys *keys)
{
    const json_t *sides[] = {json_object_get(old, part), json_object_get(new, part)};
    for (size_t s = 0; s < 2; s++) {
        const char *key = NULL;
        json_t *value = NULL;
        json_object_foreach ((json_t *)(uintptr_t)sides[s], key, value) {
            const json_t *other = json_object_get(sides[1 - s], key);
            bool was_seen = s == 1 && other;
            if (is_compared(key, sides[0], sides[1]) && !was_seen &&
                !is_same(value, other))
                add_key(keys, part, key);
        }
    }
}

static struct keys differing_keys(const struct compare_file *base,
                                  const struct compare_file *file, const json_t *old,
                                  const json_t *new)
{
    static const char *const plain[] = {"task", "placement"};
    struct keys keys = {.count = 0};
    compare_part(old, new, "load", &keys);
    compare_part(old, new, "origin", &keys);
    compare_part(old, new, "options", &keys);
    for (size_t i = 0; i < COUNT_OF(plain); i++) {
        if (!is_same(json_object_get(old, plain[i]), json_object_get(new, plain[i])))
            add_key(&keys, "", plain[i]);
    }
    if (!is_same(json_object_get(base->run, "url"), json_object_get(file->run, "url")))
        add_key(&keys, "run", "url");
    return keys;
}

static void skip(json_t *skipped, const struct compare_file *base,
                 const struct compare_file *file, const char *where, const char *reason)
{
    json_t *row = json_object();
    json_put(row, "file", json_string(file->label));
    json_put(row, "against", json_string(base->label));
    json_put(row, "where", json_string(where));
    json_put(row, "reason", json_string(reason));
    json_push(skipped, row);
}

bool compare_load_fits(const struct compare_file *base, const struct compare_file *file,
                       const char *name, json_t *skipped)
{
    char reason[500];
    const json_t *old = compare_scenario(base, name), *new = compare_scenario(file, name);
    if (!old || !new) {
        (void)snprintf(reason, sizeof reason, "this scenario is only in %s",
                       old ? base->label : file->label);
        skip(skipped, base, file, compare_text_clean(name, 64).s, reason);
        return false;
    }
    struct keys keys = differing_keys(base, file, old, new);
    if (keys.count == 0)
        return true;
    (void)snprintf(reason, sizeof reason, "not the same load: %s%s differ%s", keys.text,
                   keys.count > 4 ? " and others" : "", keys.count == 1 ? "s" : "");
    skip(skipped, base, file, compare_text_clean(name, 64).s, reason);
    return false;
}

static void skip_cell(json_t *skipped, const struct compare_file *base,
                      const struct compare_file *file, const struct cell *cell,
                      const char *what, const struct compare_file *in)
{
    char where[200], reason[500];
    (void)snprintf(where, sizeof where, "%s/%s/%" JSON_INTEGER_FORMAT, cell->scenario,
                   cell->model, cell->concurrency);
    (void)snprintf(reason, sizeof reason, "%s %s", what, in->label);
    skip(skipped, base, file, where, reason);
}

/* Names of scenarios that may be compared, borrowed. */
struct names {
    const char *items[64];
    size_t count;
};

static bool has_name(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (!strcmp(names->items[i], name))
            return true;
    }
    return false;
}

static struct names check_scenarios(const struct compare_file *base,
                                    const struct compare_file *file, json_t *skipped)
{
    struct names fit = {.count = 0};
    const json_t *lists[] = {base->scenarios, file->scenarios};
    for (size_t s = 0; s < 2; s++) {
        size_t i = 0;
        json_t *scenario = NULL;
        json_array_foreach (lists[s], i, scenario) {
            const char *name = json_string_value(json_object_get(scenario, "name"));
            bool was_seen = s == 1 && compare_scenario(base, name);
            if (!was_seen && compare_load_fits(base, file, name, skipped) &&
                !has_name(&fit, name) && fit.count < COUNT_OF(fit.items))
                fit.items[fit.count++] = name;
        }
    }
    return fit;
}

struct compare_pairs compare_load_pairs(const struct compare_file *base,
                                        const struct compare_file *file, json_t *skipped)
{
    struct compare_pairs pairs = {.count = 0};
    struct names fit = check_scenarios(base, file, skipped);
    pairs.items = memory_calloc(base->cell_count + 1, sizeof *pairs.items);
    for (size_t i = 0; i < base->cell_count; i++) {
        const struct cell *old = &base->cells[i];
        if (!has_name(&fit, old->scenario))
            continue;
        const struct cell *new =
            compare_cell(file, old->scenario, old->model, old->concurrency);
        if (!new)
            skip_cell(skipped, base, file, old, "this cell is only in", base);
        else if (old->n == 0 || new->n == 0)
            skip_cell(skipped, base, file, old, "no valid trial in",
                      old->n == 0 ? base : file);
        else {
            pairs.items[pairs.count].old = old;
            pairs.items[pairs.count++].new = new;
        }
    }
    for (size_t i = 0; i < file->cell_count; i++) {
        const struct cell *new = &file->cells[i];
        if (has_name(&fit, new->scenario) &&
            !compare_cell(base, new->scenario, new->model, new->concurrency))
            skip_cell(skipped, base, file, new, "this cell is only in", file);
    }
    return pairs;
}
