/* options.c: the table-driven command line of options.h. getopt_long is not used because
 * it prints its own messages, accepts abbreviations, and knows no ranges. */
#include "common/options.h"

#include "common/fold.h"
#include "common/suggest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int options_parse_uint(const char *text, uint64_t *out_value)
{
    if (!*text || strspn(text, "0123456789") != strlen(text))
        return -1;
    errno = 0;
    unsigned long long value = strtoull(text, NULL, 10);
    if (errno != 0)
        return -1;
    *out_value = value;
    return 0;
}

static const struct option_spec *find_name(const struct option_table *table,
                                           const char *name, size_t length)
{
    for (size_t i = 0; i < table->count; i++) {
        const char *known = table->specs[i].name;
        if (strlen(known) == length && !memcmp(known, name, length))
            return &table->specs[i];
    }
    return NULL;
}

static const struct option_spec *find_letter(const struct option_table *table,
                                             char letter)
{
    for (size_t i = 0; i < table->count; i++) {
        if (letter && table->specs[i].letter == letter)
            return &table->specs[i];
    }
    return NULL;
}

static bool is_choice(const char *choices, const char *value)
{
    size_t length = strlen(value);
    for (const char *p = choices; p; p = strchr(p, '|')) {
        p += *p == '|';
        if (length > 0 && strcspn(p, "|") == length && !memcmp(p, value, length))
            return true;
    }
    return false;
}

static int append(const struct option_spec *spec, const char *value,
                  struct option_list *list, struct err *err)
{
    if (!*value)
        return err_set(err, EXIT_CODE_USAGE, "--%s: the value is empty", spec->name);
    if (list->count == OPTION_LIST_MAX)
        return err_set(err, EXIT_CODE_USAGE, "--%s: given more than %d times", spec->name,
                       OPTION_LIST_MAX);
    list->items[list->count++] = value;
    return 0;
}

static int store(const struct option_spec *spec, const char *value, void *target,
                 struct err *err)
{
    char *field = (char *)target + spec->offset;
    uint64_t number = 0;
    switch (spec->kind) {
    case OPTION_FLAG:
        *(bool *)(void *)field = true;
        return 0;
    case OPTION_UINT:
        if (options_parse_uint(value, &number) || number < spec->min ||
            number > spec->max) {
            return err_set(err, EXIT_CODE_USAGE,
                           "--%s: '%.60s' is not a whole number from %" PRIu64
                           " to %" PRIu64,
                           spec->name, value, spec->min, spec->max);
        }
        *(uint64_t *)(void *)field = number;
        return 0;
    case OPTION_CHOICE:
        if (!is_choice(spec->choices, value)) {
            struct suggest suggest = suggest_for(value);
            suggest_try_list(&suggest, spec->choices, "|");
            return err_set(err, EXIT_CODE_USAGE, "--%s: '%.60s' is not one of %s%s",
                           spec->name, value, spec->choices, suggest_text(&suggest));
        }
        break;
    case OPTION_STRING:
        if (!*value)
            return err_set(err, EXIT_CODE_USAGE, "--%s: the value is empty", spec->name);
        break;
    case OPTION_LIST:
        return append(spec, value, (struct option_list *)(void *)field, err);
    }
    *(const char **)(void *)field = value;
    return 0;
}

/* given is the word as written; name is the part after its dashes. A letter after two
 * dashes is a slip too, and so is a name after one. */
static int refuse_unknown(const struct option_table *table, const char *given,
                          const char *name, struct err *err)
{
    char word[SUGGEST_WORD_MAX + 1], meant[SUGGEST_WORD_MAX + 4] = "";
    const size_t length = strcspn(name, "=");
    (void)snprintf(word, sizeof word, "%.*s", (int)(length < 64 ? length : 64), name);
    struct suggest suggest = suggest_for(word);
    suggest_try(&suggest, "help");
    for (size_t i = 0; i < table->count; i++)
        suggest_try(&suggest, table->specs[i].name);
    if (suggest_word(&suggest))
        (void)snprintf(meant, sizeof meant, "--%s", suggest_word(&suggest));
    else if (length == 1 && find_letter(table, *word) && given[1] == '-')
        (void)snprintf(meant, sizeof meant, "-%c", *word);
    if (!*meant)
        return err_set(err, EXIT_CODE_USAGE, "unknown option '%.60s'; see --help", given);
    return err_set(err, EXIT_CODE_USAGE, "unknown option '%.60s'; did you mean '%s'?",
                   given, meant);
}

static bool is_option(const struct option_table *table, const char *word)
{
    if (word[0] != '-' || !word[1])
        return false;
    return word[1] == '-' ? find_name(table, word + 2, strcspn(word + 2, "=")) != NULL
                          : !word[2] && find_letter(table, word[1]);
}

/* The value of an option whose own word has none: the next word, unless that is clearly
 * an option itself. */
static int take_next(const struct option_table *table, const struct option_spec *spec,
                     int argc, char **argv, int *at, const char **out_value,
                     struct err *err)
{
    char letter[] = " (-?)";
    letter[3] = spec->letter;
    const char *shown = spec->letter ? letter : "";
    if (*at + 1 >= argc)
        return err_set(err, EXIT_CODE_USAGE, "--%s%s needs a value %s", spec->name, shown,
                       spec->argument);
    if (is_option(table, argv[*at + 1]))
        return err_set(err, EXIT_CODE_USAGE,
                       "--%s%s needs a value %s; after it stands the option '%.60s'",
                       spec->name, shown, spec->argument, argv[*at + 1]);
    *out_value = argv[++*at];
    return 0;
}

/* "--name", "--name=VALUE" or "--name" "VALUE" at argv[*at]. */
static int parse_name(const struct option_table *table, int argc, char **argv, int *at,
                      void *target, struct err *err)
{
    const char *name = argv[*at] + 2;
    const size_t length = strcspn(name, "=");
    const char *value = name[length] == '=' ? name + length + 1 : NULL;
    const struct option_spec *spec = find_name(table, name, length);
    if (!spec)
        return refuse_unknown(table, argv[*at], name, err);
    if (spec->kind == OPTION_FLAG && value)
        return err_set(err, EXIT_CODE_USAGE, "--%s takes no value", spec->name);
    if (spec->kind != OPTION_FLAG && !value &&
        take_next(table, spec, argc, argv, at, &value, err))
        return -1;
    return store(spec, value, target, err);
}

/* Letters after one dash at argv[*at]: those of flags, then perhaps one that takes a
 * value, which is the rest of the word or the next word. */
static int parse_letters(const struct option_table *table, int argc, char **argv, int *at,
                         void *target, int *out_help, struct err *err)
{
    const char *given = argv[*at], *letter = given + 1;
    if (given[2] && find_name(table, letter, strcspn(letter, "=")))
        return refuse_unknown(table, given, letter, err); /* it lacks a dash */
    for (; *letter && *letter != 'h'; letter++) {
        const struct option_spec *spec = find_letter(table, *letter);
        const char *value = letter[1] == '=' ? letter + 2 : letter + 1;
        if (!spec)
            return refuse_unknown(table, given, given + 1, err);
        if (spec->kind != OPTION_FLAG) {
            if (!letter[1] && take_next(table, spec, argc, argv, at, &value, err))
                return -1;
            return store(spec, value, target, err);
        }
        if (letter[1] == '=')
            return err_set(err, EXIT_CODE_USAGE, "--%s takes no value", spec->name);
        (void)store(spec, NULL, target, err);
    }
    *out_help = *letter == 'h';
    return 0;
}

int options_parse(const struct option_table *table, int argc, char **argv, void *target,
                  int *out_positional, int *out_help, struct err *err)
{
    int positional = 0;
    bool is_positional = false;
    *out_help = 0;
    for (int i = 1; i < argc; i++) {
        bool is_flag = argv[i][0] == '-' && argv[i][1] && !is_positional;
        if (!is_flag) {
            argv[++positional] = argv[i];
        } else if (!strcmp(argv[i], "--")) {
            is_positional = true;
        } else if (!strcmp(argv[i], "--help")) {
            *out_help = 1;
        } else {
            int status =
                argv[i][1] == '-'
                    ? parse_name(table, argc, argv, &i, target, err)
                    : parse_letters(table, argc, argv, &i, target, out_help, err);
            if (status)
                return status;
        }
        if (*out_help)
            return 0;
    }
    *out_positional = positional;
    return 0;
}

/* text with the indent before each of its lines; NULL is nothing. */
static void put_lines(FILE *out, const char *title, const char *first, const char *text)
{
    (void)fprintf(out, "\n%s:\n%s", title, first);
    for (size_t length = 0; text && *text; text += length + (text[length] != '\0')) {
        length = strcspn(text, "\n");
        (void)fprintf(out, "  %.*s\n", (int)length, text);
    }
}

static void put_option(FILE *out, const struct option_spec *spec)
{
    char left[64];
    (void)snprintf(left, sizeof left, "%c%c%s--%s %s", spec->letter ? '-' : ' ',
                   spec->letter ? spec->letter : ' ', spec->letter ? ", " : "  ",
                   spec->name, spec->argument ? spec->argument : "");
    (void)fprintf(out, "  %-24s  %s%s%s%s\n", left, spec->help, spec->choices ? " (" : "",
                  spec->choices ? spec->choices : "", spec->choices ? ")" : "");
}

void options_print_help(const struct option_table *table, FILE *out)
{
    FILE *lines = fold_open(out, 80);
    (void)fprintf(lines, "Usage: %s\n\n%s\n\nOptions:\n", table->usage, table->about);
    for (size_t i = 0; i < table->count; i++)
        put_option(lines, &table->specs[i]);
    (void)fprintf(lines, "  %-24s  %s\n", "-h, --help", "print this and exit");
    if (table->examples)
        put_lines(lines, "Examples", "", table->examples);
    put_lines(lines, "Exit codes",
              "  0  done\n  1  an internal error, or out of memory\n"
              "  2  a bad command line or a bad input file\n",
              table->exits);
    fold_close(lines, out);
}

bool options_begin(const struct option_table *table, int argc, char **argv, void *target,
                   int *out_positional, struct err *err)
{
    int help = 0;
    if (options_parse(table, argc, argv, target, out_positional, &help, err))
        return false;
    if (help)
        options_print_help(table, stdout);
    return !help;
}
