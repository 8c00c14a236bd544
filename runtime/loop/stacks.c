/* stacks.c: one slab of guarded coroutine stacks; see stacks.h. */
#include "runtime/loop/stacks.h"

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

static bool guard_by_canary(const struct stacks *s)
{
    (void)s;
    return true;
}

static const struct {
    const char *name;
    bool (*set)(const struct stacks *stacks);
} guards[] = {
    {"madvise", guard_by_madvise},
    {"mprotect", guard_by_mprotect},
    {"canary", guard_by_canary},
};

/* The guard of that name; for NULL the first that works. */
static int set_guard(struct stacks *stacks, const char *wanted, struct err *err)
{
    for (size_t i = 0; i < COUNT_OF(guards); i++) {
        if (wanted && strcmp(wanted, guards[i].name) != 0)
            continue;
        if (guards[i].set(stacks)) {
            stacks->guard = guards[i].name;
            return 0;
        }
    }
    stacks_done(stacks);
    return err_set(err, EXIT_CODE_UNFIT,
                   "--guard %s is not possible here for %zu stacks: use another one",
                   wanted, stacks->count);
}

int stacks_init(struct stacks *stacks, size_t count, size_t stack_bytes,
                const char *guard, struct err *err)
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
    return set_guard(stacks, guard, err);
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
    if (strcmp(stacks->guard, "canary") != 0)
        return true;
    memcpy(&lowest, stacks_base(stacks, index, &bytes), sizeof lowest);
    return lowest == 0;
}

void stacks_done(struct stacks *stacks)
{
    if (stacks->slab)
        (void)munmap(stacks->slab, stacks->count * stacks->stack_bytes);
    stacks->slab = NULL;
}
