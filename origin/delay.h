/* delay: how long an answer is held back, drawn from a counter.
 *
 * The k-th request since the last reset gets the k-th delay of the seed. Nothing is
 * carried from one draw to the next, so threads need no lock, and every trial meets the
 * same delays in the same order of arrival, whatever model makes the requests.
 *
 * The generator is splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
 * Generators, OOPSLA 2014) read at position k instead of stepped. */
#ifndef ORIGIN_DELAY_H
#define ORIGIN_DELAY_H

#include <stdbool.h>
#include <stdint.h>

#define DELAY_MS_MAX  UINT64_C(600000)
#define DELAY_PPM_MAX UINT64_C(1000000)

/* A draw is at most 37 times the mean, and one in 22,000 more than 10 times. */
#define DELAY_EXP_MS_MAX UINT64_C(60000)

struct delay {
    uint64_t delay_ms;  /* always, 0 to DELAY_MS_MAX */
    uint64_t jitter_ms; /* plus a uniform 0 to this, 0 to DELAY_MS_MAX */
    uint64_t exp_ms;    /* plus an exponential with this mean, 0 to DELAY_EXP_MS_MAX */
    uint64_t tail_ppm;  /* this many requests in a million, 0 to DELAY_PPM_MAX, */
    uint64_t tail_ms;   /* plus this, 0 to DELAY_MS_MAX */
};

/* False when every draw is 0 ns. */
static inline bool delay_is_any(const struct delay *delay)
{
    return delay->delay_ms > 0 || delay->jitter_ms > 0 || delay->exp_ms > 0 ||
           (delay->tail_ppm > 0 && delay->tail_ms > 0);
}

/* The delay in ns of request number k (from 0) under this seed. All is drawn in whole
 * ns. A pure function: thread-safe. */
uint64_t delay_ns(const struct delay *delay, uint64_t seed, uint64_t k);

/* Whether request number k is one of the ppm in a million that a fault strikes: a draw of
 * its own, on which the delays have no bearing. Thread-safe. */
bool delay_strikes(uint64_t ppm, uint64_t seed, uint64_t k);

#endif
