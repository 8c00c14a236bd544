/* run.c: the pipeline, one function per stage; see run.h. */
#include "harness/run/run.h"

#include "analysis/margin.h"
#include "analysis/metrics.h"
#include "analysis/noise_floor.h"
#include "common/cleanup.h"
#include "common/clock.h"
#include "common/journal.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/paths.h"
#include "common/process.h"
#include "common/redact.h"
#include "harness/host/environment.h"
#include "harness/host/limits.h"
#include "harness/host/lock.h"
#include "harness/plan/budget.h"
#include "harness/plan/quick.h"
#include "harness/run/pace.h"
#include "harness/run/passes.h"
#include "harness/run/resume.h"
#include "harness/run/settle.h"
#include "harness/run/surroundings.h"
#include "harness/run/url.h"
#include "harness/trial/command.h"
#include "harness/trial/trial.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static int load_scenarios(struct run *run, struct err *err)
{
    const struct run_options *options = &run->options;
    run->scenarios = memory_calloc(options->scenario_count + 1, sizeof *run->scenarios);
    if (options->given)
        return scenario_from_json(options->scenarios[0], options->given,
                                  &run->scenarios[0], err);
    for (size_t i = 0; i < options->scenario_count; i++) {
        struct scenario **slot = &run->scenarios[i];
        if (overrides_load(options->scenarios[i], &options->overrides, slot, err))
            return -1;
        if (options->url || options->origin)
            (*slot)->addresses = 1; /* the server decides where it listens */
        (*slot)->is_remote = options->origin != NULL;
        for (size_t j = 0; j < i; j++) {
            if (!strcmp(run->scenarios[j]->name, (*slot)->name))
                return err_set(err, EXIT_CODE_USAGE, "scenario '%s' is named twice",
                               (*slot)->name);
        }
    }
    return 0;
}

/* The machine's facts, and by what differences it will be judged. */
int run_plan(const struct run_options *options, struct run *out_run, struct err *err)
{
    if (options->resume)
        return resume_plan(options, out_run, err);
    if (options->rerun)
        return rerun_plan(options, out_run, err);
    *out_run = (struct run){.options = *options};
    if (load_scenarios(out_run, err) ||
        placement_make(&options->cpus, &out_run->placement, err) ||
        surroundings_find_origin(out_run, err))
        return -1;
    const struct host_limits limits = limits_read(&out_run->placement);
    surroundings_read(out_run);
    int status = plan_make(out_run->scenarios, options->scenario_count, options->blocks,
                           options->seed, &limits, &out_run->plan, err);
    if (!status && options->overrides.is_quick)
        quick_fit(out_run->plan, options->scenario_count, options->blocks_given);
    out_run->options.blocks = status ? options->blocks : out_run->plan->blocks;
    if (!status && options->controls != RUN_CONTROLS_NONE)
        status =
            plan_add_controls(out_run->plan, options->controls == RUN_CONTROLS_ALL, err);
    if (!status && options->is_until_settled)
        settle_plan(out_run);
    const struct run_options *o = &out_run->options;
    if (!status && o->budget_s > 0)
        out_run->plan->blocks =
            budget_blocks_expected(out_run->plan, o->budget_s, o->blocks);
    return status;
}

/* gnuplot draws the report; check for it now and not in three minutes. */
static int check_gnuplot(struct err *err)
{
    char path[PATH_MAX];
    if (paths_find("gnuplot", path, sizeof path))
        return 0;
    return err_set(
        err, EXIT_CODE_UNFIT,
        "gnuplot is not on PATH; install it (apt-get install gnuplot-nox) or run "
        "with --no-report");
}

int run_check(struct run *run, struct err *err)
{
    char report[PATH_MAX];
    const struct machine *machine = NULL;
    if (run->plan->feasible_count == 0)
        return err_set(err, EXIT_CODE_UNFIT,
                       "no cell can run here; the reason for the first: %s",
                       run->plan->cells[0].skip_reason);
    if (run->options.makes_report &&
        (check_gnuplot(err) ||
         paths_program("concbench-report", report, sizeof report, err)))
        return -1;
    if (machine_here(&machine, err))
        return -1;
    if (machine->is_foreign)
        return err_set(err, EXIT_CODE_UNFIT,
                       "HWLOC_XMLFILE or HWLOC_SYNTHETIC describes another machine; "
                       "unset it to measure");
    if (run->options.url &&
        (surroundings_look_up(run, err) ||
         url_reach(run->options.url, run->addresses, run->resolve, err)))
        return -1;
    return results_prepare(run->options.out, err);
}

static json_t *run_facts(const struct run *run)
{
    const struct run_options *o = &run->options;
    char now[32];
    json_t *facts = json_object();
    results_format_now(now, sizeof now);
    json_put(facts, "id", json_string(run->paths.id));
    json_put(facts, "started", json_string(now));
    json_put(facts, "seed", json_uint(o->seed));
    json_put(facts, "preset", json_string(o->preset));
    json_put(facts, "blocks", json_uint(run->plan->blocks));
    json_put(facts, "blocks_wanted", json_uint(o->blocks));
    json_put(facts, "budget_s", o->budget_s > 0 ? json_real(o->budget_s) : json_null());
    json_put(facts, "delta", json_incref(run->margin));
    json_put(facts, "command", json_deep_copy(o->command));
    json_put(facts, "suite_version", json_string(CONCBENCH_VERSION));
    json_put(facts, "build_type", json_string(CONCBENCH_BUILD_TYPE));
    json_put(facts, "git_commit", environment_git_commit());
    json_put(facts, "git_dirty", environment_git_dirty());
    json_put(facts, "trials_planned", json_uint(plan_trials(run->plan)));
    AUTO_FREE char *url = o->url ? redact_url(o->url) : NULL;
    json_put(facts, "work_tests_per_us",
             run->tests_per_us ? json_uint(run->tests_per_us) : json_null());
    json_put(facts, "url", url ? json_string(url) : json_null());
    if (*run->resolve)
        json_put(facts, "resolve", json_string(run->resolve));
    if (o->is_until_settled)
        json_put(facts, "until", json_string("settled"));
    if (o->origin)
        json_put(facts, "origin", json_string(o->origin));
    if (o->ca_file) {
        AUTO_FREE char *path = redact_paths(o->ca_file);
        json_put(facts, "ca_file", path ? json_string(path) : json_null());
    }
    if (o->is_insecure)
        json_put(facts, "insecure", json_true());
    return facts;
}

static int append_header(const struct run *run, struct journal *journal, struct err *err)
{
    json_t *header = json_object(), *scenarios = json_array();
    for (size_t i = 0; i < run->options.scenario_count; i++)
        json_push(scenarios, json_incref(run->scenarios[i]->json));
    json_put(header, "schema_version", json_integer(1));
    json_put(header, "run", run_facts(run));
    json_put(header, "environment", json_incref(run->environment));
    json_put(header, "scenarios", scenarios);
    json_put(header, "plan", plan_json(run->plan));
    json_put(header, "warnings", json_array());
    json_put(header, "resume", resume_facts(run));
    if (run->options.tune)
        json_put(header, "tune", json_deep_copy(run->options.tune));
    int status = journal_append(journal, "header", header, err);
    json_decref(header);
    return status;
}

/* With a budget the time has decided how many blocks there are. */
static int append_footer(const struct run *run, struct journal *journal, double wall_s,
                         bool is_complete, struct err *err)
{
    char now[32];
    json_t *footer = json_object();
    results_format_now(now, sizeof now);
    json_put(footer, "finished", json_string(now));
    json_put(footer, "wall_s", json_real_or_null(wall_s));
    json_put(footer, "complete", json_boolean(is_complete));
    if (run->options.budget_s > 0 || run->options.is_until_settled) {
        json_put(footer, "blocks", json_uint(run->plan->blocks));
        json_put(footer, "trials_planned", json_uint(plan_trials(run->plan)));
    }
    int status = journal_append(journal, "footer", footer, err);
    json_decref(footer);
    return status;
}

/* A resumed run may have been cut off before it looked. */
static int measure_passes(struct run *run, struct passes *passes, struct journal *journal,
                          struct err *err)
{
    const bool is_until = run->options.is_until_settled;
    if (is_until && passes->first_block > 0 &&
        settle_look(run, journal, passes->first_block, err))
        return -1;
    if (passes_run(passes, err))
        return -1;
    return is_until ? settle_end(run, journal, err) : 0;
}

/* Writes the journal from the header to the footer. */
static int measure(struct run *run, const struct servers *servers,
                   struct journal *journal, struct err *err)
{
    uint64_t start_ns = clock_ns();
    struct progress progress;
    struct err footer_err = {0};
    const struct resume *resume = run->resume;
    if (resume ? resume_append(resume, journal, err) : append_header(run, journal, err))
        return -1;
    if (resume) /* the clock goes on from where it was */
        start_ns -= (uint64_t)(resume->spent_s * 1e9);
    const struct trial_context context = surroundings_trials(run, servers, start_ns);
    progress_init(&progress, run->options.progress, stderr, run->plan);
    struct pace pace = {run, &progress, journal, start_ns, resume ? resume->timed_s : 0};
    struct passes passes = {.plan = run->plan,
                            .context = &context,
                            .journal = journal,
                            .progress = &progress,
                            .syscalls = run->options.syscalls,
                            .after_block =
                                run->options.budget_s > 0 || run->options.is_until_settled
                                    ? pace_after_block
                                    : NULL,
                            .after_block_arg = &pace};
    if (resume)
        resume_passes(resume, &passes);
    int status = measure_passes(run, &passes, journal, err);
    progress_done(&progress);
    run->trials_invalid = passes.trials_invalid;
    bool is_complete = !status && !interrupt_requested;
    int footer = append_footer(run, journal, (double)(clock_ns() - start_ns) * 1e-9,
                               is_complete, &footer_err);
    if (!status && footer)
        return err_set(err, footer_err.code, "%s", footer_err.text);
    return status;
}

/* The run's directory and journal, new or as they were left. */
static int open_journal(struct run *run, struct journal **out_journal, struct err *err)
{
    if (run->resume)
        return journal_open(run->paths.journal, json_array_size(run->resume->lines),
                            out_journal, err);
    if (results_create(run->options.out, &run->paths, err))
        return -1;
    int status = journal_create(run->paths.journal, out_journal, err);
    if (status)
        results_discard(&run->paths);
    return status;
}

/* The run's directory and journal, and what is measured into them. */
static int measure_into(struct run *run, const struct servers *servers, struct err *err)
{
    struct journal *journal = NULL;
    if (open_journal(run, &journal, err))
        return -1;
    /* the harness works only between trials, but then on the origin's CPUs */
    (void)cpus_use(0, &run->placement.origin);
    int status = measure(run, servers, journal, err);
    (void)cpus_use(0, &run->placement.all);
    journal_free(journal);
    if (status)
        results_discard(&run->paths); /* what was measured stays */
    return status;
}

/* Results and report, also of what was measured before an error, which stays the run's:
 * status is that of measuring. */
static int conclude(struct run *run, int status, struct err *err)
{
    struct err own = {0};
    if (status && access(run->paths.journal, F_OK))
        return status; /* nothing was begun */
    int concluded = results_write(run->options.out, &run->paths, &run->results, &own);
    if (!concluded && run->options.makes_report) {
        concluded = results_report(&run->paths, &run->placement.all, &own);
        run->is_reported = !concluded;
    }
    if (!status)
        return concluded ? err_set(err, own.code, "%s", own.text) : 0;
    const size_t used = strlen(err->text);
    if (run->results) /* earlier output comes first */
        (void)snprintf(err->text + used, sizeof err->text - used,
                       "; `concbench report %.200s` shows what was measured until then",
                       run->paths.directory);
    return status;
}

static int measure_locked(struct run *run, struct err *err)
{
    struct servers servers;
    int status = surroundings_start(run, &servers, err);
    if (!status)
        status = measure_into(run, &servers, err);
    servers_done(&servers);
    status = conclude(run, status, err);
    run->interrupted_by =
        interrupt_requested; /* also when it was the report that was interrupted */
    return status;
}

int run_measure(struct run *run, struct err *err)
{
    AUTO_FD int lock = -1;
    AUTO_FD int machine = -1;
    if (lock_take(run->options.out, &lock, err) || lock_machine(&machine, err))
        return -1;
    return measure_locked(run, err);
}

int run_once(struct run *run, run_once_fn *each, void *arg, struct err *err)
{
    AUTO_FD int machine = -1;
    struct servers servers;
    if (lock_machine(&machine, err))
        return -1;
    int status = surroundings_start(run, &servers, err);
    const struct trial_context context = surroundings_trials(run, &servers, clock_ns());
    for (size_t c = 0; c < run->plan->cell_count && !status && !interrupt_requested;
         c++) {
        const struct plan_cell *cell = &run->plan->cells[c];
        const struct trial_request request = passes_request(cell, TRIAL_WARM);
        json_t *trial = NULL;
        if (cell->skip_reason[0] ||
            !(status = trial_run(&context, &request, &trial, err)))
            each(arg, cell, trial);
        json_decref(trial);
    }
    servers_done(&servers);
    run->interrupted_by = interrupt_requested;
    return status;
}

void run_done(struct run *run)
{
    for (size_t i = 0; run->scenarios && i < run->options.scenario_count; i++)
        scenario_free(run->scenarios[i]);
    free(run->scenarios);
    plan_free(run->plan);
    resume_free(run->resume);
    if (run->addresses)
        freeaddrinfo(run->addresses);
    json_decref(run->results);
    json_decref(run->environment);
    json_decref(run->margin);
}
