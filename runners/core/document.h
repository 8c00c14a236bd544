/* document: the result document of docs/runner-contract.md. */
#ifndef CORE_DOCUMENT_H
#define CORE_DOCUMENT_H

#include "common/err.h"
#include "core/recorder.h"

#include <jansson.h>

struct run;

/* Merges the recorders of a finished run into out_total, its histogram into out_latency
 * (caller's storage, which out_total->latency then borrows). Requests that no recorder
 * knows were lost with their worker and are counted as OUTCOME_WORKER. */
void document_total(const struct run *run, struct recorder *out_total,
                    struct hist *out_latency);

/* The document of a finished run, a new reference. */
json_t *document_new(const char *model, const struct run *run);

/* Writes it as one line and closes fd. EXIT_CODE_UNFIT when not all could be written. */
int document_write_fd(const json_t *document, int fd, struct err *err);

/* Prints it on stdout. EXIT_CODE_UNFIT when not all could be written. */
int document_print(const json_t *document, struct err *err);

#endif
