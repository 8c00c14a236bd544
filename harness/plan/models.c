/* models.c: asks runners what they are, each once; see models.h. A runner that is not one
 * of ours works too, as long as bin/runner-<name> exists. */
#include "harness/plan/models.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/paths.h"
#include "harness/host/probe.h"
#include "harness/plan/description.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was asked already: the words of a command, or the name of a model of ours. */
struct answer {
    char *question;
    const struct model *model;
    struct answer *next;
};

static struct answer *answers;

static const struct model *known(const char *question)
{
    for (const struct answer *a = answers; a; a = a->next) {
        if (!strcmp(a->question, question))
            return a->model;
    }
    return NULL;
}

static const struct model *keep(const char *question, const struct model *model)
{
    struct answer *answer = memory_calloc(1, sizeof *answer);
    *answer = (struct answer){memory_strdup(question), model, answers};
    answers = answer;
    return model;
}

static const char *const names[] = {HARNESS_MODELS}; /* of runners/CMakeLists.txt */

const char *models_name(size_t index)
{
    return index < COUNT_OF(names) ? names[index] : NULL;
}

static bool is_ours(const char *name)
{
    const char *one = NULL;
    for (size_t i = 0; (one = models_name(i)); i++) {
        if (!strcmp(one, name))
            return true;
    }
    return false;
}

/* The same without a description: one of ours keeps its name. */
static const struct model *without(const char *name)
{
    if (!is_ours(name))
        return &description_none;
    struct model *model = memory_calloc(1, sizeof *model);
    *model = description_none;
    model->name = memory_strdup(name);
    return model;
}

static bool find_program(const char *name, char *out_path, size_t size)
{
    char program[80];
    (void)snprintf(program, sizeof program, "runner-%.64s", name);
    return !paths_program(program, out_path, size, NULL);
}

const struct model *models_find(const char *name)
{
    char path[PATH_MAX];
    if (!json_name_is_safe(name))
        return &description_none;
    const struct model *model = known(name);
    if (model)
        return model;
    if (find_program(name, path, sizeof path)) {
        const char *const argv[] = {path, "--describe", NULL};
        (void)description_ask(argv, &model, NULL); // ours leave nothing behind
    }
    return keep(name, model && !strcmp(model->name, name) ? model : without(name));
}

const struct model *models_single(void)
{
    static struct model single;
    single = description_none;
    single.is_single = true;
    return &single;
}

const struct model *models_ask(const char *const *argv, struct err *err)
{
    size_t count = 0;
    while (argv[count])
        count++;
    AUTO_FREE const char **words = memory_calloc(count + 2, sizeof *words);
    memcpy(words, argv, count * sizeof *words);
    words[count] = "--describe";
    AUTO_FREE char *question = probe_question(words);
    const struct model *model = question ? known(question) : &description_none;
    if (model)
        return model;
    if (description_ask(words, &model, err))
        return NULL;
    return keep(question, model ? model : &description_none);
}

void models_note_command(const json_t *command, const struct model *model)
{
    AUTO_FREE char *question = json_dumps(command, JSON_COMPACT);
    if (question && !known(question))
        (void)keep(question, model);
}

const struct model *models_of_command(const json_t *command)
{
    AUTO_FREE char *question = command ? json_dumps(command, JSON_COMPACT) : NULL;
    return question ? known(question) : NULL;
}

const struct knob *models_find_knob(const struct model *model, const char *name)
{
    for (size_t i = 0; i < model->knob_count; i++) {
        if (model->knobs[i].is_knob && !strcmp(model->knobs[i].name, name))
            return &model->knobs[i];
    }
    return NULL;
}

const struct knob *models_any_knob(const char *name)
{
    const char *one = NULL;
    const struct knob *knob = NULL;
    for (size_t i = 0; !knob && (one = models_name(i)); i++)
        knob = models_find_knob(models_find(one), name);
    return knob;
}

void models_suggest(struct suggest *suggest)
{
    const char *name = NULL;
    for (size_t i = 0; (name = models_name(i)); i++)
        suggest_try(suggest, name);
}

void models_suggest_knob(struct suggest *suggest)
{
    const char *name = NULL;
    for (size_t i = 0; (name = models_name(i)); i++) {
        const struct model *model = models_find(name);
        for (size_t k = 0; k < model->knob_count; k++) {
            if (model->knobs[k].is_knob)
                suggest_try(suggest, model->knobs[k].name);
        }
    }
}

/* Whether a model before the one of this number has it as well. */
static bool is_told(size_t model, const char *knob)
{
    for (size_t i = 0; i < model; i++) {
        if (models_find_knob(models_find(models_name(i)), knob))
            return true;
    }
    return false;
}

char *models_knob_names(void)
{
    char *text = memory_strdup("");
    const char *name = NULL;
    for (size_t i = 0; (name = models_name(i)); i++) {
        const struct model *model = models_find(name);
        for (size_t k = 0; k < model->knob_count; k++) {
            const struct knob *knob = &model->knobs[k];
            char *more = NULL;
            if (!knob->is_knob || is_told(i, knob->name))
                continue;
            if (asprintf(&more, "%s%s%s", text, *text ? ", " : "", knob->name) < 0)
                memory_exhausted();
            free(text);
            text = more;
        }
    }
    return text;
}

bool models_is_known(const char *name)
{
    return *models_find(name)->name != '\0';
}

/* 128 forked workers take 100 ms to start, and one sample of them 20 ms; a loop connects
 * 10,000 times in less than a second. */
uint64_t models_gather_us(const struct model *model, bool connects)
{
    return model->tasks_per_worker ? 3000 : connects ? 100 : 1;
}

bool models_available(const char *name)
{
    char path[PATH_MAX];
    return find_program(name, path, sizeof path);
}
