/* probe: a small program that says by its exit code whether something can be done here.
 */
#ifndef HARNESS_PROBE_H
#define HARNESS_PROBE_H

#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

#define PROBE_LIMIT_MS  UINT64_C(10000)
#define PROBE_TEXT_SIZE 160

/* Runs argv (argv[0] is a path) with stdin and stdout /dev/null and our environment, for
 * at most limit_ms; then it and its process group are killed. Returns its exit code, or
 * -1 when it could not be run, was killed or took too long. out_line (PROBE_TEXT_SIZE
 * bytes) is the last line it said on stderr, printable ASCII, or what went wrong. */
int probe_run(const char *const *argv, uint64_t limit_ms, char *out_line);

/* argv as one text that no other argv has, new; NULL: a word is not UTF-8. */
char *probe_question(const char *const *argv);

/* As probe_run, but a program that was asked already is not started again: the answer is
 * that of the first time, until this process ends. Scenarios of one suite ask the same of
 * the same runners, and are loaded more than once. One thread. */
int probe_once(const char *const *argv, uint64_t limit_ms, char *out_line);

/* As probe_run, but out_text (size bytes) is all that it said on stdout, of which what is
 * beyond the size is dropped; its stderr is /dev/null. For programs of others: its parent
 * is not this process, so killing that does no harm, and what it leaves running is ended,
 * daemons too. *out_code is what probe_run returns. EXIT_CODE_UNFIT when something of it
 * cannot be ended (strays_end). */
int probe_read(const char *const *argv, uint64_t limit_ms, char *out_text, size_t size,
               int *out_code, struct err *err);

/* The same as probe_run with our stderr; out_said (size bytes) is the last line on
 * stdout. A process that it left running in its own session lives on. */
int probe_ask(const char *const *argv, uint64_t limit_ms, char *out_said, size_t size);

#endif
