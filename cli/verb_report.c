/* verb_report.c: becomes bin/concbench-report, which knows its own options. A run that
 * has only its journal gets its results first; of a merged file the page of its hosts is
 * made. */
#include "cli/verbs.h"

#include "analysis/compare/hosts.h"
#include "analysis/recover.h"
#include "cli/draw.h"
#include "common/clean.h"
#include "common/cleanup.h"
#include "common/file.h"
#include "common/json.h"
#include "common/options.h"
#include "common/paths.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BYTES_MAX ((size_t)256 << 20) /* as concbench-report has it */

/* The options of concbench-report that show what is asked for. */
struct flags {
    const char *out;
    bool is_other; /* neither a run nor a results file is drawn */
    bool no_png;
};

static const struct option_spec specs[] = {
    {"out", 'o', "DIR", OPTION_STRING, offsetof(struct flags, out), 0, 0, NULL, ""},
    {"compare", 0, NULL, OPTION_FLAG, offsetof(struct flags, is_other), 0, 0, NULL, ""},
    {"index", 0, NULL, OPTION_FLAG, offsetof(struct flags, is_other), 0, 0, NULL, ""},
    {"no-png", 0, NULL, OPTION_FLAG, offsetof(struct flags, no_png), 0, 0, NULL, ""},
};
static const struct option_table table = {"", "", specs, COUNT_OF(specs), NULL, NULL};

/* The one file or folder that is asked for; NULL: anything else, which is not ours. */
static const char *find_given(int argc, char **argv, struct flags *out_flags)
{
    char *words[8] = {NULL}; /* parsing changes the order */
    int positional = 0, help = 0;
    if (argc >= (int)COUNT_OF(words))
        return NULL;
    for (int i = 0; i < argc; i++)
        words[i] = argv[i];
    if (options_parse(&table, argc, words, out_flags, &positional, &help, NULL) || help ||
        positional != 1 || out_flags->is_other)
        return NULL;
    return paths_results(words[1]);
}

static bool is_run(const char *given)
{
    struct stat st;
    const bool is_folder = !stat(given, &st) && S_ISDIR(st.st_mode);
    return is_folder || recover_is_journal(given);
}

/* Whether the beginning of a file looks as if it were what merge writes. What is read of
 * a pipe would be gone. */
static bool may_be_merged(const char *path)
{
    char start[4096] = "";
    struct stat st;
    const bool is_file = !stat(path, &st) && S_ISREG(st.st_mode);
    AUTO_FILE FILE *file = is_file ? fopen(path, "re") : NULL;
    const size_t size = file ? fread(start, 1, sizeof start - 1, file) : 0;
    return size > 0 && strstr(start, "\"merged\"");
}

/* Beside the file, or in the folder that was named. */
static int write_hosts(const struct compare_set *set, const char *given, const char *out,
                       struct err *err)
{
    char page[PATH_MAX];
    const char *slash = strrchr(given, '/');
    json_auto_t *hosts = hosts_make(set);
    if (out && file_make_folder(out, err))
        return -1;
    (void)snprintf(page, sizeof page, "%.*s%shosts.html",
                   (int)(out     ? strlen(out)
                         : slash ? (size_t)(slash - given) + 1
                                 : 0),
                   out ? out : given, out ? "/" : "");
    if (draw_page(hosts, "--hosts", page, err))
        return -1;
    clean_print(stdout, "%s\n", page);
    return 0;
}

/* The page of the hosts in a merged file. *out_is_drawn: whether it is one. */
static int draw_hosts(const char *given, const char *out, bool *out_is_drawn,
                      struct err *err)
{
    struct compare_set set = {.count = 0};
    int status = may_be_merged(given) ? compare_set_add(&set, given, err) : 0;
    *out_is_drawn = json_object_get(json_array_get(set.documents, 0), "merged") != NULL;
    compare_set_label(&set);
    if (!status && *out_is_drawn)
        status = write_hosts(&set, given, out, err);
    compare_set_done(&set);
    return status;
}

static void tell(const struct recovered *found)
{
    const json_t *run = json_object_get(found->results, "run");
    const bool is_whole = json_is_true(json_object_get(run, "complete"));
    const json_int_t made = json_integer_value(json_object_get(run, "trials_run"));
    const json_int_t planned = json_integer_value(json_object_get(run, "trials_planned"));
    clean_print(stderr,
                "concbench: the results are made from %s: %" JSON_INTEGER_FORMAT
                " %s %" JSON_INTEGER_FORMAT " trials%s\n",
                found->journal, made,
                made > planned ? "attempts at" /* some were repeated */ : "of", planned,
                is_whole ? "" : "; the run was interrupted, so they are partial");
}

/* results.json is written where the run would have written it. Where that cannot be, the
 * report can still be drawn, into another folder. */
static int put_results(const struct recovered *found, const struct flags *flags,
                       char *out_path, struct err *err)
{
    char file[PATH_MAX];
    struct err write_err = {0};
    (void)snprintf(file, sizeof file, "%.4000s/results.json", found->folder);
    if (found->is_to_write && !file_write_json(file, found->results, &write_err)) {
        (void)snprintf(out_path, PATH_MAX, "%s", file);
        return 0;
    }
    if (found->is_to_write && !flags->out)
        return err_set(err, write_err.code, "%.400s; name another folder with --out",
                       write_err.text);
    return draw_hold(found->results, out_path, PATH_MAX, err) < 0 ? -1 : 0;
}

/* Draws the report from the journal if the journal counts; else returns 0. */
static int draw_journal(const char *program, const char *given, const struct flags *flags,
                        struct err *err)
{
    char file[PATH_MAX];
    struct recovered found = {.results = NULL};
    if (recover_load(given, BYTES_MAX, &found, err))
        return -1;
    int status = 0;
    if (found.is_from_journal) {
        tell(&found);
        status = put_results(&found, flags, file, err);
        if (!status) {
            (void)execl(program, program, "--out", flags->out ? flags->out : found.folder,
                        file, flags->no_png ? "--no-png" : (char *)NULL, (char *)NULL);
            status = err_set(err, EXIT_CODE_UNFIT, "cannot start %.300s: %s", program,
                             strerror(errno));
        }
    }
    json_decref(found.results);
    return status;
}

int verb_report(int argc, char **argv, struct err *err)
{
    char program[PATH_MAX];
    struct flags flags = {.out = NULL};
    if (paths_program("concbench-report", program, sizeof program, err))
        return err->code;
    const char *given = find_given(argc, argv, &flags);
    bool is_drawn = false;
    if (given && (is_run(given) ? draw_journal(program, given, &flags, err)
                                : draw_hosts(given, flags.out, &is_drawn, err)))
        return err->code;
    if (is_drawn)
        return EXIT_CODE_OK;
    argv[0] = program;
    (void)execv(program, argv);
    return err_set(err, EXIT_CODE_UNFIT, "cannot start %.300s: %s", program,
                   strerror(errno));
}
