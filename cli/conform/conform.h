/* conform: the runner contract (docs/runner-contract.md) as a table of checks, each of
 * which runs a command once or a few times and says what is right or wrong with it.
 *
 * Recipe: conform_init, conform_run, look at struct err and the counts, conform_done.
 * A check is a row of conform.c: a name, what it proves, a hint, and a function that
 * makes attempts (attempt.h) and writes its finding. Every attempt is bounded in time and
 * leaves no process behind. */
#ifndef CLI_CONFORM_H
#define CLI_CONFORM_H

#include "cli/conform/faulty.h"
#include "common/cpus.h"
#include "common/err.h"
#include "harness/servers/origin_control.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum finding_status { FINDING_OK, FINDING_FAILED, FINDING_SKIPPED, FINDING_STATUSES };

struct finding {
    enum finding_status status;
    char text[400]; /* "expected ..., found ...", or why it was skipped; "" when ok */
};

/* What is known of the command. Later checks rely on what earlier ones found out. */
struct conform {
    char program[PATH_MAX];
    char *const *command; /* borrowed; [0] stands for program */
    size_t word_count;
    uint64_t limit_ms; /* of one attempt */
    struct cpus cpus;
    struct origin_control *origin;
    struct faulty *faulty;
    int refused_fd; /* a socket that holds refused_port and does not listen */
    uint16_t refused_port;
    char ca_file[64];
    int ca_fd;

    bool works;         /* it wrote a valid document */
    char model[65];     /* "model" of that document */
    bool is_single;     /* it takes no concurrency but 1 */
    bool is_null;       /* it makes no requests */
    struct err stopped; /* set when nothing more can be attempted */
};

struct check {
    const char *name;
    const char *proves;
    const char *hint; /* what to do about it */
    unsigned needs;   /* enum check_need, or-ed */
    void (*run)(struct conform *conform, const struct check *check,
                struct finding *finding);
    const void *detail; /* what else run wants to know */
};

enum check_need {
    CHECK_NEEDS_WORKS = 1,    /* a runner that can write a document */
    CHECK_NEEDS_REQUESTS = 2, /* not of the null runner */
    CHECK_NEEDS_MANY = 4      /* not of one that takes -c 1 only */
};

/* Prepares an origin, a faulty server and the rest for this command (borrowed; its first
 * word a path or looked for in PATH). EXIT_CODE_UNFIT when the command is no program.
 * *out_conform needs conform_done, also after an error. */
int conform_init(struct conform *out_conform, char *const *command, uint64_t limit_ms,
                 struct err *err);

/* Runs one check after the other; tell is called with each. out_counts has
 * FINDING_STATUSES elements. EXIT_CODE_UNFIT when the command cannot be started. */
int conform_run(struct conform *conform,
                void (*tell)(void *arg, const struct check *check,
                             const struct finding *finding),
                void *arg, size_t *out_counts, struct err *err);

void conform_done(struct conform *conform); /* NULL-safe */

/* wanted, or 1 for a runner that is single. */
uint64_t conform_concurrency(const struct conform *conform, uint64_t wanted);

/* Both write their text only over an ok finding: the first wins. */
void finding_fail(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void finding_skip(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
