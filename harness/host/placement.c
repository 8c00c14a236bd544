/* placement.c: halves the CPUs; see placement.h. The callers decide what is pinned
 * where. */
#include "harness/host/placement.h"

#include <errno.h>
#include <string.h>

void placement_split(const cpu_set_t *all, struct placement *out_placement)
{
    struct placement p = {.all = *all, .count = (uint64_t)CPU_COUNT(all)};
    p.shared = p.count < 2;
    if (p.shared) {
        p.origin = p.runner = p.all;
    } else {
        uint64_t given = 0;
        CPU_ZERO(&p.origin);
        CPU_ZERO(&p.runner);
        for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
            if (CPU_ISSET(cpu, all))
                CPU_SET(cpu, given++ < p.count / 2 ? &p.origin : &p.runner);
        }
    }
    *out_placement = p;
}

int placement_make(struct placement *out_placement, struct err *err)
{
    cpu_set_t all;
    if (sched_getaffinity(0, sizeof all, &all))
        return err_set(err, EXIT_CODE_UNFIT, "cannot read the CPUs of this process: %s",
                       strerror(errno));
    placement_split(&all, out_placement);
    return 0;
}
