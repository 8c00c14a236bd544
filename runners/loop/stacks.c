/* stacks.c: one slab of guarded coroutine stacks; see stacks.h. */
#include "loop/stacks.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102 /* not yet in Debian 12's headers */
#endif

#define MPROTECT_BUDGET 15000 /* two VMAs each, and vm.max_map_count is 65530 */

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static bool guard_by_madvise(const struct stacks *s)
{
    for (size_t i = 0; i < s->count; i++) {
        if (madvise(s->slab + i * s->stack_bytes, page_bytes(), MADV_GUARD_INSTALL))
            return false;
    }
    return true;
}

static bool guard_by_mprotect(const struct stacks *s)
{
    if (s->count > MPROTECT_BUDGET)
        return false;
    for (size_t i = 0; i < s->count; i++) {
        if (mprotect(s->slab + i * s->stack_bytes, page_bytes(), PROT_NONE))
            return false;
    }
    return true;
}

int stacks_init(struct stacks *stacks, size_t count, size_t stack_bytes, struct err *err)
{
    size_t page = page_bytes();
    /* one page more than asked for: the guard */
    size_t rounded = (stack_bytes + page - 1) / page * page + page;
    void *slab = MAP_FAILED;
    if (count <= SIZE_MAX / rounded)
        slab = mmap(NULL, count * rounded, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (slab == MAP_FAILED)
        return err_set(err, EXIT_CODE_UNFIT,
                       "no address space for %zu stacks of %zu bytes: lower -c or "
                       "--stack-bytes",
                       count, rounded);
    /* a huge page would make 2 MiB resident where one stack page is touched */
    (void)madvise(slab, count * rounded, MADV_NOHUGEPAGE);
    *stacks = (struct stacks){.slab = slab, .count = count, .stack_bytes = rounded};
    if (guard_by_madvise(stacks))
        stacks->guard = "madvise";
    else
        stacks->guard = guard_by_mprotect(stacks) ? "mprotect" : "canary";
    return 0;
}

char *stacks_base(const struct stacks *stacks, size_t index, size_t *out_bytes)
{
    *out_bytes = stacks->stack_bytes - page_bytes();
    return stacks->slab + index * stacks->stack_bytes + page_bytes();
}

/* Fresh memory reads as zero, so an untouched lowest word is the canary: writing one
 * would make a page per stack resident. */
bool stacks_intact(const struct stacks *stacks, size_t index)
{
    size_t bytes = 0;
    uint64_t lowest = 0;
    memcpy(&lowest, stacks_base(stacks, index, &bytes), sizeof lowest);
    return lowest == 0 || strcmp(stacks->guard, "canary") != 0;
}

void stacks_done(struct stacks *stacks)
{
    if (stacks->slab)
        (void)munmap(stacks->slab, stacks->count * stacks->stack_bytes);
    stacks->slab = NULL;
}
