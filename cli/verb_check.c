/* verb_check.c: the command line of `concbench check`: runs check.c's scenario into
 * <out>/check, stores the floor, says what came out. */
#include "cli/verbs.h"

#include "analysis/noise_floor.h"
#include "cli/check.h"
#include "cli/measure_flags.h"
#include "common/clean.h"
#include "common/cleanup.h"
#include "common/fold.h"
#include "common/json.h"
#include "common/options.h"
#include "common/paths.h"
#include "common/process.h"
#include "harness/host/lock.h"
#include "harness/plan/budget.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct flags {
    const char *out, *budget, *progress;
    uint64_t seed;
    bool json;
};

#define AT(field) offsetof(struct flags, field)
static const struct option_spec specs[] = {
    {"out", 'o', "DIR", OPTION_STRING, AT(out), 0, 0, NULL,
     "the results directory whose floor.json is written " PATHS_RESULTS_HELP},
    {"seed", 's', "N", OPTION_UINT, AT(seed), 0, MEASURE_SEED_MAX, NULL,
     "seed of the order (default: random, stored)"},
    {"budget", 0, "TIME", OPTION_STRING, AT(budget), 0, 0, NULL,
     "give a busy machine longer, as 5m (default 75s)"},
    {"json", 0, NULL, OPTION_FLAG, AT(json), 0, 0, NULL, "print JSON on stdout"},
    {"progress", 0, "WHEN", OPTION_CHOICE, AT(progress), 0, 0, "auto|plain|none",
     "how to show progress on stderr (default auto)"},
};
static const struct option_table table = {
    "concbench check [OPTIONS]",
    "Runs two models against themselves for under 90 s, to show how noisy this machine "
    "is, the smallest difference a default run can show, and what disturbs it. Later "
    "runs into the same directory take this noise floor as the difference below which "
    "models are the same.",
    specs,
    COUNT_OF(specs),
    "concbench check\nconcbench check --budget 5m",
    "3  a model differed from itself, no floor could be measured, or the machine is "
    "unfit"};

static void tell(const struct run *run, const struct flags *flags,
                 const json_t *noise_floor)
{
    if (!flags->json) {
        FILE *lines = fold_open(stdout, 0);
        check_print(run->results, noise_floor, lines);
        clean_print(lines, "\nfloor    %s/" NOISE_FLOOR_FILE "\nresults  %s\n",
                    flags->out, run->paths.results);
        fold_close(lines, stdout);
        return;
    }
    json_auto_t *all = check_json(run, noise_floor);
    json_show(all, stdout);
}

static int conclude(const struct run *run, const struct flags *flags, struct err *err)
{
    char reason[240];
    json_auto_t *noise_floor = noise_floor_make(run->results);
    if (noise_floor_is_measured(noise_floor) &&
        noise_floor_write(flags->out, noise_floor, err))
        return err->code;
    tell(run, flags, noise_floor);
    if (check_unfit(run->results, noise_floor, reason, sizeof reason))
        return err_set(err, EXIT_CODE_UNFIT, "%s", reason);
    return EXIT_CODE_OK;
}

static int check(const struct flags *flags, const struct run_options *options,
                 struct err *err)
{
    struct run run = {.plan = NULL};
    AUTO_FD int lock = -1;
    int code = EXIT_CODE_OK;
    if (results_prepare(flags->out, err) || lock_take(flags->out, &lock, err) ||
        run_plan(options, &run, err) || run_check(&run, err) || run_measure(&run, err))
        code = err->code;
    else if (!run.interrupted_by)
        code = conclude(&run, flags, err);
    int signal_number = run.interrupted_by;
    run_done(&run);
    if (signal_number)
        process_end_by_signal(signal_number, err, "concbench");
    return code;
}

int verb_check(int argc, char **argv, struct err *err)
{
    struct flags flags = {
        .out = paths_results_folder(), .progress = "auto", .seed = UINT64_MAX};
    int positional = 0;
    if (!options_begin(&table, argc, argv, &flags, &positional, err))
        return err->code;
    if (positional > 0)
        return err_set(err, EXIT_CODE_USAGE, "check takes no arguments");
    flags.seed = measure_seed(flags.seed);
    char out[PATH_MAX];
    int length = snprintf(out, sizeof out, "%s/" CHECK_NAME, flags.out);
    if (length < 0 || (size_t)length >= sizeof out)
        return err_set(err, EXIT_CODE_USAGE, "--out: path too long");
    json_auto_t *scenario = check_scenario(), *command = json_array();
    json_push(command, json_string("concbench"));
    json_push(command, json_string(CHECK_NAME));
    struct run_options options = check_options(scenario, out, command, flags.seed);
    options.progress = progress_mode_of(flags.progress, stderr);
    if (flags.budget && budget_parse(flags.budget, &options.budget_s, err))
        return err->code;
    return check(&flags, &options, err);
}
