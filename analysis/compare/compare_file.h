/* compare_file: results files as `concbench compare` needs them: the trials of each cell,
 * the facts of the environment, a label. The summaries in a file are not used. A file may
 * hold one run (results.json) or several (what `concbench merge` writes). */
#ifndef ANALYSIS_COMPARE_FILE_H
#define ANALYSIS_COMPARE_FILE_H

#include "analysis/cells.h"
#include "common/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define COMPARE_FILES_MAX 64 /* in one file, on one page of hosts */
#define COMPARE_RUNS_MAX  16 /* against each other */
#define COMPARE_BYTES_MAX ((size_t)64 << 20)
#define COMPARE_CELLS_MAX 4096

struct compare_file {
    char label[360]; /* unique in the set, printable */
    const json_t *results, *run, *environment, *scenarios; /* borrowed */
    const char *run_id, *started, *host;                   /* borrowed, or "" */
    struct cell
        *cells; /* owned; of each block the trial that counts; json is the file's */
    size_t cell_count;
    json_t *by_name; /* owned: "scenario/model/concurrency" to the index of its cell */
    struct metric_context context;
};

struct compare_set {
    json_t *documents; /* owned array: the files as they were read */
    struct compare_file files[COMPARE_FILES_MAX]; /* the first is the base */
    size_t count;
    size_t weight; /* of the documents in memory */
};

/* Adds the runs in the file at path, or the run in the folder at path (recover.h), to
 * set. A set starts zeroed and must be given to compare_set_done, even after an error.
 * EXIT_CODE_USAGE names the file and the place in it, or says that there are too many
 * runs. */
int compare_set_add(struct compare_set *set, const char *path, struct err *err);

/* Gives every file its label: the one that merge gave it, its run id, or the host and
 * date where ids are equal; always unique. Call it once, after the last file. */
void compare_set_label(struct compare_set *set);

void compare_set_done(struct compare_set *set);

/* Reads the document at path, or what recover_load finds of a run. *out_json is new. Adds
 * its weight to *weight; EXIT_CODE_USAGE when the documents together are heavier than one
 * may be. */
int compare_read(const char *path, size_t *weight, json_t **out_json, struct err *err);

/* The scenario with that name, or NULL. */
const json_t *compare_scenario(const struct compare_file *file, const char *name);

/* The cell, or NULL. */
const struct cell *compare_cell(const struct compare_file *file, const char *scenario,
                                const char *model, json_int_t concurrency);

#endif
