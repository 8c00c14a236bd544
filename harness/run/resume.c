/* resume.c: see resume.h. */
#include "harness/run/resume.h"

#include "analysis/metrics.h"
#include "common/blocks.h"
#include "common/json.h"
#include "harness/host/environment.h"
#include "harness/host/limits.h"
#include "harness/plan/budget.h"
#include "harness/plan/quick.h"
#include "harness/run/programs.h"
#include "harness/run/settle.h"
#include "harness/run/surroundings.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

json_t *resume_facts(const struct run *run)
{
    json_t *facts = json_object();
    json_put(facts, "programs", programs_json(run->plan));
    json_put(facts, "syscalls", json_boolean(run->options.syscalls));
    return facts;
}

/* A path is stored as its last part. A word such as runner.py, which no option is, has to
 * be a file that is here. */
static bool is_lost_file(const char *word)
{
    const char *dot = strrchr(word, '.');
    return *word != '-' && dot && isalpha((unsigned char)dot[1]) && !strchr(word, '/') &&
           access(word, F_OK);
}

static int check_commands(const json_t *json, struct err *err)
{
    const json_t *runner = NULL;
    size_t i = 0;
    json_array_foreach (json_object_get(json, "runners"), i, runner) {
        const json_t *command = json_object_get(runner, "command");
        for (size_t k = 1; k < json_array_size(command); k++) {
            const char *word = json_string_value(json_array_get(command, k));
            if (word && is_lost_file(word))
                return err_set(err, EXIT_CODE_USAGE,
                               "runner %.64s: there is no %.200s here; give its command "
                               "again with --runner",
                               json_text_of(runner, "name"), word);
        }
    }
    return 0;
}

/* The scenario of the header or of results.json, with the commands given again in their
 * places. What a scenario's file has in other words, or not at all, is kept as it is. */
static int read_scenario(const json_t *stored, const struct overrides *overrides,
                         struct scenario **out_scenario, struct err *err)
{
    static const char *const made[] = {"name", "families", "prices", "verdict"};
    static const char *const kept[] = {"overridden", "expect", "headline"};
    const char *name = json_text_of(stored, "name");
    json_auto_t *json = json_deep_copy(stored);
    for (size_t i = 0; i < COUNT_OF(made); i++)
        (void)json_object_del(json, made[i]);
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        (void)json_object_del(json, kept[i]);
    if (overrides_say_again(json, overrides, err) || check_commands(json, err) ||
        scenario_from_json(name, json, out_scenario, err))
        return -1;
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        if (json_object_get(stored, kept[i]))
            json_put((*out_scenario)->json, kept[i],
                     json_incref(json_object_get(stored, kept[i])));
    }
    return runners_resolve(*out_scenario, ".", err) ||
                   runners_describe(*out_scenario, err)
               ? -1
               : 0;
}

static int read_scenarios(struct run *run, const json_t *header, struct err *err)
{
    json_t *list = NULL, *scenario = NULL;
    size_t i = 0;
    if (json_need_array(header, "", "scenarios", 64, &list, err))
        return -1;
    run->scenarios = calloc(json_array_size(list) + 1, sizeof *run->scenarios);
    if (!run->scenarios)
        return err_set(err, EXIT_CODE_INTERNAL, "out of memory");
    run->options.scenario_count = json_array_size(list);
    json_array_foreach (list, i, scenario) {
        if (read_scenario(scenario, &run->options.overrides, &run->scenarios[i], err)) {
            err_prefix(err, "scenarios[%zu]", i);
            return -1;
        }
        if (run->options.url || run->options.origin)
            run->scenarios[i]->addresses = 1;
        run->scenarios[i]->is_remote = run->options.origin != NULL;
    }
    return 0;
}

/* What a header and results.json both say of the run. */
static int read_facts(struct run *run, const json_t *header, struct err *err)
{
    struct run_options *o = &run->options;
    json_t *facts = NULL;
    if (json_need_object(header, "", "run", &facts, err) ||
        json_need_uint(facts, "run", "seed", 0, UINT64_C(1) << 53, &o->seed, err) ||
        json_need_uint(facts, "run", "blocks", 1, BLOCKS_MAX, &o->blocks, err) ||
        json_need_string(facts, "run", "preset", 1, 64, &o->preset, err))
        return -1;
    if (!strcmp(o->preset, "check") || !strcmp(o->preset, "tune"))
        return err_set(err, EXIT_CODE_USAGE,
                       "it is of `concbench %s`, which cannot be resumed; run that again",
                       o->preset);
    const double budget_s = json_number_of(facts, "budget_s");
    o->budget_s = budget_s > 0 ? budget_s : 0;
    o->is_until_settled = !strcmp(json_text_of(facts, "until"), "settled");
    if ((o->budget_s > 0 || o->is_until_settled) &&
        json_get_uint(facts, "run", "blocks_wanted", 1, BLOCKS_MAX, &o->blocks, err))
        return -1;
    const json_int_t tests =
        json_integer_value(json_object_get(facts, "work_tests_per_us"));
    run->tests_per_us = tests > 0 ? (uint64_t)tests : 0;
    const char *origin = json_text_or_null(facts, "origin");
    if (o->origin && (!origin || strcmp(origin, o->origin) != 0))
        return err_set(err, EXIT_CODE_USAGE, "--origin: the run has %.150s",
                       origin ? origin : "none");
    o->origin = origin;
    if (!o->resolve) /* the rest of the run asks the same address */
        o->resolve = json_text_or_null(facts, "resolve");
    if (resume_choose_url(facts, o->url, &o->url, err) ||
        resume_check_trust(facts, o, err) || (o->url && url_check(o->url, err)))
        return -1;
    if (o->resolve && !o->url)
        return err_set(err, EXIT_CODE_USAGE, "--resolve: the run has no --url");
    return o->resolve ? url_check_resolve(o->url, o->resolve, err) : 0;
}

/* What the header alone says. */
static int read_checks(struct run *run, const json_t *header, struct err *err)
{
    json_t *checks = NULL, *programs = NULL;
    if (json_get_object(header, "", "resume", &checks, err))
        return -1;
    if (!checks)
        return err_set(err, EXIT_CODE_USAGE,
                       "the journal does not list the programs it measured (an older "
                       "suite wrote it); start a new run");
    return json_need_object(checks, "resume", "programs", &programs, err) ||
                   json_get_bool(checks, "resume", "syscalls", &run->options.syscalls,
                                 err)
               ? -1
               : 0;
}

/* Every model's control, or the baseline's only. */
static int add_controls(struct plan *plan, const json_t *then, struct err *err)
{
    size_t controls = 0, i = 0;
    json_t *entry = NULL;
    json_array_foreach (then, i, entry)
        controls += json_object_get(entry, "arm") != NULL;
    return controls == 0 ? 0 : plan_add_controls(plan, controls == plan->cell_count, err);
}

/* then lists the controls among its cells. */
static int make_plan(struct run *run, const json_t *then, struct err *err)
{
    const struct run_options *o = &run->options;
    const struct host_limits limits = limits_read(&run->placement);
    if (plan_make(run->scenarios, o->scenario_count, o->blocks, o->seed, &limits,
                  &run->plan, err))
        return -1;
    if (!strcmp(o->preset, QUICK_NAME))
        quick_fit(run->plan, o->scenario_count, true);
    return add_controls(run->plan, then, err);
}

static int check_plan(const struct run *run, const json_t *header, struct err *err)
{
    if (resume_check_plan(run->plan, json_object_get(header, "plan"), err))
        return -1;
    json_auto_t *programs = programs_json(run->plan);
    return resume_check_programs(
        json_object_get(json_object_get(header, "resume"), "programs"), programs, err);
}

/* The folder may be named by a link or by the journal in it. */
static int find_run(const char *given, struct run *run, struct err *err)
{
    char *slash = NULL;
    if (!realpath(given, run->resumed_out))
        return err_set(err, EXIT_CODE_USAGE, "--resume %.300s: %s", given,
                       strerror(errno));
    size_t length = strlen(run->resumed_out);
    if (length > 6 && !strcmp(run->resumed_out + length - 6, ".jsonl"))
        *strrchr(run->resumed_out, '/') = '\0';
    slash = strrchr(run->resumed_out, '/');
    if (!slash || slash == run->resumed_out || !slash[1])
        return err_set(err, EXIT_CODE_USAGE, "--resume %.300s: not the folder of a run",
                       given);
    *slash = '\0';
    run->options.out = run->resumed_out;
    return results_find(run->resumed_out, slash + 1, &run->paths, err);
}

static bool is_complete(const json_t *lines)
{
    const json_t *last = json_array_get(lines, json_array_size(lines) - 1);
    return !strcmp(json_text_of(last, "type"), "footer") &&
           json_is_true(json_object_get(last, "complete"));
}

static bool has_memory(const struct resume *resume, const struct plan *plan)
{
    for (size_t c = 0; c < plan->cell_count; c++) {
        if (resume->memory_done[c] > 0)
            return true;
    }
    return false;
}

static bool all_stopped(const struct plan *plan)
{
    for (size_t c = 0; c < plan->cell_count; c++) {
        if (!plan->cells[c].skip_reason[0] && plan->cells[c].stopped == 0)
            return false;
    }
    return true;
}

/* With a budget the time decides how many blocks there are; once the memory pass has
 * begun they are all there. */
static void fit_blocks(struct run *run)
{
    const struct resume *resume = run->resume;
    const uint64_t done = resume->first_block;
    if (!(run->options.budget_s > 0) || all_stopped(run->plan))
        return;
    run->plan->blocks =
        has_memory(resume, run->plan) ? done
        : done > 0
            ? budget_blocks(run->plan, run->options.budget_s - resume->spent_s,
                            resume->timed_s / (double)done, done, run->options.blocks)
            : budget_blocks_expected(run->plan, run->options.budget_s,
                                     run->options.blocks);
}

/* On the CPUs of the run. Where those are not here, the machine is another, as is said
 * then. */
static int place_as_then(struct run *run, const json_t *header, struct err *err)
{
    const json_t *placement =
        json_object_get(json_object_get(header, "environment"), "placement");
    const struct placement_lists lists = {json_text_or_null(placement, "runner_cpus"),
                                          json_text_or_null(placement, "origin_cpus"),
                                          run->options.url};
    struct err ignored = {0};
    run->options.cpus = lists;
    return placement_make(&lists, &run->placement, &ignored)
               ? placement_make(NULL, &run->placement, err)
               : 0;
}

static int plan_of_then(struct run *run, struct err *err)
{
    struct resume *resume = run->resume;
    if (journal_read(run->paths.journal, &resume->lines, err))
        return -1;
    resume->header = json_array_get(resume->lines, 0);
    if (strcmp(json_text_of(resume->header, "type"), "header") != 0)
        return err_set(err, EXIT_CODE_USAGE,
                       "the journal does not begin with a header; start a new run");
    resume->is_complete = is_complete(resume->lines);
    if (resume->is_complete)
        return 0;
    if (read_facts(run, resume->header, err) || read_checks(run, resume->header, err) ||
        place_as_then(run, resume->header, err) || surroundings_find_origin(run, err))
        return -1;
    surroundings_read(run);
    if (resume_check_machine(json_object_get(resume->header, "environment"),
                             run->environment, err) ||
        read_scenarios(run, resume->header, err) ||
        make_plan(run, json_object_get(resume->header, "plan"), err) ||
        check_plan(run, resume->header, err))
        return -1;
    settle_again(run->plan, resume->lines);
    resume_find_done(resume, run->plan);
    fit_blocks(run);
    return 0;
}

int resume_plan(const struct run_options *options, struct run *out_run, struct err *err)
{
    *out_run = (struct run){.options = *options};
    out_run->options.scenario_count = 0;
    out_run->resume = calloc(1, sizeof *out_run->resume);
    if (!out_run->resume)
        return err_set(err, EXIT_CODE_INTERNAL, "out of memory");
    if (find_run(options->resume, out_run, err))
        return -1;
    if (plan_of_then(out_run, err)) {
        err_prefix(err, "cannot resume %.200s", out_run->paths.directory);
        return -1;
    }
    return 0;
}

void resume_passes(const struct resume *resume, struct passes *passes)
{
    passes->first_block = resume->first_block;
    passes->skips_warm = resume->first_block >= passes->plan->blocks;
    passes->memory_done = resume->memory_done;
    passes->has_syscalls = resume->has_syscalls;
    passes->trials_invalid = resume->invalid;
    passes->timed_done = resume->timed_done;
    passes->disturbed_repeated = resume->repeated;
}

int resume_append(const struct resume *resume, struct journal *journal, struct err *err)
{
    char now[32];
    json_auto_t *line = json_object();
    results_format_now(now, sizeof now);
    json_put(line, "time", json_string(now));
    json_put(line, "block", json_uint(resume->first_block));
    json_put(line, "wall_s", json_real_or_null(resume->spent_s));
    return journal_append(journal, "resumed", line, err);
}

void resume_free(struct resume *resume)
{
    if (!resume)
        return;
    json_decref(resume->lines);
    free(resume->memory_done);
    free(resume->has_syscalls);
    free(resume);
}

/* Whether the CPUs of then are those of this machine, so that runner and origin can have
 * theirs again. Our origin on another host leaves the runner all of them. */
static bool has_cpus_of_then(const struct run *run, const json_t *results)
{
    static const char *const facts[] = {"model", "count", "online", "threads"};
    const json_t *then = json_object_get(json_object_get(results, "environment"), "cpu");
    json_auto_t *environment = environment_make(&run->placement, 0);
    const json_t *now = json_object_get(environment, "cpu");
    bool is_same = !run->options.origin;
    for (size_t i = 0; i < COUNT_OF(facts); i++)
        is_same = is_same && json_equal(json_object_get(then, facts[i]),
                                        json_object_get(now, facts[i]));
    return is_same;
}

/* The margin and the pass that the command line asked for then. */
static void read_wishes(struct run *run, const json_t *results)
{
    const char *metric = NULL;
    json_t *entry = NULL, *cell = NULL;
    size_t i = 0;
    json_object_foreach (json_object_get(json_object_get(results, "run"), "delta"),
                         metric, entry) {
        const double value = json_number_of(entry, "value");
        if (!strcmp(json_text_of(entry, "source"), "option") && value > 0 && value < 1)
            run->options.margin = value;
    }
    json_array_foreach (json_object_get(results, "cells"), i, cell)
        run->options.syscalls =
            run->options.syscalls || json_is_object(json_object_get(cell, "syscalls"));
}

int rerun_plan(const struct run_options *options, struct run *out_run, struct err *err)
{
    const json_t *results = options->rerun;
    *out_run = (struct run){.options = *options};
    if (read_facts(out_run, results, err))
        return -1;
    const struct placement_lists rules = {.is_for_url = out_run->options.url};
    if (placement_make(&rules, &out_run->placement, err) ||
        (has_cpus_of_then(out_run, results) && place_as_then(out_run, results, err)) ||
        surroundings_find_origin(out_run, err))
        return -1;
    read_wishes(out_run, results);
    surroundings_read(out_run);
    if (read_scenarios(out_run, results, err) ||
        make_plan(out_run, json_object_get(results, "controls"), err) ||
        rerun_check_plan(out_run->plan, json_object_get(results, "cells"), err)) {
        err_prefix(err, "cannot rerun this");
        return -1;
    }
    if (out_run->options.budget_s > 0)
        out_run->plan->blocks = budget_blocks_expected(
            out_run->plan, out_run->options.budget_s, out_run->options.blocks);
    return 0;
}
