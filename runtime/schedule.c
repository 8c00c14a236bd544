/* schedule.c: arrivals of an open loop; see schedule.h. */
#include "runtime/schedule.h"

#include "common/clock.h"

#include <math.h>
#include <sched.h>
#include <string.h>

void schedule_init(struct schedule *schedule, uint64_t total, uint64_t rate_per_s,
                   bool is_poisson, uint64_t seed)
{
    *schedule = (struct schedule){.lock = ATOMIC_FLAG_INIT,
                                  .is_poisson = is_poisson,
                                  .gap_ns = (double)NS_PER_S / (double)rate_per_s,
                                  .rng = {seed},
                                  .total = total};
}

/* The next number, as a double in (0, 1]. */
static double next_uniform(struct rng *rng)
{
    return ((double)(rng_next(rng) >> 11) + 1) * 0x1p-53;
}

/* -ln(u) for u in (0, 1]. With u = m 2^e, m in [1/2, 1), read from the bits of the
 * double, ln m = 2 artanh((m - 1) / (m + 1)), whose series ends after ten terms (error
 * below 1e-11). log() would load libm: 350 KB in every runner, whatever its model. */
static double minus_ln(double u)
{
    uint64_t bits = 0;
    memcpy(&bits, &u, sizeof bits);
    int exponent = (int)(bits >> 52U) - 1022;
    bits = (bits & ((UINT64_C(1) << 52U) - 1)) | (UINT64_C(1022) << 52U);
    double m = 0;
    memcpy(&m, &bits, sizeof m);
    double z = (m - 1) / (m + 1);
    double power = z;
    double sum = 0;
    for (int k = 1; k < 20; k += 2) {
        sum += power / k;
        power *= z * z;
    }
    return -(2 * sum + exponent * M_LN2);
}

static void lock(struct schedule *schedule)
{
    while (atomic_flag_test_and_set_explicit(&schedule->lock, memory_order_acquire))
        (void)sched_yield();
}

static void unlock(struct schedule *schedule)
{
    atomic_flag_clear_explicit(&schedule->lock, memory_order_release);
}

bool schedule_take(struct schedule *schedule, uint64_t *out_number, uint64_t *out_due_ns)
{
    lock(schedule);
    bool has_any = schedule->taken < schedule->total;
    if (has_any) {
        if (schedule->taken == 0)
            schedule->begin_ns = clock_ns();
        *out_number = schedule->taken++;
        *out_due_ns = schedule->begin_ns + (uint64_t)schedule->offset_ns;
        double gaps = schedule->is_poisson ? minus_ln(next_uniform(&schedule->rng)) : 1;
        schedule->offset_ns += gaps * schedule->gap_ns;
    }
    unlock(schedule);
    return has_any;
}

void schedule_use_up(struct schedule *schedule)
{
    lock(schedule);
    schedule->taken = schedule->total;
    unlock(schedule);
}
