/* options: one table describes a command line; parsing and --help both come from it.
 *
 *   static const struct option_spec table[] = {
 *       {"requests", 'n', "N", OPTION_UINT, offsetof(struct opts, requests), 1, 4000,
 *        NULL, "requests to make in all (default 100)"},
 *       ...
 *   };
 *
 * `--name VALUE`, `--name=VALUE`, `-n VALUE`, `-nVALUE` and `-n=VALUE` are understood,
 * and the letters of flags may share a dash: `-jn5`. Here getopt would take "=VALUE" for
 * the value of `-n=VALUE`; argparse and Go do not. Options may stand anywhere among the
 * positional arguments; `--` ends them. A word that is itself an option is never taken as
 * the value of the one before it, unless the two are joined: `--out=--json`. */
#ifndef COMMON_OPTIONS_H
#define COMMON_OPTIONS_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum option_kind {
    OPTION_FLAG,   /* bool field, set true */
    OPTION_UINT,   /* uint64_t field, decimal digits, min <= value <= max */
    OPTION_STRING, /* const char * field, borrowed from argv, not empty */
    OPTION_CHOICE, /* const char * field, one of the words in choices */
    OPTION_LIST    /* struct option_list field; the option may be given again */
};

#define OPTION_LIST_MAX 32

/* Every value that a repeatable option was given, in order; borrowed from argv. */
struct option_list {
    const char *items[OPTION_LIST_MAX];
    size_t count;
};

struct option_spec {
    const char *name;     /* without the dashes */
    char letter;          /* one-letter form, or 0 */
    const char *argument; /* its name in --help; NULL for a flag */
    enum option_kind kind;
    size_t offset;       /* of the field in the target struct */
    uint64_t min, max;   /* of a text: what its numbers may be, for whoever reads them */
    const char *choices; /* OPTION_CHOICE: "a|b|c" */
    const char *help;    /* one sentence, no full stop */
};

struct option_table {
    const char *usage; /* "concbench run [OPTIONS] [SCENARIO...]" */
    const char *about; /* a paragraph */
    const struct option_spec *specs;
    size_t count;
    const char *examples; /* a line each, as to be typed; NULL: none */
    const char *exits;    /* "3  why": a line for each exit code beside 0, 1 and 2 */
};

/* Parses argv[1..] into target, whose fields hold the defaults. Positional arguments are
 * moved to the front of argv from index 1 on, in order; *out_positional is their number.
 * Strings in target are borrowed from argv. On --help or -h, *out_help is true and
 * nothing more is parsed. Errors: EXIT_CODE_USAGE, naming the flag and what it accepts
 * or, for an unknown flag, the nearest known one. */
int options_parse(const struct option_table *table, int argc, char **argv, void *target,
                  int *out_positional, int *out_help, struct err *err);

/* The same for a program that has nothing else to do before: it prints the help where that
 * is asked for. Returns true to go on; false when it is over, with the exit code in
 * err->code, which is EXIT_CODE_OK after the help. */
bool options_begin(const struct option_table *table, int argc, char **argv, void *target,
                   int *out_positional, struct err *err);

/* Prints usage, about, the options, examples and exit codes, as wide as the terminal (80
 * columns where out is none). */
void options_print_help(const struct option_table *table, FILE *out);

/* Parses decimal digits only (no sign, no blanks). Returns 0, or -1 when text is not a
 * number or does not fit 64 bits; *out_value is written only on success. */
int options_parse_uint(const char *text, uint64_t *out_value);

#endif
