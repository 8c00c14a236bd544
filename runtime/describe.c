/* describe.c: a runner in one JSON object; see describe.h. */
#include "runtime/describe.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/list.h"
#include "common/options_json.h"
#include "runtime/document.h"
#include "runtime/runner.h"
#include "runtime/settings.h"
#include "runtime/task/task.h"

#include <string.h>

#define CONTRACT 2

/* A list of words with blanks between them, or NULL. */
static bool has_word(const char *list, const char *word)
{
    return list_has(list, list ? strlen(list) : 0, " ", word);
}

bool describe_runs(const struct model *model, const char *task)
{
    if (model->task)
        return !strcmp(model->task, task);
    return (!model->tasks || has_word(model->tasks, task)) &&
           !has_word(model->lacks, task);
}

static json_t *tasks_of(const struct model *model)
{
    const struct task *task = NULL;
    json_t *list = json_array();
    for (size_t i = 0; (task = task_at(i)); i++) {
        if (task->begin && describe_runs(model, task->name))
            json_push(list, json_string(task->name));
    }
    return list;
}

/* Whether the model refuses whatever the flag could ask for. */
static bool lacks_flag(const struct model *model, const char *name)
{
    return (!strcmp(name, "connections") && !model->shares_connections) ||
           (!strcmp(name, "http") && model->has_own_http);
}

static bool is_knob(const struct model *model, const char *flag)
{
    return has_word(model->knobs, flag) ||
           (!model->task && has_word("buffer-bytes cpus", flag));
}

static json_t *flags_of(const struct model *model)
{
    json_t *list = json_array();
    const struct option_spec *spec = NULL;
    for (size_t i = 0; (spec = settings_spec(i)); i++) {
        if (lacks_flag(model, spec->name))
            continue;
        json_t *flag = options_json(spec, settings_defaults());
        if (model->has_thread_stacks && !strcmp(spec->name, "stack-bytes"))
            json_put(flag, "min", json_uint(SETTINGS_THREAD_STACK_MIN));
        json_put(flag, "is_knob", json_boolean(is_knob(model, spec->name)));
        json_push(list, flag);
    }
    return list;
}

static json_t *needs_of(const struct model *model)
{
    json_t *needs = json_object();
    json_put(needs, "descriptors", json_uint(model->needs.fds));
    json_put(needs, "threads", json_uint(model->needs.threads));
    json_put(needs, "mappings", json_uint(model->needs.maps));
    json_put(needs, "kib", json_uint(model->needs.kib));
    json_put(needs, "kib_bare", json_uint(model->needs.kib_bare));
    json_put(needs, "start_us", json_uint(model->needs.start_us));
    return needs;
}

int describe_print(const struct model *model, struct err *err)
{
    json_auto_t *all = json_object();
    json_put(all, "contract", json_uint(CONTRACT));
    json_put(all, "name", json_string(model->name));
    json_put(all, "family", json_string(model->family));
    json_put(all, "about", json_string(model->about));
    json_put(all, "tasks", tasks_of(model));
    json_put(all, "is_single", json_boolean(model->is_single));
    json_put(all, "units",
             json_string(model->is_unit_per_request ? "request" : "worker"));
    json_put(all, "needs", needs_of(model));
    json_put(all, "uses_libcurl", json_boolean(!model->has_own_http && !model->task));
    json_put(all, "needs_probe", json_boolean(model->probe != NULL));
    json_put(all, "flags", flags_of(model));
    return document_print(all, err);
}
