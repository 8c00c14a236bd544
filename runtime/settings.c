/* settings.c: one table is the command line of every runner and its --help. */
#include "runtime/settings.h"

#include "common/cpus.h"
#include "common/options.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define SLEEP_MS_MAX 3600000

#define AT(field) offsetof(struct settings, field)

static const struct option_spec specs[] = {
    {"requests", 'n', "N", OPTION_UINT, AT(requests), 1, 4000000000, NULL,
     "requests to make in all (default 100)"},
    {"concurrency", 'c', "N", OPTION_UINT, AT(concurrency), 1, 1000000, NULL,
     "requests in flight at once (default 1)"},
    {"warm-requests", 0, "N", OPTION_UINT, AT(warm_requests), 0, 10000, NULL,
     "requests of each worker before all start together, not recorded (default 0)"},
    {"timeout-ms", 0, "T", OPTION_UINT, AT(timeout_ms), 1, 3600000, NULL,
     "a request that takes longer has failed (default 30000)"},
    {"task", 0, "TASK", OPTION_CHOICE, AT(task), 0, 0,
     "http|sleep|block|cpu|switch|file|db|fan-out|pipeline|spawn|none",
     "what one request does (default http)"},
    {"work", 0, "N", OPTION_UINT, AT(work_tests), 0, 1000000000, NULL,
     "divisibility tests per request (tasks http, fan-out, pipeline and cpu)"},
    {"work-us", 0, "T", OPTION_UINT, AT(work_us), 0, 1000000, NULL,
     "the same as the time they take here; measured before the first request"},
    {"sleep-ms", 0, "T[,T...]", OPTION_STRING, AT(sleep_list), 0, SLEEP_MS_MAX, NULL,
     "task sleep: how long; the values of a list are used in turn (default 1000)"},
    {"touch-stack", 0, "BYTES", OPTION_UINT, AT(touch_stack_bytes), 0, 1073741824, NULL,
     "task sleep: how much of its stack a request uses (default 0)"},
    {"block-ms", 0, "T", OPTION_UINT, AT(block_ms), 0, SLEEP_MS_MAX, NULL,
     "task block: how long the call blocks the thread that makes it (default 100)"},
    {"turns", 0, "N", OPTION_UINT, AT(turns), 1, 1000000, NULL,
     "task switch: turns that a request gives to the others (default 1)"},
    {"fan-out", 0, "K", OPTION_UINT, AT(fan_out), 1, 1000, NULL,
     "task fan-out: sub-requests that a request waits for at once (default 10)"},
    {"await", 0, "HOW", OPTION_CHOICE, AT(await), 0, 0, "together|in-a-row",
     "task fan-out: all sub-requests at once, or one after the other (default together)"},
    {"queue-slots", 0, "N", OPTION_UINT, AT(queue_slots), 1, 1048576, NULL,
     "task pipeline: numbers that fit between producers and consumers (default 64)"},
    {"file-op", 0, "HOW", OPTION_CHOICE, AT(file_op), 0, 0, "read|write",
     "task file: what is done with each worker's file (default read)"},
    {"file-bytes", 0, "N", OPTION_UINT, AT(file_bytes), 1, 1073741824, NULL,
     "task file: size of each file, all of which a request uses (default 65536)"},
    {"file-dir", 0, "DIR", OPTION_STRING, AT(file_dir), 0, 0, NULL,
     "task file: where the files are (default $TMPDIR or /tmp)"},
    {"start-by", 0, "HOW", OPTION_CHOICE, AT(start_by), 0, 0, "fork|posix_spawn",
     "task spawn: how a request starts its program (default fork)"},
    {"heap-bytes", 0, "N", OPTION_UINT, AT(heap_bytes), 0, 1073741824, NULL,
     "task spawn: memory that is touched before the first request (default 0)"},
    {"db", 0, "CONNINFO", OPTION_STRING, AT(db), 0, 0, NULL,
     "task db: the PostgreSQL server, as in 'host=/tmp/db dbname=postgres'"},
    {"db-query", 0, "WHAT", OPTION_CHOICE, AT(db_query), 0, 0, "sleep|read",
     "task db: pg_sleep, or one row by its key (default sleep)"},
    {"db-ms", 0, "T", OPTION_UINT, AT(db_ms), 0, 3600000, NULL,
     "task db: how long the server sleeps (default 100)"},
    {"no-keepalive", 0, NULL, OPTION_FLAG, AT(no_keepalive), 0, 0, NULL,
     "one connection per request"},
    {"switch", 0, "HOW", OPTION_CHOICE, AT(switch_backend), 0, 0, "fcontext|ucontext",
     "how coroutines switch, in models that have them"},
    {"guard", 0, "HOW", OPTION_CHOICE, AT(guard), 0, 0, "madvise|mprotect|canary",
     "how a stack overflow of a coroutine is detected (default: the first possible)"},
    {"stack-bytes", 0, "N", OPTION_UINT, AT(stack_bytes), 1024, SETTINGS_STACK_MAX, NULL,
     "stack of a worker, if the model gives it one (default 65536)"},
    {"buffer-bytes", 0, "N", OPTION_UINT, AT(buffer_bytes), 1024, 10485760, NULL,
     "libcurl's receive buffer (default 16384)"},
    {"addresses", 0, "N", OPTION_UINT, AT(addresses), 1, 64, NULL,
     "spread connections over 127.0.0.1 to 127.0.0.N (default 1: as in the URL)"},
    {"resolve", 0, "HOST:PORT:ADDRESS", OPTION_STRING, AT(resolve), 0, 0, NULL,
     "connect to this numeric address instead of looking the name up, as curl does"},
    {"cacert", 0, "FILE", OPTION_STRING, AT(ca_file), 0, 0, NULL,
     "certificates to trust for https instead of the system's"},
    {"insecure", 0, NULL, OPTION_FLAG, AT(is_insecure), 0, 0, NULL,
     "https: do not verify the server's certificate"},
    {"tls-resume", 0, "HOW", OPTION_CHOICE, AT(tls_resume), 0, 0, "on|off",
     "whether a new connection resumes the TLS session of the last (default on)"},
    {"http", 0, "VERSION", OPTION_CHOICE, AT(http_version), 0, 0, "1.1|2",
     "2: with prior knowledge, or by ALPN for https (default 1.1)"},
    {"connections", 0, "N", OPTION_UINT, AT(connections), 1, 1000000, NULL,
     "at most N for all requests in flight (default: one for each)"},
    {"post-bytes", 0, "N", OPTION_UINT, AT(post_bytes), 1, 67108864, NULL,
     "POST with a body of N bytes instead of GET"},
    {"rate", 0, "R", OPTION_UINT, AT(rate_per_s), 1, 10000000, NULL,
     "open loop: R requests per second become due, -c workers serve them"},
    {"arrivals", 0, "HOW", OPTION_CHOICE, AT(arrivals), 0, 0, "poisson|fixed",
     "gaps between the requests of an open loop (default poisson)"},
    {"seed", 0, "N", OPTION_UINT, AT(seed), 0, UINT64_MAX, NULL,
     "for the random gaps (default 1)"},
    {"cpus", 0, "N", OPTION_UINT, AT(cpus), 1, CPUS_MAX, NULL,
     "use only the first N of the CPUs this process may use (default: all)"},
    {"ignore-quota", 0, NULL, OPTION_FLAG, AT(ignores_quota), 0, 0, NULL,
     "a loop for each CPU that it may use, also where a CPU quota pays for fewer"},
    {"trace", 0, NULL, OPTION_FLAG, AT(trace), 0, 0, NULL,
     "put start and end of the first 10000 requests into the result document"},
    {"json", 0, NULL, OPTION_FLAG, AT(json), 0, 0, NULL,
     "print the result document instead of the summary"},
    {"result-fd", 0, "N", OPTION_UINT, AT(result_fd), 3, 1048576, NULL,
     "also write the result document to this file descriptor"},
    {"probe", 0, NULL, OPTION_FLAG, AT(probe), 0, 0, NULL,
     "do not run; the exit code says whether this model could"},
    {"describe", 0, NULL, OPTION_FLAG, AT(describe), 0, 0, NULL,
     "print what this model is, needs and takes, as JSON"},
    {"version", 0, NULL, OPTION_FLAG, AT(version), 0, 0, NULL, "print the version"},
};

static const struct settings defaults = {
    .requests = 100,
    .concurrency = 1,
    .timeout_ms = 30000,
    .task = "http",
    .sleep_list = "1000",
    .block_ms = 100,
    .turns = 1,
    .fan_out = 10,
    .await = "together",
    .queue_slots = 64,
    .file_op = "read",
    .file_bytes = 65536,
    .start_by = "fork",
    .db_query = "sleep",
    .db_ms = 100,
    .buffer_bytes = 16384,
    .stack_bytes = 65536,
    .addresses = 1,
    .tls_resume = "on",
    .http_version = "1.1",
    .arrivals = "poisson",
    .seed = 1,
};

static struct option_table table_of(const char *usage, const char *about)
{
    return (struct option_table){
        .usage = usage, .about = about, .specs = specs, .count = COUNT_OF(specs)};
}

const struct option_spec *settings_spec(size_t index)
{
    return index < COUNT_OF(specs) ? &specs[index] : NULL;
}

const struct settings *settings_defaults(void)
{
    return &defaults;
}

void settings_print_help(const char *model, const char *about)
{
    char usage[96], examples[200];
    (void)snprintf(usage, sizeof usage, "runner-%s [OPTIONS] URL", model);
    (void)snprintf(examples, sizeof examples,
                   "runner-%s -n1000 http://127.0.0.1:8080/\n"
                   "runner-%s -n10 --json 'http://127.0.0.1:8080/?delay_ms=20'",
                   model, model);
    struct option_table table = table_of(usage, about);
    table.examples = examples;
    table.exits = "3  the environment is unfit: too few file descriptors, threads "
                  "refused ...";
    options_print_help(&table, stdout);
}

/* Reads numbers with commas between them. */
static int parse_sleeps(struct settings *s, struct err *err)
{
    const char *at = s->sleep_list;
    for (bool is_more = true; is_more && s->sleep_count < SLEEPS_MAX; at++) {
        char number[24];
        size_t length = strcspn(at, ",");
        (void)snprintf(number, sizeof number, "%.*s", (int)length, at);
        uint64_t *sleep_ms = &s->sleep_ms[s->sleep_count++];
        if (length >= sizeof number || options_parse_uint(number, sleep_ms) ||
            *sleep_ms > SLEEP_MS_MAX)
            return err_set(err, EXIT_CODE_USAGE,
                           "--sleep-ms: expected numbers from 0 to %d, as in 200 or "
                           "200,100, got '%.200s'",
                           SLEEP_MS_MAX, s->sleep_list);
        at += length;
        is_more = *at != '\0';
        if (is_more && s->sleep_count == SLEEPS_MAX)
            return err_set(err, EXIT_CODE_USAGE, "--sleep-ms: more than %d numbers",
                           SLEEPS_MAX);
    }
    return 0;
}

int settings_parse(int argc, char **argv, struct settings *out_settings, int *out_help,
                   struct err *err)
{
    struct option_table table = table_of("", "");
    struct settings s = defaults;
    int urls = 0;
    int status = options_parse(&table, argc, argv, &s, &urls, out_help, err);
    if (status || *out_help)
        return status;
    if (urls > 1) /* not shown: they may hold passwords */
        return err_set(err, EXIT_CODE_USAGE, "one URL expected, got %d", urls);
    if (s.concurrency > s.requests)
        return err_set(err, EXIT_CODE_USAGE,
                       "--concurrency %llu is more than --requests %llu: raise -n",
                       (unsigned long long)s.concurrency, (unsigned long long)s.requests);
    status = parse_sleeps(&s, err);
    if (status)
        return status;
    if (strcmp(s.task, "fan-out") != 0)
        s.fan_out = 1;
    s.url = urls == 1 ? argv[1] : NULL;
    *out_settings = s;
    return 0;
}
