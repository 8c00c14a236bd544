/* stats.c: the counts of stats.h and their lock. */
#include "origin/stats.h"

#include <sched.h>

#define SPINS 200 /* many times what the lock is ever held while its holder runs */

static void lock(struct stats *stats)
{
    unsigned tries = 0;
    while (atomic_exchange_explicit(&stats->is_locked, true, memory_order_acquire)) {
        while (atomic_load_explicit(&stats->is_locked, memory_order_relaxed)) {
            if (++tries % SPINS == 0)
                (void)sched_yield();
        }
    }
}

static void unlock(struct stats *stats)
{
    atomic_store_explicit(&stats->is_locked, false, memory_order_release);
}

static void enter_flight(struct stats_counts *counts)
{
    if (++counts->in_flight > counts->peak_in_flight)
        counts->peak_in_flight = counts->in_flight;
}

uint64_t stats_begin(struct stats *stats, bool is_first)
{
    struct stats_counts *counts = &stats->counts;
    lock(stats);
    uint64_t number = counts->requests++;
    counts->connections += is_first;
    enter_flight(counts);
    unlock(stats);
    return number;
}

void stats_end(struct stats *stats)
{
    lock(stats);
    stats->counts.in_flight--;
    unlock(stats);
}

void stats_resume(struct stats *stats)
{
    lock(stats);
    enter_flight(&stats->counts);
    unlock(stats);
}

void stats_receive(struct stats *stats, uint64_t bytes)
{
    lock(stats);
    stats->counts.bytes_received += bytes;
    unlock(stats);
}

void stats_handshake(struct stats *stats, bool is_resumed)
{
    lock(stats);
    stats->counts.tls_handshakes++;
    stats->counts.tls_resumed += is_resumed;
    unlock(stats);
}

void stats_read(struct stats *stats, bool resets, struct stats_counts *out_counts)
{
    struct stats_counts *counts = &stats->counts;
    lock(stats);
    *out_counts = *counts;
    if (resets)
        *counts = (struct stats_counts){.in_flight = out_counts->in_flight,
                                        .peak_in_flight = out_counts->in_flight};
    unlock(stats);
}
