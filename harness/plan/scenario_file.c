/* scenario_file.c: finds and reads a scenario's file, and checks both of its forms, that
 * of preset quick and that of the other presets; see scenario.h. */
#include "common/json.h"
#include "common/paths.h"
#include "common/suggest.h"
#include "harness/plan/expect.h"
#include "harness/plan/quick.h"
#include "harness/plan/scenario.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCENARIO_BYTES_MAX ((size_t)256 * 1024)

/* NAME of "dir/NAME.json" and of "dir/NAME". */
static void name_of_path(const char *path, char *out_name, size_t size)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    size_t length = strlen(base);
    if (length > 5 && !strcmp(base + length - 5, ".json"))
        length -= 5;
    (void)snprintf(out_name, size, "%.*s", (int)(length < size ? length : size - 1),
                   base);
}

static bool is_path(const char *text)
{
    size_t length = strlen(text);
    return strchr(text, '/') || (length > 5 && !strcmp(text + length - 5, ".json"));
}

/* Finds the scenario of the catalogue that is nearest to name. */
static struct suggest nearest(const char *name)
{
    struct suggest suggest = suggest_for(name);
    char directory[PATH_MAX], known[SCENARIO_NAME_SIZE];
    struct dirent **entries = NULL;
    int count = paths_share("scenarios", directory, sizeof directory, NULL)
                    ? 0
                    : scandir(directory, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        name_of_path(entries[i]->d_name, known, sizeof known);
        if (strlen(known) + 5 == strlen(entries[i]->d_name)) /* it ended in .json */
            suggest_try(&suggest, known);
        free(entries[i]);
    }
    free((void *)entries);
    return suggest;
}

static int path_of_name(const char *name, char *out_path, size_t size, struct err *err)
{
    char file[80];
    if (!json_name_is_safe(name))
        return err_set(err, EXIT_CODE_USAGE,
                       "scenario name '%.80s': expected 1 to 64 of [A-Za-z0-9._-]", name);
    (void)snprintf(file, sizeof file, "scenarios/%.64s.json", name);
    if (paths_share("scenarios", out_path, size, err))
        return -1;
    if (!paths_share(file, out_path, size, NULL))
        return 0;
    struct suggest suggest = nearest(name);
    return err_set(err, EXIT_CODE_USAGE, "unknown scenario '%s'%s", name,
                   suggest_word(&suggest)
                       ? suggest_text(&suggest)
                       : "; `concbench list` names the ones that exist");
}

int scenario_read(const char *name_or_path, json_t **out_json, char *out_name,
                  char *out_directory, struct err *err)
{
    char path[PATH_MAX];
    if (is_path(name_or_path)) {
        if (strlen(name_or_path) >= sizeof path)
            return err_set(err, EXIT_CODE_USAGE, "scenario: path too long");
        memcpy(path, name_or_path, strlen(name_or_path) + 1);
    } else if (path_of_name(name_or_path, path, sizeof path, err)) {
        return -1;
    }
    name_of_path(path, out_name, SCENARIO_NAME_SIZE);
    const char *slash = strrchr(path, '/');
    (void)snprintf(out_directory, PATH_MAX, "%.*s", slash ? (int)(slash - path + 1) : 1,
                   slash ? path : ".");
    return json_load_path(path, SCENARIO_BYTES_MAX, out_json, err);
}

/* The cells of predictions have to exist. A cell of the file that quick leaves out may be
 * in the file's predictions, but not in those of quick itself. */
static int check_chosen(const char *name, const json_t *json, bool checks_cells,
                        struct err *err)
{
    struct scenario *scenario = NULL;
    int status = scenario_from_json(name, json, &scenario, err);
    if (!status && checks_cells)
        status = expect_check_cells(scenario, err);
    scenario_free(scenario);
    return status;
}

int scenario_choose(const char *name, json_t *json, bool is_quick, struct err *err)
{
    const json_t *changes = json_object_get(json, QUICK_NAME);
    const bool predicts = json_object_get(changes, "expect");
    json_auto_t *as_quick = changes ? json_deep_copy(json) : NULL;
    if (as_quick && (quick_take(as_quick, true, err) ||
                     check_chosen(name, as_quick, predicts, err))) {
        err_prefix(err, "with --preset quick");
        return -1;
    }
    json_auto_t *as_file = json_deep_copy(json);
    if (quick_take(as_file, false, err) || check_chosen(name, as_file, true, err))
        return -1;
    return quick_take(json, is_quick, err);
}

int scenario_load(const char *name_or_path, bool is_quick, struct scenario **out_scenario,
                  struct err *err)
{
    char name[SCENARIO_NAME_SIZE], directory[PATH_MAX];
    json_t *json = NULL;
    int status = scenario_read(name_or_path, &json, name, directory, err);
    if (status)
        return status;
    struct scenario *scenario = NULL;
    status = scenario_choose(name, json, is_quick, err);
    if (!status)
        status = scenario_from_json(name, json, &scenario, err);
    json_decref(json);
    if (status) {
        err_prefix(err, "%.300s", name_or_path);
        scenario_free(scenario);
        return status;
    }
    *out_scenario = scenario;
    return 0;
}
