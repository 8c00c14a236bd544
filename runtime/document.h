/* document: the result document of docs/runner-contract.md. */
#ifndef RUNTIME_DOCUMENT_H
#define RUNTIME_DOCUMENT_H

#include "common/err.h"
#include "runtime/recorder.h"

#include <jansson.h>
#include <stdio.h>

struct run;

/* All recorders of a run merged into one, with the histograms it borrows. */
struct total {
    struct recorder all;
    struct hist latency, response, lag;
};

/* Merges the recorders of a finished run. Requests that no recorder knows were lost with
 * their worker and are counted as OUTCOME_WORKER. *out_total must stay where it is. */
void document_total(const struct run *run, struct total *out_total);

/* Why the first request of this class failed, as one plain line; for OUTCOME_OK the first
 * redirect. NULL without one; borrowed. */
const char *document_reason(const struct run *run, enum outcome outcome);

/* The document of a finished run, a new reference. */
json_t *document_new(const struct run *run);

/* Writes it as one line and closes fd. EXIT_CODE_UNFIT when not all could be written. */
int document_write_fd(const json_t *document, int fd, struct err *err);

/* Prints what --version says about libcurl: "libcurl: 7.88.1", "tls: ..." and "features:
 * ...". */
void document_print_libcurl(FILE *out);

/* Prints it on stdout. EXIT_CODE_UNFIT when not all could be written. */
int document_print(const json_t *document, struct err *err);

#endif
