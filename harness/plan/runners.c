/* runners.c: reads "runners" of a scenario; see runners.h. Whether they can run here is
 * runners_resolve.c's. */
#include "harness/plan/runners.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/redact.h"
#include "common/shell_words.h"
#include "harness/plan/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Either a command or a model with flags, and a libcurl for a model that uses one. */
static int check_form(const json_t *entry, const char *at, struct err *err)
{
    const char *model = json_text_or_null(entry, "model");
    const bool is_command = json_object_get(entry, "command") != NULL;
    if (is_command == (model != NULL))
        return err_set(err, EXIT_CODE_USAGE, "%s: expected either command or model", at);
    const char *misplaced = is_command                                    ? "flags"
                            : json_object_get(entry, "is_single") != NULL ? "is_single"
                                                                          : "probe";
    if (json_object_get(entry, misplaced))
        return err_set(err, EXIT_CODE_USAGE, "%s.%s: means something only with %s", at,
                       misplaced, is_command ? "model" : "command");
    if (model && (!models_is_known(model) || !strcmp(model, "null"))) {
        struct suggest suggest = suggest_for(model);
        models_suggest(&suggest);
        return err_set(
            err, EXIT_CODE_USAGE,
            "%s.model: '%.64s' is not a model of concbench that makes requests%s", at,
            model, suggest_text(&suggest));
    }
    if (json_object_get(entry, "libcurl") &&
        (!model || !models_find(model)->uses_libcurl))
        return err_set(err, EXIT_CODE_USAGE,
                       "%s.libcurl: means something only with a model that uses libcurl",
                       at);
    return 0;
}

static int check_name(const json_t *list, size_t index, const char *at, struct err *err)
{
    const char *name = json_text_of(json_array_get(list, index), "name");
    if (models_is_known(name))
        return err_set(err, EXIT_CODE_USAGE,
                       "%s.name: '%s' is a model of ours; choose another name", at, name);
    for (size_t i = 0; i < index; i++) {
        if (!strcmp(json_text_of(json_array_get(list, i), "name"), name))
            return err_set(err, EXIT_CODE_USAGE, "%s.name: '%s' is listed twice", at,
                           name);
    }
    return 0;
}

int runners_declare(json_t *json, struct err *err)
{
    json_t *models = json_object_get(json, "models"), *entry = NULL;
    size_t i = 0;
    json_array_foreach (json_object_get(json, "runners"), i, entry) {
        char at[32];
        (void)snprintf(at, sizeof at, "runners[%zu]", i);
        if (check_name(json_object_get(json, "runners"), i, at, err) ||
            check_form(entry, at, err))
            return -1;
        json_t *name = json_object_get(entry, "name");
        if (json_is_array(models) && !json_array_has(models, name))
            json_push(models, json_incref(name));
    }
    return 0;
}

/* The strings of list from index on, new; NULL for no list. */
static char **copy_words(const json_t *list, size_t from)
{
    if (!list)
        return NULL;
    char **words = memory_calloc(json_array_size(list) + 1, sizeof *words);
    for (size_t i = from; i < json_array_size(list); i++)
        words[i - from] = memory_strdup(json_string_value(json_array_get(list, i)));
    return words;
}

void runners_mask_words(json_t *list)
{
    redact_words(list);
}

static void read_libcurl(json_t *entry, struct runner *runner)
{
    json_t *libcurl = json_object_get(entry, "libcurl");
    if (!libcurl)
        return;
    runner->libcurl = memory_strdup(json_string_value(libcurl));
    AUTO_FREE char *masked = redact_command_word(runner->libcurl);
    if (json_string_set(libcurl, masked))
        memory_exhausted();
}

void runners_read_entry(json_t *entry, struct runner *runner)
{
    const json_t *command = json_object_get(entry, "command");
    const char *base = json_string_value(json_object_get(entry, "model"));
    if (command) {
        runner->program = memory_strdup(json_string_value(json_array_get(command, 0)));
        runner->words = copy_words(command, 1);
    } else {
        runner->words = copy_words(json_object_get(entry, "flags"), 0);
    }
    runner->model = json_is_true(json_object_get(entry, "is_single"))
                        ? models_single()
                        : models_find(base ? base : runner->name);
    runner->probe = copy_words(json_object_get(entry, "probe"), 0);
    read_libcurl(entry, runner);
    runners_mask_words(json_object_get(entry, "command"));
    runners_mask_words(json_object_get(entry, "probe"));
    runners_mask_words(json_object_get(entry, "flags"));
}

void runners_read(struct scenario *s)
{
    json_t *list = json_object_get(s->json, "runners"), *entry = NULL;
    size_t i = 0;
    s->runners = memory_calloc(SCENARIO_MODELS_MAX, sizeof *s->runners);
    for (size_t m = 0; m < s->model_count; m++)
        s->runners[m] =
            (struct runner){.name = s->models[m], .model = models_find(s->models[m])};
    json_array_foreach (list, i, entry) {
        const char *name = json_string_value(json_object_get(entry, "name"));
        for (size_t m = 0; m < s->model_count; m++) {
            if (!strcmp(s->models[m], name))
                runners_read_entry(entry, &s->runners[m]);
        }
    }
}

const struct runner *runners_find(const struct scenario *s, const char *name)
{
    for (size_t m = 0; s->runners && m < s->model_count; m++) {
        if (!strcmp(s->runners[m].name, name))
            return &s->runners[m];
    }
    return NULL;
}

const struct model *runners_model(const struct scenario *s, const char *name)
{
    const struct runner *runner = runners_find(s, name);
    return runner ? runner->model : models_find(name);
}

bool runners_makes_in_turn(const struct scenario *s, const char *name)
{
    const struct runner *runner = runners_find(s, name);
    char **word = runner && !runner->program ? runner->words : NULL;
    for (; word && word[0] && word[1]; word++) {
        if (!strcmp(word[0], "--await") && !strcmp(word[1], "in-a-row"))
            return true;
    }
    return runners_model(s, name)->is_single;
}

const char *runners_document_model(const struct scenario *s, const char *name)
{
    const struct runner *runner = runners_find(s, name);
    if (!runner)
        return name;
    if (runner->program)
        return NULL;
    return *runner->model->name ? runner->model->name : name;
}

char *runners_library_path(const char *directory)
{
    const char *old = getenv("LD_LIBRARY_PATH");
    const bool has_old = old && *old;
    const bool has_new = directory && *directory;
    char *variable = NULL;
    if (asprintf(&variable, "LD_LIBRARY_PATH=%s%s%s", has_new ? directory : "",
                 has_new && has_old ? ":" : "", has_old ? old : "") < 0)
        memory_exhausted();
    return variable;
}

void runners_free_one(struct runner *runner)
{
    free(runner->program);
    free(runner->libcurl);
    shell_words_free(runner->words);
    shell_words_free(runner->probe);
}

void runners_free(struct scenario *s)
{
    for (size_t m = 0; s->runners && m < s->model_count; m++)
        runners_free_one(&s->runners[m]);
    free(s->runners);
    s->runners = NULL;
}
