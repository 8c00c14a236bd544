/* recover: what a run has measured, whatever ended it. results.json is a pure function of
 * the journal, so the journal alone is enough. */
#ifndef ANALYSIS_RECOVER_H
#define ANALYSIS_RECOVER_H

#include "common/err.h"

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct recovered {
    json_t *results;        /* owned by the caller: the document */
    bool is_from_journal;   /* and not a file's */
    bool is_to_write;       /* no results.json beside the journal has as much */
    char folder[PATH_MAX];  /* of the journal */
    char journal[PATH_MAX]; /* its path */
};

/* Whether path names a journal: it ends in .jsonl. */
bool recover_is_journal(const char *path);

/* The results of a journal that takes at most max_weight bytes of memory (SIZE_MAX: of
 * the run that has just been made). *out_results is new. EXIT_CODE_USAGE, naming the
 * path, when the file is not a journal, is too large or has no timed trial. */
int recover_journal(const char *path, size_t max_weight, json_t **out_results,
                    struct err *err);

/* Reads given: a document of at most max_bytes, a journal, or the folder of a run. Of a
 * folder results.json counts, unless it is missing or no document, or the run in it is
 * incomplete and the journal beside it has more. EXIT_CODE_USAGE names the file. */
int recover_load(const char *given, size_t max_bytes, struct recovered *out_recovered,
                 struct err *err);

#endif
