/* externals.c: see externals.h. */
#include "harness/plan/externals.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/paths.h"
#include "common/schema.h"
#include "harness/plan/models.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER    "runners/external"
#define BYTES_MAX ((size_t)16 * 1024)

/* A "program" has concbench-foreign in front of it (runtime/foreign/main.c), and the keys that
 * are for that are none of an entry's. */
static int put_front(json_t *entry, const char *path, struct err *err)
{
    static const char *const its[] = {"family",      "tasks",   "units",
                                      "needs",       "takes",   "is_single",
                                      "has_libcurl", "program", "probe"};
    char front[PATH_MAX];
    if (!json_object_get(entry, "program"))
        return 0;
    if (paths_program("concbench-foreign", front, sizeof front, err))
        return -1;
    for (size_t i = 0; i < COUNT_OF(its); i++)
        (void)json_object_del(entry, its[i]);
    json_t *command = json_array();
    json_push(command, json_text(front));
    json_push(command, json_text(path));
    json_t *probe = json_deep_copy(command);
    json_push(probe, json_string("--probe"));
    json_put(entry, "command", command);
    json_put(entry, "probe", probe);
    return 0;
}

/* The entry of the runner of that name, new; NULL without an error when there is none.
 * Of a runner with a "program" the front checks the rest, when it is asked to --probe. */
static json_t *entry_of(const char *name, struct err *err)
{
    char file[128], path[PATH_MAX];
    json_t *entry = NULL;
    (void)snprintf(file, sizeof file, FOLDER "/%.64s/runner.json", name);
    if (!json_name_is_safe(name) || paths_share(file, path, sizeof path, NULL) ||
        json_load_path(path, BYTES_MAX, &entry, err))
        return NULL;
    int status = put_front(entry, path, err);
    json_put(entry, "name", json_string(name));
    if (!status && (status = schema_check("scenario", "runner", entry, err)))
        err_prefix(err, "%.300s", path);
    if (!status)
        return entry;
    json_decref(entry);
    return NULL;
}

/* The array at "runners", made where there is none; NULL where something else is. */
static json_t *runners_of(json_t *json)
{
    if (!json_object_get(json, "runners"))
        json_put(json, "runners", json_array());
    json_t *runners = json_object_get(json, "runners");
    return json_is_array(runners) ? runners : NULL;
}

int externals_adopt(json_t *json, struct err *err)
{
    const json_t *models = json_object_get(json, "models");
    json_t *item = NULL;
    size_t i = 0;
    json_array_foreach (models, i, item) {
        const char *name = json_string_value(item);
        if (!name || json_find(json_object_get(json, "runners"), "name", name) ||
            models_is_known(name))
            continue;
        struct err own = {0};
        json_t *entry = entry_of(name, &own);
        if (own.code)
            return err_set(err, EXIT_CODE_USAGE, "%s", own.text);
        json_t *runners = entry ? runners_of(json) : NULL;
        if (runners)
            json_push(runners, entry);
        else
            json_decref(entry);
    }
    return 0;
}

static int is_folder(const struct dirent *entry)
{
    return json_name_is_safe(entry->d_name);
}

static json_t *broken_entry(const char *name, const struct err *err)
{
    json_t *entry = json_object();
    json_put(entry, "name", json_string(name));
    json_put(entry, "error", json_string(err->text));
    return entry;
}

json_t *externals_list(void)
{
    char folder[PATH_MAX];
    struct dirent **entries = NULL;
    json_t *list = json_array();
    const int count = paths_share(FOLDER, folder, sizeof folder, NULL)
                          ? 0
                          : scandir(folder, &entries, is_folder, alphasort);
    if (count < 0 && errno == ENOMEM)
        memory_exhausted();
    for (int i = 0; i < count; i++) {
        struct err err = {0};
        json_t *entry = entry_of(entries[i]->d_name, &err);
        if (entry || err.code)
            json_push(list, entry ? entry : broken_entry(entries[i]->d_name, &err));
        free(entries[i]);
    }
    free((void *)entries);
    return list;
}

void externals_suggest(struct suggest *suggest)
{
    json_auto_t *list = externals_list();
    json_t *entry = NULL;
    size_t i = 0;
    json_array_foreach (list, i, entry)
        suggest_try(suggest, json_text_of(entry, "name"));
}
