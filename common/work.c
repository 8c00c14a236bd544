/* work.c: see work.h. */
#include "common/work.h"

#include "common/clock.h"

#include <stdbool.h>

#define BURSTS      8
#define BURST_TESTS 200000

uint64_t work_divide(uint64_t number, uint64_t tests)
{
    uint64_t found = 0;
    for (uint64_t divisor = 2; divisor < tests + 2; divisor++)
        found += number % divisor == 0;
    return found;
}

static bool is_tested(uint64_t divisor, uint64_t tests)
{
    return divisor >= 2 && divisor < tests + 2;
}

uint64_t work_divisors(uint64_t number, uint64_t tests)
{
    uint64_t found = 0;
    for (uint64_t low = 1; low <= number / low; low++) {
        uint64_t high = number / low;
        if (low * high != number)
            continue;
        found += is_tested(low, tests);
        found += high != low && is_tested(high, tests);
    }
    return found;
}

uint64_t work_tests_per_us(void)
{
    uint64_t best_ns = UINT64_MAX;
    for (int i = 0; i < BURSTS; i++) {
        uint64_t start_ns = clock_thread_cpu_ns();
        work_use(work_divide(start_ns, BURST_TESTS));
        uint64_t duration_ns = clock_thread_cpu_ns() - start_ns;
        if (duration_ns < best_ns)
            best_ns = duration_ns;
    }
    uint64_t tests = BURST_TESTS * NS_PER_US / (best_ns ? best_ns : 1);
    return tests ? tests : 1;
}
