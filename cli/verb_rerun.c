/* verb_rerun.c: `concbench rerun`: the run of a results.json once more on this machine as
 * it is now, and what `concbench compare` says of the two. */
#include "cli/verbs.h"

#include "analysis/compare/compare.h"
#include "analysis/compare/compare_environment.h"
#include "cli/summarise.h"
#include "common/certificates.h"
#include "common/cleanup.h"
#include "common/fold.h"
#include "common/json.h"
#include "common/options.h"
#include "common/paths.h"
#include "common/process.h"
#include "common/redact.h"
#include "harness/run/run.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct flags {
    const char *out, *url, *resolve, *ca_file, *origin_token, *progress, *color;
    struct option_list runners;
    bool is_insecure, dry_run, no_report, all;
};

#define AT(field) offsetof(struct flags, field)
static const struct option_spec specs[] = {
    {"out", 'o', "DIR", OPTION_STRING, AT(out), 0, 0, NULL,
     "where the new run's directory is made " PATHS_RESULTS_HELP},
    {"runner", 0, "NAME=CMD", OPTION_LIST, AT(runners), 0, 0, NULL,
     "the command of this model again, when it is stored masked"},
    {"url", 'u', "URL", OPTION_STRING, AT(url), 0, 0, NULL,
     "the server's address again, when it is stored masked"},
    {"resolve", 0, "HOST:PORT:ADDRESS", OPTION_STRING, AT(resolve), 0, 0, NULL,
     "another address for the server's name (default: that of then)"},
    {"cacert", 0, "FILE", OPTION_STRING, AT(ca_file), 0, 0, NULL,
     "the certificates again that the run trusted"},
    {"insecure", 0, NULL, OPTION_FLAG, AT(is_insecure), 0, 0, NULL,
     "again, when the run verified no certificate"},
    {"origin-token", 0, "FILE", OPTION_STRING, AT(origin_token), 0, 0, NULL,
     "the token of our origin on another host (default: in " ORIGIN_REMOTE_TOKEN ")"},
    {"dry-run", 0, NULL, OPTION_FLAG, AT(dry_run), 0, 0, NULL,
     "print what differs and the plan"},
    {"all", 'a', NULL, OPTION_FLAG, AT(all), 0, 0, NULL,
     "show every row of the comparison, not only those that show a change"},
    {"progress", 0, "WHEN", OPTION_CHOICE, AT(progress), 0, 0, "auto|plain|none",
     "how to show progress on stderr (default auto)"},
    {"no-report", 0, NULL, OPTION_FLAG, AT(no_report), 0, 0, NULL, "make no report"},
    {"color", 0, "WHEN", OPTION_CHOICE, AT(color), 0, 0, "auto|always|never",
     "colour the verdicts (default auto)"},
};
static const struct option_table table = {
    "concbench rerun [OPTIONS] RESULTS",
    "Measures again what a results.json (or the folder of a run) says: same scenarios as "
    "they were then, same models, load, blocks and seed. First it names what differs in "
    "machine, libraries and build; in the end it compares the new run with the old.",
    specs,
    COUNT_OF(specs),
    "concbench rerun results/latest\n"
    "concbench rerun results/OLD/results.json --dry-run\n"
    "concbench rerun their.json --out here --all",
    "3  this machine is unfit, or another run measures here\n"
    "4  done, but trials stayed invalid"};

/* The lasting facts of environment that were others then. */
static void tell_differences(const struct compare_file *old, const json_t *now,
                             bool is_colored, FILE *out)
{
    struct compare_set both = {.count = 2};
    both.files[0].environment = old->environment;
    both.files[1].environment = now;
    json_auto_t *environment = compare_environment(&both), *kept = json_array();
    json_t *difference = NULL;
    size_t i = 0;
    json_array_foreach (json_object_get(environment, "differences"), i, difference) {
        if (compare_environment_is_lasting(json_text_of(difference, "group"),
                                           json_text_of(difference, "fact")))
            json_push(kept, json_incref(difference));
    }
    json_put(environment, "differences", json_incref(kept));
    json_auto_t *told = json_pack("{s:[{s:s},{s:s}], s:O}", "files", "label", "then",
                                  "label", "now", "environment", environment);
    FILE *lines = fold_open(out, 0);
    compare_print_environment(told, is_colored, lines);
    (void)fputs("\n", lines);
    fold_close(lines, out);
}

/* What `concbench compare OLD NEW` prints. */
static int compare(struct compare_set *set, const char *folder, const struct flags *flags,
                   struct err *err)
{
    if (compare_set_add(set, folder, err))
        return -1;
    compare_set_label(set);
    json_auto_t *comparison = compare_make(set);
    const struct compare_print how = {.is_colored =
                                          summarise_wants_color(flags->color, stdout),
                                      .has_all_rows = flags->all};
    FILE *lines = fold_open(stdout, 0);
    (void)fputs("\n", lines);
    compare_print(comparison, &how, lines);
    fold_close(lines, stdout);
    return 0;
}

static int measure(struct run *run, struct compare_set *set, const struct flags *flags,
                   struct err *err)
{
    if (run_check(run, err))
        return err->code;
    summarise_print_plan(run, false, stderr);
    int status = run_measure(run, err);
    if (run->results) {
        FILE *lines = fold_open(stdout, 0);
        summarise_print(run, summarise_wants_color(flags->color, stdout), lines);
        fold_close(lines, stdout);
    }
    if (run->interrupted_by) {
        redact_text(err->text);
        process_end_by_signal(run->interrupted_by, err, "concbench");
    }
    if (status || compare(set, run->paths.directory, flags, err))
        return err->code;
    return run->trials_invalid > 0 ? EXIT_CODE_INVALID_TRIALS : EXIT_CODE_OK;
}

static int act(struct compare_set *set, const struct run_options *options,
               const struct flags *flags, struct err *err)
{
    struct run run = {.plan = NULL};
    FILE *out = flags->dry_run ? stdout : stderr;
    int code = EXIT_CODE_OK;
    const int status = run_plan(options, &run, err);
    if (run.environment) /* also when they are why there is no plan */
        tell_differences(&set->files[0], run.environment,
                         summarise_wants_color(flags->color, out), out);
    if (status)
        code = err->code;
    else if (flags->dry_run)
        summarise_print_plan(&run, true, stdout);
    else
        code = measure(&run, set, flags, err);
    run_done(&run);
    return code;
}

int verb_rerun(int argc, char **argv, struct err *err)
{
    struct flags flags = {
        .out = paths_results_folder(), .progress = "auto", .color = "auto"};
    struct compare_set set = {.count = 0};
    int positional = 0, code = EXIT_CODE_USAGE;
    json_auto_t *command = redact_command(argc, argv);
    if (!options_begin(&table, argc, argv, &flags, &positional, err))
        return err->code;
    if (positional != 1)
        return err_set(err, EXIT_CODE_USAGE, "rerun takes the results of one run, got %d",
                       positional);
    if (certificates_check("--cacert", flags.ca_file, err))
        return err->code;
    if (!compare_set_add(&set, argv[1], err)) {
        const struct run_options options = {.rerun = set.files[0].results,
                                            .url = flags.url,
                                            .resolve = flags.resolve,
                                            .ca_file = flags.ca_file,
                                            .is_insecure = flags.is_insecure,
                                            .origin_token = flags.origin_token,
                                            .overrides.runners = flags.runners,
                                            .out = flags.out,
                                            .command = command,
                                            .makes_report = !flags.no_report,
                                            .progress =
                                                progress_mode_of(flags.progress, stderr)};
        code = set.count == 1 ? act(&set, &options, &flags, err)
                              : err_set(err, EXIT_CODE_USAGE,
                                        "%.200s holds %zu runs; rerun takes the results "
                                        "of one",
                                        argv[1], set.count);
    }
    compare_set_done(&set);
    return code;
}
