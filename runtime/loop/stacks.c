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

#define PACKED_ALIGN       ((size_t)64) /* a line of the cache; the ABI asks for 16 */
#define PACKED_SPARE_BYTES ((size_t)64 << 10)

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static bool guard_by_madvise(const struct stacks *s)
{
    for (size_t i = 0; i < s->count; i++) {
        if (madvise(s->first + i * s->stack_bytes, page_bytes(), MADV_GUARD_INSTALL))
            return false;
    }
    return true;
}

static bool guard_by_mprotect(const struct stacks *s)
{
    if (s->count > MPROTECT_BUDGET)
        return false;
    for (size_t i = 0; i < s->count; i++) {
        if (mprotect(s->first + i * s->stack_bytes, page_bytes(), PROT_NONE))
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
            stacks->has_canary = guards[i].set == guard_by_canary;
            return 0;
        }
    }
    stacks_done(stacks);
    return err_set(err, EXIT_CODE_UNFIT,
                   "--guard %s is not possible here for %zu stacks: use another one",
                   wanted, stacks->count);
}

static int map_slab(struct stacks *stacks, size_t each, struct err *err)
{
    const size_t below = stacks->guard_bytes ? 0 : page_bytes() + PACKED_SPARE_BYTES;
    void *slab = MAP_FAILED;
    if (stacks->count <= (SIZE_MAX - below) / each) {
        stacks->slab_bytes = below + stacks->count * each;
        slab = mmap(NULL, stacks->slab_bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    }
    if (slab == MAP_FAILED)
        return err_set(err, EXIT_CODE_UNFIT,
                       "no address space for %zu stacks of %zu bytes: lower -c or "
                       "--stack-bytes",
                       stacks->count, each);
    stacks->slab = slab;
    stacks->first = stacks->slab + below;
    stacks->stack_bytes = each;
    return 0;
}

/* Of page-sized stacks a huge page would make 2 MiB resident where one page of each is
 * touched. All of a packed slab is used, but there too they cost more than they save:
 * docs/adr/0049. */
static void advise_pages(const struct stacks *stacks)
{
    (void)madvise(stacks->slab, stacks->slab_bytes, MADV_NOHUGEPAGE);
    if (!stacks->guard_bytes)
        (void)mprotect(stacks->slab, page_bytes(), PROT_NONE);
}

int stacks_init(struct stacks *stacks, size_t count, size_t stack_bytes,
                const char *guard, struct err *err)
{
    const size_t page = page_bytes();
    const bool is_packed = stack_bytes < page;
    const size_t unit = is_packed ? PACKED_ALIGN : page;
    const size_t usable = (stack_bytes + unit - 1) / unit * unit;
    *stacks = (struct stacks){.count = count, .guard_bytes = is_packed ? 0 : page};
    if (is_packed && guard && strcmp(guard, "canary") != 0)
        return err_set(
            err, EXIT_CODE_UNFIT,
            "--guard %s needs stacks of at least a page: use --guard canary, or "
            "raise --stack-bytes from %zu to %zu",
            guard, stack_bytes, page);
    int status = map_slab(stacks, usable + stacks->guard_bytes, err);
    if (status)
        return status;
    advise_pages(stacks);
    return set_guard(stacks, is_packed ? "canary" : guard, err);
}

char *stacks_base(const struct stacks *stacks, size_t index, size_t *out_bytes)
{
    *out_bytes = stacks->stack_bytes - stacks->guard_bytes;
    return stacks->first + index * stacks->stack_bytes + stacks->guard_bytes;
}

#define LINE_WORDS (STACKS_CANARY_BYTES / sizeof(uint64_t))

/* The sanitizer has red zones on a stack, where frames have been. */
__attribute__((no_sanitize("address", "thread"))) static bool
is_untouched_line(const uint64_t *line)
{
    uint64_t any = 0;
    for (size_t i = 0; i < LINE_WORDS; i++)
        any |= line[i];
    return any == 0;
}

/* Fresh memory reads as zero, so untouched words are the canary: writing one would make a
 * page per stack resident. An overflow may skip a word, hardly a whole line. */
bool stacks_intact(const struct stacks *stacks, size_t index)
{
    const char *lowest =
        stacks->first + index * stacks->stack_bytes + stacks->guard_bytes;
    return !stacks->has_canary ||
           is_untouched_line((const uint64_t *)(const void *)lowest);
}

#define LOOK_PAGES ((size_t)1024) /* at once */

/* The first page from `at` on that is resident, or the end. One that is not was never
 * touched, as it would be zero; in case of doubt it is taken for touched. */
static char *skip_untouched(char *at, const char *end)
{
    unsigned char pages[LOOK_PAGES];
    const size_t page = page_bytes();
    while (at < end) {
        size_t count = ((size_t)(end - at) + page - 1) / page;
        count = count < LOOK_PAGES ? count : LOOK_PAGES;
        if (mincore(at, count * page, pages))
            return at;
        for (size_t i = 0; i < count; i++, at += page) {
            if (pages[i] & 1U)
                return at;
        }
    }
    return at;
}

__attribute__((no_sanitize("address", "thread"))) size_t
stacks_used(const struct stacks *stacks, size_t index)
{
    size_t bytes = 0;
    char *base = stacks_base(stacks, index, &bytes);
    const uint64_t *end = (const uint64_t *)(const void *)(base + bytes);
    if (stacks->guard_bytes) /* packed ones share their pages, and all are touched */
        base = skip_untouched(base, base + bytes);
    const uint64_t *at = (const uint64_t *)(const void *)base;
    while (at < end && is_untouched_line(at))
        at += LINE_WORDS;
    while (at < end && *at == 0)
        at++;
    return (size_t)(end - at) * sizeof *at;
}

void stacks_done(struct stacks *stacks)
{
    if (stacks->slab)
        (void)munmap(stacks->slab, stacks->slab_bytes);
    stacks->slab = NULL;
}
