/* verb_lesson.c: `concbench lesson NAME`: finds results of this machine for the scenarios
 * of the lesson, measures what is missing, and becomes bin/concbench-report, which makes
 * the pages. */
#include "cli/verbs.h"

#include "common/clean.h"
#include "common/cleanup.h"
#include "common/file.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/paths.h"
#include "common/suggest.h"
#include "harness/host/environment_groups.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define QUESTIONS_MAX  4
#define FILE_BYTES_MAX ((size_t)1 << 20)
#define RUN_BYTES_MAX  ((size_t)64 << 20)

struct flags {
    const char *out, *results;
};

static const struct option_spec specs[] = {
    {"out", 'o', "DIR", OPTION_STRING, offsetof(struct flags, out), 0, 0, NULL,
     "where the files go (default lesson-NAME)"},
    {"results", 'r', "DIR", OPTION_STRING, offsetof(struct flags, results), 0, 0, NULL,
     "where runs are looked for and made " PATHS_RESULTS_HELP},
};
static const struct option_table table = {
    "concbench lesson [OPTIONS] NAME",
    "Makes what a class needs for a lesson (waiting, computing, cost): worksheet.html, "
    "with questions and no answers; key.html, with what was measured on this machine; "
    "and slides/. Runs of this machine are used where there are some. What is missing is "
    "measured with preset quick, each scenario in about a minute.",
    specs,
    COUNT_OF(specs),
    "concbench lesson waiting\nconcbench lesson cost --out /tmp/monday",
    "3  the files cannot be written, or this machine is unfit"};

/* The scenarios of a lesson, and the results that were found for each. */
struct job {
    char file[PATH_MAX]; /* the lesson's */
    json_t *lesson;      /* owned */
    const char *results; /* the folder of runs */
    json_t *cpu;         /* owned: what this machine is */
    const char *scenarios[QUESTIONS_MAX];
    char found[QUESTIONS_MAX][PATH_MAX]; /* a results.json, or "" */
    size_t count;
};

/* What this machine is. New. */
static json_t *cpu_of_here(void)
{
    static const struct placement none;
    struct facts facts = facts_begin();
    environment_put_cpu(&facts, &none);
    json_auto_t *all = facts_finish(&facts);
    return json_incref(json_object_get(all, "cpu"));
}

/* The error for a name that no lesson has. */
static int unknown(const char *name, struct err *err)
{
    char path[PATH_MAX];
    struct dirent **entries = NULL;
    struct suggest suggest = suggest_for(name);
    char known[200] = "";
    int count = paths_share("lessons", path, sizeof path, err)
                    ? 0
                    : scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char *dot = strstr(entries[i]->d_name, ".json");
        if (dot && dot != entries[i]->d_name) {
            *dot = '\0';
            suggest_try(&suggest, entries[i]->d_name);
            const size_t used = strlen(known);
            (void)snprintf(known + used, sizeof known - used, "%s%.60s", used ? ", " : "",
                           entries[i]->d_name);
        }
        free(entries[i]);
    }
    free(entries);
    return err_set(err, EXIT_CODE_USAGE, "no lesson '%.64s'%s; there are: %s", name,
                   suggest_text(&suggest), known);
}

static int load_lesson(const char *name, struct job *job, struct err *err)
{
    char place[PATH_MAX];
    json_t *list = NULL, *question = NULL;
    size_t i = 0;
    (void)snprintf(place, sizeof place, "lessons/%.64s.json", name);
    if (!json_name_is_safe(name) || paths_share(place, job->file, sizeof job->file, NULL))
        return unknown(name, err);
    if (json_load_path(job->file, FILE_BYTES_MAX, &job->lesson, err) ||
        json_need_array(job->lesson, "", "questions", QUESTIONS_MAX, &list, err))
        return -1;
    json_array_foreach (list, i, question) {
        if (json_need_string(question, "questions", "scenario", 1, 64,
                             &job->scenarios[job->count++], err))
            return -1;
    }
    return 0;
}

/* Whether the scenario still says what it did in the run: then it is the same. */
static bool is_as_now(const json_t *measured)
{
    char place[PATH_MAX], path[PATH_MAX];
    json_auto_t *now = NULL;
    (void)snprintf(place, sizeof place, "scenarios/%.64s.json",
                   json_text_of(measured, "name"));
    return !paths_share(place, path, sizeof path, NULL) &&
           !json_load_path(path, FILE_BYTES_MAX, &now, NULL) &&
           !strcmp(json_text_of(now, "question"), json_text_of(measured, "question")) &&
           !strcmp(json_text_of(now, "why"), json_text_of(measured, "why"));
}

/* Of the same processors, as many, against our origin, and to its end. */
static bool is_of_here(const struct job *job, const json_t *run)
{
    const json_t *cpu = json_object_get(json_object_get(run, "environment"), "cpu");
    const json_t *facts = json_object_get(run, "run");
    return json_is_true(json_object_get(facts, "complete")) &&
           !json_is_string(json_object_get(facts, "url")) &&
           json_equal(json_object_get(cpu, "model"),
                      json_object_get(job->cpu, "model")) &&
           json_equal(json_object_get(cpu, "online"),
                      json_object_get(job->cpu, "online"));
}

static void look_into(struct job *job, const char *path)
{
    json_auto_t *run = NULL;
    json_t *scenario = NULL;
    size_t at = 0;
    char real[PATH_MAX]; /* results/latest is another one when the next run is made */
    if (!realpath(path, real) || json_load_path(path, RUN_BYTES_MAX, &run, NULL) ||
        !is_of_here(job, run))
        return;
    json_array_foreach (json_object_get(run, "scenarios"), at, scenario) {
        for (size_t i = 0; i < job->count; i++) {
            const bool is_it = !*job->found[i] && is_as_now(scenario) &&
                               !strcmp(json_text_of(scenario, "name"), job->scenarios[i]);
            if (is_it)
                (void)snprintf(job->found[i], PATH_MAX, "%s", real);
        }
    }
}

/* Fills what is found, from the newest run to the oldest: their folders are named by
 * time. */
static void look_for_runs(struct job *job)
{
    struct dirent **entries = NULL;
    const int count = scandir(job->results, &entries, NULL, alphasort);
    for (int i = count - 1; i >= 0; i--) {
        char path[PATH_MAX];
        (void)snprintf(path, sizeof path, "%.3000s/%s/results.json", job->results,
                       entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && !access(path, R_OK))
            look_into(job, path);
        free(entries[i]);
    }
    free(entries);
}

/* Runs `concbench run` and waits for its end. */
static int measure(const struct job *job, const char *scenario, struct err *err)
{
    char program[PATH_MAX];
    int state = 0;
    if (paths_program("concbench", program, sizeof program, err))
        return -1;
    clean_print(stderr,
                "concbench: %s is not in %s yet; measuring it with preset quick, which "
                "takes about a minute\n",
                scenario, job->results);
    const pid_t pid = fork();
    if (pid == 0) {
        (void)dup2(STDERR_FILENO, STDOUT_FILENO); /* ours names what was made */
        (void)execl(program, program, "run", scenario, "--preset", "quick", "--no-report",
                    "--out", job->results, (char *)NULL);
        _exit(EXIT_CODE_UNFIT);
    }
    while (pid > 0 && waitpid(pid, &state, 0) < 0 && errno == EINTR)
        continue;
    const int code =
        pid > 0 && WIFEXITED(state) ? WEXITSTATUS(state) : EXIT_CODE_INTERNAL;
    if (code == EXIT_CODE_OK || code == EXIT_CODE_INVALID_TRIALS)
        return 0;
    return err_set(err, code, "scenario %s could not be measured", scenario);
}

static int measure_missing(struct job *job, struct err *err)
{
    for (size_t i = 0; i < job->count; i++) {
        if (*job->found[i])
            continue;
        if (measure(job, job->scenarios[i], err))
            return -1;
        look_for_runs(job);
        if (!*job->found[i])
            return err_set(err, EXIT_CODE_UNFIT,
                           "the run of %s left no results in %.300s", job->scenarios[i],
                           job->results);
    }
    return 0;
}

static int become_report(const struct job *job, const char *out, struct err *err)
{
    char program[PATH_MAX];
    const char *argv[QUESTIONS_MAX + 6] = {program, "--lesson", job->file, "--out", out};
    for (size_t i = 0; i < job->count; i++)
        argv[5 + i] = job->found[i];
    if (paths_program("concbench-report", program, sizeof program, err))
        return -1;
    (void)execv(program, (char *const *)(uintptr_t)argv);
    return err_set(err, EXIT_CODE_UNFIT, "cannot start %.300s: %s", program,
                   strerror(errno));
}

int verb_lesson(int argc, char **argv, struct err *err)
{
    struct flags flags = {.results = paths_results_folder()};
    char preset[PATH_MAX];
    int positional = 0;
    if (!options_begin(&table, argc, argv, &flags, &positional, err))
        return err->code;
    if (positional != 1)
        return err_set(err, EXIT_CODE_USAGE,
                       "lesson takes one name, as in `concbench lesson waiting`");
    (void)snprintf(preset, sizeof preset, "lesson-%.64s", argv[1]);
    AUTO_FREE struct job *job = memory_calloc(1, sizeof *job);
    const char *out = flags.out ? flags.out : preset;
    job->results = flags.results;
    job->cpu = cpu_of_here();
    int status = load_lesson(argv[1], job, err);
    if (!status) /* before anything is measured, as nobody wants to wait for nothing */
        status = file_make_folder(out, err);
    if (!status)
        look_for_runs(job);
    if (!status && !measure_missing(job, err))
        (void)become_report(job, out, err); /* returns with an error alone */
    json_decref(job->lesson);
    json_decref(job->cpu);
    return err->code;
}
