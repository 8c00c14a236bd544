/* main.c of concbench-report: results.json in, report out.
 *
 *     load -> charts -> gnuplot -> page and summaries -> files
 *
 * Nothing is written before everything is made, so a failure leaves an older report as it
 * was. Prints the path of the page on stdout, and one line on stderr if something is
 * wrong.
 */
#include "common/clean.h"
#include "common/cleanup.h"
#include "common/err.h"
#include "common/file.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/paths.h"
#include "common/process.h"
#include "report/draw/chart.h"
#include "report/page/compare.h"
#include "report/page/index.h"
#include "report/page/lesson.h"
#include "report/page/page.h"
#include "report/page/render.h"
#include "report/page/summary.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

struct opts {
    const char *out, *lesson;
    bool is_comparison, is_hosts, is_index, no_png;
};

static const struct option_spec specs[] = {
    {"out", 'o', "DIR", OPTION_STRING, offsetof(struct opts, out), 0, 0, NULL,
     "where to write (default: the folder of the results)"},
    {"compare", 0, NULL, OPTION_FLAG, offsetof(struct opts, is_comparison), 0, 0, NULL,
     "draw what `concbench compare --json` prints: COMPARISON OUT.html"},
    {"hosts", 0, NULL, OPTION_FLAG, offsetof(struct opts, is_hosts), 0, 0, NULL,
     "draw the page of a merged file's hosts, as `concbench report` does: HOSTS "
     "OUT.html"},
    {"index", 0, NULL, OPTION_FLAG, offsetof(struct opts, is_index), 0, 0, NULL,
     "make the index of the reports in a folder of scripts/bench-all"},
    {"lesson", 0, "LESSON", OPTION_STRING, offsetof(struct opts, lesson), 0, 0, NULL,
     "make worksheet, key and slides of this lesson's file from some RESULTS"},
    {"no-png", 0, NULL, OPTION_FLAG, offsetof(struct opts, no_png), 0, 0, NULL,
     "leave out charts/*.png, which take most of the time"},
};

static const struct option_table table = {
    "concbench-report [--out DIR] RESULTS",
    "Draws a report from a results.json, or from the run folder that holds one: "
    "report.html, summary.md, summary.csv, and for each chart charts/*.gp, .tsv, .svg "
    "and .png. Of a merged file it is hosts.html alone, the page of its hosts. With "
    "--compare one page from a comparison; with --index one over many runs.",
    specs,
    COUNT_OF(specs),
    "concbench report results/latest\nconcbench report --out /tmp/page results.json\n"
    "concbench report hosts.json",
    "3  gnuplot is missing, or a file cannot be written"};

/* RESULTS as a file, and the folder it lies in. */
static int resolve(const char *given, char *file, char *folder, size_t size,
                   struct err *err)
{
    struct stat st;
    given = paths_results(given);
    bool is_folder = !stat(given, &st) && S_ISDIR(st.st_mode);
    const char *slash = strrchr(given, '/');
    int wanted = snprintf(file, size, "%s%s", given, is_folder ? "/results.json" : "");
    int folder_length = is_folder ? snprintf(folder, size, "%s", given)
                        : slash && slash != given
                            ? snprintf(folder, size, "%.*s", (int)(slash - given), given)
                            : snprintf(folder, size, "%s", slash ? "/" : ".");
    if (wanted < 0 || folder_length < 0 || (size_t)wanted >= size)
        return err_set(err, EXIT_CODE_USAGE, "%.100s...: path too long", given);
    return 0;
}

static int write_in(const char *folder, const char *name, const char *bytes, size_t size,
                    struct err *err)
{
    char path[PATH_MAX];
    int wanted = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (wanted < 0 || (size_t)wanted >= sizeof path)
        return err_set(err, EXIT_CODE_UNFIT, "%.100s: path too long", folder);
    return file_write(path, bytes, size, err);
}

/* The picture that an older report has left, which the new page contradicts. */
static int remove_older(const char *folder, const char *name, struct err *err)
{
    char path[PATH_MAX];
    int wanted = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (wanted < 0 || (size_t)wanted >= sizeof path || (unlink(path) && errno != ENOENT))
        return err_set(err, EXIT_CODE_UNFIT, "cannot remove %.300s: %s", name,
                       strerror(errno));
    return 0;
}

/* The files of one panel. */
static int write_files(const char *folder, const char *name,
                       const struct picture *pictures, struct err *err)
{
    for (int kind = 0; kind < RENDER_PAGE; kind++) {
        const struct picture *picture = &pictures[kind];
        char file[192];
        (void)snprintf(file, sizeof file, "charts/%s%s", name, render_suffixes[kind]);
        if (picture->bytes ? write_in(folder, file, picture->bytes, picture->size, err)
                           : remove_older(folder, file, err))
            return -1;
    }
    return 0;
}

static int write_charts(const char *folder, const struct chart *charts,
                        const struct drawing *drawings, size_t count, struct err *err)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/charts", folder);
    if (length < 0 || (size_t)length >= sizeof path)
        return err_set(err, EXIT_CODE_UNFIT, "%.100s: path too long", folder);
    if (file_make_folder(path, err))
        return -1;
    for (size_t i = 0; i < count; i++)
        for (size_t p = 0; p < charts[i].panel_count; p++)
            if (write_files(folder, render_name(&charts[i], p).s, drawings[i].panels[p],
                            err))
                return -1;
    return 0;
}

static int write_texts(const char *folder, const struct page *page, struct err *err)
{
    AUTO_FREE char *html = NULL;
    AUTO_FREE char *md = NULL;
    AUTO_FREE char *csv = NULL;
    size_t html_size = 0;
    size_t md_size = 0;
    size_t csv_size = 0;
    page_write(page, &html, &html_size);
    summary_md(page->results, &md, &md_size);
    summary_csv(page->results, &csv, &csv_size);
    return write_in(folder, "summary.md", md, md_size, err) ||
                   write_in(folder, "summary.csv", csv, csv_size, err) ||
                   write_in(folder, "report.html", html, html_size, err)
               ? -1
               : 0;
}

static int write_report(struct results *results, const char *folder, bool has_png,
                        struct err *err)
{
    struct palette palette;
    size_t count = results->scenario_count * chart_spec_count;
    AUTO_FREE struct chart *charts = memory_calloc(count + 1, sizeof *charts);
    AUTO_FREE struct drawing *drawings = memory_calloc(count + 1, sizeof *drawings);
    palette_init(&palette, results);
    palette_group(&palette, results);
    for (size_t i = 0; i < count; i++) {
        struct chart_source source = {results, &palette,
                                      &results->scenarios[i / chart_spec_count]};
        chart_build(&chart_specs[i % chart_spec_count], &source, &charts[i]);
    }
    struct page page = {results, &palette, charts, drawings, NULL};
    int status = render_charts(charts, count, has_png, drawings, err);
    if (!status)
        status = file_make_folder(folder, err);
    if (!status)
        status = write_charts(folder, charts, drawings, count, err);
    if (!status)
        status = write_texts(folder, &page, err);
    render_done(drawings, count);
    for (size_t i = 0; i < count; i++)
        chart_done(&charts[i]);
    return status;
}

/* Tells on stdout what was made. */
static int say(const char *path, const char *name, struct err *err)
{
    clean_print(stdout, "%s%s\n", path, name);
    if (fflush(stdout) || ferror(stdout))
        return err_set(err, EXIT_CODE_UNFIT, "cannot write to stdout");
    return 0;
}

static int write_comparison(const char *path, const char *html, bool is_hosts,
                            struct err *err)
{
    AUTO_FREE char *text = NULL;
    size_t size = 0;
    if ((is_hosts ? hosts_page : compare_page)(path, &text, &size, err) ||
        file_write(html, text, size, err))
        return -1;
    return say(html, "", err);
}

static int write_index(const char *folder, struct err *err)
{
    AUTO_FREE char *text = NULL;
    size_t size = 0;
    if (index_page(folder, &text, &size, err) ||
        write_in(folder, "index.html", text, size, err))
        return -1;
    return say(folder, "/index.html", err);
}

static int run(int argc, char **argv, struct err *err)
{
    struct opts opts = {.out = NULL};
    int positional = 0;
    int help = 0;
    if (options_parse(&table, argc, argv, &opts, &positional, &help, err))
        return -1;
    if (help) {
        options_print_help(&table, stdout);
        return 0;
    }
    if ((opts.is_comparison || opts.is_hosts) && positional == 2)
        return write_comparison(argv[1], argv[2], opts.is_hosts, err);
    if (opts.is_comparison || opts.is_hosts)
        return err_set(err, EXIT_CODE_USAGE,
                       "%s takes what is to be drawn and the page to write",
                       opts.is_hosts ? "--hosts" : "--compare");
    if (opts.lesson && opts.out && positional > 0)
        return lesson_write(opts.lesson, argv + 1, (size_t)positional, opts.out, err);
    if (opts.lesson)
        return err_set(err, EXIT_CODE_USAGE, "--lesson takes --out DIR and results");
    if (positional != 1)
        return err_set(err, EXIT_CODE_USAGE,
                       "expected one results.json or run folder; see --help");
    if (opts.is_index)
        return write_index(argv[1], err);
    char file[PATH_MAX];
    char folder[PATH_MAX];
    struct results *results = NULL;
    if (resolve(argv[1], file, folder, sizeof file, err) ||
        load_results(file, &results, err))
        return -1;
    const char *out = opts.out ? opts.out : folder;
    int status = write_report(results, out, !opts.no_png, err);
    load_free(results);
    return status ? status : say(out, "/report.html", err);
}

int main(int argc, char **argv)
{
    struct err err = {0};
    json_end_without_memory();
    if (!process_begin(&err))
        (void)run(argc, argv, &err);
    return process_end(EXIT_CODE_OK, &err, "concbench-report");
}
