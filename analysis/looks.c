/* looks.c: see looks.h. */
#include "analysis/looks.h"

#include "common/array.h"
#include "common/blocks.h"

#include <math.h>

/* The shares add up to 5 % (tests/unit/test_looks.c). The early ones are as large as it
 * takes for a p-value to pass at all: the smallest of n blocks is 2 / 2^n, times the
 * comparisons with one baseline. With two models these are 2, and pass after 8 blocks;
 * with four they are 6, and pass after 10. The later looks lie farther apart, since each
 * costs a share and adds less. */
static const struct look {
    size_t blocks;
    double level;
} looks[] = {{8, .016},  {10, .012}, {12, .006}, {16, .005},
             {24, .004}, {36, .003}, {64, .002}, {BLOCKS_MAX, .002}};

bool looks_is_due(size_t blocks)
{
    for (size_t i = 0; i < COUNT_OF(looks); i++) {
        if (looks[i].blocks == blocks)
            return true;
    }
    return false;
}

double looks_level(size_t blocks)
{
    size_t i = 0;
    while (i + 1 < COUNT_OF(looks) && looks[i].blocks < blocks)
        i++;
    return looks[i].level;
}

size_t looks_blocks_min(size_t compared)
{
    size_t n = 1;
    while (n < BLOCKS_MAX && ldexp((double)compared, 1 - (int)n) >= looks_level(n))
        n++;
    return n;
}
