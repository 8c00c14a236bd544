/* verb_export.c: `concbench export`: which results, in which format, to where. */
#include "cli/verbs.h"

#include "analysis/compare/compare.h"
#include "analysis/export/export.h"
#include "common/cleanup.h"
#include "common/file.h"
#include "common/memory.h"
#include "common/options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct flags {
    const char *format, *out, *baseline, *better;
};

#define AT(field) offsetof(struct flags, field)
static const struct option_spec specs[] = {
    {"format", 'f', "FORMAT", OPTION_CHOICE, AT(format), 0, 0, EXPORT_FORMATS,
     "who is to read it"},
    {"out", 'o', "FILE", OPTION_STRING, AT(out), 0, 0, NULL,
     "write it there instead of to stdout"},
    {"baseline", 0, "RESULTS", OPTION_STRING, AT(baseline), 0, 0, NULL,
     "junit: the results that the others must not be worse than; without it, the first "
     "of several"},
    {"better", 0, "DIRECTION", OPTION_CHOICE, AT(better), 0, 0, "smaller|bigger",
     "benchmark-action: which metrics, for customSmallerIsBetter (the default) or "
     "customBiggerIsBetter"},
};
static const struct option_table table = {
    "concbench export --format FORMAT [OPTIONS] RESULTS [RESULTS...]",
    "Prints results (files, run folders or journals) for other programs: a row for each "
    "value (csv-long: pandas, R), github-action-benchmark, JUnit, Prometheus, benchstat, "
    "the scripts of hyperfine, or what happened when (chrome-trace: Perfetto, "
    "speedscope). docs/export.md describes each.",
    specs,
    COUNT_OF(specs),
    "concbench export --format csv-long results/latest --out trials.csv\n"
    "concbench export -f chrome-trace results/latest --out trace.json\n"
    "concbench export -f junit --baseline results/OLD results/latest -o junit.xml",
    "3  the file cannot be written"};

static int check(const struct flags *flags, int positional,
                 const struct export_format **out_format, struct err *err)
{
    if (!flags->format)
        return err_set(err, EXIT_CODE_USAGE, "export needs --format, one of %s",
                       EXPORT_FORMATS);
    if (positional == 0)
        return err_set(err, EXIT_CODE_USAGE,
                       "export needs results: a run's folder or a results.json");
    const struct export_format *format = *out_format = export_find(flags->format);
    if (flags->baseline && !format->takes_base)
        return err_set(err, EXIT_CODE_USAGE, "--baseline is for --format junit");
    if (flags->better && !format->takes_direction)
        return err_set(err, EXIT_CODE_USAGE, "--better is for --format benchmark-action");
    return 0;
}

static int load(struct compare_set *set, const struct flags *flags, int count,
                char *const *paths, struct err *err)
{
    if (flags->baseline && compare_set_add(set, flags->baseline, err))
        return -1;
    for (int i = 0; i < count; i++) {
        if (compare_set_add(set, paths[i], err))
            return -1;
    }
    compare_set_label(set);
    return 0;
}

static int write_to(const struct export_format *format, const struct export_job *job,
                    const char *path, struct err *err)
{
    AUTO_FREE char *text = NULL;
    size_t size = 0;
    if (!path) {
        format->write(job, stdout);
        return 0;
    }
    FILE *out = memory_stream(&text, &size);
    format->write(job, out);
    memory_stream_close(out, &text);
    return file_write(path, text, size, err);
}

int verb_export(int argc, char **argv, struct err *err)
{
    struct flags flags = {.format = NULL};
    struct compare_set set = {.count = 0};
    const struct export_format *format = NULL;
    int positional = 0;
    if (!options_begin(&table, argc, argv, &flags, &positional, err))
        return err->code;
    int status = check(&flags, positional, &format, err);
    if (!status)
        status = load(&set, &flags, positional, argv + 1, err);
    if (!status && format->needs_trace && !export_has_trace(&set))
        status = err_set(err, EXIT_CODE_USAGE,
                         "no cell of these results has a trace; a run of today keeps "
                         "one of each cell, except of those that take longer than two "
                         "seconds at preset quick");
    if (!status) {
        const bool has_base = format->takes_base && (flags.baseline || positional > 1);
        json_auto_t *comparison = has_base ? compare_make(&set) : NULL;
        const struct export_job job = {&set, comparison,
                                       flags.better && !strcmp(flags.better, "bigger")};
        status = write_to(format, &job, flags.out, err);
    }
    compare_set_done(&set);
    return status ? (int)err->code : EXIT_CODE_OK;
}
