/* results: the directory of a run, and the results made from its journal at the end. */
#ifndef HARNESS_RESULTS_H
#define HARNESS_RESULTS_H

#include "common/cpus.h"
#include "common/err.h"

#include <jansson.h>
#include <limits.h>

struct results_paths {
    char id[64]; /* of the run: UTC time and four random hex digits */
    char directory[PATH_MAX];
    char journal[PATH_MAX], results[PATH_MAX], report[PATH_MAX];
};

/* Makes out (one level, if it is missing) and checks that files can be made in it.
 * EXIT_CODE_UNFIT, naming it. */
int results_prepare(const char *out, struct err *err);

/* Makes a new directory for a run in out. EXIT_CODE_UNFIT. */
int results_create(const char *out, struct results_paths *out_paths, struct err *err);

/* The paths of the run id in out, which is there. EXIT_CODE_USAGE. */
int results_find(const char *out, const char *id, struct results_paths *out_paths,
                 struct err *err);

/* Removes the run's directory if nothing is in it but an empty journal. */
void results_discard(const struct results_paths *paths);

/* Reads the journal back, aggregates it, writes results.json and points out/latest to the
 * run. *out_results is new, also when they could not be written (the error then says how
 * to get them). EXIT_CODE_USAGE when no timed trial is in the journal. */
int results_write(const char *out, const struct results_paths *paths,
                  json_t **out_results, struct err *err);

/* Runs bin/concbench-report on results.json, on the given CPUs; its messages go to our
 * stderr. An error when it cannot be started or fails. */
int results_report(const struct results_paths *paths, const struct cpus *cpus,
                   struct err *err);

/* RFC 3339 in UTC, seconds: "2026-01-31T12:00:00Z". */
void results_format_now(char *out_text, size_t size);

#endif
