/* concbench: runs scenarios under several concurrency models and has the results drawn.
 * This file is the table of its verbs; each lives in its own verb_*.c. */
#include "cli/verbs.h"

#include "common/fold.h"
#include "common/json.h"
#include "common/process.h"
#include "common/redact.h"
#include "common/suggest.h"

#include <stdio.h>
#include <string.h>

static const struct verb {
    const char *name, *about;
    int (*act)(int argc, char **argv, struct err *err);
} verbs[] = {
    {"run", "measure scenarios and make the report", verb_run},
    {"rerun", "measure again what a results.json says, and compare", verb_rerun},
    {"tune", "how many workers each model needs", verb_tune},
    {"show", "one trial of each model, replayed in the terminal", verb_show},
    {"report", "draw the report of a results.json again", verb_report},
    {"compare", "compare results of other days, machines or libraries", verb_compare},
    {"merge", "put the results of several hosts into one file", verb_merge},
    {"export", "print results for other programs: CSV, JUnit, OpenMetrics ...",
     verb_export},
    {"check", "how noisy this machine is: models against themselves", verb_check},
    {"conform", "check an executable against the runner contract", verb_conform},
    {"doctor", "what this machine can run, and what it lacks", verb_doctor},
    {"lesson", "make worksheet, key and slides of a lesson, from this machine's run",
     verb_lesson},
    {"list", "name the scenarios and models there are", verb_list},
    {"validate", "check a scenario, results.json or journal", verb_validate},
};

static void print_help(FILE *out)
{
    FILE *lines = fold_open(out, 80);
    (void)fputs("Usage: concbench VERB [OPTIONS] [ARGUMENTS]\n\n"
                "Compares client concurrency models: the same task, waiting in different "
                "ways.\n\nVerbs:\n",
                lines);
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        (void)fprintf(lines, "  %-9s  %s\n", verbs[i].name, verbs[i].about);
    (void)fputs("\n`concbench help VERB` shows more. `concbench run` alone measures the "
                "default set.\n",
                lines);
    fold_close(lines, out);
}

static int is_word(const char *given, const char *a, const char *b)
{
    return !strcmp(given, a) || !strcmp(given, b);
}

static const struct verb *find_verb(const char *name, struct err *err)
{
    struct suggest suggest = suggest_for(name);
    suggest_try_list(&suggest, "help version", " ");
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        if (!strcmp(name, verbs[i].name))
            return &verbs[i];
        suggest_try(&suggest, verbs[i].name);
    }
    (void)err_set(err, EXIT_CODE_USAGE, "unknown verb '%.60s'%s", name,
                  suggest_word(&suggest) ? suggest_text(&suggest)
                                         : "; see `concbench help`");
    return NULL;
}

/* `concbench help`, and `concbench help VERB`: what `concbench VERB --help` prints. */
static int help(int argc, char **argv, struct err *err)
{
    char option[] = "--help";
    char *words[] = {argc > 2 ? argv[2] : NULL, option, NULL};
    if (argc > 3)
        return err_set(err, EXIT_CODE_USAGE, "help takes one verb, got %d words",
                       argc - 2);
    if (argc < 3 || is_word(argv[2], "help", "version")) {
        print_help(stdout);
        return EXIT_CODE_OK;
    }
    const struct verb *verb = find_verb(argv[2], err);
    return verb ? verb->act(2, words, err) : (int)err->code;
}

static int act(int argc, char **argv, struct err *err)
{
    if (process_begin(err))
        return err->code;
    if (argc < 2) {
        print_help(stderr);
        return EXIT_CODE_USAGE;
    }
    if (is_word(argv[1], "help", "--help") || is_word(argv[1], "-h", "-h"))
        return help(argc, argv, err);
    if (is_word(argv[1], "version", "--version")) {
        (void)printf("concbench %s\n", CONCBENCH_VERSION);
        return EXIT_CODE_OK;
    }
    const struct verb *verb = find_verb(argv[1], err);
    return verb ? verb->act(argc - 1, argv + 1, err) : (int)err->code;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    json_end_without_memory();
    const int code = act(argc, argv, &err);
    redact_text(err.text);
    return process_end(code, &err, "concbench");
}
