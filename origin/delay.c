/* delay.c: the counter-based delays of delay.h. Two words are drawn for every request,
 * one for the jitter and one for the tail, so that neither depends on the other being
 * asked for. */
#include "origin/delay.h"

#include "common/clock.h"
#include "common/rng.h"

#include <math.h>

/* Word i of the stream that seed starts. The seed is mixed first: streams of seeds that
 * differ by a multiple of the constant would otherwise overlap. */
static uint64_t draw(uint64_t seed, uint64_t i)
{
    return rng_mix(rng_mix(seed) + (i + 1) * RNG_STEP);
}

/* A word scaled to 0 .. limit - 1 (Lemire's multiply-shift; the bias is below 2^-24 for
 * the limits used here, under 10^12). */
static uint64_t scale(uint64_t word, uint64_t limit)
{
    /* the upper half of the product, from halves of 32 bits: not all compilers have 128 */
    const uint64_t high = word >> 32, low = word & UINT32_MAX;
    const uint64_t middle =
        high * (limit & UINT32_MAX) + (low * (limit & UINT32_MAX) >> 32);
    const uint64_t other = low * (limit >> 32) + (middle & UINT32_MAX);
    return high * (limit >> 32) + (middle >> 32) + (other >> 32);
}

/* -ln(u) of a uniform u has mean 1; u is above 0, of 2^53 values. */
static uint64_t exponential_ns(uint64_t word, uint64_t mean_ms)
{
    const double u = ((double)(word >> 11) + 1) * 0x1p-53;
    return (uint64_t)(-log(u) * (double)(mean_ms * NS_PER_MS));
}

uint64_t delay_ns(const struct delay *delay, uint64_t seed, uint64_t k)
{
    uint64_t jitter = scale(draw(seed, 2 * k), delay->jitter_ms * NS_PER_MS + 1);
    bool is_slow = scale(draw(seed, 2 * k + 1), DELAY_PPM_MAX) < delay->tail_ppm;
    /* a separate stream, so that the others do not move */
    uint64_t exponential =
        delay->exp_ms ? exponential_ns(draw(rng_mix(seed), k), delay->exp_ms) : 0;
    return delay->delay_ms * NS_PER_MS + jitter + exponential +
           (is_slow ? delay->tail_ms * NS_PER_MS : 0);
}

bool delay_strikes(uint64_t ppm, uint64_t seed, uint64_t k)
{
    return scale(draw(~seed, k), DELAY_PPM_MAX) < ppm;
}
