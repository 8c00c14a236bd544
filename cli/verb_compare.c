/* verb_compare.c: `concbench compare`: the command line, and where the comparison goes:
 * the terminal, Markdown, JSON, or the page that concbench-report draws from the JSON. */
#include "cli/verbs.h"

#include "analysis/compare/compare.h"
#include "analysis/compare/hosts.h"
#include "cli/draw.h"
#include "cli/summarise.h"
#include "common/cleanup.h"
#include "common/file.h"
#include "common/fold.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct flags {
    const char *markdown, *html, *color;
    bool json, all, fail, force;
};

#define AT(field) offsetof(struct flags, field)
static const struct option_spec specs[] = {
    {"json", 0, NULL, OPTION_FLAG, AT(json), 0, 0, NULL,
     "print JSON on stdout instead of the tables"},
    {"markdown", 0, "FILE", OPTION_STRING, AT(markdown), 0, 0, NULL,
     "write the tables as Markdown, too"},
    {"html", 0, "FILE", OPTION_STRING, AT(html), 0, 0, NULL,
     "write a page with charts, too"},
    {"all", 'a', NULL, OPTION_FLAG, AT(all), 0, 0, NULL,
     "show every row, not only those that show a change"},
    {"fail-on-regression", 0, NULL, OPTION_FLAG, AT(fail), 0, 0, NULL,
     "exit 5 when a cell is different in the worse direction, 6 when the trials are too "
     "few to tell; refused when the environments differ"},
    {"force", 0, NULL, OPTION_FLAG, AT(force), 0, 0, NULL,
     "fail even when the environments differ"},
    {"color", 0, "WHEN", OPTION_CHOICE, AT(color), 0, 0, "auto|always|never",
     "colour the verdicts (default auto)"},
};
static const struct option_table table = {
    "concbench compare [OPTIONS] OLD NEW [NEW...]",
    "Compares results (files or run folders) of other days, machines or libraries with "
    "the first, cell by cell, computed anew from their trials. One file that `concbench "
    "merge` wrote is enough: the runs in it are compared.",
    specs,
    COUNT_OF(specs),
    "concbench compare results/OLD results/latest\n"
    "concbench compare --all --html compare.html A.json B.json\n"
    "concbench compare --fail-on-regression baseline.json results/latest",
    "3  a file cannot be written, or the page cannot be drawn\n"
    "5  something is worse (--fail-on-regression)\n"
    "6  too little was measured to tell (--fail-on-regression)"};

static int write_markdown(const json_t *comparison, const char *path, struct err *err)
{
    AUTO_FREE char *text = NULL;
    size_t size = 0;
    FILE *out = memory_stream(&text, &size);
    compare_markdown(comparison, out);
    memory_stream_close(out, &text);
    return file_write(path, text, size, err);
}

static int write_all(const json_t *comparison, const struct flags *flags, struct err *err)
{
    if ((flags->markdown && write_markdown(comparison, flags->markdown, err)) ||
        (flags->html && draw_page(comparison, "--compare", flags->html, err)))
        return -1;
    if (flags->json) {
        json_show(comparison, stdout);
        return 0;
    }
    const struct compare_print how = {.is_colored =
                                          summarise_wants_color(flags->color, stdout),
                                      .has_all_rows = flags->all};
    FILE *lines = fold_open(stdout, 0);
    compare_print(comparison, &how, lines);
    fold_close(lines, stdout);
    return 0;
}

/* Whether a worse number may be called a failure at all. */
static int check_environments(const json_t *comparison, const struct flags *flags,
                              struct err *err)
{
    char names[300] = "";
    if (!flags->fail || flags->force ||
        !compare_environment_differs(comparison, names, sizeof names))
        return 0;
    return err_set(err, EXIT_CODE_USAGE,
                   "the environments differ in %s, so the machine may be what is slower; "
                   "measure both on one machine, or use --force",
                   names);
}

static int act(const struct compare_set *set, const struct flags *flags, struct err *err)
{
    if (set->count < 2)
        return err_set(err, EXIT_CODE_USAGE, "compare takes two or more results, got %zu",
                       set->count);
    if (set->count > COMPARE_RUNS_MAX)
        return err_set(err, EXIT_CODE_USAGE,
                       "more than %d runs to compare; `concbench report` makes a page of "
                       "up to %d hosts from a merged file",
                       COMPARE_RUNS_MAX, COMPARE_FILES_MAX);
    json_auto_t *comparison = compare_make(set);
    if (json_object_get(json_array_get(set->documents, 0), "merged"))
        json_put(comparison, "hosts", hosts_sentences(set));
    if (check_environments(comparison, flags, err) || write_all(comparison, flags, err))
        return err->code;
    if (flags->fail && compare_is_worse(comparison))
        return EXIT_CODE_REGRESSION;
    return flags->fail && compare_is_undecided(comparison) ? EXIT_CODE_UNDECIDED
                                                           : EXIT_CODE_OK;
}

int verb_compare(int argc, char **argv, struct err *err)
{
    struct flags flags = {.color = "auto"};
    struct compare_set set = {.count = 0};
    int positional = 0;
    if (!options_begin(&table, argc, argv, &flags, &positional, err))
        return err->code;
    if (positional == 0)
        return err_set(err, EXIT_CODE_USAGE,
                       "compare takes two or more results; see `concbench compare "
                       "--help`");
    int status = 0;
    for (int i = 1; i <= positional && !status; i++)
        status = compare_set_add(&set, argv[i], err);
    if (!status)
        compare_set_label(&set);
    int code = status ? (int)err->code : act(&set, &flags, err);
    compare_set_done(&set);
    return code;
}
