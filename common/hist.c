/* hist.c: the log-linear histogram of hist.h. */
#include "common/hist.h"

#include <math.h>

uint64_t hist_lower_edge_ns(size_t index)
{
    const size_t per_octave = (size_t)1 << HIST_SUB_BITS;
    if (index < 2 * per_octave)
        return index;
    return (uint64_t)(per_octave + index % per_octave) << (index / per_octave - 1);
}

void hist_add_many(struct hist *hist, uint64_t value_ns, uint64_t count)
{
    if (value_ns >= HIST_LIMIT_NS)
        hist->overflow += count;
    else
        hist->counts[hist_index(value_ns)] += count;
}

void hist_merge(struct hist *into, const struct hist *from)
{
    hist_merge_range(into, from, 0, HIST_LIMIT_NS);
}

/* The buckets of low_ns to high_ns: from the first to the one before *out_end. */
static size_t range_of(uint64_t low_ns, uint64_t high_ns, size_t *out_end)
{
    uint64_t last_ns = high_ns < HIST_LIMIT_NS ? high_ns : HIST_LIMIT_NS - 1;
    *out_end = hist_index(last_ns) + 1;
    return low_ns < HIST_LIMIT_NS ? hist_index(low_ns) : *out_end;
}

void hist_clear_range(struct hist *hist, uint64_t low_ns, uint64_t high_ns)
{
    size_t end = 0;
    for (size_t i = range_of(low_ns, high_ns, &end); i < end; i++)
        hist->counts[i] = 0;
    if (high_ns >= HIST_LIMIT_NS)
        hist->overflow = 0;
}

void hist_merge_range(struct hist *into, const struct hist *from, uint64_t low_ns,
                      uint64_t high_ns)
{
    size_t end = 0;
    if (high_ns >= HIST_LIMIT_NS)
        into->overflow += from->overflow;
    for (size_t i = range_of(low_ns, high_ns, &end); i < end; i++)
        into->counts[i] += from->counts[i];
}

uint64_t hist_count(const struct hist *hist)
{
    uint64_t count = hist->overflow;
    for (size_t i = 0; i < HIST_BUCKETS; i++)
        count += hist->counts[i];
    return count;
}

uint64_t hist_quantile_ns(const struct hist *hist, double q)
{
    uint64_t count = hist_count(hist);
    if (count == 0)
        return 0;
    double wanted = ceil(q * (double)count);
    uint64_t rank = wanted < 1 ? 1 : (uint64_t)wanted;
    uint64_t seen = 0;
    for (size_t i = 0; i < HIST_BUCKETS; i++) {
        seen += hist->counts[i];
        if (seen >= rank)
            return (hist_lower_edge_ns(i) + hist_lower_edge_ns(i + 1) - 1) / 2;
    }
    return HIST_LIMIT_NS;
}
