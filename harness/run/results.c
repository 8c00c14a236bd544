/* results.c: see results.h. What the numbers are is aggregate.c's, what they look like
 * the report program's. */
#include "harness/run/results.h"

#include "analysis/recover.h"
#include "common/file.h"
#include "common/paths.h"
#include "harness/run/report_program.h"
#include "harness/trial/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TRIES 8

/* Makes what it can. An error shows when the last folder is made. */
static void make_parents(const char *path)
{
    char parent[PATH_MAX];
    for (size_t i = 1; path[i] && i < sizeof parent; i++) {
        if (path[i] != '/')
            continue;
        (void)snprintf(parent, sizeof parent, "%.*s", (int)i, path);
        (void)mkdir(parent, 0777);
    }
}

int results_prepare(const char *out, struct err *err)
{
    if (!strcmp(out, paths_results_folder()))
        make_parents(out); /* a mistyped --out must not make any */
    if (!file_make_folder(out, err))
        return 0;
    err_prefix(err, "results (--out names another folder)");
    return -1;
}

static struct tm now_utc(void)
{
    struct timespec now;
    struct tm utc = {.tm_mday = 1};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &utc); /* fails for years beyond an int only */
    return utc;
}

void results_format_now(char *out_text, size_t size)
{
    struct tm utc = now_utc();
    if (!strftime(out_text, size, "%Y-%m-%dT%H:%M:%SZ", &utc))
        *out_text = '\0';
}

static int join(char *out_path, const char *directory, const char *name, struct err *err)
{
    int length = snprintf(out_path, PATH_MAX, "%s/%s", directory, name);
    if (length < 0 || length >= PATH_MAX)
        return err_set(err, EXIT_CODE_UNFIT, "results directory: path too long");
    return 0;
}

static int name_files(const char *out, struct results_paths *p, struct err *err)
{
    return join(p->directory, out, p->id, err) ||
           join(p->journal, p->directory, "trials.jsonl", err) ||
           join(p->results, p->directory, "results.json", err) ||
           join(p->report, p->directory, "report.html", err);
}

int results_find(const char *out, const char *id, struct results_paths *out_paths,
                 struct err *err)
{
    int length = snprintf(out_paths->id, sizeof out_paths->id, "%s", id);
    if (length < 0 || (size_t)length >= sizeof out_paths->id)
        return err_set(err, EXIT_CODE_USAGE, "%.100s: not the folder of a run", id);
    return name_files(out, out_paths, err) ? -EXIT_CODE_USAGE : 0;
}

int results_create(const char *out, struct results_paths *out_paths, struct err *err)
{
    struct results_paths p;
    for (int i = 0; i < TRIES; i++) {
        char stamp[32];
        uint16_t tail = 0;
        if (getrandom(&tail, sizeof tail, 0) != (ssize_t)sizeof tail)
            tail = (uint16_t)(getpid() + i);
        struct tm utc = now_utc();
        if (!strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &utc))
            *stamp = '\0';
        (void)snprintf(p.id, sizeof p.id, "%s-%04x", stamp, (unsigned int)tail);
        if (name_files(out, &p, err))
            return -1;
        if (!mkdir(p.directory, 0755)) {
            *out_paths = p;
            return 0;
        }
        if (errno != EEXIST)
            break;
    }
    return err_set(err, EXIT_CODE_UNFIT, "results: a folder in %.300s: %s", out,
                   strerror(errno));
}

void results_discard(const struct results_paths *paths)
{
    struct stat st;
    if (!stat(paths->journal, &st) && st.st_size == 0)
        (void)unlink(paths->journal);
    (void)rmdir(paths->directory); /* refused, as it should be, when it holds anything */
}

/* Makes a link under a name that no killed run can have left behind. */
static int make_link(const char *out, const char *id, char *out_path, struct err *err)
{
    for (int i = 0; i < TRIES; i++) {
        char name[32];
        uint32_t random = 0;
        if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
            random = (uint32_t)(getpid() + i);
        (void)snprintf(name, sizeof name, ".latest.%08" PRIx32, random);
        if (join(out_path, out, name, err))
            return -1;
        if (!symlink(id, out_path))
            return 0;
        if (errno != EEXIST)
            break;
    }
    return err_set(err, EXIT_CODE_UNFIT, "cannot link %.300s: %s", out_path,
                   strerror(errno));
}

/* A new link takes the old one's place in one step. */
static int link_latest(const char *out, const char *id, struct err *err)
{
    char temporary[PATH_MAX], latest[PATH_MAX];
    if (join(latest, out, "latest", err) || make_link(out, id, temporary, err))
        return -1;
    if (rename(temporary, latest)) {
        int status = errno;
        (void)unlink(temporary);
        return err_set(err, EXIT_CODE_UNFIT, "cannot link %.300s: %s", latest,
                       strerror(status));
    }
    return 0;
}

int results_write(const char *out, const struct results_paths *paths,
                  json_t **out_results, struct err *err)
{
    json_t *results = NULL;
    struct err write_err = {0};
    int status = recover_journal(paths->journal, SIZE_MAX, &results, err);
    if (status)
        return status;
    *out_results = results;
    if (file_write_json(paths->results, results, &write_err) ||
        link_latest(out, paths->id, &write_err))
        return err_set(err, write_err.code,
                       "%.330s; the journal has everything: `concbench report %.120s`",
                       write_err.text, paths->directory);
    return 0;
}

int results_report(const struct results_paths *paths, const struct cpus *cpus,
                   struct err *err)
{
    char failure[400];
    const char *const words[] = {paths->results, NULL};
    const struct report_request request = {
        .words = words, .cpus = cpus, .interrupted = &interrupt_requested};
    (void)snprintf(
        failure, sizeof failure,
        "no report was made; the numbers are in %.300s, try `concbench report` "
        "on it",
        paths->results);
    return report_program_run(&request, failure, err);
}
