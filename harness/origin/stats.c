/* stats.c: the counters of stats.h. */
#include "harness/origin/stats.h"

#define RELAXED memory_order_relaxed

static void raise_peak(struct stats *stats, uint64_t in_flight)
{
    uint64_t peak = atomic_load_explicit(&stats->peak_in_flight, RELAXED);
    while (peak < in_flight &&
           !atomic_compare_exchange_weak_explicit(&stats->peak_in_flight, &peak,
                                                  in_flight, RELAXED, RELAXED)) {
        /* peak now holds what another thread wrote; compare again */
    }
}

uint64_t stats_begin(struct stats *stats)
{
    stats_resume(stats);
    return atomic_fetch_add_explicit(&stats->requests, 1, RELAXED);
}

void stats_end(struct stats *stats)
{
    (void)atomic_fetch_sub_explicit(&stats->in_flight, 1, RELAXED);
}

void stats_resume(struct stats *stats)
{
    raise_peak(stats, 1 + atomic_fetch_add_explicit(&stats->in_flight, 1, RELAXED));
}

void stats_connection(struct stats *stats)
{
    (void)atomic_fetch_add_explicit(&stats->connections, 1, RELAXED);
}

void stats_receive(struct stats *stats, uint64_t bytes)
{
    (void)atomic_fetch_add_explicit(&stats->bytes_received, bytes, RELAXED);
}

void stats_handshake(struct stats *stats, bool is_resumed)
{
    (void)atomic_fetch_add_explicit(&stats->tls_handshakes, 1, RELAXED);
    if (is_resumed)
        (void)atomic_fetch_add_explicit(&stats->tls_resumed, 1, RELAXED);
}

static uint64_t take(_Atomic uint64_t *counter, bool reset)
{
    return reset ? atomic_exchange_explicit(counter, 0, RELAXED)
                 : atomic_load_explicit(counter, RELAXED);
}

void stats_read(struct stats *stats, bool reset, struct stats_counts *out_counts)
{
    out_counts->requests = take(&stats->requests, reset);
    out_counts->peak_in_flight = take(&stats->peak_in_flight, reset);
    out_counts->connections = take(&stats->connections, reset);
    out_counts->bytes_received = take(&stats->bytes_received, reset);
    out_counts->tls_handshakes = take(&stats->tls_handshakes, reset);
    out_counts->tls_resumed = take(&stats->tls_resumed, reset);
    out_counts->in_flight = atomic_load_explicit(&stats->in_flight, RELAXED);
    if (reset)
        raise_peak(stats, out_counts->in_flight);
}
