/* hist: a histogram of durations, of constant size and with bounded relative error.
 *
 * Why not keep every latency? A million requests would be 8 MB that the model did not ask
 * for, and different models would touch it differently. Why not fixed-width buckets?
 * Latencies span 1 us to 100 s; a width fine enough for the fast end needs 100 million.
 *
 * The layout is log-linear, as in HdrHistogram: every power of two is cut into 64 equal
 * buckets, so a bucket is never wider than 1/64 (1.6 %) of its lower edge.
 *
 *     value (ns)   0 .. 127 | 128 .. 255 | 256 .. 511 | ...  2^36 .. 2^37-1
 *     width              1  |     2      |     4      | ...       2^30
 *     buckets           128 |    64      |    64      | ...        64
 *
 * With h = the position of the highest set bit of v, and shift = h - 6 (0 for v < 64):
 *
 *     index(v)      = shift * 64 + (v >> shift)
 *     lower_edge(i) = i                                          for i < 128
 *                   = (64 + i % 64) << (i / 64 - 1)              otherwise
 *
 * 2048 buckets of 8 bytes reach 2^37 ns (137 s); longer values count as overflow. The
 * object is plain zeroed memory: untouched pages of it cost nothing.
 *
 * Threads: a histogram has one writer; hist_merge needs all writers done. */
#ifndef COMMON_HIST_H
#define COMMON_HIST_H

#include <stddef.h>
#include <stdint.h>

#define HIST_SUB_BITS 6
#define HIST_BUCKETS  2048
#define HIST_LIMIT_NS (UINT64_C(1) << 37) /* the first value that overflows */

struct hist {
    uint64_t overflow; /* values >= HIST_LIMIT_NS */
    uint64_t counts[HIST_BUCKETS];
};

/* The bucket of a value below HIST_LIMIT_NS. */
static inline size_t hist_index(uint64_t value_ns)
{
    unsigned int highest = 63U - (unsigned int)__builtin_clzll(value_ns | 1U);
    unsigned int shift = highest > HIST_SUB_BITS ? highest - HIST_SUB_BITS : 0;
    return ((size_t)shift << HIST_SUB_BITS) + (size_t)(value_ns >> shift);
}

/* The smallest value of bucket index (0 .. HIST_BUCKETS; the last gives HIST_LIMIT_NS).
 */
uint64_t hist_lower_edge_ns(size_t index);

/* Counts one value. */
static inline void hist_add(struct hist *hist, uint64_t value_ns)
{
    if (__builtin_expect(value_ns >= HIST_LIMIT_NS, 0))
        hist->overflow++;
    else
        hist->counts[hist_index(value_ns)]++;
}

/* Counts `count` equal values; how a histogram read from a document is merged in. */
void hist_add_many(struct hist *hist, uint64_t value_ns, uint64_t count);

/* Adds all counts of `from` to `into`. */
void hist_merge(struct hist *into, const struct hist *from);

/* The same where all values of `from` are known to be low_ns to high_ns: its other pages
 * are not even read, which in shared memory would make them resident. */
void hist_merge_range(struct hist *into, const struct hist *from, uint64_t low_ns,
                      uint64_t high_ns);

/* Forgets all counts, of which all values are known to be low_ns to high_ns. */
void hist_clear_range(struct hist *hist, uint64_t low_ns, uint64_t high_ns);

/* The number of values counted, overflow included. */
uint64_t hist_count(const struct hist *hist);

/* The value at quantile q (0 .. 1): the midpoint of the bucket that holds the value of
 * rank ceil(q * count), so within 0.8 % of the true one. 0 for an empty histogram;
 * HIST_LIMIT_NS when the rank falls into the overflow. */
uint64_t hist_quantile_ns(const struct hist *hist, double q);

#endif
