/* verb_doctor.c: what this machine can do for the suite, and what it lacks. Nothing is
 * measured and nothing is changed. Each line is a finding:
 *
 *   ok       is as it should be, or what a limit allows
 *   note     works, but some scenarios or models will not, or numbers will be noisy
 *   MISSING  the main job cannot run without it: exit code 3 */
#include "cli/verbs.h"

#include "common/clean.h"
#include "common/cleanup.h"
#include "common/fold.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/paths.h"
#include "common/process.h"
#include "harness/host/limits.h"
#include "harness/host/machine.h"
#include "harness/host/placement.h"
#include "harness/plan/models.h"
#include "harness/plan/runners.h"
#include "harness/servers/servers.h"

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define FDS_FOR_COMFORT   4096
#define STACK_FOR_COMFORT ((rlim_t)1 << 20)

enum finding { FINDING_OK, FINDING_NOTE, FINDING_MISSING };

struct doctor {
    json_t *findings; /* owned: [{subject, finding, text}] */
    bool lacks_something;
};

static void find(struct doctor *doctor, const char *subject, enum finding finding,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

static void find(struct doctor *doctor, const char *subject, enum finding finding,
                 const char *format, ...)
{
    static const char *const names[] = {"ok", "note", "missing"};
    char text[300];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    json_t *item = json_object();
    json_put(item, "subject", json_string(subject));
    json_put(item, "finding", json_string(names[finding]));
    json_put(item, "text", json_text(text));
    json_push(doctor->findings, item);
    doctor->lacks_something = doctor->lacks_something || finding == FINDING_MISSING;
}

/* Programs of others, looked for on PATH. */
static void look_for_tools(struct doctor *doctor)
{
    static const struct {
        const char *name, *what_for, *package;
        enum finding without;
    } tools[] = {
        {"gnuplot", "draws the charts", "gnuplot-nox", FINDING_MISSING},
        {"strace", "counts system calls (--syscalls)", "strace", FINDING_NOTE},
    };
    for (size_t i = 0; i < COUNT_OF(tools); i++) {
        char reason[RUNNERS_REASON_SIZE] = "";
        char *path = memory_strdup(tools[i].name);
        if (runners_find_program(&path, reason))
            find(doctor, tools[i].name, FINDING_OK, "%s", tools[i].what_for);
        else
            find(doctor, tools[i].name, tools[i].without, "%s; install %s",
                 tools[i].what_for, tools[i].package);
        free(path);
    }
}

static void look_for_programs(struct doctor *doctor)
{
    static const char *const programs[] = {"concbench-origin", "concbench-launch",
                                           "concbench-report"};
    for (size_t i = 0; i < COUNT_OF(programs); i++) {
        char path[PATH_MAX];
        struct err err = {0};
        if (paths_program(programs[i], path, sizeof path, &err))
            find(doctor, programs[i], FINDING_MISSING, "%s", err.text);
    }
}

/* The four of the default scenarios have to be there. */
static void ask_models(struct doctor *doctor)
{
    static const char needed[] = "sequential threads processes coroutines";
    const char *name = NULL;
    for (size_t i = 0; (name = models_name(i)); i++) {
        const struct model *model = models_find(name);
        char reason[RUNNERS_REASON_SIZE] = "", subject[80];
        runners_probe(model, reason);
        (void)snprintf(subject, sizeof subject, "model %s", model->name);
        if (!*reason)
            find(doctor, subject, FINDING_OK, "%s", model->about);
        else
            find(doctor, subject,
                 strstr(needed, model->name) ? FINDING_MISSING : FINDING_NOTE,
                 "%s; its cells are skipped", reason);
    }
}

static void ask_servers(struct doctor *doctor)
{
    const struct {
        const char *subject, *what_for;
        struct servers_need need;
    } servers[] = {
        {"nginx",
         "serves the HTTP/2 scenarios",
         {.needs_http = true, .needs_nginx = true}},
        {"PostgreSQL", "serves task db", {.needs_database = true}},
    };
    for (size_t i = 0; i < COUNT_OF(servers); i++) {
        char reason[RUNNERS_REASON_SIZE] = "";
        if (servers_check(&servers[i].need, reason, sizeof reason))
            find(doctor, servers[i].subject, FINDING_OK, "%s", servers[i].what_for);
        else
            find(doctor, servers[i].subject, FINDING_NOTE, "%s: %s", servers[i].what_for,
                 reason);
    }
}

static void tell_limit(struct doctor *doctor, const char *subject,
                       const struct host_limit *limit, uint64_t unit, const char *of)
{
    if (limit->value == UINT64_MAX)
        find(doctor, subject, FINDING_OK, "no limit known");
    else
        find(doctor, subject, FINDING_OK, "room for %" PRIu64 "%s (%s)",
             limit->value / unit, of, limit->what);
}

/* Nothing is said of a limit that is ample. */
static void tell_stack(struct doctor *doctor)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) || limit.rlim_cur == RLIM_INFINITY ||
        limit.rlim_cur >= STACK_FOR_COMFORT)
        return;
    find(doctor, "stack", FINDING_NOTE,
         "%" PRIu64 " KiB; raise it with `ulimit -s 8192`, %d are the least that runs",
         (uint64_t)limit.rlim_cur / 1024, PROCESS_STACK_KIB);
}

static void tell_limits(struct doctor *doctor)
{
    const struct host_limits limits = limits_read(NULL);
    const uint64_t fds = limits.open_files;
    find(doctor, "open files", fds < FDS_FOR_COMFORT ? FINDING_NOTE : FINDING_OK,
         "%" PRIu64 ": about %" PRIu64 " connections of a loop, %" PRIu64
         " blocking libcurl handles%s",
         fds, fds > 64 ? fds - 64 : 0, fds > 64 ? (fds - 64) / 3 : 0,
         fds < FDS_FOR_COMFORT ? "; raise it with `ulimit -Hn`" : "");
    find(doctor, "local ports", FINDING_OK,
         "%" PRIu64 " for each address; scenarios may use several (load.addresses)",
         limits.ports);
    tell_limit(doctor, "threads, processes", &limits.tasks, 1, "");
    tell_limit(doctor, "memory mappings", &limits.maps, 1, ", two to a thread");
    tell_limit(doctor, "memory", &limits.memory, 1 << 20, " MiB");
    tell_stack(doctor);
}

/* "0-5 (3 fast cores with SMT; package 0, NUMA node 0, one last-level cache)" */
static void tell_cores(struct doctor *doctor, const json_t *entry)
{
    const json_int_t cores = json_integer_value(json_object_get(entry, "cores"));
    const json_int_t threads = json_integer_value(json_object_get(entry, "threads"));
    const char *kind = json_text_of(entry, "kind"), *use = json_text_of(entry, "use");
    char subject[80];
    (void)snprintf(subject, sizeof subject, "CPUs of %s",
                   strcmp(use, "both") != 0 ? use : "origin and runner");
    find(doctor, subject, FINDING_OK,
         "%.80s (%d %s%score%s%s; package %d, NUMA node %d%s)",
         json_text_of(entry, "cpus"), (int)cores, kind, *kind ? " " : "",
         cores == 1 ? "" : "s", threads > 1 ? " with SMT" : "",
         (int)json_integer_value(json_object_get(entry, "package")),
         (int)json_integer_value(json_object_get(entry, "node")),
         json_is_null(json_object_get(entry, "cache")) ? "" : ", one last-level cache");
}

static void tell_cpus(struct doctor *doctor)
{
    const struct machine *machine = NULL;
    struct placement placement;
    struct err err = {0};
    size_t i = 0;
    json_int_t unused = 0;
    json_t *entry = NULL;
    if (machine_here(&machine, &err) || placement_on(machine, NULL, &placement, &err)) {
        find(doctor, "CPUs", FINDING_NOTE, "%s", err.text);
        return;
    }
    find(doctor, "CPUs", *placement.warning ? FINDING_NOTE : FINDING_OK,
         "%" PRIu64 "%s%s%s", placement.count,
         machine->is_foreign ? " of a described machine" : "",
         *placement.warning ? "; " : "", placement.warning);
    json_auto_t *list = placement_json(machine, &placement);
    json_array_foreach (list, i, entry) {
        if (strcmp(json_text_of(entry, "use"), "unused") != 0)
            tell_cores(doctor, entry);
        else
            unused += json_integer_value(json_object_get(entry, "cores"));
    }
    if (unused > 0)
        find(doctor, "CPUs unused", FINDING_OK,
             "those of %d core%s that are slower or far away; --cpus-runner and "
             "--cpus-origin use them",
             (int)unused, unused == 1 ? "" : "s");
}

static void tell_machine(struct doctor *doctor)
{
    const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    double load = 0;
    tell_cpus(doctor);
    if (getloadavg(&load, 1) == 1)
        find(doctor, "load", load > 0.25 * (double)cpus ? FINDING_NOTE : FINDING_OK,
             "%.2f%s", load,
             load > 0.25 * (double)cpus ? ": something else is running; stop it first"
                                        : "");
    if (strcmp(CONCBENCH_BUILD_TYPE, "Release") != 0)
        find(doctor, "build", FINDING_NOTE, "%s: measure with the release preset",
             CONCBENCH_BUILD_TYPE);
    else
        find(doctor, "build", FINDING_OK, "Release");
}

static void print(const struct doctor *doctor)
{
    size_t i = 0;
    json_t *item = NULL;
    FILE *lines = fold_open(stdout, 0);
    json_array_foreach (doctor->findings, i, item) {
        const char *finding = json_string_value(json_object_get(item, "finding"));
        clean_print(lines, "%-7s  %-25s  %s\n",
                    strcmp(finding, "missing") ? finding : "MISSING",
                    json_string_value(json_object_get(item, "subject")),
                    json_string_value(json_object_get(item, "text")));
    }
    fold_close(lines, stdout);
}

struct doctor_options {
    bool json;
};

int verb_doctor(int argc, char **argv, struct err *err)
{
    static const struct option_spec specs[] = {{"json", 0, NULL, OPTION_FLAG,
                                                offsetof(struct doctor_options, json), 0,
                                                0, NULL, "print JSON"}};
    static const struct option_table table = {
        "concbench doctor [OPTIONS]",
        "Says what this machine can run, and what it lacks.",
        specs,
        1,
        "concbench doctor\nconcbench doctor --json",
        "3  the default set cannot run here"};
    struct doctor_options options = {0};
    int positional = 0;
    if (!options_begin(&table, argc, argv, &options, &positional, err))
        return err->code;
    if (positional > 0)
        return err_set(err, EXIT_CODE_USAGE, "unexpected argument '%.60s'", argv[1]);
    struct doctor doctor = {.findings = json_array()};
    look_for_programs(&doctor);
    look_for_tools(&doctor);
    tell_machine(&doctor);
    tell_limits(&doctor);
    ask_servers(&doctor);
    ask_models(&doctor);
    if (options.json) {
        json_show(doctor.findings, stdout);
    } else {
        print(&doctor);
    }
    json_decref(doctor.findings);
    return doctor.lacks_something ? EXIT_CODE_UNFIT : EXIT_CODE_OK;
}
