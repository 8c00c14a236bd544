/* verb_tune.c: the command line of `concbench tune`: a search for the number of workers,
 * then an ordinary run that confirms it. */
#include "cli/verbs.h"

#include "analysis/margin.h"
#include "cli/measure_flags.h"
#include "cli/summarise.h"
#include "cli/tune/confirm.h"
#include "cli/tune/ladder.h"
#include "cli/tune/outline.h"
#include "cli/tune/search.h"
#include "cli/tune/search_json.h"
#include "cli/tune_tell.h"
#include "common/clean.h"
#include "common/cleanup.h"
#include "common/fold.h"
#include "common/format.h"
#include "common/json.h"
#include "common/options.h"
#include "common/process.h"
#include "common/redact.h"
#include "harness/plan/budget.h"
#include "harness/run/run.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define PRESET "tune" /* as stored */

struct flags {
    struct measure_flags shared;
    const char *concurrency, *within, *p99, *budget;
    uint64_t rate_per_s;
};

#define AT(field) offsetof(struct flags, field)
static const struct option_spec specs[] = {
    {"within", 'w', "P", OPTION_STRING, AT(within), 0, 0, NULL,
     "the fewest workers within P of a model's best (default 5%)"},
    {"p99", 0, "TIME", OPTION_STRING, AT(p99), 0, 0, NULL,
     "instead: the fewest with which 99 % of the requests that arrive at --rate are "
     "answered within 50ms, 800us or 1.5s"},
    {"rate", 'r', "R", OPTION_UINT, AT(rate_per_s), 1, 10000000, NULL,
     "with --p99: R requests/s arrive (open loop)"},
    {"concurrency", 'c', "LIST", OPTION_STRING, AT(concurrency), 0, 0, NULL,
     "try these numbers, as 8,16,32 (default: 1 to 4,096, as far as more helps)"},
    MEASURE_MODELS_SPECS,
    MEASURE_SERVER_SPECS,
    {"budget", 0, "TIME", OPTION_STRING, AT(budget), 0, 0, NULL,
     "answer within 90s, 5m or 1h (default 3m)"},
    MEASURE_OUT_SPECS,
    MEASURE_TELL_SPECS,
};
static const struct option_table table = {
    "concbench tune [OPTIONS] SCENARIO",
    "Finds how many workers each model of a scenario needs: the smallest number with "
    "which its headline is within 5 % of its best, or with which a 99 % response time "
    "holds. It searches, then measures what it found afresh, so that the numbers in the "
    "answer are not the luckiest of the search, and compares the models at their best.",
    specs,
    COUNT_OF(specs),
    "concbench tune slow-origin\n"
    "concbench tune slow-origin --models threads,coroutines --within 10%\n"
    "concbench tune slow-origin --p99 50ms --rate 500 --budget 5m",
    "3  this machine is unfit, or another run measures here\n"
    "4  done, but trials stayed invalid"};

/* "50ms", "1.5s", "800us" in nanoseconds, 1 us to 60 s. */
static int parse_limit(const char *text, double *out_ns, struct err *err)
{
    static const struct {
        const char *unit;
        double ns;
    } units[] = {{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
    const size_t digits = strspn(text, "0123456789.");
    char *end = NULL;
    const double number = digits > 0 && digits < 16 ? strtod(text, &end) : 0;
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        const double ns = number * units[i].ns;
        if (end == text + digits && !strcmp(end, units[i].unit) && ns >= 1e3 &&
            ns <= 6e10) {
            *out_ns = ns;
            return 0;
        }
    }
    return err_set(err, EXIT_CODE_USAGE,
                   "--p99: '%.40s' is not a time from 1us to 60s, such as 50ms", text);
}

static int read_goal(const struct flags *flags, struct tune_goal *goal, double *budget_s,
                     struct err *err)
{
    *goal = (struct tune_goal){.within = 0.05};
    *budget_s = 180;
    if (flags->p99 && flags->within)
        return err_set(err, EXIT_CODE_USAGE, "--p99 and --within exclude each other");
    if (flags->p99 && !flags->rate_per_s)
        return err_set(err, EXIT_CODE_USAGE,
                       "--p99 needs --rate: how many requests/s arrive");
    if (!flags->p99 && flags->rate_per_s)
        return err_set(err, EXIT_CODE_USAGE,
                       "--rate belongs to --p99: the time to keep at that rate");
    if ((flags->within && margin_parse("--within", flags->within, &goal->within, err)) ||
        (flags->p99 && parse_limit(flags->p99, &goal->limit, err)) ||
        (flags->budget && budget_parse(flags->budget, budget_s, err)))
        return -1;
    return measure_flags_check(&flags->shared, false, err);
}

static struct run_options options_of(const struct flags *flags,
                                     const char *const *scenario, const json_t *command)
{
    struct run_options o = {.scenarios = scenario,
                            .scenario_count = 1,
                            .preset = PRESET,
                            .blocks = CONFIRM_BLOCKS,
                            .command = command};
    measure_flags_apply(&flags->shared, &o);
    o.overrides.concurrency = flags->concurrency ? flags->concurrency : ladder_text();
    o.overrides.rate_per_s = flags->rate_per_s;
    return o;
}

static void tell(const struct run *run, const struct flags *flags)
{
    if (flags->shared.json) {
        json_auto_t *json = tune_tell_json(run);
        json_auto_t *masked = redact_json(json);
        json_show(masked, stdout);
        return;
    }
    FILE *lines = fold_open(stdout, 0);
    tune_tell_print(run, summarise_wants_color(flags->shared.color, stdout), lines);
    fold_close(lines, stdout);
}

/* The ordinary run over what the search chose. *out_run needs run_done. */
static int confirm(const struct search *search, const struct flags *flags,
                   struct run_options options, struct run *out_run, struct err *err)
{
    char numbers[CONFIRM_TEXT_SIZE];
    json_auto_t *found = search_json(search);
    confirm_numbers(search, numbers);
    options.overrides.concurrency = *numbers ? numbers : "1";
    options.tune = found;
    if (run_plan(&options, out_run, err) || confirm_fit(search, out_run, err) ||
        run_check(out_run, err))
        return err->code;
    if (!flags->shared.json)
        summarise_print_plan(out_run, true, stderr);
    int status = run_measure(out_run, err);
    if (out_run->results)
        tell(out_run, flags);
    if (status)
        return err->code;
    return out_run->trials_invalid > 0 ? EXIT_CODE_INVALID_TRIALS : EXIT_CODE_OK;
}

static void say_begin(const struct search *search, const struct flags *flags)
{
    if (!flags->shared.json)
        clean_print(stderr, "searching among %zu model%s, for about %s at most\n",
                    search->model_count, search->model_count == 1 ? "" : "s",
                    format_duration(search->budget_s / 2).s);
}

static int look(struct search *search, const struct flags *flags, struct err *err)
{
    say_begin(search, flags);
    return search_run(search, err);
}

static void say_search(const struct search *search, const struct flags *flags)
{
    if (!flags->shared.json)
        clean_print(stderr,
                    "searched %" PRIu64
                    " trials in %s; what it chose is measured afresh\n",
                    search->trials, format_duration(search->spent_s).s);
}

static void say_outline(const struct search *search, bool as_json)
{
    if (as_json) {
        json_auto_t *outline = outline_json(search);
        json_show(outline, stdout);
        return;
    }
    FILE *lines = fold_open(stdout, 0);
    outline_print(search, lines);
    fold_close(lines, stdout);
}

static int search_and_confirm(struct search *search, const struct flags *flags,
                              const struct run_options *options, struct run *out_run,
                              struct err *err)
{
    if (run_check(search->run, err) || look(search, flags, err))
        return err->code;
    if (search->run->interrupted_by)
        return EXIT_CODE_OK;
    say_search(search, flags);
    return confirm(search, flags, *options, out_run, err);
}

static int act(const struct flags *flags, const struct run_options *options,
               const struct tune_goal *goal, double budget_s, struct err *err)
{
    struct run searched = {.plan = NULL}, confirmed = {.plan = NULL};
    struct search search;
    int code = EXIT_CODE_OK;
    if (run_plan(options, &searched, err) ||
        search_init(&search, &searched, goal, budget_s, flags->concurrency != NULL, err))
        code = err->code;
    else if (flags->shared.dry_run)
        say_outline(&search, flags->shared.json);
    else
        code = search_and_confirm(&search, flags, options, &confirmed, err);
    const int signal_number =
        searched.interrupted_by ? searched.interrupted_by : confirmed.interrupted_by;
    run_done(&confirmed);
    run_done(&searched);
    if (signal_number) {
        redact_text(err->text);
        process_end_by_signal(signal_number, err, "concbench");
    }
    return code;
}

int verb_tune(int argc, char **argv, struct err *err)
{
    struct flags flags = {.shared = measure_flags_default()};
    struct tune_goal goal;
    double budget_s = 0;
    int positional = 0;
    json_auto_t *command = redact_command(argc, argv);
    if (!options_begin(&table, argc, argv, &flags, &positional, err))
        return err->code;
    if (positional != 1)
        return err_set(err, EXIT_CODE_USAGE,
                       "tune takes one scenario, such as slow-origin, got %d; `concbench "
                       "list` names them",
                       positional);
    if (read_goal(&flags, &goal, &budget_s, err))
        return err->code;
    const struct run_options options =
        options_of(&flags, (const char *const *)(argv + 1), command);
    return act(&flags, &options, &goal, budget_s, err);
}
