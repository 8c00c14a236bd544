/* work: a fixed amount of computing, counted in divisibility tests. The unit is a test
 * and not a time, so that every worker of every model does exactly the same work, however
 * busy the CPU is. */
#ifndef COMMON_WORK_H
#define COMMON_WORK_H

#include <stdint.h>

/* Tests whether number can be divided by 2, 3, ...: as many divisors as tests says.
 * Returns how many of them divide it. Any thread. */
uint64_t work_divide(uint64_t number, uint64_t tests);

/* The same number found another way, to check it by, in sqrt(number) steps: each divisor
 * up to there has a partner. Any thread. */
uint64_t work_divisors(uint64_t number, uint64_t tests);

/* Makes the compiler believe that the result is needed. */
static inline void work_use(uint64_t result)
{
    __asm__ volatile("" : : "r"(result));
}

/* How many tests this CPU makes in a microsecond of the calling thread's CPU time, which
 * does not run while others have the CPU: the best of several short bursts, since a first
 * one finds cold caches and a slow clock; some 10 ms in all. At least 1. */
uint64_t work_tests_per_us(void);

#endif
