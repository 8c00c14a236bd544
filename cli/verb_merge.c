/* verb_merge.c: `concbench merge OUT FILE...`; merge.c decides what is in OUT. */
#include "cli/verbs.h"

#include "analysis/compare/compare_file.h"
#include "analysis/compare/merge.h"
#include "common/clean.h"
#include "common/file.h"
#include "common/options.h"

#include <stdio.h>

static const struct option_table table = {
    "concbench merge OUT FILE...",
    "Puts the results (files or run folders) of several hosts into one file, which "
    "`concbench compare OUT` compares host by host and `concbench validate OUT` checks.",
    NULL,
    0,
    "concbench merge hosts.json laptop.json server.json",
    "3  OUT cannot be written"};

int verb_merge(int argc, char **argv, struct err *err)
{
    int positional = 0;
    json_t *merged = NULL;
    if (!options_begin(&table, argc, argv, NULL, &positional, err))
        return err->code;
    if (positional < 2)
        return err_set(err, EXIT_CODE_USAGE,
                       "merge takes the file to write and the files to read, got %d",
                       positional);
    if (merge_files((const char *const *)(argv + 2), (size_t)positional - 1, &merged,
                    err))
        return err->code;
    size_t runs = json_array_size(json_object_get(merged, "merged"));
    int status = 0;
    if (json_dumpb(merged, NULL, 0, JSON_INDENT(1)) >= COMPARE_BYTES_MAX)
        status = err_set(err, EXIT_CODE_USAGE,
                         "%.200s would be larger than %zu MiB; merge fewer files",
                         argv[1], COMPARE_BYTES_MAX >> 20);
    else
        status = file_write_json(argv[1], merged, err);
    json_decref(merged);
    if (status)
        return err->code;
    clean_print(stdout, "%s: %zu run%s\n", argv[1], runs, runs == 1 ? "" : "s");
    return EXIT_CODE_OK;
}
