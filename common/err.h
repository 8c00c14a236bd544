/* err: one error, set where it happens, printed once by main.
 *
 * A function that can fail takes a `struct err *` last and returns 0 or a negative value.
 * The first error wins: a later err_set on the same struct keeps the first text. The text
 * is one line; it names the thing that is wrong and what to do about it. */
#ifndef COMMON_ERR_H
#define COMMON_ERR_H

#include "common/array.h" /* for all, as this header is */

/* The exit codes of every concbench program; an error carries the one it leads to. */
enum exit_code {
    EXIT_CODE_OK = 0,
    EXIT_CODE_INTERNAL = 1,       /* a bug, or the system failed in an unforeseen way */
    EXIT_CODE_USAGE = 2,          /* bad command line or bad input file */
    EXIT_CODE_UNFIT = 3,          /* this environment cannot do it (gnuplot, fds, disk) */
    EXIT_CODE_INVALID_TRIALS = 4, /* finished, but some trials are invalid */
    EXIT_CODE_REGRESSION = 5,     /* asked for: a regression, an expectation not held */
    EXIT_CODE_UNDECIDED = 6       /* asked for, but too little was measured to tell */
};

struct err {
    enum exit_code code; /* EXIT_CODE_OK while nothing is set */
    char text[512];      /* one line, no trailing newline, as clean_text makes it */
};

/* Sets err (which may be NULL) unless it is set already. Control characters and line
 * breaks in the formatted text become '?', bidirectional ones are shown as "[U+202E]", so
 * hostile input cannot draw on a terminal (common/clean.h).
 * Returns -code, never 0, so that `return err_set(...)` reads naturally. */
int err_set(struct err *err, enum exit_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#ifdef __clang_analyzer__ /* cannot see that the code of an error is never 0 */
#define err_set(...) (err_set(__VA_ARGS__), -1)
#endif

/* Puts "prefix: " before the text of an error already set; no effect otherwise. */
void err_prefix(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints "program: text" on stderr and returns the exit code. For main() only. */
int err_report(const struct err *err, const char *program);

#endif
