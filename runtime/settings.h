/* settings: the command line of every runner (docs/runner-contract.md). */
#ifndef RUNTIME_SETTINGS_H
#define RUNTIME_SETTINGS_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SLEEPS_MAX     16
#define PIPELINE_TESTS 1000 /* for each number, when none are asked for */

/* --stack-bytes: the least for a thread, below which only coroutines have theirs. */
#define SETTINGS_THREAD_STACK_MIN 16384
#define SETTINGS_STACK_MAX        1073741824

struct option_spec;

struct settings {
    uint64_t requests, concurrency; /* concurrency <= requests */
    uint64_t warm_requests;         /* of each worker, before the others; 0: none */
    uint64_t timeout_ms;            /* of one request */
    const char *task;
    uint64_t work_tests, work_us; /* computing per request, either way; 0: none */
    const char *sleep_list; /* of task sleep: "200,100", a time for each ticket in turn */
    uint64_t sleep_ms[SLEEPS_MAX], sleep_count; /* the same, read */
    uint64_t touch_stack_bytes;
    uint64_t block_ms;    /* of task block */
    uint64_t heap_bytes;  /* of task spawn: touched before */
    const char *start_by; /* "fork" or "posix_spawn" */
    uint64_t fan_out;     /* transfers of a request at once; 1 except in task fan-out */
    const char *await;    /* of task fan-out: "together" or "in-a-row" */
    uint64_t queue_slots;
    const char *file_op, *file_dir; /* file_dir NULL: $TMPDIR or /tmp */
    uint64_t file_bytes;
    const char *db, *db_query; /* db NULL: none given */
    uint64_t db_ms;
    bool no_keepalive;
    uint64_t buffer_bytes; /* libcurl's receive buffer */
    uint64_t stack_bytes;  /* of a worker, where the model gives it one: thread_stack.h */
    const char *switch_backend;
    const char *guard;      /* of a coroutine's stack; NULL: the best there is */
    uint64_t addresses;     /* 127.0.0.1 .. 127.0.0.N that connections are spread over */
    const char *resolve;    /* HOST:PORT:ADDRESS, or NULL: names are looked up */
    const char *ca_file;    /* NULL: the system's certificates */
    bool is_insecure;       /* https: the certificate is not verified */
    const char *tls_resume; /* of sessions: "off", or "on" or NULL */
    const char *http_version; /* "2", or "1.1" or NULL */
    uint64_t connections; /* at most, for all requests; 0: one per request in flight */
    uint64_t post_bytes;  /* of a request's body; 0: GET */
    uint64_t rate_per_s;  /* 0: closed loop */
    const char *arrivals;
    uint64_t seed;
    uint64_t cpus;      /* how many of those the process may use; 0: all */
    bool ignores_quota; /* loops by those CPUs, whatever the control group pays for */
    uint64_t turns;     /* of task switch: turns that a request gives away */
    bool trace, json, version, describe;
    bool probe;         /* only report whether this could run */
    uint64_t result_fd; /* 0: none asked for */
    const char *url;    /* NULL only where the task needs none */
};

static inline bool settings_is_http_2(const struct settings *settings)
{
    return settings->http_version && settings->http_version[0] == '2';
}

/* Parses a runner's command line; strings are borrowed from argv. *out_help is set on
 * --help, after which out_settings is not to be used. EXIT_CODE_USAGE on a bad flag. */
int settings_parse(int argc, char **argv, struct settings *out_settings, int *out_help,
                   struct err *err);

/* The row of the table of flags, for --describe; NULL beyond the last. */
const struct option_spec *settings_spec(size_t index);

/* What settings_parse makes of an empty command line; strings and all are static. */
const struct settings *settings_defaults(void);

/* Prints the help of the runner of this model; about is one sentence on the model. */
void settings_print_help(const char *model, const char *about);

#endif
