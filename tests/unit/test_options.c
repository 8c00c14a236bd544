/* Tests of common/options: what a command line may look like, and what each error says.
 */
#include "common/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct opts {
    uint64_t requests;
    const char *out;
    const char *backend;
    bool json;
    struct option_list runners;
};

static const struct option_spec specs[] = {
    {"requests", 'n', "N", OPTION_UINT, offsetof(struct opts, requests), 1, 1000, NULL,
     "requests to make"},
    {"out", 'o', "DIR", OPTION_STRING, offsetof(struct opts, out), 0, 0, NULL, "folder"},
    {"switch", 0, "NAME", OPTION_CHOICE, offsetof(struct opts, backend), 0, 0,
     "fcontext|ucontext", "how to switch"},
    {"json", 'j', NULL, OPTION_FLAG, offsetof(struct opts, json), 0, 0, NULL,
     "print JSON"},
    {"runner", 0, "R", OPTION_LIST, offsetof(struct opts, runners), 0, 0, NULL, "one"},
};

static const struct option_table table = {
    "prog [OPTIONS] URL",
    "Does a thing.",
    specs,
    COUNT_OF(specs),
    "prog --out x 'http://a/?b'\nprog -n5 http://a/",
    "3  why"};

struct parsed {
    struct opts opts;
    struct err err;
    char *argv[12];
    int status, positional, help;
};

/* Parses words, separated by single blanks; the words live as long as text. */
static struct parsed parse(char *text)
{
    struct parsed p = {.opts = {.requests = 100, .out = "results", .backend = "fcontext"},
                       .positional = -1};
    int argc = 0;
    p.argv[argc++] = text; /* the program's name; never looked at */
    for (char *word = text; word && argc < 11; argc++) {
        char *blank = strchr(word, ' ');
        p.argv[argc] = word;
        if (blank)
            *blank = '\0';
        word = blank ? blank + 1 : NULL;
    }
    p.status =
        options_parse(&table, argc, p.argv, &p.opts, &p.positional, &p.help, &p.err);
    return p;
}

#define PARSE(words) parse((char[]){words})

static void test_nothing_keeps_the_defaults(void **state)
{
    (void)state;
    struct parsed p = PARSE("url");
    assert_int_equal(p.status, 0);
    assert_int_equal(p.positional, 1);
    assert_int_equal(p.opts.requests, 100);
    assert_string_equal(p.opts.backend, "fcontext");
    assert_false(p.opts.json);
}

static void test_every_form_of_a_flag(void **state)
{
    (void)state;
    assert_int_equal(PARSE("-n 5").opts.requests, 5);
    assert_int_equal(PARSE("-n=5").opts.requests, 5);
    assert_int_equal(PARSE("-n5").opts.requests, 5);
    assert_int_equal(PARSE("-n1000 url").opts.requests, 1000);
    assert_int_equal(PARSE("--requests 5").opts.requests, 5);
    assert_int_equal(PARSE("--requests=5").opts.requests, 5);
    assert_true(PARSE("-j").opts.json);
    assert_true(PARSE("--json").opts.json);
    char words[] = "--switch=ucontext --out=a=b";
    struct parsed p = parse(words);
    assert_string_equal(p.opts.backend, "ucontext");
    assert_string_equal(p.opts.out, "a=b");
}

static void test_letters_share_a_dash(void **state)
{
    (void)state;
    struct parsed p = PARSE("-jn5 url");
    assert_int_equal(p.status, 0);
    assert_true(p.opts.json);
    assert_int_equal(p.opts.requests, 5);
    assert_int_equal(p.positional, 1);
    p = PARSE("-jjn 6 url");
    assert_int_equal(p.opts.requests, 6);
    assert_int_equal(p.positional, 1);
    p = PARSE("-jh");
    assert_int_equal(p.help, 1);
    p = PARSE("-ohello"); /* the rest is the value, whatever its letters */
    assert_int_equal(p.help, 0);
    assert_string_equal(p.opts.out, "hello");
}

static void test_the_last_one_wins(void **state)
{
    (void)state;
    assert_int_equal(PARSE("-n 5 -n 6").opts.requests, 6);
}

static void test_flags_among_positionals(void **state)
{
    (void)state;
    char words[] = "one -n 5 two --json - three";
    struct parsed p = parse(words);
    assert_int_equal(p.positional, 4);
    assert_string_equal(p.argv[1], "one");
    assert_string_equal(p.argv[2], "two");
    assert_string_equal(p.argv[3], "-");
    assert_string_equal(p.argv[4], "three");
}

static void test_two_dashes_end_the_flags(void **state)
{
    (void)state;
    char words[] = "-j -- -n --help";
    struct parsed p = parse(words);
    assert_int_equal(p.status, 0);
    assert_int_equal(p.help, 0);
    assert_int_equal(p.positional, 2);
    assert_string_equal(p.argv[1], "-n");
    assert_string_equal(p.argv[2], "--help");
}

static void test_help_stops_parsing(void **state)
{
    (void)state;
    struct parsed p = PARSE("--help --nonsense");
    assert_int_equal(p.status, 0);
    assert_int_equal(p.help, 1);
    assert_int_equal(PARSE("-h").help, 1);
}

static void assert_refused(char *words, const char *text)
{
    struct parsed p = parse(words);
    assert_int_equal(p.err.code, EXIT_CODE_USAGE);
    assert_int_equal(p.err.code, EXIT_CODE_USAGE);
    assert_string_equal(p.err.text, text);
    assert_int_equal(p.opts.requests, 100);
    assert_int_equal(p.positional, -1);
}

#define ASSERT_REFUSED(words, text) assert_refused((char[]){words}, text)

static void test_unknown_flags(void **state)
{
    (void)state;
    ASSERT_REFUSED("--nope", "unknown option '--nope'; see --help");
    ASSERT_REFUSED("-x", "unknown option '-x'; see --help");
    ASSERT_REFUSED("-jx", "unknown option '-jx'; see --help");
    ASSERT_REFUSED("--=5", "unknown option '--=5'; see --help");
    ASSERT_REFUSED("--request 5",
                   "unknown option '--request'; did you mean '--requests'?");
    ASSERT_REFUSED("--reqests=5",
                   "unknown option '--reqests=5'; did you mean '--requests'?");
    ASSERT_REFUSED("-requests 5",
                   "unknown option '-requests'; did you mean '--requests'?");
    ASSERT_REFUSED("-out=x", "unknown option '-out=x'; did you mean '--out'?");
    ASSERT_REFUSED("--n 5", "unknown option '--n'; did you mean '-n'?");
    ASSERT_REFUSED("--hlep", "unknown option '--hlep'; did you mean '--help'?");
}

static void test_wrong_values(void **state)
{
    (void)state;
    ASSERT_REFUSED("-n", "--requests (-n) needs a value N");
    ASSERT_REFUSED("-jn", "--requests (-n) needs a value N");
    ASSERT_REFUSED("--switch", "--switch needs a value NAME");
    ASSERT_REFUSED("--out --json",
                   "--out (-o) needs a value DIR; after it stands the option '--json'");
    ASSERT_REFUSED("--out -j url",
                   "--out (-o) needs a value DIR; after it stands the option '-j'");
    ASSERT_REFUSED("-nx", "--requests: 'x' is not a whole number from 1 to 1000");
    ASSERT_REFUSED("-n0", "--requests: '0' is not a whole number from 1 to 1000");
    ASSERT_REFUSED("-j=1", "--json takes no value");
    ASSERT_REFUSED("--switch fcontex", "--switch: 'fcontex' is not one of "
                                       "fcontext|ucontext; did you mean 'fcontext'?");
    ASSERT_REFUSED("-n x", "--requests: 'x' is not a whole number from 1 to 1000");
    ASSERT_REFUSED("-n 0", "--requests: '0' is not a whole number from 1 to 1000");
    ASSERT_REFUSED("-n 1001", "--requests: '1001' is not a whole number from 1 to 1000");
    ASSERT_REFUSED("-n -1", "--requests: '-1' is not a whole number from 1 to 1000");
    ASSERT_REFUSED("-n=", "--requests: '' is not a whole number from 1 to 1000");
    ASSERT_REFUSED("--out=", "--out: the value is empty");
    ASSERT_REFUSED("--json=1", "--json takes no value");
    ASSERT_REFUSED("--switch f", "--switch: 'f' is not one of fcontext|ucontext");
    ASSERT_REFUSED("--switch=", "--switch: '' is not one of fcontext|ucontext");
    ASSERT_REFUSED("--switch fcontext|ucontext",
                   "--switch: 'fcontext|ucontext' is not one of fcontext|ucontext");
}

static void test_parse_uint(void **state)
{
    (void)state;
    uint64_t value = 7;
    const char *const wrong[] = {"",
                                 "-1",
                                 "+1",
                                 " 1",
                                 "1 ",
                                 "0x10",
                                 "1e3",
                                 "1.0",
                                 "18446744073709551616",
                                 "99999999999999999999999"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_int_equal(options_parse_uint(wrong[i], &value), -1);
        assert_int_equal(value, 7);
    }
    assert_int_equal(options_parse_uint("0", &value), 0);
    assert_int_equal(value, 0);
    assert_int_equal(options_parse_uint("007", &value), 0);
    assert_int_equal(value, 7);
    assert_int_equal(options_parse_uint("18446744073709551615", &value), 0);
    assert_true(value == UINT64_MAX);
}

static void test_help_names_every_option(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    options_print_help(&table, out);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(text, "Usage: prog [OPTIONS] URL\n"));
    assert_non_null(strstr(text, "-n, --requests N"));
    assert_non_null(strstr(text, "-o, --out DIR"));
    assert_non_null(strstr(text, "how to switch (fcontext|ucontext)"));
    assert_non_null(strstr(text, "-h, --help"));
    assert_non_null(
        strstr(text, "\nExamples:\n  prog --out x 'http://a/?b'\n  prog -n5"));
    assert_non_null(strstr(text, "\nExit codes:\n  0  done\n  1  "));
    assert_non_null(strstr(text, "\n  3  why\n"));
    free(text);
}

static void test_a_list_keeps_every_value_in_order(void **state)
{
    (void)state;
    struct parsed p = PARSE("prog --runner a=1 url --runner=b=2 --runner c");
    assert_int_equal(p.status, 0);
    assert_int_equal(p.opts.runners.count, 3);
    assert_string_equal(p.opts.runners.items[0], "a=1");
    assert_string_equal(p.opts.runners.items[1], "b=2");
    assert_string_equal(p.opts.runners.items[2], "c");
    p = PARSE("prog --runner=");
    assert_string_equal(p.err.text, "--runner: the value is empty");
}

static void test_a_list_has_an_end(void **state)
{
    char program[] = "prog", one[] = "--runner=x";
    char *argv[OPTION_LIST_MAX + 3] = {program, NULL};
    struct opts opts = {.requests = 1};
    struct err err = {0};
    int positional = 0, help = 0;
    (void)state;
    for (int i = 1; i <= OPTION_LIST_MAX + 1; i++)
        argv[i] = one;
    assert_int_equal(
        options_parse(&table, OPTION_LIST_MAX + 1, argv, &opts, &positional, &help, &err),
        0);
    opts.runners.count = 0;
    assert_int_equal(
        options_parse(&table, OPTION_LIST_MAX + 2, argv, &opts, &positional, &help, &err),
        -EXIT_CODE_USAGE);
    assert_string_equal(err.text, "--runner: given more than 32 times");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_keeps_the_defaults),
        cmocka_unit_test(test_every_form_of_a_flag),
        cmocka_unit_test(test_letters_share_a_dash),
        cmocka_unit_test(test_the_last_one_wins),
        cmocka_unit_test(test_flags_among_positionals),
        cmocka_unit_test(test_two_dashes_end_the_flags),
        cmocka_unit_test(test_help_stops_parsing),
        cmocka_unit_test(test_unknown_flags),
        cmocka_unit_test(test_wrong_values),
        cmocka_unit_test(test_parse_uint),
        cmocka_unit_test(test_a_list_keeps_every_value_in_order),
        cmocka_unit_test(test_a_list_has_an_end),
        cmocka_unit_test(test_help_names_every_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
