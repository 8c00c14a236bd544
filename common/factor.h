/* factor: how a factor between two shown values is presented.
 *
 * Two numbers say by what factor one value exceeds another: the quotient of the two
 * medians that a reader sees, and the estimate that pairs trials (or shifts one sample
 * onto the other), which the interval belongs to. What is shown is the quotient. Where
 * the estimate says something else, it stands beside it under its own name. */
#ifndef COMMON_FACTOR_H
#define COMMON_FACTOR_H

#include <stdbool.h>

struct factor {
    double quotient;  /* of the values shown; NaN when there is none */
    double estimate;  /* NaN when there is none */
    double low, high; /* the estimate's interval; NaN when there is none */
};

/* Whether the estimate has to be named: it has an interval, and the quotient lies outside
 * the interval or is more than 3 % away from the estimate. */
bool factor_is_apart(struct factor factor);

/* What to show: the quotient, or the estimate where there is no quotient. */
double factor_shown(struct factor factor);

#endif
