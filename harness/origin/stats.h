/* stats: what the origin has seen, exact with several threads.
 *
 * A request is in flight from when it has been read completely until just before the last
 * of its answer is handed to the kernel. Just before, because a client may act on an
 * answer sooner than this process returns from the write: a client with one request at a
 * time must never be seen with two. Every counter has one total order of changes
 * (relaxed atomics suffice), and the peak is the maximum over that order. */
#ifndef HARNESS_ORIGIN_STATS_H
#define HARNESS_ORIGIN_STATS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct stats {
    _Atomic uint64_t requests, in_flight, peak_in_flight, connections;
    _Atomic uint64_t bytes_received, tls_handshakes, tls_resumed;
};

struct stats_counts {
    uint64_t requests, in_flight, peak_in_flight, connections;
    uint64_t bytes_received; /* of request bodies */
    uint64_t tls_handshakes; /* that were completed; */
    uint64_t tls_resumed;    /* of those, with a session from before */
};

/* A request was read. Returns its number since the reset, from 0. Thread-safe, as all
 * here. */
uint64_t stats_begin(struct stats *stats);

/* Its answer is about to be handed over, or its client is gone. */
void stats_end(struct stats *stats);

/* The answer was not taken whole after all: in flight again, but no new request. */
void stats_resume(struct stats *stats);

/* The first counted request of a connection was read. */
void stats_connection(struct stats *stats);

/* Bytes of a request's body were read. */
void stats_receive(struct stats *stats, uint64_t bytes);

/* A TLS handshake was completed. */
void stats_handshake(struct stats *stats, bool is_resumed);

/* Reads the counts. With reset, each is set to zero in the same step, so that nothing is
 * lost in between, except that in_flight stays and the peak restarts from it. */
void stats_read(struct stats *stats, bool reset, struct stats_counts *out_counts);

#endif
