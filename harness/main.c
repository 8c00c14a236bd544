/* concbench: runs scenarios under several concurrency models and has the results drawn.
 * This file is the table of its verbs; each lives in its own verb_*.c. */
#include "harness/verbs/verbs.h"

#include <stdio.h>
#include <string.h>

static const struct verb {
    const char *name, *about;
    int (*act)(int argc, char **argv, struct err *err);
} verbs[] = {
    {"run", "measure scenarios and make the report", verb_run},
    {"report", "draw the report of a results.json again", verb_report},
    {"compare", "compare results of other days, machines or libraries", verb_compare},
    {"merge", "put the results of several hosts into one file", verb_merge},
    {"check", "how noisy this machine is: models against themselves", verb_check},
    {"conform", "check an executable against the runner contract", verb_conform},
    {"doctor", "what this machine can run, and what it lacks", verb_doctor},
    {"list", "name the scenarios and models there are", verb_list},
    {"validate", "check a scenario, results.json or journal", verb_validate},
};
#define VERB_COUNT (sizeof verbs / sizeof verbs[0])

static int print_help(FILE *out)
{
    (void)fputs("Usage: concbench VERB [OPTIONS] [ARGUMENTS]\n\n"
                "Compares client concurrency models: the same task, waiting in different "
                "ways.\n\nVerbs:\n",
                out);
    for (size_t i = 0; i < VERB_COUNT; i++)
        (void)fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].about);
    (void)fputs(
        "\n`concbench VERB --help` tells more. `concbench run` alone measures the "
        "default set.\n",
        out);
    return fflush(out) ? EXIT_CODE_UNFIT : EXIT_CODE_OK;
}

static int is_word(const char *given, const char *a, const char *b)
{
    return !strcmp(given, a) || !strcmp(given, b);
}

int main(int argc, char **argv)
{
    struct err err = {0};
    if (argc < 2) {
        (void)print_help(stderr);
        return EXIT_CODE_USAGE;
    }
    if (is_word(argv[1], "help", "--help") || is_word(argv[1], "-h", "-h"))
        return print_help(stdout);
    if (is_word(argv[1], "version", "--version")) {
        (void)printf("concbench %s\n", CONCBENCH_VERSION);
        return fflush(stdout) ? EXIT_CODE_UNFIT : EXIT_CODE_OK;
    }
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(argv[1], verbs[i].name) != 0)
            continue;
        int code = verbs[i].act(argc - 1, argv + 1, &err);
        if (err.code == EXIT_CODE_OK && fflush(stdout))
            (void)err_set(&err, EXIT_CODE_UNFIT, "cannot write to stdout: disk full?");
        return err.code != EXIT_CODE_OK ? err_report(&err, "concbench") : code;
    }
    (void)err_set(&err, EXIT_CODE_USAGE, "unknown verb '%.60s'; see `concbench help`",
                  argv[1]);
    return err_report(&err, "concbench");
}
