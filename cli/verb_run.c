/* verb_run.c: the command line of `concbench run`; the work is run.c's. */
#include "cli/verbs.h"

#include "analysis/margin.h"
#include "cli/expectations.h"
#include "cli/summarise.h"
#include "common/blocks.h"
#include "common/certificates.h"
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
#include "harness/run/url.h"
#include "harness/trial/command.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#define SEED_LIMIT    ((UINT64_C(1) << 53) - 1)
#define SCENARIOS_MAX 64

struct flags {
    const char *preset, *models, *concurrency, *url, *out, *progress, *color, *resume;
    const char *arrivals, *budget, *delta, *ca_file, *cpus_runner, *cpus_origin;
    const char *resolve, *until;
    const char *origin, *origin_token;
    uint64_t requests, blocks, seed, rate_per_s;
    struct option_list runners, sweeps, libcurls;
    bool is_insecure;
    bool dry_run, json, no_report, syscalls, expect;
};

#define AT(field) offsetof(struct flags, field)
static const struct option_spec specs[] = {
    {"preset", 'p', "NAME", OPTION_CHOICE, AT(preset), 0, 0, "quick|default|rigorous",
     "4, 12 or 24 blocks; quick also makes long scenarios smaller, and rigorous compares "
     "the baseline with itself (default: default)"},
    {"models", 'm', "LIST", OPTION_STRING, AT(models), 0, 0, NULL,
     "these models instead of the scenario's, as a,b"},
    {"runner", 0, "NAME=CMD", OPTION_LIST, AT(runners), 0, 0, NULL,
     "also this command as a model; may be given again (docs/scenarios.md)"},
    {"sweep", 0, "KNOB=LIST", OPTION_LIST, AT(sweeps), 0, 0, NULL,
     "each model once per value, as switch=fcontext,ucontext; may be given again"},
    {"libcurl", 0, "DIR", OPTION_LIST, AT(libcurls), 0, 0, NULL,
     "each model that uses libcurl once more with the libcurl.so.4 in DIR; again for "
     "each"},
    {"concurrency", 'c', "LIST", OPTION_STRING, AT(concurrency), 0, 0, NULL,
     "these concurrencies, as 1,10,100"},
    {"requests", 'n', "N", OPTION_UINT, AT(requests), 1, UINT64_C(4000000000), NULL,
     "requests of each trial (at least the concurrency)"},
    {"rate", 'r', "R", OPTION_UINT, AT(rate_per_s), 1, 10000000, NULL,
     "open loop: R requests/s arrive; trials of 2 s or more without -n"},
    {"arrivals", 0, "HOW", OPTION_CHOICE, AT(arrivals), 0, 0, "poisson|fixed",
     "the gaps between requests in an open loop (default poisson)"},
    {"url", 'u', "URL", OPTION_STRING, AT(url), 0, 0, NULL,
     "measure against this server instead of our origin"},
    {"resolve", 0, "HOST:PORT:ADDRESS", OPTION_STRING, AT(resolve), 0, 0, NULL,
     "with --url: its address, as with curl (default: looked up once, for all models)"},
    {"origin", 0, "URL", OPTION_STRING, AT(origin), 0, 0, NULL,
     "our origin runs on another host, at http://HOST:PORT (docs/origin.md)"},
    {"origin-token", 0, "FILE", OPTION_STRING, AT(origin_token), 0, 0, NULL,
     "its token is in FILE (default: in " ORIGIN_REMOTE_TOKEN ")"},
    {"cacert", 0, "FILE", OPTION_STRING, AT(ca_file), 0, 0, NULL,
     "with an https URL: certificates to trust instead of the system's"},
    {"insecure", 0, NULL, OPTION_FLAG, AT(is_insecure), 0, 0, NULL,
     "with an https URL: do not verify the server's certificate"},
    {"cpus-runner", 0, "LIST", OPTION_STRING, AT(cpus_runner), 0, 0, NULL,
     "CPUs of the runners, as 2-3,6 (default: half of what `concbench doctor` shows)"},
    {"cpus-origin", 0, "LIST", OPTION_STRING, AT(cpus_origin), 0, 0, NULL,
     "CPUs of origin and harness; with one list alone the other side has the rest"},
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
    {"seed", 's', "N", OPTION_UINT, AT(seed), 0, SEED_LIMIT, NULL,
     "seed of the order (default: random, stored)"},
    {"out", 'o', "DIR", OPTION_STRING, AT(out), 0, 0, NULL,
     "where the run's directory is made " PATHS_RESULTS_HELP},
    {"resume", 0, "RUN", OPTION_STRING, AT(resume), 0, 0, NULL,
     "go on with this run, which did not come to its end; its plan is kept"},
    {"dry-run", 0, NULL, OPTION_FLAG, AT(dry_run), 0, 0, NULL,
     "print the plan and how long it takes"},
    {"json", 0, NULL, OPTION_FLAG, AT(json), 0, 0, NULL, "print JSON on stdout"},
    {"progress", 0, "WHEN", OPTION_CHOICE, AT(progress), 0, 0, "auto|plain|none",
     "how to show progress on stderr (default auto)"},
    {"no-report", 0, NULL, OPTION_FLAG, AT(no_report), 0, 0, NULL, "make no report"},
    {"syscalls", 0, NULL, OPTION_FLAG, AT(syscalls), 0, 0, NULL,
     "also count system calls per request, in a separate pass at the end"},
    {"expect", 0, NULL, OPTION_FLAG, AT(expect), 0, 0, NULL,
     "say which of the scenarios' predictions held; exit 5 when one did not"},
    {"color", 0, "WHEN", OPTION_CHOICE, AT(color), 0, 0, "auto|always|never",
     "colour the verdicts (default auto)"},
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
                            .seed = flags->seed,
                            .url = flags->url,
                            .resolve = flags->resolve,
                            .ca_file = flags->ca_file,
                            .is_insecure = flags->is_insecure,
                            .origin = flags->origin,
                            .origin_token = flags->origin_token,
                            .cpus = {flags->cpus_runner, flags->cpus_origin, flags->url},
                            .out = flags->out,
                            .resume = flags->resume,
                            .command = command,
                            .makes_report = !flags->no_report,
                            .syscalls = flags->syscalls,
                            .progress = progress_mode_of(flags->progress, stderr)};
    o.overrides.is_quick = !strcmp(preset->name, QUICK_NAME);
    o.overrides.models = flags->models;
    o.overrides.concurrency = flags->concurrency;
    o.overrides.requests = flags->requests;
    o.overrides.rate_per_s = flags->rate_per_s;
    o.overrides.arrivals = flags->arrivals;
    o.overrides.runners = flags->runners;
    o.overrides.sweeps = flags->sweeps;
    o.overrides.libcurls = flags->libcurls;
    if (o.seed == UINT64_MAX) {
        if (getrandom(&o.seed, sizeof o.seed, 0) != (ssize_t)sizeof o.seed)
            o.seed = 1;
        o.seed &= SEED_LIMIT;
    }
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
    if (flags->json) {
        json_t *json = summarise_json(run);
        if (flags->expect)
            json_put(json, "expectations",
                     json_incref(json_object_get(run->results, "expectations")));
        print_json(json);
        return;
    }
    const bool color = summarise_wants_color(flags->color, stdout);
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
    if (!flags->json)
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
                  {"--models", flags->models != NULL},
                  {"--sweep", flags->sweeps.count > 0},
                  {"--libcurl", flags->libcurls.count > 0},
                  {"--concurrency", flags->concurrency != NULL},
                  {"--requests", flags->requests > 0},
                  {"--rate", flags->rate_per_s > 0},
                  {"--arrivals", flags->arrivals != NULL},
                  {"--cpus-runner", flags->cpus_runner != NULL},
                  {"--cpus-origin", flags->cpus_origin != NULL},
                  {"--blocks", flags->blocks > 0},
                  {"--budget", flags->budget != NULL},
                  {"--until", flags->until != NULL},
                  {"--delta", flags->delta != NULL},
                  {"--seed", flags->seed != UINT64_MAX},
                  {"--out", flags->out != paths_results_folder()},
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
    } else if (flags->dry_run) {
        if (flags->json)
            print_json(summarise_plan_json(&run));
        else
            summarise_print_plan(&run, true, stdout);
    } else {
        code = measure_and_tell(&run, flags, err);
    }
    run_done(&run);
    return code;
}

/* The server is ours here, ours there, or the user's. */
static int check_server(const struct flags *flags, struct err *err)
{
    if (flags->origin && (flags->url || flags->cpus_origin))
        return err_set(err, EXIT_CODE_USAGE, "--origin and %s exclude each other",
                       flags->url ? "--url" : "--cpus-origin");
    if (flags->origin_token && !flags->origin && !flags->resume)
        return err_set(err, EXIT_CODE_USAGE, "--origin-token belongs to --origin");
    if (flags->resolve && !flags->url)
        return err_set(err, EXIT_CODE_USAGE, "--resolve belongs to --url");
    if (flags->url && url_check(flags->url, err))
        return -1;
    return flags->resolve ? url_check_resolve(flags->url, flags->resolve, err) : 0;
}

/* The options about certificates need an https URL. */
static int check_trust(const struct flags *flags, struct err *err)
{
    if ((flags->ca_file || flags->is_insecure) &&
        (!flags->url || strncasecmp(flags->url, "https:", strlen("https:")) != 0))
        return err_set(err, EXIT_CODE_USAGE,
                       "%s needs an https URL, given with --url; our own origin is "
                       "trusted as it is",
                       flags->ca_file ? "--cacert" : "--insecure");
    return certificates_check("--cacert", flags->ca_file, err);
}

int verb_run(int argc, char **argv, struct err *err)
{
    struct flags flags = {.preset = default_preset,
                          .out = paths_results_folder(),
                          .progress = "auto",
                          .color = "auto",
                          .seed = UINT64_MAX};
    int positional = 0;
    json_auto_t *command = redact_command(argc, argv);
    if (!options_begin(&table, argc, argv, &flags, &positional, err))
        return err->code;
    if (positional > SCENARIOS_MAX)
        return err_set(err, EXIT_CODE_USAGE, "more than %d scenarios", SCENARIOS_MAX);
    if (check_resume(&flags, positional, err) || check_server(&flags, err) ||
        check_trust(&flags, err))
        return err->code;
    struct run_options options = options_of(&flags, command);
    if ((flags.budget && budget_parse(flags.budget, &options.budget_s, err)) ||
        (flags.delta && margin_parse("--delta", flags.delta, &options.margin, err)))
        return err->code;
    options.scenarios = positional ? (const char *const *)(argv + 1) : default_set;
    options.scenario_count = positional ? (size_t)positional : COUNT_OF(default_set);
    return act(&flags, &options, err);
}
