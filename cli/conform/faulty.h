/* faulty: a small HTTP server that makes the fault its path names, for the failure
 * classes of the runner contract. It lives in a thread of this process, on loopback:
 *
 *     /stall     reads the request and never answers
 *     /reset     resets the connection instead of answering
 *     /short     announces 100 bytes, sends 9 and ends
 *     /garbage   answers with what is not HTTP
 *     /status    503, and keeps the connection
 *     /redirect  302 to /status, with a body of 6 bytes
 *
 * Bytes that are no HTTP request (a TLS hello) are answered with garbage. */
#ifndef CLI_FAULTY_H
#define CLI_FAULTY_H

#include "common/err.h"

#include <stdint.h>

struct faulty; /* opaque */

/* *out_faulty is new. EXIT_CODE_UNFIT when it does not start. */
int faulty_start(struct faulty **out_faulty, struct err *err);

uint16_t faulty_port(const struct faulty *faulty);

/* Complete requests read since the last call. */
uint64_t faulty_take_count(struct faulty *faulty);

void faulty_free(struct faulty *faulty); /* stops it; NULL-safe */

#endif
