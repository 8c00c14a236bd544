/* judge.c: see judge.h. */
#include "analysis/judge.h"

#include "analysis/stats.h"
#include "common/cleanup.h"
#include "common/memory.h"

#include <math.h>
#include <stdlib.h>

#define TOUCHES 1e-9 /* a bound this near to 1 is written as 1 */

size_t judge_correct(struct judged *family, size_t count)
{
    size_t known = 0;
    AUTO_FREE double *p = memory_calloc(count + 1, sizeof *p);
    for (size_t i = 0; i < count; i++) {
        if (family[i].is_known)
            p[known++] = family[i].p;
    }
    stats_holm(p, known);
    for (size_t i = count, at = known; i-- > 0;) {
        if (family[i].is_known)
            family[i].p = p[--at];
    }
    return known;
}

bool judge_is_clear(double low, double high, double margin)
{
    return low >= log1p(margin) || high <= -log1p(margin);
}

const char *judge_word(double low, double high, double p, double margin)
{
    const double edge = log1p(margin);
    if (judge_is_clear(low, high, margin) && p < JUDGE_P_LIMIT)
        return "different";
    if (low > -edge && high < edge)
        return "same";
    if ((low > TOUCHES && low < edge) || (high < -TOUCHES && high > -edge))
        return "small";
    return "inconclusive";
}
