/* labels.c: pool-adjacent-violators for labels; see labels.h.
 *
 * Subtract from the i-th smallest wish i times the gap; then "at least gap apart" becomes
 * "not decreasing", and the least-squares answer to that is classic: walk from the left,
 * and whenever a group starts below the one before it, merge the two at their mean. */
#include "report/draw/labels.h"

#include "common/memory.h"

#include <stdbool.h>
#include <stdlib.h>

struct group {
    double sum;
    size_t count;
};

static double mean(struct group group)
{
    return group.sum / (double)group.count;
}

static void sort_by_position(size_t *order, const double *positions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = i;
        for (; at > 0 && positions[order[at - 1]] > positions[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

static size_t pool(struct group *groups, const size_t *order, const double *positions,
                   size_t count, double gap)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        groups[used++] = (struct group){positions[order[i]] - (double)i * gap, 1};
        while (used > 1 && mean(groups[used - 2]) > mean(groups[used - 1])) {
            groups[used - 2].sum += groups[used - 1].sum;
            groups[used - 2].count += groups[used - 1].count;
            used--;
        }
    }
    return used;
}

void labels_spread(double *positions, size_t count, double gap, double low, double high)
{
    if (count == 0)
        return;
    double room = high - low;
    if (count > 1 && gap * (double)(count - 1) > room)
        gap = room > 0 ? room / (double)(count - 1) : 0;
    double last = high - gap * (double)(count - 1); /* of the shifted positions */
    size_t *order = calloc(count, sizeof *order);
    struct group *groups = calloc(count, sizeof *groups);
    if (!order || !groups)
        memory_exhausted();
    sort_by_position(order, positions, count);
    size_t used = pool(groups, order, positions, count, gap);
    size_t i = 0;
    for (size_t g = 0; g < used; g++) {
        double at = mean(groups[g]);
        at = at > last ? last : at;
        at = at < low ? low : at;
        for (size_t k = 0; k < groups[g].count; k++, i++)
            positions[order[i]] = at + (double)i * gap;
    }
    free(order);
    free(groups);
}
