/* compare_environment.c: facts side by side; see compare_environment.h. A fact that a
 * file does not know (null, or a file older than the fact) is not a difference, but it is
 * mentioned. */
#include "analysis/compare/compare_environment.h"

#include "analysis/compare/compare_text.h"
#include "common/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool compare_environment_is_lasting(const char *group, const char *fact)
{
    static const char *const groups[] = {"limits", "unknown", "git", "job"};
    static const char *const volatile_words[] = {
        "load",      "available", "free",      "uptime",      "current_", "_now",
        "_at_start", "_at_end",   "time_wait", "temperature", "date"};
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        if (!strcmp(groups[i], group))
            return false;
    }
    for (size_t i = 0; i < COUNT_OF(volatile_words); i++) {
        if (strstr(fact, volatile_words[i]))
            return false;
    }
    return true;
}

bool compare_environment_is_relevant(const char *group, const char *fact)
{
    static const char *const facts[] = {
        "host.name",           "memory.total_bytes", "memory.swap_total_bytes",
        "build.suite_version", "build.git_commit",   "build.git_dirty",
        "libraries.gnuplot"};
    char name[160];
    (void)snprintf(name, sizeof name, "%.70s.%.70s", group, fact);
    for (size_t i = 0; i < COUNT_OF(facts); i++) {
        if (!strcmp(facts[i], name))
            return false;
    }
    return compare_environment_is_lasting(group, fact);
}

/* NULL: there is none. A list is none: it draws the machine, of which the facts speak. */
static json_t *fact_of(const struct compare_file *file, const char *group,
                       const char *fact)
{
    json_t *value = json_object_get(json_object_get(file->environment, group), fact);
    return json_is_array(value) ? NULL : value;
}

static bool is_known(const json_t *value)
{
    return value && !json_is_null(value);
}

/* The part of a fact that carries its meaning. */
struct meaning {
    const char *text;
    size_t length;
};

/* Files of different age say the same in different words: "always [madvise] never" is
 * madvise, "" is none, "glibc 2.36" is 2.36, and a switch is on or off. A number stands
 * only for itself. */
static struct meaning meaning_of(const json_t *value)
{
    static const struct {
        const char *said, *meant;
    } words[] = {{"", "none"}, {"notsupported", "off"}, {"forceoff", "off"}};
    const char *text = json_is_true(value)    ? "on"
                       : json_is_false(value) ? "off"
                                              : json_string_value(value);
    const char *open = text ? strchr(text, '[') : NULL;
    const char *close = open ? strchr(open, ']') : NULL;
    if (close)
        return (struct meaning){open + 1, (size_t)(close - open - 1)};
    if (text && !strncmp(text, "glibc ", 6))
        text += 6;
    for (size_t i = 0; text && i < COUNT_OF(words); i++) {
        if (!strcmp(text, words[i].said))
            text = words[i].meant;
    }
    return (struct meaning){text, text ? strlen(text) : 0};
}

static bool is_equal(const json_t *a, const json_t *b)
{
    if (json_is_number(a) && json_is_number(b))
        return fabs(json_number_value(a) - json_number_value(b)) <=
               1e-9 * fabs(json_number_value(a));
    struct meaning left = meaning_of(a), right = meaning_of(b);
    return json_equal(a, b) || (left.text && right.text && left.length == right.length &&
                                !memcmp(left.text, right.text, left.length));
}

static json_t *cleaned(const json_t *value)
{
    if (!value)
        return json_null();
    if (json_is_string(value))
        return json_string(compare_text_clean(json_string_value(value), 120).s);
    return json_copy((json_t *)(uintptr_t)value);
}

static void add_difference(json_t *list, const struct compare_set *set, const char *group,
                           const char *fact)
{
    json_t *row = json_object(), *values = json_array();
    for (size_t i = 0; i < set->count; i++)
        json_push(values, cleaned(fact_of(&set->files[i], group, fact)));
    json_put(row, "group", json_string(compare_text_clean(group, 60).s));
    json_put(row, "fact", json_string(compare_text_clean(fact, 60).s));
    json_put(row, "relevant", json_boolean(compare_environment_is_relevant(group, fact)));
    json_put(row, "values", values);
    json_push(list, row);
}

/* Looks at one fact of the file at index `from`; facts that an earlier file has were
 * compared there. */
static void look_at(const struct compare_set *set, size_t from, const char *group,
                    const char *fact, json_t *differences, json_t *unrecorded)
{
    size_t known = 0;
    bool differs = false;
    const json_t *base = fact_of(&set->files[0], group, fact);
    for (size_t i = 0; i < set->count; i++) {
        const json_t *value = fact_of(&set->files[i], group, fact);
        if (value && i < from)
            return;
        known += is_known(value);
        differs =
            differs || (is_known(base) && is_known(value) && !is_equal(base, value));
    }
    if (differs)
        add_difference(differences, set, group, fact);
    else if (known > 0 && known < set->count &&
             compare_environment_is_relevant(group, fact))
        json_push(unrecorded, json_sprintf("%s.%s", compare_text_clean(group, 60).s,
                                           compare_text_clean(fact, 60).s));
}

json_t *compare_environment(const struct compare_set *set)
{
    json_t *all = json_object(), *differences = json_array(), *unrecorded = json_array();
    for (size_t i = 0; i < set->count; i++) {
        const char *group = NULL, *fact = NULL;
        json_t *facts = NULL, *value = NULL;
        json_t *environment = (json_t *)(uintptr_t)set->files[i].environment;
        json_object_foreach (environment, group, facts) {
            if (!strcmp(group, "unknown"))
                continue; /* the reasons of nulls */
            json_object_foreach (facts, fact, value)
                look_at(set, i, group, fact, differences, unrecorded);
        }
    }
    json_put(all, "differences", differences);
    json_put(all, "unrecorded", unrecorded);
    return all;
}

json_t *compare_environment_of(const json_t *environment, size_t index)
{
    json_t *names = json_array(), *row = NULL;
    size_t i = 0;
    json_array_foreach (json_object_get(environment, "differences"), i, row) {
        const json_t *values = json_object_get(row, "values");
        const json_t *base = json_array_get(values, 0),
                     *value = json_array_get(values, index);
        if (json_is_true(json_object_get(row, "relevant")) && is_known(base) &&
            is_known(value) && !is_equal(base, value))
            json_push(names,
                      json_sprintf("%s.%s",
                                   json_string_value(json_object_get(row, "group")),
                                   json_string_value(json_object_get(row, "fact"))));
    }
    return names;
}
