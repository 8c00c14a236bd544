/* attempt: runs the command of a struct conform once, with the flags of one check, under
 * the launcher of a trial, and keeps all that came of it. */
#ifndef CLI_ATTEMPT_H
#define CLI_ATTEMPT_H

#include "cli/conform/conform.h"
#include "harness/trial/collect.h"
#include "harness/trial/launch.h"

#include <stdbool.h>

struct attempt {
    /* inputs; zero is fine */
    bool takes_stdout; /* no --result-fd is given, and what it prints is the document */
    uint64_t linger_ms;
    uint64_t (*sample)(void *arg, pid_t runner); /* as in launch.h */
    void *sample_arg;

    /* what became of it */
    struct launch_outcome outcome;
    struct origin_stats origin;       /* what our origin counted in the meantime */
    struct collect_document document; /* after attempt_read */
    char stderr_line[160];            /* the last line it wrote there, or "" */
};

/* Runs it with the words of format, which are separated by single blanks. False when that
 * was not possible: then finding fails and conform->stopped is set. */
bool attempt_run(struct conform *conform, struct attempt *attempt,
                 struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Whether it ended by itself with this exit code; else the finding says how it ended. */
bool attempt_exited(const struct attempt *attempt, int code, struct finding *finding);

/* Whether it exited with 0 and wrote a document that keeps the schema; else the finding
 * says what is wrong. */
bool attempt_read(struct attempt *attempt, struct finding *finding);

/* attempt_run and attempt_read, and all its requests were ok. */
bool attempt_succeed(struct conform *conform, struct attempt *attempt,
                     struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The document's number under key; 0 when it is null or absent. */
uint64_t attempt_number(const struct attempt *attempt, const char *key);

/* The lower edge of the bucket of the document's histogram key that holds rank
 * quantile x count; 0 for an empty one. Its counts are summed in *out_count (or NULL). */
uint64_t attempt_quantile(const struct attempt *attempt, const char *key, double quantile,
                          uint64_t *out_count);

void attempt_done(struct attempt *attempt); /* NULL-safe */

#define AUTO_ATTEMPT __attribute__((cleanup(attempt_done)))

#endif
