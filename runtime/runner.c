/* runner.c: the frame around every model; see runner.h. */
#include "runtime/runner.h"

#include "common/certificates.h"
#include "common/clock.h"
#include "common/cpus.h"
#include "common/process.h"
#include "common/quota.h"
#include "common/resolve.h"
#include "common/work.h"
#include "runtime/describe.h"
#include "runtime/document.h"
#include "runtime/guard.h"
#include "runtime/limits.h"
#include "runtime/shared.h"
#include "runtime/summary.h"
#include "runtime/task/connections.h"
#include "runtime/task/fetch.h"
#include "runtime/task/task.h"
#include "runtime/thread_stack.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <unistd.h>

#define STACK_RESERVE_BYTES 8192 /* what a worker needs of its stack besides */

/* A peer that closes early must be a failed request, not the death of the runner. */
static void ignore_sigpipe(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGPIPE, &ignore, NULL);
}

size_t runner_one_thread(const struct settings *settings)
{
    (void)settings;
    return 1;
}

size_t runner_thread_per_cpu(const struct settings *settings)
{
    static size_t cpus; /* asked once: a quota may change, the number of recorders not */
    struct cpus allowed;
    if (!cpus && cpus_read(0, &allowed))
        cpus = 1;
    else if (!cpus)
        cpus = (size_t)quota_limit(settings->ignores_quota ? (double)INFINITY
                                                           : quota_read(""),
                                   cpus_count(&allowed));
    return cpus < settings->concurrency ? cpus : (size_t)settings->concurrency;
}

/* Descriptors that this process holds for each worker. Worker processes hold their own.
 */
static uint64_t fds_per_worker(const struct run *run)
{
    if (run->task->has_own_fd)
        return run->model->needs.fds > 0;
    return run->task->needs_url ? run->model->needs.fds * run->settings.fan_out : 0;
}

/* Checks the things that the flags name, and the limits of the system. */
static int check_means(const struct run *run, struct err *err)
{
    const struct model *model = run->model;
    const struct settings *s = &run->settings;
    int status = limits_use_cpus(s->cpus, err);
    struct resolve resolve;
    if (!status && s->resolve)
        status = resolve_read(s->resolve, &resolve, err);
    if (!status && s->url)
        status = fetch_check_url(s->url, s->addresses, err);
    if (!status && run->task->needs_url && s->url)
        status = connections_check(model, s, err);
    if (!status)
        status = limits_check_result_fd(s->result_fd, err);
    if (!status)
        status = certificates_check("--cacert", s->ca_file, err);
    if (!status && model->probe)
        status = model->probe(err);
    if (!status && !s->probe)
        status = limits_check_fds(model->name, fds_per_worker(run), s->concurrency, err);
    if (!status && run->task->check)
        status = run->task->check(s, err);
    return status;
}

static int check_stack(const struct model *model, struct settings *s, struct err *err)
{
    if (s->stack_bytes >= SETTINGS_THREAD_STACK_MIN)
        s->stack_bytes = thread_stack_bytes(s->stack_bytes);
    else if (model->has_thread_stacks)
        return err_set(
            err, EXIT_CODE_USAGE,
            "--stack-bytes: '%llu' is not a whole number from %d to %d, what a "
            "thread can have",
            (unsigned long long)s->stack_bytes, SETTINGS_THREAD_STACK_MIN,
            SETTINGS_STACK_MAX);
    if (s->touch_stack_bytes &&
        s->touch_stack_bytes + STACK_RESERVE_BYTES > s->stack_bytes)
        return err_set(err, EXIT_CODE_USAGE,
                       "--touch-stack needs %d bytes less than --stack-bytes %llu",
                       STACK_RESERVE_BYTES, (unsigned long long)s->stack_bytes);
    return 0;
}

static int check(struct run *run, struct err *err)
{
    const struct model *model = run->model;
    struct settings *s = &run->settings;
    run->task = task_find(model->task ? model->task : s->task);
    if (!run->task)
        return err_set(err, EXIT_CODE_USAGE, "no task named '%s'", s->task);
    if (model->is_single && s->concurrency != 1)
        return err_set(err, EXIT_CODE_USAGE, "%s makes one request at a time: use -c 1",
                       model->name);
    if (check_stack(model, s, err))
        return err->code;
    if (run->task->needs_url && !s->url && !s->probe)
        return err_set(err, EXIT_CODE_USAGE, "a URL is missing; see --help");
    if (!describe_runs(model, run->task->name))
        return err_set(err, EXIT_CODE_USAGE, "%s does not run task '%s'%s%s", model->name,
                       run->task->name, model->tasks ? "; it runs: " : "",
                       model->tasks ? model->tasks : "");
    if (model->has_own_http && s->url && !strncasecmp(s->url, "https:", 6))
        return err_set(err, EXIT_CODE_USAGE, "%s speaks plain http only, no TLS",
                       model->name);
    if (s->is_insecure && s->url && strncasecmp(s->url, "https:", 6) != 0)
        return err_set(
            err, EXIT_CODE_USAGE,
            "--insecure needs an https URL: there is no certificate to verify");
    return check_means(run, err);
}

/* Notes the options of the task, as they could bias a comparison. */
static void note_task(struct run *run)
{
    struct settings *s = &run->settings;
    if (s->work_us)
        s->work_tests = s->work_us * work_tests_per_us();
    if (s->work_tests)
        run_add_knob(run, "work_tests", NULL, s->work_tests);
    if (run->task->needs_url)
        fetch_note(run);
    if (s->cpus)
        run_add_knob(run, "cpus", NULL, s->cpus);
    if (s->ignores_quota)
        run_add_knob(run, "quota", "ignored", 0);
    if (run->task->note)
        run->task->note(run);
}

static int measure(struct run *run, struct err *err)
{
    const struct model *model = run->model;
    const struct settings *s = &run->settings;
    size_t recorders = model->threads ? model->threads(s) : (size_t)s->concurrency;
    run->shared = shared_new(s->requests, recorders, s->rate_per_s > 0);
    if (!run->shared)
        return err_set(err, EXIT_CODE_UNFIT, "no memory for %zu recorders", recorders);
    if (s->trace && !(run->shared->trace = trace_new(s->requests)))
        return err_set(err, EXIT_CODE_UNFIT, "no memory for a trace");
    warm_init(run);
    if (run->task->has_channel &&
        !(run->shared->channel = channel_new(s->queue_slots, s->concurrency)))
        return err_set(err, EXIT_CODE_UNFIT, "no memory for a queue of %llu",
                       (unsigned long long)s->queue_slots);
    if (s->rate_per_s) {
        schedule_init(&run->shared->schedule, s->requests, s->rate_per_s,
                      !strcmp(s->arrivals, "poisson"), s->seed);
        /* the kernel lets sleepers wait 50 us longer, which workers inherit from here */
        (void)prctl(PR_SET_TIMERSLACK, 1UL);
    }
    note_task(run);
    int status = model->run(run, err);
    return status ? status : shared_error(run->shared, err);
}

/* The document is made after the last response: nothing of it is on the measured path. */
static int report(struct run *run, const char *program, struct err *err)
{
    json_t *document = document_new(run);
    int status = 0;
    bool has_summary = !run->settings.json && !run->settings.result_fd;
    if (run->settings.result_fd)
        status = document_write_fd(document, (int)run->settings.result_fd, err);
    if (!status && run->settings.json)
        status = document_print(document, err);
    else if (!status && has_summary)
        status = summary_print(run, err);
    if (!status && !(has_summary && isatty(STDERR_FILENO))) /* once is enough */
        summary_complain(run, program, stderr);
    json_decref(document);
    return status;
}

int runner_main(int argc, char **argv, const struct model *model)
{
    struct run run = {.model = model, .started_ns = clock_ns()};
    struct err err = {0};
    char program[80];
    guard_libraries();
    (void)snprintf(program, sizeof program, "runner-%s", model->name);
    int help = 0;
    if (process_begin(&err) || settings_parse(argc, argv, &run.settings, &help, &err))
        return err_report(&err, program);
    if (help) {
        settings_print_help(model->name, model->about);
        return process_end(EXIT_CODE_OK, &err, program);
    }
    if (run.settings.version) {
        (void)printf("%s %s\n", program, CONCBENCH_VERSION);
        document_print_libcurl(stdout);
        return process_end(EXIT_CODE_OK, &err, program);
    }
    if (run.settings.describe)
        return describe_print(model, &err) ? err_report(&err, program) : EXIT_CODE_OK;
    ignore_sigpipe();
    int status = check(&run, &err);
    if (run.settings.probe)
        return status ? err_report(&err, program) : EXIT_CODE_OK;
    if (!status)
        status = measure(&run, &err);
    if (!status)
        status = report(&run, program, &err);
    if (status)
        return err_report(&err, program);
    shared_free(run.shared);
    return EXIT_CODE_OK;
}
