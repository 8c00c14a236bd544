/* journal: trials.jsonl, one JSON object a line, each fsynced before the next trial
 * starts. What is in it survives a kill -9 of the harness; a torn last line is dropped on
 * reading. */
#ifndef COMMON_JOURNAL_H
#define COMMON_JOURNAL_H

#include "common/err.h"

#include <jansson.h>

struct journal; /* opaque */

/* Creates path (which must not exist). *out_journal is new. EXIT_CODE_UNFIT on failure.
 */
int journal_create(const char *path, struct journal **out_journal, struct err *err);

/* Opens the journal at path to go on with it, after its last complete line; what is torn
 * is cut off. It must have as many lines as were found when it was read. EXIT_CODE_UNFIT,
 * naming the path. */
int journal_open(const char *path, size_t expected_lines, struct journal **out_journal,
                 struct err *err);

/* Appends one line with "type" set to type, fsynced. object is borrowed. After an error
 * (EXIT_CODE_UNFIT, names the path) the file ends with the last complete line. */
int journal_append(struct journal *journal, const char *type, const json_t *object,
                   struct err *err);

void journal_free(struct journal *journal); /* closes; NULL-safe */

/* Reads a journal: *out_lines is a new array of its objects. A line that is not complete
 * or not JSON is an error unless it is the last one. */
int journal_read(const char *path, json_t **out_lines, struct err *err);

/* The most that the journals of runs that others may have made take in memory: the lines,
 * and the results that are made of them. */
#define JOURNAL_WEIGHT_LIMIT ((size_t)160 << 20)

/* As journal_read; a journal that would take more than max_weight bytes of memory is
 * refused before it is parsed (EXIT_CODE_USAGE). */
int journal_read_within(const char *path, size_t max_weight, json_t **out_lines,
                        struct err *err);

#endif
