/* verb_show.c: `concbench show`: one traced trial of each model of a scenario, or what a
 * results.json holds, replayed in the terminal; docs/commands.md. */
#include "cli/verbs.h"

#include "analysis/headline.h"
#include "analysis/recover.h"
#include "analysis/traced.h"
#include "cli/show/by_hand.h"
#include "cli/show/screen.h"
#include "cli/show/talk.h"
#include "common/clean.h"
#include "common/cleanup.h"
#include "common/fold.h"
#include "common/format.h"
#include "common/json.h"
#include "common/list.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/paths.h"
#include "common/process.h"
#include "harness/host/interrupt.h"
#include "harness/plan/estimate.h"
#include "harness/run/run.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REPLAY_NS   5e9  /* how long a replay takes */
#define TRIALS_S    15.0 /* and all trials, about */
#define RESULTS_MAX ((size_t)64 << 20)
#define GUESS_SIZE  200

struct flags {
    const char *models, *scenario;
    uint64_t concurrency, slow;
    bool no_guess, is_stepped;
};

#define AT(field) offsetof(struct flags, field)
static const struct option_spec specs[] = {
    {"models", 'm', "LIST", OPTION_STRING, AT(models), 0, 0, NULL,
     "these models instead of the scenario's, as a,b"},
    {"concurrency", 'c', "N", OPTION_UINT, AT(concurrency), 1, REPLAY_REQUESTS_MAX, NULL,
     "requests in flight (default: the scenario's most, at most 200)"},
    {"scenario", 0, "NAME", OPTION_STRING, AT(scenario), 0, 0, NULL,
     "which one, where RESULTS holds several (default: the first with a trace)"},
    {"slow", 0, "N", OPTION_UINT, AT(slow), 1, 10000000, NULL,
     "replay N times slower than it was (default: so that it takes 5 s)"},
    {"step", 0, NULL, OPTION_FLAG, AT(is_stepped), 0, 0, NULL,
     "stand still until a key is pressed"},
    {"no-guess", 0, NULL, OPTION_FLAG, AT(no_guess), 0, 0, NULL,
     "do not ask for a guess first"},
};
static const struct option_table table = {
    "concbench show [OPTIONS] SCENARIO|RESULTS",
    "Makes one trial of each model, with at most 200 requests, and replays in the "
    "terminal what each of them did when; or replays what a run holds. Nothing is stored "
    "and nothing is ranked. Keys: space pauses, the right arrow goes a step on, r begins "
    "again, q leaves. Where stdin or stdout is no terminal, it prints lines.",
    specs,
    COUNT_OF(specs),
    "concbench show ten-requests\n"
    "concbench show gather --models sequential,coroutines --step\n"
    "concbench show results/latest --no-guess",
    "3  nothing of it can run here\n4  a trial was not valid, and is not shown"};

/* What is shown, from wherever it comes. */
struct show {
    const struct flags *flags;
    struct replay replay;
    char title[200], question[400], noun[64];
    char *why;   /* owned: the scenario's explanation */
    FILE *notes; /* what is not shown, and why: for the end */
    char *notes_text;
    size_t notes_size;
    char *command; /* owned: of the last model's runner; NULL: not known */
    bool is_cpu;   /* the task only computes */
    bool has_own_server;
    size_t invalid;
    char guess[GUESS_SIZE];
};

static void describe(struct show *show, const json_t *scenario)
{
    const json_t *origin = json_object_get(scenario, "origin");
    const char *server = json_text_of(origin, "server");
    struct headline headline;
    headline_of(scenario, &headline);
    (void)clean_text(show->title, sizeof show->title, json_text_of(scenario, "title"));
    (void)clean_text(show->question, sizeof show->question,
                     json_text_of(scenario, "question"));
    (void)clean_text(show->noun, sizeof show->noun, headline.noun);
    free(show->why);
    show->why = clean_dup(json_text_of(scenario, "why"));
    show->has_own_server = (!*server || !strcmp(server, "own")) &&
                           !json_is_true(json_object_get(origin, "tls")) &&
                           strcmp(json_text_of(origin, "fault"), "refused") != 0;
    show->is_cpu = !strcmp(json_text_of(scenario, "task"), "cpu");
}

static void keep_command(struct show *show, const json_t *words)
{
    free(show->command);
    show->command = by_hand(words, show->has_own_server);
}

static void add_trial(void *arg, const struct plan_cell *cell, const json_t *trial)
{
    struct show *show = arg;
    const json_t *reason = json_object_get(trial, "invalid_reason");
    if (!trial) {
        clean_print(show->notes, "%s is not shown: %s\n", cell->model, cell->skip_reason);
        return;
    }
    if (!json_is_true(json_object_get(trial, "valid")) && !interrupt_requested) {
        clean_print(show->notes, "%s is not shown, its trial was not valid: %s\n",
                    cell->model, json_text_of(reason, "text"));
        show->invalid++;
        return;
    }
    json_auto_t *trace = traced_of(trial);
    if (!replay_add(&show->replay, cell->model, trace))
        clean_print(show->notes, "%s is not shown: its runner notes no times\n",
                    cell->model);
    keep_command(show, json_object_get(trial, "command"));
}

static double trials_seconds(const struct plan *plan)
{
    double sum_s = 0;
    for (size_t c = 0; c < plan->cell_count; c++) {
        if (!plan->cells[c].skip_reason[0])
            sum_s += estimate_trial_seconds(&plan->cells[c]);
    }
    return sum_s;
}

/* The requests in flight of --concurrency, or the scenario's most, if these are shown. */
static uint64_t choose_concurrency(const struct show *show, const struct scenario *s)
{
    uint64_t most = show->flags->concurrency;
    for (size_t i = 0; i < s->concurrency_count && !show->flags->concurrency; i++)
        most = s->concurrency[i] > most ? s->concurrency[i] : most;
    return most < REPLAY_REQUESTS_MAX ? most : REPLAY_REQUESTS_MAX;
}

/* Fewer requests, until all trials together take little time. */
static int plan_small(struct show *show, const char *name, struct run *out_run,
                      struct err *err)
{
    char concurrency[24];
    const char *const names[] = {name};
    struct scenario *scenario = NULL;
    struct run_options options = {.scenarios = names,
                                  .scenario_count = 1,
                                  .blocks = 1,
                                  .blocks_given = true,
                                  .seed = 1,
                                  .out = paths_results_folder()};
    options.overrides.is_quick = true;
    options.overrides.models = show->flags->models;
    if (overrides_load(name, &options.overrides, &scenario, err))
        return -1;
    describe(show, scenario->json);
    uint64_t at_once = choose_concurrency(show, scenario);
    const uint64_t wanted = scenario_requests(scenario, at_once);
    uint64_t requests = wanted < REPLAY_REQUESTS_MAX ? wanted : REPLAY_REQUESTS_MAX;
    scenario_free(scenario);
    for (bool is_small = false; !is_small; requests /= 2) {
        requests = requests > 0 ? requests : 1;
        at_once = at_once < requests ? at_once : requests;
        (void)snprintf(concurrency, sizeof concurrency, "%" PRIu64, at_once);
        options.overrides.concurrency = concurrency;
        options.overrides.requests = requests;
        if (run_plan(&options, out_run, err))
            return -1;
        is_small = trials_seconds(out_run->plan) < TRIALS_S || requests < 4;
        if (!is_small)
            run_done(out_run);
        else if (requests < wanted)
            clean_print(show->notes,
                        "each model made %" PRIu64 " %s, not %" PRIu64
                        " as in a run, %" PRIu64 " at a time\n",
                        requests, format_plural(show->noun, requests != 1).s, wanted,
                        at_once);
    }
    return out_run->plan->feasible_count > 0
               ? 0
               : err_set(err, EXIT_CODE_UNFIT, "no model can run here; the first: %s",
                         out_run->plan->cells[0].skip_reason);
}

static void say_question(const struct show *show, FILE *out)
{
    FILE *lines = fold_open(out, 80);
    clean_print(lines, "%s\n\n%s\n\n", show->title, show->question);
    fold_close(lines, out);
    (void)fflush(out);
}

static int measure(struct show *show, const char *name, int *out_signal, struct err *err)
{
    struct run run = {.plan = NULL};
    int status = plan_small(show, name, &run, err);
    if (!status) {
        say_question(show, stdout);
        clean_print(stdout, "Trying %zu models ...\n", run.plan->feasible_count);
        (void)fflush(stdout);
        status = run_once(&run, add_trial, show, err);
        *out_signal = run.interrupted_by;
    }
    run_done(&run);
    return status;
}

/* The cell of the model at the highest concurrency, or at the one that is asked for. */
static bool is_chosen(const struct show *show, const json_t *cells, const json_t *cell)
{
    const json_int_t at = json_integer_value(json_object_get(cell, "concurrency"));
    size_t i = 0;
    json_t *other = NULL;
    if (show->flags->concurrency)
        return (uint64_t)at == show->flags->concurrency;
    json_array_foreach (cells, i, other) {
        if (!strcmp(json_text_of(other, "model"), json_text_of(cell, "model")) &&
            !strcmp(json_text_of(other, "scenario"), json_text_of(cell, "scenario")) &&
            json_integer_value(json_object_get(other, "concurrency")) > at)
            return false;
    }
    return true;
}

static bool is_wanted(const char *models, const char *model)
{
    return !models || list_has(models, strlen(models), ",", model);
}

static void add_cells(struct show *show, const json_t *cells, const char *scenario)
{
    size_t i = 0;
    json_t *cell = NULL;
    json_array_foreach (cells, i, cell) {
        const char *model = json_text_of(cell, "model");
        const json_t *trials = json_object_get(cell, "trials");
        if (strcmp(json_text_of(cell, "scenario"), scenario) != 0 ||
            !is_wanted(show->flags->models, model) || !is_chosen(show, cells, cell))
            continue;
        if (replay_add(&show->replay, model, json_object_get(cell, "trace")))
            keep_command(show, json_object_get(json_array_get(trials, 0), "command"));
        else
            clean_print(show->notes, "%s is not shown: no trace of it was kept\n", model);
    }
}

static int load(struct show *show, const char *path, struct err *err)
{
    struct recovered recovered = {.results = NULL};
    if (recover_load(path, RESULTS_MAX, &recovered, err))
        return -1;
    json_auto_t *results = recovered.results;
    const json_t *cells = json_object_get(results, "cells");
    const json_t *run = json_object_get(results, "run");
    size_t i = 0;
    json_t *scenario = NULL;
    bool is_found = false;
    json_array_foreach (json_object_get(results, "scenarios"), i, scenario) {
        const char *name = json_text_of(scenario, "name");
        if (show->replay.count > 0 ||
            (show->flags->scenario && strcmp(name, show->flags->scenario) != 0))
            continue;
        is_found = true;
        describe(show, scenario);
        show->has_own_server = show->has_own_server && !*json_text_of(run, "url");
        add_cells(show, cells, name);
    }
    if (!is_found)
        return err_set(err, EXIT_CODE_USAGE, "%s: no such scenario in it", path);
    if (show->replay.count == 0)
        return err_set(err, EXIT_CODE_USAGE,
                       "%s: no trace to show in it; runs of older versions have none, "
                       "`concbench show SCENARIO` makes new ones",
                       path);
    say_question(show, stdout);
    return 0;
}

/* Folders and files that are no scenario hold results. */
static bool is_results(const char *word)
{
    struct stat about;
    if (!strchr(word, '/') && !strstr(word, ".json"))
        return !strcmp(word, "latest");
    if (stat(word, &about) || S_ISDIR(about.st_mode) || recover_is_journal(word))
        return true;
    json_auto_t *json = NULL;
    struct err ignored = {0};
    return json_load_path(word, RESULTS_MAX, &json, &ignored) ||
           !json_object_get(json, "task");
}

static void print_line(void *arg, const struct replay_line *line)
{
    clean_print(arg, "%s\n", line->text);
}

static void print_end(const struct show *show)
{
    FILE *lines = fold_open(stdout, 80);
    if (*show->guess)
        clean_print(lines, "You guessed: %s\n", show->guess);
    talk_took(lines, &show->replay, show->noun);
    (void)fputs(show->notes_text, lines);
    if (show->why && *show->why)
        clean_print(lines, "\nWhy: %s\n", show->why);
    if (show->command)
        clean_print(lines, "\nThe last of them by hand:\n");
    fold_close(lines, stdout);
    if (show->command) /* whole, to be copied */
        clean_print(stdout, "%s\n", show->command);
}

static void replay(struct show *show)
{
    const struct flags *flags = show->flags;
    const struct screen_options options = {
        .question = show->question,
        .slow = flags->slow > 0 ? (double)flags->slow : REPLAY_NS / show->replay.end_ns,
        .is_stepped = flags->is_stepped,
        .interrupted = &interrupt_requested};
    replay_begin(&show->replay, show->is_cpu);
    (void)fflush(stdout);
    if (screen_is_possible() && !interrupt_requested)
        (void)screen_show(&show->replay, &options);
    const size_t width = fold_width(stdout, 80);
    replay_draw(&show->replay, show->replay.end_ns, width, 60, print_line, stdout);
    (void)puts(width < sizeof REPLAY_LEGEND ? REPLAY_LEGEND_NARROW : REPLAY_LEGEND);
    (void)puts("");
    print_end(show);
}

static int act(struct show *show, const char *word, struct err *err)
{
    int signal_number = 0;
    const int status = is_results(word) ? load(show, word, err)
                                        : measure(show, word, &signal_number, err);
    memory_stream_flush(show->notes);
    if (status)
        return err->code;
    if (!signal_number && show->replay.count > 0) {
        process_catch_ending(interrupt_by);
        if (!show->flags->no_guess && screen_is_possible())
            talk_guess(&show->replay, show->noun, show->guess, sizeof show->guess);
        if (!interrupt_requested)
            replay(show);
        signal_number = interrupt_requested;
    } else if (!signal_number) {
        clean_print(stdout, "%s", show->notes_text);
    }
    if (signal_number)
        process_end_by_signal(signal_number, err, "concbench");
    return show->invalid > 0 ? EXIT_CODE_INVALID_TRIALS : EXIT_CODE_OK;
}

int verb_show(int argc, char **argv, struct err *err)
{
    struct flags flags = {.models = NULL};
    int positional = 0;
    if (!options_begin(&table, argc, argv, &flags, &positional, err))
        return err->code;
    if (positional != 1)
        return err_set(err, EXIT_CODE_USAGE,
                       "show needs a scenario, such as ten-requests, or the results of "
                       "a run; `concbench list` names the scenarios");
    struct show *show = memory_calloc(1, sizeof *show);
    show->flags = &flags;
    show->notes = memory_stream(&show->notes_text, &show->notes_size);
    const int code = act(show, argv[1], err);
    memory_stream_close(show->notes, &show->notes_text);
    replay_done(&show->replay);
    free(show->notes_text);
    free(show->command);
    free(show->why);
    free(show);
    return code;
}
