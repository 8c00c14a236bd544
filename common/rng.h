/* rng: splitmix64, the suite's own generator, so that a seed gives the same order on
 * every libc. Not for secrets. One struct per thread.
 * Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014. */
#ifndef COMMON_RNG_H
#define COMMON_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
    uint64_t state;
};

#define RNG_STEP UINT64_C(0x9e3779b97f4a7c15)

/* splitmix64's output function: a bijection that spreads every bit of z over all 64. */
static inline uint64_t rng_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* The next 64 bits. */
static inline uint64_t rng_next(struct rng *rng)
{
    rng->state += RNG_STEP;
    return rng_mix(rng->state);
}

/* A separate generator for (seed, stream, index): draws for one purpose do not shift
 * those for another. */
static inline struct rng rng_for(uint64_t seed, uint64_t stream, uint64_t index)
{
    struct rng rng = {seed};
    rng.state = rng_next(&rng) ^ stream;
    rng.state = rng_next(&rng) ^ index;
    return rng;
}

/* Uniform in 0 .. below-1; below must not be 0. The modulo bias is under 2^-50 for the
 * small counts that are shuffled here. */
static inline size_t rng_below(struct rng *rng, size_t below)
{
    return (size_t)(rng_next(rng) % below);
}

/* Fisher-Yates over an array of indices. */
static inline void rng_shuffle(struct rng *rng, size_t *items, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = rng_below(rng, i);
        size_t kept = items[i - 1];
        items[i - 1] = items[j];
        items[j] = kept;
    }
}

#endif
