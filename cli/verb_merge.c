/* verb_merge.c: `concbench merge OUT FILE...`; merge.c decides what is in OUT. */
#include "cli/verbs.h"

#include "analysis/compare/compare_file.h"
#include "analysis/compare/merge.h"
#include "common/clean.h"
#include "common/cleanup.h"
#include "common/file.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct flags {
    struct option_list names, missing;
};

static const struct option_spec specs[] = {
    {"name", 0, "NAME=FILE", OPTION_LIST, offsetof(struct flags, names), 0, 0, NULL,
     "another file, and what its host is called; may be repeated"},
    {"missing", 0, "NAME", OPTION_LIST, offsetof(struct flags, missing), 0, 0, NULL,
     "a host that sent nothing, to be shown as missing; may be repeated"},
};
static const struct option_table table = {
    "concbench merge [OPTIONS] OUT FILE...",
    "Puts the results (files or run folders) of several hosts, measured by one version "
    "of "
    "concbench, into one file. `concbench report OUT` makes a page with the answers of "
    "all hosts, and `concbench compare OUT` compares them with the first. A host without "
    "--name is called by the first of these that is its alone: the node of its job, the "
    "folder of its file, its own name, the run.",
    specs,
    COUNT_OF(specs),
    "concbench merge hosts.json laptop.json server.json\n"
    "concbench merge class.json --name ann=a.json --name ben=b.json --missing cem",
    "3  OUT cannot be written"};

/* The named files, then the others. words are copies that the sources point to. */
static int take_sources(const struct flags *flags, char **paths, size_t count,
                        struct merge_source *sources, char **words, struct err *err)
{
    for (size_t i = 0; i < flags->names.count; i++) {
        words[i] = memory_strdup(flags->names.items[i]);
        char *equals = strchr(words[i], '=');
        if (!equals || equals == words[i] || !equals[1])
            return err_set(err, EXIT_CODE_USAGE,
                           "--name takes NAME=FILE, got '%.200s'; for instance --name "
                           "n1=results/RUN",
                           words[i]);
        *equals = '\0';
        sources[i] = (struct merge_source){words[i], equals + 1};
    }
    for (size_t i = 0; i < count; i++)
        sources[flags->names.count + i].path = paths[i];
    return 0;
}

static int merge(const struct flags *flags, char **argv, size_t count,
                 json_t **out_merged, struct err *err)
{
    const size_t all = flags->names.count + count;
    char *words[OPTION_LIST_MAX] = {NULL};
    AUTO_FREE struct merge_source *sources = memory_calloc(all + 1, sizeof *sources);
    int status = take_sources(flags, argv + 2, count, sources, words, err);
    if (!status)
        status = merge_files(sources, all, out_merged, err);
    for (size_t i = 0; i < flags->missing.count && !status; i++)
        merge_add_missing(*out_merged, flags->missing.items[i]);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        free(words[i]);
    return status;
}

static int write_merged(const char *path, const json_t *merged, struct err *err)
{
    AUTO_FREE char *text =
        json_dumps(merged, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(10));
    if (!text)
        memory_exhausted();
    const size_t size = strlen(text) + 1;
    text[size - 1] = '\n'; /* takes the place of the NUL; the size says where it ends */
    if (size >= COMPARE_BYTES_MAX)
        return err_set(err, EXIT_CODE_USAGE,
                       "%.200s would be larger than %zu MiB; merge fewer files", path,
                       COMPARE_BYTES_MAX >> 20);
    return file_write(path, text, size, err);
}

int verb_merge(int argc, char **argv, struct err *err)
{
    struct flags flags = {.names = {.count = 0}};
    int positional = 0;
    json_auto_t *merged = NULL;
    if (!options_begin(&table, argc, argv, &flags, &positional, err))
        return err->code;
    if (positional < 1 || (size_t)positional - 1 + flags.names.count < 1)
        return err_set(err, EXIT_CODE_USAGE,
                       "merge takes the file to write and the files to read, got %d",
                       positional);
    if (merge(&flags, argv, (size_t)positional - 1, &merged, err) ||
        write_merged(argv[1], merged, err))
        return err->code;
    const size_t runs = json_array_size(json_object_get(merged, "merged")),
                 missing = json_array_size(json_object_get(merged, "missing"));
    clean_print(stdout, "%s: %zu run%s", argv[1], runs, runs == 1 ? "" : "s");
    if (missing)
        clean_print(stdout, ", %zu missing", missing);
    (void)puts("");
    return EXIT_CODE_OK;
}
