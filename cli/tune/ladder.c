/* ladder.c: see ladder.h. */
#include "cli/tune/ladder.h"

#include "harness/plan/estimate.h"

#include <math.h>

#define REQUESTS_MAX      100000000.0
#define PER_WORKER        4
#define FOR_A_PERCENTILE  1000.0
#define REQUESTS_OF_FIRST 100000

const char *ladder_text(void)
{
    return "1,2,3,4,6,8,12,16,24,32,48,64,96,128,192,256,384,512,768,1024,1536,2048,3072,"
           "4096";
}

bool ladder_is_coarse(uint64_t concurrency)
{
    return (concurrency & (concurrency - 1)) == 0;
}

/* The largest number, doubling from one, that is expected to take no longer. */
static double requests_by_estimate(struct plan_cell cell, double seconds)
{
    cell.requests = 2;
    while (cell.requests < REQUESTS_OF_FIRST && estimate_trial_seconds(&cell) < seconds)
        cell.requests *= 2;
    return (double)cell.requests / 2;
}

uint64_t ladder_requests(const struct plan_cell *cell, double rate_per_s, double seconds)
{
    const double arriving = (double)cell->scenario->rate_per_s;
    const double least = (double)(PER_WORKER * cell->concurrency);
    const double wanted = arriving > 0     ? fmax(arriving * seconds, FOR_A_PERCENTILE)
                          : rate_per_s > 0 ? rate_per_s * seconds
                                           : requests_by_estimate(*cell, seconds);
    return (uint64_t)fmin(fmax(ceil(wanted), least), REQUESTS_MAX);
}
