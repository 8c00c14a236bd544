/* facts: builds `environment` of results.json: {group: {fact: value}}. A value that could
 * not be found is null, with its reason under "unknown".
 *
 * A fact is text cleaned to printable ASCII, a finite number or a truth value. */
#ifndef HARNESS_FACTS_H
#define HARNESS_FACTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define FACTS_TEXT_MAX ((size_t)16384) /* of a file or of a program's output */

struct facts {
    json_t *all;     /* owned until facts_finish */
    json_t *unknown; /* owned until facts_finish */
};

struct facts facts_begin(void);

/* The object with "unknown" in it, new; *facts is spent. */
json_t *facts_finish(struct facts *facts);

/* Each puts group.fact; where there is no value (NULL or "", NaN or infinity, known
 * false) null with the reason. text and reason are borrowed. */
void facts_put_text(struct facts *facts, const char *group, const char *fact,
                    const char *text, const char *reason);
void facts_put_number(struct facts *facts, const char *group, const char *fact,
                      double value, const char *reason);
void facts_put_bool(struct facts *facts, const char *group, const char *fact,
                    bool is_known, bool value, const char *reason);

/* The first line of a file as text or as a number; the reason names the path. */
void facts_put_line(struct facts *facts, const char *group, const char *fact,
                    const char *path);
void facts_put_file_number(struct facts *facts, const char *group, const char *fact,
                           const char *path);

/* Reads at most size - 1 bytes of a file in /proc or /sys, terminated. 0 or -errno; then
 * *out_text is "". */
int facts_read(const char *path, char *out_text, size_t size);

/* Runs argv (argv[0] is a path) with an environment of PATH and LC_ALL only and keeps the
 * first size - 1 bytes of its stdout, terminated; stderr goes nowhere. It is killed after
 * 5 s. 0, or -errno: -EIO when it did not exit with 0. Not for use during a trial. */
int facts_capture(const char *const *argv, char *out_text, size_t size);

/* The same, and stderr with it. */
int facts_capture_all(const char *const *argv, char *out_text, size_t size);

#endif
