/* stats: what the origin has seen, exact with several threads.
 *
 * A request is in flight from when it has been read completely until just before the last
 * of its answer is handed to the kernel. Just before, because a client may act on an
 * answer sooner than this process returns from the write: a client with one request at a
 * time must never be seen with two.
 *
 * All counts change and are read together, under one lock: one answer to /stats describes
 * one moment. So in_flight <= peak_in_flight, and since the last reset with nothing in
 * flight, in_flight <= connections <= requests.
 *
 * What that costs: the lock is one exchange and one store, and lies beside what it
 * protects. A request takes it twice, where three counters with an atomic addition each
 * took three. It is held for some ten instructions; a thread that finds it held spins,
 * and gives its CPU away when the holder seems to have lost its own. */
#ifndef ORIGIN_STATS_H
#define ORIGIN_STATS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct stats_counts {
    uint64_t requests, in_flight, peak_in_flight, connections;
    uint64_t bytes_received; /* of request bodies */
    uint64_t tls_handshakes; /* that were completed; */
    uint64_t tls_resumed;    /* of those, with a session from before */
};

struct stats { /* zeroed: nothing was seen */
    atomic_bool is_locked;
    struct stats_counts counts; /* to be read by stats_read only */
};

/* A request was read; is_first: the first counted one of its connection. Returns its
 * number since the reset, from 0. Thread-safe, as all here. */
uint64_t stats_begin(struct stats *stats, bool is_first);

/* Its answer is about to be handed over, or its client is gone. */
void stats_end(struct stats *stats);

/* The answer was not taken whole after all: in flight again, but no new request. */
void stats_resume(struct stats *stats);

/* Bytes of a request's body were read. */
void stats_receive(struct stats *stats, uint64_t bytes);

/* A TLS handshake was completed. */
void stats_handshake(struct stats *stats, bool is_resumed);

/* Reads the counts, all of the same moment. With reset, they are set to zero in the same
 * step, except that in_flight stays and the peak restarts from it. */
void stats_read(struct stats *stats, bool resets, struct stats_counts *out_counts);

#endif
