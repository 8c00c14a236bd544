/* verb_validate.c: says what a file is and whether it is valid: a scenario (read as `run`
 * reads it), a results.json or a journal (the suite's schemas, then what a schema cannot
 * say), merged results, a comparison, or a runner's result document. */
#include "cli/verbs.h"

#include "analysis/compare/merge.h"
#include "analysis/recover.h"
#include "common/clean.h"
#include "common/fold.h"
#include "common/journal.h"
#include "common/json.h"
#include "common/options.h"
#include "common/paths.h"
#include "common/schema.h"
#include "harness/host/limits.h"
#include "harness/plan/plan.h"
#include "harness/plan/scenario.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX ((size_t)256 << 20)

static const struct option_table table = {
    "concbench validate FILE",
    "Checks a scenario, a results.json, a trials.jsonl, a runner's result document, or "
    "what `concbench merge` and `concbench compare --json` write.",
    NULL,
    0,
    "concbench validate ./mine.json\nconcbench validate results/latest",
    NULL};

/* Whether one of the scenarios has this name and lists this model. */
static bool is_listed(const json_t *scenarios, const char *name, const char *model)
{
    size_t i = 0, j = 0;
    json_t *scenario = NULL, *one = NULL;
    json_array_foreach (scenarios, i, scenario) {
        if (strcmp(json_text_of(scenario, "name"), name) != 0)
            continue;
        json_array_foreach (json_object_get(scenario, "models"), j, one) {
            if (!strcmp(json_string_value(one), model))
                return true;
        }
    }
    return false;
}

/* requests == ok + sum(failed), and the histogram holds every ok request. */
static int check_document(const json_t *document, const char *at, struct err *err)
{
    const char *key = NULL;
    json_t *value = NULL, *failed = json_object_get(document, "failed");
    size_t i = 0;
    json_int_t ok = json_integer_value(json_object_get(document, "ok"));
    json_int_t sum = ok;
    json_int_t counted = json_integer_value(json_object_get(document, "overflow"));
    json_object_foreach (failed, key, value)
        sum += json_integer_value(value);
    json_array_foreach (json_object_get(document, "latency_ns"), i, value)
        counted += json_integer_value(json_array_get(value, 1));
    if (sum != json_integer_value(json_object_get(document, "requests")))
        return err_set(err, EXIT_CODE_USAGE,
                       "%s: ok and failed do not add up to requests", at);
    if (counted != ok)
        return err_set(err, EXIT_CODE_USAGE,
                       "%s: latency_ns and overflow do not add up to ok", at);
    return 0;
}

/* Every row speaks of a scenario and a model of this document; valid trials add up. */
static int check_rows(const json_t *rows, const json_t *scenarios, const char *name,
                      struct err *err)
{
    size_t i = 0, j = 0;
    json_t *row = NULL, *trial = NULL;
    json_array_foreach (rows, i, row) {
        char at[64];
        (void)snprintf(at, sizeof at, "%s[%zu]", name, i);
        if (!is_listed(scenarios, json_text_of(row, "scenario"),
                       json_text_of(row, "model")))
            return err_set(err, EXIT_CODE_USAGE,
                           "%s: no scenario '%.64s' with the model '%.64s'", at,
                           json_text_of(row, "scenario"), json_text_of(row, "model"));
        json_array_foreach (json_object_get(row, "trials"), j, trial) {
            (void)snprintf(at, sizeof at, "%s[%zu].trials[%zu].document", name, i, j);
            if (json_is_true(json_object_get(trial, "valid")) &&
                check_document(json_object_get(trial, "document"), at, err))
                return -1;
        }
    }
    return 0;
}

static int check_results(const json_t *json, struct err *err)
{
    const json_t *scenarios = json_object_get(json, "scenarios");
    if (schema_check("results", NULL, json, err) ||
        check_rows(json_object_get(json, "cells"), scenarios, "cells", err))
        return -1;
    return check_rows(json_object_get(json, "controls"), scenarios, "controls", err) ||
                   check_rows(json_object_get(json, "comparisons"), scenarios,
                              "comparisons", err)
               ? -1
               : 0;
}

static int check_merged(const json_t *json, struct err *err)
{
    size_t i = 0;
    json_t *entry = NULL;
    int status = merge_check(json, err);
    json_array_foreach (json_object_get(json, "merged"), i, entry) {
        if (!status && (status = check_results(json_object_get(entry, "results"), err)))
            err_prefix(err, "merged[%zu].results", i);
    }
    return status;
}

/* One line by its type; the journal's schema is the choice between these. */
static int check_line(const json_t *line, size_t number, struct err *err)
{
    static const struct {
        const char *type, *schema, *part;
    } kinds[] = {{"header", "journal", "header"},   {"trial", "parts", "trialLine"},
                 {"memory", "journal", "memory"},   {"syscalls", "journal", "syscalls"},
                 {"resumed", "journal", "resumed"}, {"footer", "journal", "footer"}};
    const char *type = json_text_of(line, "type");
    int status = 0;
    if (!strcmp(type, "header") != (number == 1))
        return err_set(err, EXIT_CODE_USAGE,
                       "line %zu: the header belongs on line 1 and nowhere else", number);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (strcmp(type, kinds[i].type) != 0)
            continue;
        if ((status = schema_check(kinds[i].schema, kinds[i].part, line, err)))
            err_prefix(err, "line %zu", number);
        return status;
    }
    return err_set(err, EXIT_CODE_USAGE, "line %zu: type: '%.40s' is not a type of line",
                   number, type);
}

static int check_journal(const char *path, struct err *err)
{
    json_auto_t *lines = NULL;
    size_t i = 0;
    json_t *line = NULL;
    int status = journal_read_within(path, JOURNAL_WEIGHT_LIMIT, &lines, err);
    json_array_foreach (lines, i, line) {
        if (!status)
            status = check_line(line, i + 1, err);
    }
    if (!status && json_array_size(lines) == 0)
        status = err_set(err, EXIT_CODE_USAGE, "the journal has no complete line");
    return status;
}

/* Whatever `run --dry-run` refuses in the file is refused here too, in the same words.
 * Nothing is started, so a probe in somebody else's file does not run. */
static int check_scenario(const char *path, struct err *err)
{
    char file[PATH_MAX];
    bool is_bare = !strchr(path, '/'); /* a file all the same: this verb takes no names */
    int length = snprintf(file, sizeof file, "%s%s", is_bare ? "./" : "", path);
    if (length < 0 || (size_t)length >= sizeof file)
        return err_set(err, EXIT_CODE_USAGE, "path too long");
    const struct host_limits limits = limits_read(NULL);
    int status = 0;
    for (int quick = 0; quick < 2 && !status; quick++) {
        struct scenario *scenario = NULL;
        struct plan *plan = NULL;
        status = scenario_load(file, quick, &scenario, err);
        if (!status && (status = runners_check(scenario, err) ||
                                 plan_make(&scenario, 1, 1, 0, &limits, &plan, err)))
            err_prefix(err, "%.300s", file);
        plan_free(plan);
        scenario_free(scenario);
    }
    return status;
}

/* *out_kind is set as soon as it is known, so that an error can say it. */
static int check_file(const char *path, const char **out_kind, struct err *err)
{
    if (recover_is_journal(path)) {
        *out_kind = "journal";
        return check_journal(path, err);
    }
    json_auto_t *json = NULL;
    int status = json_load_path(path, FILE_BYTES_MAX, &json, err);
    if (status)
        return status;
    if (json_object_get(json, "merged")) {
        *out_kind = "merged results";
        return check_merged(json, err);
    }
    if (json_object_get(json, "outcomes")) {
        *out_kind = "comparison";
        return schema_check("compare", NULL, json, err);
    }
    if (json_object_get(json, "schema_version")) {
        *out_kind = "results";
        return check_results(json, err);
    }
    if (json_object_get(json, "floor_version")) {
        *out_kind = "noise floor";
        return schema_check("floor", NULL, json, err);
    }
    if (json_object_get(json, "catalogue_version")) {
        *out_kind = "catalogue";
        return schema_check("catalogue", NULL, json, err);
    }
    if (json_object_get(json, "contract")) {
        *out_kind = "runner document";
        status = schema_check("runner-document", NULL, json, err);
        return status ? status : check_document(json, "the document", err);
    }
    *out_kind = "scenario";
    return check_scenario(path, err);
}

int verb_validate(int argc, char **argv, struct err *err)
{
    struct stat st;
    int positional = 0;
    const char *kind = NULL;
    if (!options_begin(&table, argc, argv, NULL, &positional, err))
        return err->code;
    if (positional != 1)
        return err_set(err, EXIT_CODE_USAGE, "validate takes one file, got %d",
                       positional);
    char path[PATH_MAX];
    const char *given = paths_results(argv[1]);
    bool is_directory = !stat(given, &st) && S_ISDIR(st.st_mode);
    (void)snprintf(path, sizeof path, "%s%s", given, is_directory ? "/results.json" : "");
    /* a run that did not end well has a journal */
    if (is_directory && access(path, F_OK))
        (void)snprintf(path, sizeof path, "%s/trials.jsonl", given);
    if (is_directory && access(path, F_OK))
        return err_set(err, EXIT_CODE_USAGE,
                       "%.300s: it contains neither results.json nor trials.jsonl",
                       given);
    if (check_file(path, &kind, err)) {
        if (!strstr(err->text, path))
            err_prefix(err, "%.200s", path);
        if (kind)
            err_prefix(err, "invalid %s", kind);
        return err->code;
    }
    FILE *lines = fold_open(stdout, 0);
    clean_print(lines, "%s: %s, ok\n", path, kind);
    fold_close(lines, stdout);
    return EXIT_CODE_OK;
}
