/* memory: the memory of a process tree, sampled while it holds its plateau.
 *
 * Pss (proportional set size) counts a page that k processes share as 1/k in each, so
 * the sum over a tree is what the tree costs. (A library that other programs also have
 * loaded counts in part: file_bytes moves with what else runs, anon_bytes does not.)
 * Reading it takes the mmap lock of its process; therefore this is never done in a timed
 * trial. Kernel memory (stacks of threads, socket buffers) is in no Pss. */
#ifndef HARNESS_MEMORY_H
#define HARNESS_MEMORY_H

#include "harness/servers/origin_control.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct memory_sample {
    uint64_t pss_bytes; /* sum over the tree; its parts follow, 0 where unknown: */
    uint64_t anon_bytes, file_bytes, shmem_bytes;
    size_t processes; /* that were counted */
};

/* Lists the tree below root anew and sums its Pss. Processes that vanish meanwhile count
 * nothing. 0, or -errno when root itself cannot be read (gone, no smaps_rollup). */
int memory_sample_tree(pid_t root, struct memory_sample *out_sample);

#define MEMORY_INTERVAL_MS     UINT64_C(10)
#define MEMORY_PLATEAU_SAMPLES 20 /* the number that a memory pass wants */

/* What a memory pass sees. Zero it, set the first two. */
struct memory_watch {
    struct origin_control *origin; /* borrowed; NULL: the plateau is unknown */
    uint64_t concurrency;

    uint64_t samples, plateau_samples;
    struct memory_sample peak, plateau_peak; /* the samples with the most memory */
    uint64_t way_up_at_ns; /* before the plateau: not to be sampled again until then */
    uint64_t plateau_ns;   /* that the samples on the plateau took in all */
    int error;             /* of the last sample, or 0 */
};

/* Takes one sample if it is the time; returns the milliseconds until the next. It is the
 * `sample` of launch.h; watch is a struct memory_watch. A sample is on the plateau when
 * the origin held `concurrency` requests before and after it. */
uint64_t memory_watch_sample(void *watch, pid_t runner);

#endif
