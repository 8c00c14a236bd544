/* overrides.c: see overrides.h. A change is made in the scenario's JSON, which is then
 * read again, so there is one set of checks. */
#include "harness/plan/overrides.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/redact.h"
#include "common/shell_words.h"
#include "harness/plan/externals.h"
#include "harness/plan/libcurls.h"
#include "harness/plan/runners.h"
#include "harness/plan/sweep.h"

#include <limits.h>
#include <string.h>

/* Splits "a,b" into an array made by make_item; NULL when an item is refused. */
static json_t *split(const char *text, json_t *(*make_item)(const char *item))
{
    json_t *list = json_array();
    for (const char *at = text; at; at = *at ? at + 1 : NULL) {
        size_t length = strcspn(at, ",");
        AUTO_FREE char *item = memory_strndup(at, length);
        json_t *value = make_item(item);
        if (!value) {
            json_decref(list);
            return NULL;
        }
        json_push(list, value);
        at += length;
        if (!*at)
            break;
    }
    return list;
}

static json_t *model_item(const char *item)
{
    return json_name_is_safe(item) ? json_string(item) : NULL;
}

static json_t *number_item(const char *item)
{
    uint64_t value = 0;
    if (options_parse_uint(item, &value) || value > 1000000)
        return NULL;
    return json_uint(value);
}

/* The scenario's own runners stay only where they are named. */
static int change_models(json_t *json, const char *text, const char *baseline,
                         struct err *err)
{
    json_t *models = split(text, model_item), *runners = json_object_get(json, "runners");
    json_auto_t *old_baseline = json_string(baseline);
    if (!models)
        return err_set(
            err, EXIT_CODE_USAGE,
            "--models: '%.80s' is not a list of models such as threads,processes", text);
    for (size_t i = json_array_size(runners); i > 0; i--) {
        json_t *runner = json_array_get(runners, i - 1);
        if (!json_array_has(models, json_object_get(runner, "name")))
            (void)json_array_remove(runners, i - 1);
    }
    if (json_array_has(models, old_baseline))
        json_put(json, "baseline", json_incref(old_baseline));
    else
        (void)json_object_del(json, "baseline"); /* then the rule for its default holds */
    json_put(json, "models", models);
    return 0;
}

/* Stores a command given here. Its files are looked up from the working directory. */
static int command_of(const char *name, const char *text, json_t *command,
                      struct err *err)
{
    char **words = NULL, reason[RUNNERS_REASON_SIZE];
    size_t count = 0;
    if (shell_words_split(text, &words, &count, err)) {
        err_prefix(err, "--runner %.64s", name);
        return -1;
    }
    for (size_t i = 0; i < count; i++)
        runners_locate(&words[i], ".");
    int status = 0;
    if (count == 0)
        status = err_set(err, EXIT_CODE_USAGE, "--runner %.64s: no command", name);
    else if (!runners_find_program(&words[0], reason))
        status = err_set(err, EXIT_CODE_USAGE, "--runner %.64s: %s", name, reason);
    for (size_t i = 0; i < count && !status; i++) {
        json_t *word = json_string(words[i]);
        if (!word)
            status = err_set(err, EXIT_CODE_USAGE, "--runner %.64s: not UTF-8", name);
        else
            json_push(command, word);
    }
    shell_words_free(words);
    return status;
}

static int add_runner(json_t *json, const char *text, struct err *err)
{
    const char *equals = strchr(text, '=');
    AUTO_FREE char *name = equals ? memory_strndup(text, (size_t)(equals - text)) : NULL;
    AUTO_FREE char *shown = redact_command_word(text);
    if (!name || !json_name_is_safe(name))
        return err_set(err, EXIT_CODE_USAGE,
                       "--runner: '%.80s' is not NAME=COMMAND, a name of 1 to 64 of "
                       "[A-Za-z0-9._-]",
                       shown);
    json_t *runner = json_object(), *command = json_array();
    json_put(runner, "name", json_string(name));
    json_put(runner, "command", command);
    if (command_of(name, equals + 1, command, err)) {
        json_decref(runner);
        return -1;
    }
    if (!json_object_get(json, "runners"))
        json_put(json, "runners", json_array());
    json_push(json_object_get(json, "runners"), runner);
    return 0;
}

/* --rate makes trials of at least this many seconds, unless --requests gives their
 * number. */
#define RATE_SECONDS 2

static void change_rate(json_t *load, const struct overrides *o)
{
    const json_int_t enough = (json_int_t)o->rate_per_s * RATE_SECONDS;
    if (o->arrivals)
        json_put(load, "arrivals", json_string(o->arrivals));
    if (!o->rate_per_s)
        return;
    json_put(load, "rate_per_s", json_uint(o->rate_per_s));
    if (!o->requests && json_integer_value(json_object_get(load, "requests")) < enough)
        json_put(load, "requests", json_integer(enough));
}

static int change_lists(json_t *json, const struct overrides *o, struct err *err)
{
    const bool is_swept = o->sweeps.count > 0 || json_object_get(json, "sweep");
    for (size_t i = 0; i < o->runners.count; i++) {
        if (add_runner(json, o->runners.items[i], err))
            return -1;
    }
    if (is_swept && runners_ask(json, ".", err)) /* the file's were asked before */
        return -1;
    for (size_t i = 0; i < o->sweeps.count; i++) {
        if (sweep_add(json, o->sweeps.items[i], err))
            return -1;
    }
    if (o->libcurls.count > 0 && (runners_declare(json, err) || sweep_expand(json, err)))
        return -1; /* they join all that the models have become by then */
    return libcurls_add(json, &o->libcurls, err);
}

/* baseline is the one that holds by default. */
static int change(json_t *json, const struct overrides *o, const char *baseline,
                  struct err *err)
{
    json_t *load = json_object_get(json, "load");
    const char *given = json_string_value(json_object_get(json, "baseline"));
    if (o->models && (change_models(json, o->models, given ? given : baseline, err) ||
                      externals_adopt(json, err)))
        return -1;
    if (o->concurrency) {
        json_t *list = split(o->concurrency, number_item);
        if (!list)
            return err_set(
                err, EXIT_CODE_USAGE,
                "--concurrency: '%.80s' is not a list of numbers such as 1,10,100",
                o->concurrency);
        json_put(load, "concurrency", list);
    }
    if (o->requests) {
        json_put(load, "requests", json_uint(o->requests));
        json_put(load, "requests_per_worker", json_integer(1));
    }
    change_rate(load, o);
    return change_lists(json, o, err);
}

/* A model that the command line names must be measured; skipping it is an error. */
static int check_asked(const struct scenario *s, const struct overrides *o,
                       struct err *err)
{
    for (size_t m = 0; o->models && m < s->model_count; m++) {
        if (s->runners[m].skip_reason[0])
            return err_set(err, EXIT_CODE_USAGE,
                           "model '%s' cannot run here: %s; `concbench list` names those "
                           "that can",
                           s->models[m], s->runners[m].skip_reason);
    }
    return 0;
}

/* Predictions are checked for the cells of the file, even if only some of these run. */
static void keep_expectations(json_t *json, const struct scenario *original)
{
    json_t *expect = json_object_get(original->json, "expect");
    if (expect)
        json_put(json, "expect", json_incref(expect));
}

/* Predictions hold for the file's load, so a changed load is stored for the judge and the
 * reader. */
static void put_overridden(struct scenario *s, const struct overrides *o)
{
    const struct {
        const char *flag;
        bool is_given;
    } flags[] = {{"--requests", o->requests > 0},
                 {"--rate", o->rate_per_s > 0},
                 {"--arrivals", o->arrivals != NULL}};
    json_t *list = json_array();
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        if (flags[i].is_given)
            json_push(list, json_string(flags[i].flag));
    }
    if (json_array_size(list) > 0)
        json_put(s->json, "overridden", json_incref(list));
    json_decref(list);
}

/* The file has to be valid before anything in it is changed. */
static int load_changed(const char *name, json_t *json, const char *directory,
                        const struct overrides *o, struct scenario **out_scenario,
                        struct err *err)
{
    struct scenario *original = NULL;
    const bool is_swept = json_object_get(json, "sweep") || o->sweeps.count > 0;
    if (is_swept && runners_ask(json, directory, err))
        return -1;
    if (scenario_choose(name, json, o->is_quick, err) ||
        scenario_from_json(name, json, &original, err))
        return -1;
    int status = change(json, o, original->baseline, err);
    keep_expectations(json, original);
    scenario_free(original);
    if (status || scenario_from_json(name, json, out_scenario, err))
        return -1;
    put_overridden(*out_scenario, o);
    if (!runners_resolve(*out_scenario, directory, err) &&
        (o->is_rough || !runners_describe(*out_scenario, err)) &&
        !check_asked(*out_scenario, o, err))
        return 0;
    scenario_free(*out_scenario);
    *out_scenario = NULL;
    return -1;
}

int overrides_load(const char *name_or_path, const struct overrides *overrides,
                   struct scenario **out_scenario, struct err *err)
{
    char name[SCENARIO_NAME_SIZE], directory[PATH_MAX];
    struct scenario *scenario = NULL;
    json_t *json = NULL;
    int status = scenario_read(name_or_path, &json, name, directory, err);
    if (status)
        return status;
    if (load_changed(name, json, directory, overrides, &scenario, err)) {
        err_prefix(err, "%.300s", name_or_path);
        status = -EXIT_CODE_USAGE;
    } else {
        *out_scenario = scenario;
    }
    json_decref(json);
    return status;
}

/* Whether the runner has a command and this name, or is a variant of it: name.buffer-1024,
 * with the same words and more (sweep.h). */
static bool is_of(const json_t *runner, const char *name, bool is_variant)
{
    const char *its = json_text_of(runner, "name");
    const size_t length = strlen(name);
    return json_object_get(runner, "command") && !strncmp(its, name, length) &&
           its[length] == (is_variant ? '.' : '\0');
}

/* Whether the words of list begin with those of first. */
static bool begins_with(const json_t *list, const json_t *first)
{
    for (size_t i = 0; i < json_array_size(first); i++) {
        if (!json_equal(json_array_get(list, i), json_array_get(first, i)))
            return false;
    }
    return true;
}

/* command, with the words of old that come after as many. New. */
static json_t *with_rest(const json_t *command, const json_t *old)
{
    json_t *words = json_deep_copy(command);
    for (size_t i = json_array_size(command); i < json_array_size(old); i++)
        json_push(words, json_incref(json_array_get(old, i)));
    return words;
}

/* again: an entry of "runners" as the command line has it. */
static int say_again(json_t *json, const json_t *again, struct err *err)
{
    const char *name = json_text_of(again, "name");
    const json_t *command = json_object_get(again, "command");
    json_auto_t *masked = json_deep_copy(command);
    json_t *runner = NULL;
    size_t i = 0;
    runners_mask_words(masked);
    json_array_foreach (json_object_get(json, "runners"), i, runner) {
        const json_t *old = json_object_get(runner, "command");
        if (is_of(runner, name, false) && !json_equal(masked, old))
            return err_set(err, EXIT_CODE_USAGE,
                           "--runner %.64s: not the command of the run", name);
        if (is_of(runner, name, false) ||
            (is_of(runner, name, true) && begins_with(old, masked)))
            json_put(runner, "command", with_rest(command, old));
    }
    return 0;
}

int overrides_say_again(json_t *json, const struct overrides *overrides, struct err *err)
{
    for (size_t i = 0; i < overrides->runners.count; i++) {
        json_auto_t *said = json_object();
        if (add_runner(said, overrides->runners.items[i], err) ||
            say_again(json, json_array_get(json_object_get(said, "runners"), 0), err))
            return -1;
    }
    return 0;
}
