/* checks_line.c: the command line, stdout and stderr; see checks.h. */
#include "cli/conform/attempt.h"
#include "cli/conform/checks.h"

#include <stdio.h>
#include <string.h>

#define URL_SIZE 96

static const char *origin_url(const struct conform *conform, char *out_url)
{
    (void)snprintf(out_url, URL_SIZE, "%.64s/bytes/4",
                   origin_control_url(conform->origin));
    return out_url;
}

CHECK_FUNCTION(check_help)
{
    AUTO_ATTEMPT struct attempt a = {.takes_stdout = true};
    (void)check;
    if (!attempt_run(conform, &a, finding, "--help") || !attempt_exited(&a, 0, finding))
        return;
    if (a.outcome.document_size == 0)
        finding_fail(finding, "expected a text on stdout, found nothing");
    else if (a.outcome.stderr_size > 0)
        finding_fail(finding, "expected nothing on stderr, found '%s'", a.stderr_line);
}

/* The table of docs/runner-contract.md. "%s" is a file of certificates. */
static const char *const flags[] = {"-n 4",
                                    "--requests 4",
                                    "-c 1",
                                    "--concurrency 1",
                                    "--timeout-ms 20000",
                                    "--task http",
                                    "--no-keepalive",
                                    "--buffer-bytes 4096",
                                    "--stack-bytes 131072",
                                    "--switch ucontext",
                                    "--guard canary",
                                    "--addresses 1",
                                    "--rate 1000",
                                    "--arrivals fixed",
                                    "--seed 7",
                                    "--cacert",
                                    "--trace",
                                    "--json"};

/* Whether a run with the flags from first to last goes well. */
static bool takes(struct conform *conform, size_t first, size_t last,
                  struct finding *finding)
{
    AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
    char url[URL_SIZE], text[600] = "";
    size_t used = 0;
    for (size_t i = first; i <= last; i++) {
        const bool is_file = !strcmp(flags[i], "--cacert");
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s%s ", flags[i],
                                 is_file ? " " : "", is_file ? conform->ca_file : "");
    }
    return attempt_run(conform, &a, finding, "%s%s", text, origin_url(conform, url)) &&
           attempt_read(&a, finding);
}

CHECK_FUNCTION(check_flags)
{
    (void)check;
    struct finding all = {.status = FINDING_OK};
    if (takes(conform, 0, COUNT_OF(flags) - 1, &all))
        return;
    for (size_t i = 0; i < COUNT_OF(flags) && !conform->stopped.code; i++) {
        struct finding one = {.status = FINDING_OK};
        if (!takes(conform, i, i, &one)) {
            finding_fail(finding, "%s: %.300s", flags[i], one.text);
            return;
        }
    }
    finding_fail(finding, "all flags together: %.300s", all.text);
}

bool checks_refused(struct conform *conform, const char *words, struct finding *finding)
{
    AUTO_ATTEMPT struct attempt a = {.takes_stdout = true};
    struct finding end = {.status = FINDING_OK};
    if (!attempt_run(conform, &a, finding, "%s", words))
        return false;
    if (!attempt_exited(&a, EXIT_CODE_USAGE, &end)) {
        finding_fail(finding, "'%.100s': %.270s", words, end.text);
        return false;
    }
    size_t lines = 0;
    for (size_t i = 0; i < a.outcome.stderr_size; i++)
        lines += a.outcome.stderr_text[i] == '\n';
    if (lines != 1)
        finding_fail(finding, "'%.100s': expected one line on stderr, found %zu", words,
                     lines);
    else if (a.outcome.document_size > 0)
        finding_fail(finding, "'%.100s': expected nothing on stdout, found %zu bytes",
                     words, a.outcome.document_size);
    return finding->status == FINDING_OK;
}

CHECK_FUNCTION(check_bad_flags)
{
    static const char *const bad[] = {
        "--frobnicate",    "-n 0",          "-n ten",         "-n -5",
        "-n 5 -c 9",       "-c 0",          "-n 1.5",         "--task juggle",
        "--timeout-ms -1", "--rate 0",      "--arrivals now", "--switch longjmp",
        "--guard tea",     "--addresses 0", "--result-fd 77"};
    char url[URL_SIZE], words[200];
    (void)check;
    (void)origin_url(conform, url);
    for (size_t i = 0; i < COUNT_OF(bad) && finding->status == FINDING_OK; i++) {
        (void)snprintf(words, sizeof words, "%s %s", bad[i], url);
        (void)checks_refused(conform, words, finding);
    }
    if (finding->status == FINDING_OK)
        (void)checks_refused(conform, "ftp://127.0.0.1/", finding);
    (void)snprintf(words, sizeof words, "%s %s", url, url);
    if (finding->status == FINDING_OK)
        (void)checks_refused(conform, words, finding);
}

CHECK_FUNCTION(check_no_url)
{
    (void)check;
    if (!conform->is_null)
        (void)checks_refused(conform, "-n 1", finding);
}

CHECK_FUNCTION(check_concurrency)
{
    AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
    char url[URL_SIZE];
    struct finding end = {.status = FINDING_OK};
    (void)check;
    if (!attempt_run(conform, &a, finding, "-n 8 -c 2 %s", origin_url(conform, url)))
        return;
    if (attempt_exited(&a, EXIT_CODE_USAGE, &end)) {
        conform->is_single = true;
        return;
    }
    if (!attempt_read(&a, finding))
        return;
    if (a.document.concurrency != 2)
        finding_fail(finding, "expected concurrency 2, found %llu",
                     (unsigned long long)a.document.concurrency);
}

/* Each is offered, or refused; not taken for something else. */
CHECK_FUNCTION(check_tasks)
{
    static const struct {
        const char *words, *task;
        bool needs_url;
    } offers[] = {{"--task sleep --sleep-ms 20", "sleep", false},
                  {"--task cpu --work 100", "cpu", false},
                  {"--task none", "none", false},
                  {"--work 100", "http", true}};
    char url[URL_SIZE];
    (void)check;
    (void)origin_url(conform, url);
    for (size_t i = 0; i < COUNT_OF(offers); i++) {
        AUTO_ATTEMPT struct attempt a = {.linger_ms = 0};
        struct finding end = {.status = FINDING_OK};
        if (!attempt_run(conform, &a, finding, "-n 4 %s %s", offers[i].words, url))
            return;
        if (attempt_exited(&a, EXIT_CODE_USAGE, &end))
            continue;
        if (!attempt_read(&a, finding))
            return;
        const char *task = json_string_value(json_object_get(a.document.json, "task"));
        if (strcmp(task, offers[i].task) != 0 && !conform->is_null)
            finding_fail(finding, "%s: expected task '%s' or exit code 2, found '%.64s'",
                         offers[i].words, offers[i].task, task);
        if (offers[i].needs_url != (a.origin.requests > 0) && !conform->is_null)
            finding_fail(finding, "%s: expected %d requests to the server, found %llu",
                         offers[i].words, offers[i].needs_url ? 4 : 0,
                         (unsigned long long)a.origin.requests);
    }
}
