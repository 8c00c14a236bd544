/* verb_run.c: the command line of `concbench run`; the work is run.c's. */
#include "cli/verbs.h"

#include "analysis/margin.h"
#include "cli/expectations.h"
#include "cli/measure_flags.h"
#include "cli/summarise.h"
#include "common/blocks.h"
#include "common/cleanup.h"
#include "common/fold.h"
#include "common/json.h"
#include "common/options.h"
#include "common/paths.h"
#include "common/process.h"
#include "common/redact.h"
#include "harness/plan/budget.h"
#include "harness/plan/quick.h"
#include "harness/run/resume.h"
#include "harness/run/run.h"
#include "harness/trial/command.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define SCENARIOS_MAX 64

struct flags {
    struct measure_flags shared;
    const char *preset, *concurrency, *resume, *arrivals, *budget, *delta, *until;
    uint64_t requests, blocks, rate_per_s;
    bool syscalls, expect;
};

#define AT(field) offsetof(struct flags, field)
static const struct option_spec specs[] = {
    {"preset", 'p', "NAME", OPTION_CHOICE, AT(preset), 0, 0, "quick|default|rigorous",
     "4, 12 or 24 blocks; quick also makes long scenarios smaller, and rigorous compares "
     "the baseline with itself (default: default)"},
    MEASURE_MODELS_SPECS,
    {"concurrency", 'c', "LIST", OPTION_STRING, AT(concurrency), 0, 0, NULL,
     "these concurrencies, as 1,10,100"},
    {"requests", 'n', "N", OPTION_UINT, AT(requests), 1, UINT64_C(4000000000), NULL,
     "requests of each trial (at least the concurrency)"},
    {"rate", 'r', "R", OPTION_UINT, AT(rate_per_s), 1, 10000000, NULL,
     "open loop: R requests/s arrive; trials of 2 s or more without -n"},
    {"arrivals", 0, "HOW", OPTION_CHOICE, AT(arrivals), 0, 0, "poisson|fixed",
     "the gaps between requests in an open loop (default poisson)"},
    MEASURE_SERVER_SPECS,
    {"blocks", 'b', "N", OPTION_UINT, AT(blocks), 1, BLOCKS_MAX, NULL,
     "blocks instead of the preset's; 6 or more give intervals"},
    {"budget", 0, "TIME", OPTION_STRING, AT(budget), 0, 0, NULL,
     "as many of the blocks (4 or more) as fit into 90s, 5m or 1h"},
    {"until", 0, "WHEN", OPTION_CHOICE, AT(until), 0, 0, "settled",
     "blocks until all comparisons of speed, CPU and p99 have a word, or the budget is "
     "spent "
     "(default 3m, or what the preset takes)"},
    {"delta", 0, "P", OPTION_STRING, AT(delta), 0, 0, NULL,
     "differences below P, as 2.5%, count as none (default: 1%, or this machine's "
     "floor)"},
    MEASURE_OUT_SPECS,
    {"resume", 0, "RUN", OPTION_STRING, AT(resume), 0, 0, NULL,
     "go on with this run, which did not come to its end; its plan is kept"},
    {"syscalls", 0, NULL, OPTION_FLAG, AT(syscalls), 0, 0, NULL,
     "also count system calls per request, in a separate pass at the end"},
    {"expect", 0, NULL, OPTION_FLAG, AT(expect), 0, 0, NULL,
     "say which of the scenarios' predictions held; exit 5 when one did not"},
    MEASURE_TELL_SPECS,
};
static const struct option_table table = {
    "concbench run [OPTIONS] [SCENARIO...]",
    "Measures scenarios (names, or files such as ./my.json) and makes the report. "
    "Without a scenario: slow-origin, fast-origin and mini-ab.",
    specs,
    COUNT_OF(specs),
    "concbench run ten-requests --preset quick\n"
    "concbench run slow-origin --models threads,coroutines -c1,64\n"
    "concbench run fast-origin --url http://127.0.0.1:8080/ --budget 5m\n"
    "concbench run ./mine.json --dry-run",
    "3  this machine is unfit, or another run measures here\n"
    "4  done, but trials stayed invalid\n"
    "5  a prediction did not hold (--expect)"};

/* What a preset is: blocks, and whether the baseline is also compared with itself. */
static const struct preset {
    const char *name;
    uint64_t blocks;
    enum run_controls controls;
} presets[] = {{QUICK_NAME, QUICK_BLOCKS, RUN_CONTROLS_NONE},
               {"default", 12, RUN_CONTROLS_NONE},
               {"rigorous", 24, RUN_CONTROLS_BASELINE}};

static const char default_preset[] = "default";
static const char *const default_set[] = {"slow-origin", "fast-origin", "mini-ab"};

static const struct preset *preset_of(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(presets); i++) {
        if (!strcmp(presets[i].name, name))
            return &presets[i];
    }
    return &presets[1];
}

static struct run_options options_of(const struct flags *flags, const json_t *command)
{
    const struct preset *preset = preset_of(flags->preset);
    struct run_options o = {.preset = flags->preset,
                            .blocks = flags->blocks ? flags->blocks : preset->blocks,
                            .blocks_given = flags->blocks > 0,
                            .controls = preset->controls,
                            .is_until_settled = flags->until != NULL,
                            .resume = flags->resume,
                            .command = command,
                            .syscalls = flags->syscalls};
    measure_flags_apply(&flags->shared, &o);
    o.overrides.is_quick = !strcmp(preset->name, QUICK_NAME);
    o.overrides.concurrency = flags->concurrency;
    o.overrides.requests = flags->requests;
    o.overrides.rate_per_s = flags->rate_per_s;
    o.overrides.arrivals = flags->arrivals;
    return o;
}

static void print_json(json_t *json)
{
    json_auto_t *masked = redact_json(json);
    json_show(masked, stdout);
    json_decref(json);
}

/* Asking for predictions when no scenario has any is a mistake in the command line. */
static int check_expect(const struct run *run, struct err *err)
{
    for (size_t i = 0; i < run->options.scenario_count; i++) {
        if (json_object_get(run->scenarios[i]->json, "expect"))
            return 0;
    }
    return err_set(
        err, EXIT_CODE_USAGE,
        "--expect: no scenario of this run predicts anything; add \"expect\" to "
        "one (docs/scenarios.md)");
}

static void tell(const struct run *run, const struct flags *flags)
{
    if (flags->shared.json) {
        json_t *json = summarise_json(run);
        if (flags->expect)
            json_put(json, "expectations",
                     json_incref(json_object_get(run->results, "expectations")));
        print_json(json);
        return;
    }
    const bool color = summarise_wants_color(flags->shared.color, stdout);
    FILE *lines = fold_open(stdout, 0);
    if (flags->expect)
        expectations_print(run->results, color, lines);
    summarise_print(run, color, lines);
    fold_close(lines, stdout);
}

/* Trials that are invalid come first: what was not measured well proves nothing. */
static int exit_code_of(const struct run *run, const struct flags *flags)
{
    if (run->trials_invalid > 0)
        return EXIT_CODE_INVALID_TRIALS;
    if (flags->expect && expectations_count(run->results, "not-held") > 0)
        return EXIT_CODE_REGRESSION;
    return EXIT_CODE_OK;
}

static int measure_and_tell(struct run *run, const struct flags *flags, struct err *err)
{
    if ((flags->expect && check_expect(run, err)) || run_check(run, err))
        return err->code;
    if (!flags->shared.json)
        summarise_print_plan(run, false, stderr);
    int status = run_measure(run, err);
    if (run->results)
        tell(run, flags);
    if (run->interrupted_by) {
        redact_text(err->text);
        process_end_by_signal(run->interrupted_by, err, "concbench");
    }
    return status ? (int)err->code : exit_code_of(run, flags);
}

/* The plan of a run that is resumed is its own; what belongs to it is not said again. */
static int check_resume(const struct flags *flags, int positional, struct err *err)
{
    const struct {
        const char *name;
        bool given;
    } others[] = {{"a scenario", positional > 0},
                  {"--preset", flags->preset != default_preset},
                  {"--models", flags->shared.models != NULL},
                  {"--sweep", flags->shared.sweeps.count > 0},
                  {"--libcurl", flags->shared.libcurls.count > 0},
                  {"--concurrency", flags->concurrency != NULL},
                  {"--requests", flags->requests > 0},
                  {"--rate", flags->rate_per_s > 0},
                  {"--arrivals", flags->arrivals != NULL},
                  {"--cpus-runner", flags->shared.cpus_runner != NULL},
                  {"--cpus-origin", flags->shared.cpus_origin != NULL},
                  {"--blocks", flags->blocks > 0},
                  {"--budget", flags->budget != NULL},
                  {"--until", flags->until != NULL},
                  {"--delta", flags->delta != NULL},
                  {"--seed", flags->shared.seed != UINT64_MAX},
                  {"--out", flags->shared.out != paths_results_folder()},
                  {"--syscalls", flags->syscalls}};
    for (size_t i = 0; flags->resume && i < COUNT_OF(others); i++) {
        if (others[i].given)
            return err_set(err, EXIT_CODE_USAGE,
                           "--resume takes its plan from the run: leave out %s",
                           others[i].name);
    }
    return 0;
}

static int tell_complete(const struct run *run)
{
    (void)printf(
        "%s is complete; nothing is left to measure. `concbench report %s` draws "
        "its report.\n",
        run->paths.directory, run->paths.directory);
    return EXIT_CODE_OK;
}

static int act(const struct flags *flags, const struct run_options *options,
               struct err *err)
{
    struct run run = {.plan = NULL};
    int code = EXIT_CODE_OK;
    if (run_plan(options, &run, err)) {
        code = err->code;
    } else if (run.resume && run.resume->is_complete) {
        code = tell_complete(&run);
    } else if (flags->shared.dry_run) {
        if (flags->shared.json)
            print_json(summarise_plan_json(&run));
        else
            summarise_print_plan(&run, true, stdout);
    } else {
        code = measure_and_tell(&run, flags, err);
    }
    run_done(&run);
    return code;
}

int verb_run(int argc, char **argv, struct err *err)
{
    struct flags flags = {.shared = measure_flags_default(), .preset = default_preset};
    int positional = 0;
    json_auto_t *command = redact_command(argc, argv);
    if (!options_begin(&table, argc, argv, &flags, &positional, err))
        return err->code;
    if (positional > SCENARIOS_MAX)
        return err_set(err, EXIT_CODE_USAGE, "more than %d scenarios", SCENARIOS_MAX);
    if (check_resume(&flags, positional, err) ||
        measure_flags_check(&flags.shared, flags.resume != NULL, err))
        return err->code;
    struct run_options options = options_of(&flags, command);
    if ((flags.budget && budget_parse(flags.budget, &options.budget_s, err)) ||
        (flags.delta && margin_parse("--delta", flags.delta, &options.margin, err)))
        return err->code;
    options.scenarios = positional ? (const char *const *)(argv + 1) : default_set;
    options.scenario_count = positional ? (size_t)positional : COUNT_OF(default_set);
    return act(&flags, &options, err);
}
