/* verb_conform.c: the command line of `concbench conform`, and its output: a line for
 * each check as it is done, or one JSON object. */
#include "cli/verbs.h"

#include "cli/conform/conform.h"
#include "common/clean.h"
#include "common/cleanup.h"
#include "common/fold.h"
#include "common/json.h"
#include "common/options.h"
#include "harness/host/lock.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct flags {
    bool json;
    uint64_t limit_s;
};

static const struct option_spec specs[] = {
    {"json", 0, NULL, OPTION_FLAG, offsetof(struct flags, json), 0, 0, NULL,
     "print JSON on stdout"},
    {"limit-s", 0, "S", OPTION_UINT, offsetof(struct flags, limit_s), 1, 600, NULL,
     "seconds after which one execution of COMMAND is stopped (default 30)"},
};
static const struct option_table table = {
    "concbench conform [OPTIONS] COMMAND [ARGS...]",
    "Runs COMMAND as a runner, about 60 times, and says point by point whether it keeps "
    "docs/runner-contract.md. Options of concbench go before COMMAND.",
    specs,
    COUNT_OF(specs),
    "concbench conform ./my-runner\nconcbench conform --limit-s 60 python3 mine.py",
    "3  COMMAND does not start\n4  some points do not hold"};

static const char *const words[FINDING_STATUSES] = {
    [FINDING_OK] = "ok", [FINDING_FAILED] = "FAILED", [FINDING_SKIPPED] = "skipped"};

static void tell_line(void *arg, const struct check *check, const struct finding *finding)
{
    FILE *out = arg;
    const bool is_ok = finding->status == FINDING_OK;
    clean_print(out, "%-7s  %-15s  %s%s%s\n", words[finding->status], check->name,
                check->proves, is_ok ? "" : ": ", is_ok ? "" : finding->text);
    if (finding->status == FINDING_FAILED)
        clean_print(out, "%-7s  %-15s  hint: %s\n", "", "", check->hint);
    (void)fflush(out); /* a check may take seconds */
}

static void tell_json(void *arg, const struct check *check, const struct finding *finding)
{
    static const char *const statuses[FINDING_STATUSES] = {
        [FINDING_OK] = "ok", [FINDING_FAILED] = "failed", [FINDING_SKIPPED] = "skipped"};
    const bool is_ok = finding->status == FINDING_OK;
    const bool has_failed = finding->status == FINDING_FAILED;
    json_t *item = json_object();
    json_put(item, "name", json_string(check->name));
    json_put(item, "proves", json_string(check->proves));
    json_put(item, "status", json_string(statuses[finding->status]));
    json_put(item, "text", is_ok ? json_null() : json_text(finding->text));
    json_put(item, "hint", has_failed ? json_string(check->hint) : json_null());
    json_push(arg, item);
}

static void print_json(char *const *command, json_t *checks, const size_t *counts)
{
    json_auto_t *all = json_object();
    json_t *list = json_array();
    for (size_t i = 0; command[i]; i++)
        json_push(list, json_text(command[i]));
    json_put(all, "command", list);
    json_put(all, "conforms", json_boolean(counts[FINDING_FAILED] == 0));
    json_put(all, "ok", json_uint(counts[FINDING_OK]));
    json_put(all, "failed", json_uint(counts[FINDING_FAILED]));
    json_put(all, "skipped", json_uint(counts[FINDING_SKIPPED]));
    json_put(all, "points", json_incref(checks));
    json_show(all, stdout);
}

static int conform(const struct flags *flags, char *const *command, struct err *err)
{
    struct conform conform;
    size_t counts[FINDING_STATUSES];
    json_auto_t *checks = json_array();
    AUTO_FD int machine = -1;
    if (lock_machine(&machine, err))
        return err->code;
    FILE *lines = fold_open(stdout, 0);
    int status = conform_init(&conform, command, flags->limit_s * 1000, err);
    if (!status && flags->json)
        status = conform_run(&conform, tell_json, checks, counts, err);
    else if (!status)
        status = conform_run(&conform, tell_line, lines, counts, err);
    fold_close(lines, stdout);
    conform_done(&conform);
    if (status)
        return err->code;
    if (flags->json)
        print_json(command, checks, counts);
    else
        clean_print(stdout, "\n%s: %zu ok, %zu failed, %zu skipped\n",
                    counts[FINDING_FAILED] ? "does not conform" : "conforms",
                    counts[FINDING_OK], counts[FINDING_FAILED], counts[FINDING_SKIPPED]);
    return counts[FINDING_FAILED] ? EXIT_CODE_INVALID_TRIALS : EXIT_CODE_OK;
}

/* The number of leading words that belong to concbench. The rest is the command with its
 * own flags. */
static int count_own(int argc, char **argv)
{
    int count = 1;
    while (count < argc && argv[count][0] == '-' && strcmp(argv[count], "--") != 0)
        count += strcmp(argv[count], "--limit-s") ? 1 : 2;
    return count < argc ? count : argc;
}

int verb_conform(int argc, char **argv, struct err *err)
{
    struct flags flags = {.limit_s = 30};
    int positional = 0;
    int own = count_own(argc, argv);
    if (!options_begin(&table, own, argv, &flags, &positional, err))
        return err->code;
    own += own < argc && !strcmp(argv[own], "--");
    if (own >= argc || !*argv[own])
        return err_set(err, EXIT_CODE_USAGE,
                       "conform needs a command; see `concbench conform --help`");
    return conform(&flags, argv + own, err);
}
