/* verb_list.c: the scenarios of share/concbench/scenarios and the models with a runner
 * here. A scenario that does not load is listed with its error, and so is a runner.json. */
#include "cli/verbs.h"

#include "common/clean.h"
#include "common/cleanup.h"
#include "common/file.h"
#include "common/fold.h"
#include "common/format.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/paths.h"
#include "harness/host/limits.h"
#include "harness/plan/estimate.h"
#include "harness/plan/externals.h"
#include "harness/plan/models.h"
#include "harness/plan/overrides.h"
#include "harness/plan/plan.h"
#include "harness/plan/quick.h"
#include "harness/plan/scenario.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define ORDER_BYTES_MAX ((size_t)64 * 1024)

struct list_options {
    bool json;
};

static const struct option_spec specs[] = {
    {"json", 0, NULL, OPTION_FLAG, offsetof(struct list_options, json), 0, 0, NULL,
     "print JSON"},
};
static const struct option_table table = {"concbench list [OPTIONS]",
                                          "Names the scenarios and the models there are.",
                                          specs,
                                          COUNT_OF(specs),
                                          "concbench list\nconcbench list --json",
                                          "3  the scenarios cannot be read"};

static int is_scenario(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 5 && entry->d_name[0] != '.' &&
           !strcmp(entry->d_name + length - 5, ".json");
}

/* The seconds it takes here with preset quick, by the plan's estimate; NaN: there is no
 * estimate, or nothing of it can run here. */
static double quick_seconds(const char *name)
{
    const struct host_limits limits = limits_read(NULL);
    struct scenario *scenario = NULL;
    struct plan *plan = NULL;
    double seconds = (double)NAN;
    const struct overrides overrides = {.is_quick = true, .is_rough = true};
    if (!overrides_load(name, &overrides, &scenario, NULL) &&
        !plan_make(&scenario, 1, QUICK_BLOCKS, 0, &limits, &plan, NULL)) {
        quick_fit(plan, 1, false);
        seconds = plan->feasible_count > 0 ? estimate_seconds(plan) : (double)NAN;
    }
    plan_free(plan);
    scenario_free(scenario);
    return seconds;
}

static json_t *describe_scenario(const char *name, const char *family)
{
    json_t *item = json_object();
    struct scenario *scenario = NULL;
    struct err err = {0};
    json_put(item, "name", json_string(name));
    json_put(item, "family", json_string(family));
    if (scenario_load(name, false, &scenario, &err)) {
        json_put(item, "error", json_string(err.text));
    } else {
        json_put(item, "title", json_string(scenario->title));
        json_put(item, "question", json_string(scenario->question));
        json_put(item, "quick_s", json_real_or_null(quick_seconds(name)));
        json_put(item, "models", json_incref(json_object_get(scenario->json, "models")));
    }
    scenario_free(scenario);
    return item;
}

static bool is_listed(const json_t *list, const char *name)
{
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach (list, i, item) {
        if (!strcmp(json_string_value(json_object_get(item, "name")), name))
            return true;
    }
    return false;
}

/* The scenarios of a line "Family: name name" that are there. */
static void list_family(json_t *list, const char *line, size_t length)
{
    char family[64], name[80], file[PATH_MAX];
    const size_t colon = strcspn(line, ":");
    (void)snprintf(family, sizeof family, "%.*s", (int)colon, line);
    for (size_t at = colon + 1; at < length;) {
        at += strspn(line + at, " ");
        const size_t size = strcspn(line + at, " \n");
        (void)snprintf(name, sizeof name, "scenarios/%.*s.json", (int)size, line + at);
        const bool is_there = size > 0 && !paths_share(name, file, sizeof file, NULL);
        (void)snprintf(name, sizeof name, "%.*s", (int)size, line + at);
        if (is_there && json_name_is_safe(name))
            json_push(list, describe_scenario(name, family));
        at += size ? size : 1;
    }
}

/* The scenarios that scenarios/ORDER names, in its order; none without that file. */
static void list_in_order(json_t *list)
{
    char path[PATH_MAX];
    AUTO_FREE char *text = NULL;
    size_t size = 0;
    if (paths_share("scenarios/ORDER", path, sizeof path, NULL) ||
        file_read(path, ORDER_BYTES_MAX, &text, &size, NULL))
        return;
    for (const char *line = text; *line;) {
        const size_t length = strcspn(line, "\n");
        list_family(list, line, length);
        line += length + (line[length] == '\n');
    }
}

static int list_scenarios(json_t *list, struct err *err)
{
    char directory[PATH_MAX];
    struct dirent **entries = NULL;
    if (paths_share("scenarios", directory, sizeof directory, err))
        return -1;
    list_in_order(list);
    int count = scandir(directory, &entries, is_scenario, alphasort);
    if (count < 0 && errno == ENOMEM)
        memory_exhausted();
    for (int i = 0; i < count; i++) {
        char name[NAME_MAX + 1];
        size_t length = strlen(entries[i]->d_name) - 5;
        memcpy(name, entries[i]->d_name, length);
        name[length] = '\0';
        if (json_name_is_safe(name) && !is_listed(list, name))
            json_push(list, describe_scenario(name, "Others"));
        free(entries[i]);
    }
    free((void *)entries);
    return count < 0 ? err_set(err, EXIT_CODE_UNFIT, "cannot read %.300s", directory) : 0;
}

/* reason: why it cannot run here, or "". */
static void put_model(json_t *list, const char *name, const char *about,
                      const char *reason)
{
    json_t *item = json_object();
    json_put(item, "name", json_string(name));
    json_put(item, "about", json_string(about));
    json_put(item, "available", json_boolean(!*reason));
    json_put(item, "reason", *reason ? json_string(reason) : json_null());
    json_push(list, item);
}

static json_t *list_models(void)
{
    json_t *list = json_array();
    const char *name = NULL;
    for (size_t i = 0; (name = models_name(i)); i++) {
        const struct model *model = models_find(name);
        char reason[RUNNERS_REASON_SIZE] = "";
        runners_probe(model, reason);
        put_model(list, name, model->about, reason);
    }
    return list;
}

/* The runners in other languages. */
static json_t *list_externals(void)
{
    json_t *list = json_array(), *entry = NULL;
    json_auto_t *externals = externals_list();
    size_t i = 0;
    json_array_foreach (externals, i, entry) {
        char reason[RUNNERS_REASON_SIZE] = "";
        const char *error = json_text_or_null(entry, "error");
        if (!error)
            runners_probe_entry(entry, reason);
        put_model(list, json_text_of(entry, "name"), json_text_of(entry, "about"),
                  error ? error : reason);
    }
    return list;
}

static void print_scenario(const json_t *item, int width, FILE *out)
{
    const char *error = json_text_or_null(item, "error");
    const json_t *seconds = json_object_get(item, "quick_s");
    struct text time = {""};
    if (json_is_real(seconds))
        time = format_duration(json_real_value(seconds));
    clean_print(out, "  %-*s %11s  %s\n", width, json_text_or_null(item, "name"), time.s,
                error ? error : json_text_or_null(item, "title"));
    if (!error)
        clean_print(out, "  %-*s %11s  %s\n", width, "", "",
                    json_text_or_null(item, "question"));
}

static void print_models(const char *title, const json_t *models, FILE *out)
{
    size_t i = 0;
    json_t *item = NULL;
    clean_print(out, "\n%s\n", title);
    json_array_foreach (models, i, item) {
        const char *reason = json_text_or_null(item, "reason");
        clean_print(out, "  %-19s %s%s%s%s\n", json_text_or_null(item, "name"),
                    json_text_or_null(item, "about"), reason ? " (" : "",
                    reason ? reason : "", reason ? ")" : "");
    }
}

static void print_scenarios(const json_t *scenarios, FILE *out)
{
    size_t i = 0, width = 14;
    json_t *item = NULL;
    json_array_foreach (scenarios, i, item) {
        size_t length = strlen(json_text_or_null(item, "name"));
        width = length > width ? length : width;
    }
    (void)fputs("Scenarios, and about how long each takes with --preset quick\n", out);
    const char *family = "";
    json_array_foreach (scenarios, i, item) {
        if (strcmp(json_text_or_null(item, "family"), family) != 0)
            clean_print(out, "\n %s\n", family = json_text_or_null(item, "family"));
        print_scenario(item, (int)width, out);
    }
}

int verb_list(int argc, char **argv, struct err *err)
{
    struct list_options options = {false};
    int positional = 0;
    if (!options_begin(&table, argc, argv, &options, &positional, err))
        return err->code;
    if (positional > 0)
        return err_set(err, EXIT_CODE_USAGE, "list takes no arguments, got '%.60s'",
                       argv[1]);
    json_auto_t *all = json_object();
    json_t *scenarios = json_array(), *models = list_models(),
           *externals = list_externals();
    json_put(all, "scenarios", scenarios);
    json_put(all, "models", models);
    json_put(all, "externals", externals);
    if (!list_scenarios(scenarios, err)) {
        if (options.json) {
            json_show(all, stdout);
        } else {
            FILE *lines = fold_open(stdout, 80);
            print_scenarios(scenarios, lines);
            print_models("Models", models, lines);
            print_models("Models in other languages", externals, lines);
            fold_close(lines, stdout);
        }
    }
    return err->code;
}
