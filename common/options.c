/* options.c: the table-driven command line of options.h. getopt_long is not used because
 * it prints its own messages, accepts abbreviations, and knows no ranges. */
#include "common/options.h"

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

static const struct option_spec *find(const struct option_table *table, const char *name,
                                      size_t length)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct option_spec *spec = &table->specs[i];
        bool is_letter = length == 1 && spec->letter && spec->letter == name[0];
        bool is_name = strlen(spec->name) == length && !memcmp(spec->name, name, length);
        if (is_letter || is_name)
            return spec;
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
            return err_set(err, EXIT_CODE_USAGE, "--%s: '%.60s' is not one of %s",
                           spec->name, value, spec->choices);
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

/* Reads the flag at argv[*at] and, if it takes one, its value. */
static int parse_one(const struct option_table *table, int argc, char **argv, int *at,
                     void *target, struct err *err)
{
    const char *given = argv[*at];
    const char *name = given[1] == '-' ? given + 2 : given + 1;
    size_t length = strcspn(name, "=");
    const char *value = name[length] == '=' ? name + length + 1 : NULL;
    const struct option_spec *spec = find(table, name, length);
    bool dashes_fit = spec && (given[1] == '-') == (length > 1);
    if (!spec || !dashes_fit)
        return err_set(err, EXIT_CODE_USAGE, "unknown option '%.60s'; see --help", given);
    if (spec->kind == OPTION_FLAG && value)
        return err_set(err, EXIT_CODE_USAGE, "--%s takes no value", spec->name);
    if (spec->kind != OPTION_FLAG && !value) {
        if (*at + 1 >= argc)
            return err_set(err, EXIT_CODE_USAGE, "--%s needs a value %s", spec->name,
                           spec->argument);
        value = argv[++*at];
    }
    return store(spec, value, target, err);
}

int options_parse(const struct option_table *table, int argc, char **argv, void *target,
                  int *out_positional, int *out_help, struct err *err)
{
    int positional = 0;
    bool only_positional = false;
    *out_help = 0;
    for (int i = 1; i < argc; i++) {
        bool is_flag = argv[i][0] == '-' && argv[i][1] && !only_positional;
        if (!is_flag) {
            argv[++positional] = argv[i];
        } else if (!strcmp(argv[i], "--")) {
            only_positional = true;
        } else if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
            *out_help = 1;
            return 0;
        } else {
            int status = parse_one(table, argc, argv, &i, target, err);
            if (status)
                return status;
        }
    }
    *out_positional = positional;
    return 0;
}

void options_print_help(const struct option_table *table, FILE *out)
{
    (void)fprintf(out, "Usage: %s\n\n%s\n\nOptions:\n", table->usage, table->about);
    for (size_t i = 0; i < table->count; i++) {
        const struct option_spec *spec = &table->specs[i];
        char left[64];
        (void)snprintf(left, sizeof left, "%c%c%s--%s %s", spec->letter ? '-' : ' ',
                       spec->letter ? spec->letter : ' ', spec->letter ? ", " : "  ",
                       spec->name, spec->argument ? spec->argument : "");
        (void)fprintf(out, "  %-28s %s%s%s%s\n", left, spec->help,
                      spec->choices ? " (" : "", spec->choices ? spec->choices : "",
                      spec->choices ? ")" : "");
    }
    (void)fprintf(out, "  %-28s %s\n", "-h, --help", "print this and exit");
}
