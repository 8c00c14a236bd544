/* libcurls.c: see libcurls.h. It turns JSON into JSON, as sweep.c does; what "libcurl" of
 * a runner means is runners.c's. */
#include "harness/plan/libcurls.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/paths.h"
#include "harness/host/environment_parse.h"
#include "harness/host/facts.h"
#include "harness/host/first_line.h"
#include "harness/plan/models.h"
#include "harness/plan/runners.h"
#include "harness/plan/scenario.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Any runner would do: all of them link the same. */
#define ASKED       "runner-null"
#define REASON_SIZE 240

struct libcurl {
    char directory[PATH_MAX]; /* "": the runners' own */
    char file[PATH_MAX];      /* what the runner had loaded, without links */
    char version[48];         /* as it says; safe in a name */
    char suffix[64];          /* of the variants' names */
};

/* The first line of what the loader says: it names what is missing. */
static void keep_reason(const char *text, const char *runner, char *out_reason)
{
    char line[1024];
    const char *from = line;
    const size_t length = strlen(runner);
    first_line_of(text, line, sizeof line);
    if (!strncmp(line, runner, length) && !strncmp(line + length, ": ", 2))
        from += length + 2;
    (void)snprintf(out_reason, REASON_SIZE, "%.239s", *from ? from : "it crashes");
}

/* Asks a runner, started with the directory, which libcurl it has. All that the runner
 * calls is looked up at the start, so that nothing can turn out to be missing later. */
static bool ask(struct libcurl *libcurl, char *out_reason)
{
    char text[2048], env[PATH_MAX], runner[PATH_MAX], file[PATH_MAX];
    AUTO_FREE char *variable = runners_library_path(libcurl->directory);
    (void)snprintf(out_reason, REASON_SIZE, "it does not say which one it has");
    if (!paths_find("env", env, sizeof env) ||
        paths_program(ASKED, runner, sizeof runner, NULL))
        return false;
    const char *const argv[] = {env,    variable,    "LD_BIND_NOW=1",
                                runner, "--version", NULL};
    if (facts_capture_all(argv, text, sizeof text)) {
        keep_reason(text, runner, out_reason);
        return false;
    }
    if (!environment_parse_field(text, "libcurl", libcurl->version,
                                 sizeof libcurl->version) ||
        !environment_parse_field(text, "libcurl_file", file, sizeof file) ||
        !realpath(file, libcurl->file))
        return false;
    for (char *at = libcurl->version; *at; at++)
        *at = strchr("/+ \t", *at) ? '-' : *at; /* what no name may have */
    return true;
}

static int find(const char *dir, struct libcurl *libcurl, struct err *err)
{
    char reason[REASON_SIZE];
    char path[PATH_MAX + sizeof LIBCURLS_FILE], file[PATH_MAX];
    *libcurl = (struct libcurl){.directory = ""};
    (void)snprintf(path, sizeof path, "%.4000s/%s", dir, LIBCURLS_FILE);
    if (!realpath(dir, libcurl->directory) || !realpath(path, file))
        return err_set(err, EXIT_CODE_USAGE,
                       "--libcurl %.200s: there is no " LIBCURLS_FILE
                       "; name the directory that has it",
                       dir);
    if (strpbrk(libcurl->directory, ":;"))
        return err_set(err, EXIT_CODE_USAGE,
                       "--libcurl %.200s: a path with ':' or ';' cannot be searched for "
                       "libraries",
                       dir);
    if (!ask(libcurl, reason))
        return err_set(err, EXIT_CODE_USAGE,
                       "--libcurl %.200s: " ASKED " does not start with that libcurl: %s",
                       dir, reason);
    if (strcmp(file, libcurl->file) != 0)
        return err_set(err, EXIT_CODE_USAGE,
                       "--libcurl %.200s: the runners still load %.200s", dir,
                       libcurl->file);
    return 0;
}

/* all: the runners' own, then those of dirs before this one. */
static int check_new(const struct libcurl *all, size_t count, const char *dir,
                     struct libcurl *libcurl, struct err *err)
{
    size_t same_version = 0;
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(all[i].file, libcurl->file))
            return err_set(err, EXIT_CODE_USAGE,
                           "--libcurl %.200s: libcurl %.40s there is the same file as %s",
                           dir, libcurl->version,
                           i == 0 ? "the runners' own" : "one given already");
        same_version += i > 0 && !strcmp(all[i].version, libcurl->version);
    }
    (void)snprintf(libcurl->suffix, sizeof libcurl->suffix,
                   same_version ? ".libcurl-%s-%zu" : ".libcurl-%s", libcurl->version,
                   same_version + 1);
    return 0;
}

/* The entry of "runners" of that name, or NULL. */
static const json_t *entry_of(const json_t *runners, const char *name)
{
    size_t i = 0;
    json_t *entry = NULL;
    json_array_foreach (runners, i, entry) {
        const char *its = json_string_value(json_object_get(entry, "name"));
        if (its && !strcmp(its, name))
            return entry;
    }
    return NULL;
}

/* The same entry with libcurl, new. NULL when it does not use libcurl or names one
 * itself. */
static json_t *variant_of(const json_t *runners, const char *name,
                          const struct libcurl *libcurl)
{
    const json_t *entry = entry_of(runners, name);
    const char *base = json_string_value(json_object_get(entry, "model"));
    const struct model *model = models_find(entry ? (base ? base : "") : name);
    char full[160];
    if (!model->uses_libcurl || json_object_get(entry, "libcurl"))
        return NULL;
    json_t *variant = entry ? json_deep_copy(entry) : json_object();
    (void)snprintf(full, sizeof full, "%.80s%s", name, libcurl->suffix);
    json_put(variant, "name", json_string(full));
    json_put(variant, "model", json_string(model->name));
    json_put(variant, "libcurl", json_string(libcurl->directory));
    return variant;
}

static int add_variants(json_t *json, const struct libcurl *all, size_t count,
                        struct err *err)
{
    const json_t *old = json_object_get(json, "models");
    json_t *models = json_array(), *runners = json_object_get(json, "runners");
    json_t *name = NULL, *made = json_array();
    size_t m = 0;
    json_array_foreach (old, m, name) {
        json_push(models, json_incref(name));
        for (size_t i = 1; i < count; i++) {
            json_t *variant = variant_of(runners, json_string_value(name), &all[i]);
            if (!variant)
                continue;
            json_push(models, json_incref(json_object_get(variant, "name")));
            json_push(made, variant);
        }
    }
    const size_t added = json_array_size(made), wanted = json_array_size(models);
    if (runners)
        (void)json_array_extend(runners, made);
    else
        json_put(json, "runners", json_incref(made));
    json_decref(made);
    json_put(json, "models", models);
    if (added == 0)
        return err_set(err, EXIT_CODE_USAGE, "--libcurl: none of the models uses it");
    if (wanted > SCENARIO_MODELS_MAX)
        return err_set(err, EXIT_CODE_USAGE,
                       "--libcurl: more than %d models; name fewer with --models",
                       SCENARIO_MODELS_MAX);
    return 0;
}

int libcurls_add(json_t *json, const struct option_list *dirs, struct err *err)
{
    if (dirs->count == 0)
        return 0;
    AUTO_FREE struct libcurl *all = memory_calloc(dirs->count + 1, sizeof *all);
    char reason[REASON_SIZE];
    if (!ask(&all[0], reason))
        return err_set(err, EXIT_CODE_UNFIT, "--libcurl: " ASKED " --version: %s",
                       reason);
    int status = 0;
    for (size_t i = 0; i < dirs->count && !status; i++) {
        struct libcurl *libcurl = &all[i + 1];
        status = find(dirs->items[i], libcurl, err);
        if (!status)
            status = check_new(all, i + 1, dirs->items[i], libcurl, err);
    }
    return status ? status : add_variants(json, all, dirs->count + 1, err);
}
