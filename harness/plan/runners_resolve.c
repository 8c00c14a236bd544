/* runners_resolve.c: which runners of a scenario can run here; see runners.h. */
#include "harness/plan/runners.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/list.h"
#include "common/memory.h"
#include "common/paths.h"
#include "common/redact.h"
#include "common/schema.h"
#include "harness/host/probe.h"
#include "harness/plan/externals.h"
#include "harness/plan/libcurls.h"
#include "harness/plan/scenario.h"
#include "harness/servers/servers.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The path of the file word below directory, new; NULL when it is not there. Links in
 * word stay as they are: a Python of a virtual environment is one. */
static char *find_below(const char *directory, const char *word)
{
    char top[PATH_MAX];
    char *path = NULL;
    if (!realpath(directory, top))
        return NULL;
    if (asprintf(&path, "%s/%s", top, word) < 0)
        memory_exhausted();
    if (!access(path, F_OK))
        return path;
    free(path);
    return NULL;
}

void runners_locate(char **word, const char *directory)
{
    char share[PATH_MAX];
    const bool may_name_a_file = strchr(*word, '/') && **word != '/' && **word != '-';
    if (!may_name_a_file)
        return;
    char *path = find_below(directory, *word);
    if (!path && !paths_share("", share, sizeof share, NULL))
        path = find_below(share, *word);
    if (path) {
        free(*word);
        *word = path;
    }
}

bool runners_find_program(char **program, char *out_reason)
{
    char path[PATH_MAX];
    AUTO_FREE char *shown = redact_paths(*program);
    if (strchr(*program, '/')) {
        if (!access(*program, X_OK))
            return true;
        (void)snprintf(out_reason, RUNNERS_REASON_SIZE, "%.100s: %s", shown,
                       strerror(errno));
        return false;
    }
    if (!paths_find(*program, path, sizeof path)) {
        (void)snprintf(out_reason, RUNNERS_REASON_SIZE, "%.100s is not installed", shown);
        return false;
    }
    free(*program);
    *program = memory_strdup(path);
    return true;
}

static void run_probe(const char *const *argv, const char *prefix, char *out_reason)
{
    char line[PROBE_TEXT_SIZE];
    int code = probe_once(argv, PROBE_LIMIT_MS, line);
    if (code > 0 && !*line)
        (void)snprintf(line, sizeof line, "exit code %d", code);
    redact_text(line);
    if (code != 0)
        (void)snprintf(out_reason, RUNNERS_REASON_SIZE, "%s%s", prefix, line);
}

/* Whether the program is there and its probe succeeds; else the skip_reason says why. */
static bool find_command(struct runner *runner, const char *directory)
{
    runners_locate(&runner->program, directory);
    for (char **word = runner->words; *word; word++)
        runners_locate(word, directory);
    if (!runners_find_program(&runner->program, runner->skip_reason))
        return false;
    for (char **word = runner->probe; word && *word; word++)
        runners_locate(word, directory);
    if (runner->probe && *runner->probe &&
        runners_find_program(runner->probe, runner->skip_reason))
        run_probe((const char *const *)runner->probe,
                  "probe failed: ", runner->skip_reason);
    return !*runner->skip_reason;
}

void runners_probe_entry(json_t *entry, char *out_reason)
{
    struct runner runner = {.name = ""};
    runners_read_entry(entry, &runner);
    if (!find_command(&runner, "."))
        (void)snprintf(out_reason, RUNNERS_REASON_SIZE, "%s", runner.skip_reason);
    runners_free_one(&runner);
}

static const struct model *ask_command(const struct runner *runner, struct err *err)
{
    const char *argv[RUNNERS_WORDS_MAX + 2] = {runner->program};
    for (size_t i = 0; i < RUNNERS_WORDS_MAX && runner->words[i]; i++)
        argv[i + 1] = runner->words[i];
    return models_ask(argv, err);
}

int runners_ask(const json_t *json, const char *directory, struct err *err)
{
    json_auto_t *copy = json_deep_copy(json);
    json_t *entry = NULL;
    size_t i = 0;
    if (externals_adopt(copy, NULL) || schema_check("scenario", NULL, copy, NULL) ||
        runners_declare(copy, NULL))
        return 0; /* what is wrong is said by whoever reads all of it */
    json_array_foreach (json_object_get(copy, "runners"), i, entry) {
        json_auto_t *command = json_deep_copy(json_object_get(entry, "command"));
        struct runner runner = {.name = ""};
        if (!command)
            continue;
        runners_read_entry(entry, &runner);
        const struct model *model = find_command(&runner, directory)
                                        ? ask_command(&runner, err)
                                        : models_find("");
        runners_free_one(&runner);
        if (!model)
            return -1;
        models_note_command(command, model);
    }
    return 0;
}

/* The words of a probe: the runner, its flags, its task and the task's options. */
struct probe_command {
    const char *argv[2 * RUNNERS_WORDS_MAX];
    char *owned[2 * RUNNERS_WORDS_MAX];
    size_t count, owned_count;
};

static void add_word(struct probe_command *command, const char *word)
{
    if (command->count + 1 < COUNT_OF(command->argv))
        command->argv[command->count++] = word;
}

static void add_option(void *arg, const char *flag, const char *value)
{
    struct probe_command *command = arg;
    add_word(command, flag);
    if (!value)
        return;
    char *copy = memory_strdup(value);
    command->owned[command->owned_count++] = copy;
    add_word(command, copy);
}

/* Tasks and options that a model cannot do are found by asking it, at the highest
 * concurrency. A plain scenario needs no such question. */
static void probe_task(const struct scenario *s, struct runner *runner, const char *path)
{
    char concurrency[24], env[PATH_MAX];
    struct probe_command command = {.count = 0};
    AUTO_FREE char *variable = runners_library_path(runner->libcurl);
    if (runner->libcurl && paths_find("env", env, sizeof env)) {
        add_word(&command, env);
        add_word(&command, variable);
    }
    add_word(&command, path);
    const uint64_t highest = s->concurrency[s->concurrency_count - 1];
    (void)snprintf(concurrency, sizeof concurrency, "%" PRIu64,
                   runner->model->is_single ? 1 : highest);
    for (char **word = runner->words; word && *word; word++)
        add_word(&command, *word);
    add_option(&command, "--task", s->task);
    add_option(&command, "-n", concurrency);
    add_option(&command, "-c", concurrency);
    tasks_flags(s, 1, add_option, &command);
    if (s->kind->needs_database)
        add_option(&command, "--db", "host=/nowhere"); /* nothing connects */
    add_word(&command, "--probe");
    if (s->kind->fetches)
        add_word(&command,
                 s->tls || s->is_nginx ? "https://127.0.0.1/" : "http://127.0.0.1/");
    run_probe(command.argv, "", runner->skip_reason);
    for (size_t i = 0; i < command.owned_count; i++)
        free(command.owned[i]);
}

static bool has_word(const char *const *list, const char *word)
{
    for (; *list; list++) {
        if (!strcmp(*list, word))
            return true;
    }
    return false;
}

/* What every model that uses libcurl runs, with options that none of them refuses. */
static bool is_plain(const struct scenario *s, const struct model *model)
{
    static const char *const tasks[] = {"http", "sleep", "block", "cpu", "none", NULL};
    static const char *const plain[] = {
        "work_us", "sleep_ms", "sleep_list_ms", "block_ms", "post_bytes", "trace", NULL};
    const json_t *options = json_object_get(s->json, "options");
    const bool is_http = !strcmp(s->task, "http");
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach ((json_t *)(uintptr_t)options, key, value) {
        if (!has_word(plain, key))
            return false;
    }
    return has_word(tasks, s->task) && !s->tls && !s->is_nginx &&
           (model->uses_libcurl || (is_http && !json_object_size(options)));
}

void runners_probe(const struct model *model, char *out_reason)
{
    char name[80], path[PATH_MAX];
    (void)snprintf(name, sizeof name, "runner-%s", model->name);
    if (access("/proc/self/exe", F_OK)) { /* by which we find our programs */
        (void)snprintf(out_reason, RUNNERS_REASON_SIZE,
                       "%s cannot be looked for; is /proc mounted?", name);
    } else if (paths_program(name, path, sizeof path, NULL)) {
        (void)snprintf(out_reason, RUNNERS_REASON_SIZE, "%s is not built here", name);
    } else if (model->is_probed) {
        const char *const argv[] = {path, "--probe", NULL};
        run_probe(argv, "", out_reason);
    }
}

/* Where the libcurl of a file is, as that of a command is found. */
static void resolve_libcurl(struct runner *runner, const char *directory)
{
    char path[PATH_MAX];
    AUTO_FREE char *shown = redact_paths(runner->libcurl);
    runners_locate(&runner->libcurl, directory);
    (void)snprintf(path, sizeof path, "%.4000s/%s", runner->libcurl, LIBCURLS_FILE);
    if (access(path, R_OK))
        (void)snprintf(runner->skip_reason, RUNNERS_REASON_SIZE, "%.100s has no %s",
                       shown, LIBCURLS_FILE);
}

static void probe_ours(const struct scenario *s, struct runner *runner)
{
    char name[80], path[PATH_MAX];
    runners_probe(runner->model, runner->skip_reason);
    const bool asks = runner->libcurl || !is_plain(s, runner->model);
    if (*runner->skip_reason || !asks || !strcmp(runner->model->name, "null"))
        return;
    (void)snprintf(name, sizeof name, "runner-%s", runner->model->name);
    if (!paths_program(name, path, sizeof path, NULL))
        probe_task(s, runner, path);
}

static void resolve_ours(const struct scenario *s, struct runner *runner,
                         const char *directory)
{
    if (runner->libcurl)
        resolve_libcurl(runner, directory);
    if (!*runner->skip_reason)
        probe_ours(s, runner);
}

/* A scenario without its server cannot run at all. */
static void check_server(struct scenario *s)
{
    char reason[RUNNERS_REASON_SIZE] = "";
    const struct servers_need need = tasks_servers(s);
    if (servers_check(&need, reason, sizeof reason))
        return;
    for (size_t m = 0; m < s->model_count; m++)
        (void)snprintf(s->runners[m].skip_reason, sizeof reason, "%s", reason);
}

/* The page colours models by how they wait, and may be drawn where they are not. */
static void put_families(struct scenario *s)
{
    json_auto_t *families = json_object();
    for (size_t m = 0; m < s->model_count; m++) {
        const char *family = s->runners[m].model->family;
        if (*family)
            json_put(families, s->models[m], json_string(family));
    }
    if (json_object_size(families) > 0)
        json_put(s->json, "families", json_incref(families));
}

static int refuse_model(const struct scenario *s, const char *name, struct err *err)
{
    struct suggest suggest = suggest_for(name);
    models_suggest(&suggest);
    externals_suggest(&suggest);
    for (size_t m = 0; m < s->model_count; m++) {
        if (strcmp(s->models[m], name) != 0)
            suggest_try(&suggest, s->models[m]);
    }
    return err_set(err, EXIT_CODE_USAGE,
                   "model '%s' has no runner here (bin/runner-%s)%s", name, name,
                   suggest_word(&suggest)
                       ? suggest_text(&suggest)
                       : "; `concbench list` names the ones that exist");
}

int runners_check(const struct scenario *s, struct err *err)
{
    for (size_t m = 0; m < s->model_count; m++) {
        const struct runner *runner = &s->runners[m];
        if (!runner->program && !*runner->model->name && !models_available(runner->name))
            return refuse_model(s, runner->name, err);
    }
    return 0;
}

int runners_resolve(struct scenario *s, const char *directory, struct err *err)
{
    int status = runners_check(s, err);
    if (status)
        return status;
    for (size_t m = 0; m < s->model_count; m++) {
        struct runner *runner = &s->runners[m];
        if (runner->program)
            (void)find_command(runner, directory);
        else if (*runner->model->name)
            resolve_ours(s, runner, directory);
    }
    check_server(s);
    return 0;
}

int runners_describe(struct scenario *s, struct err *err)
{
    for (size_t m = 0; m < s->model_count; m++) {
        struct runner *runner = &s->runners[m];
        if (!runner->program || *runner->skip_reason)
            continue;
        const struct model *model = ask_command(runner, err);
        if (!model)
            return -1;
        runner->model = model;
        if (*runner->model->tasks &&
            !list_has(runner->model->tasks, strlen(runner->model->tasks), "|", s->task))
            (void)snprintf(runner->skip_reason, RUNNERS_REASON_SIZE,
                           "it does not run task '%.20s'; it says that it runs: %.100s",
                           s->task, runner->model->tasks);
    }
    put_families(s);
    return 0;
}
