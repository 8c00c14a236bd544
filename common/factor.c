/* factor.c: see factor.h. */
#include "common/factor.h"

#include <math.h>

#define APART 1.03

bool factor_is_apart(struct factor f)
{
    if (!isfinite(f.quotient) || !isfinite(f.estimate) || !isfinite(f.low) ||
        !isfinite(f.high))
        return false;
    return f.quotient < f.low || f.quotient > f.high || f.quotient > f.estimate * APART ||
           f.estimate > f.quotient * APART;
}

double factor_shown(struct factor f)
{
    return isfinite(f.quotient) ? f.quotient : f.estimate;
}
