/* stacks: many small coroutine stacks in one mapping. Virtual memory is reserved, pages
 * become resident as they are touched: a sleeping coroutine holds one page of 4 KiB.
 *
 * An overflow must not write into the neighbour's stack. In order of preference:
 *   madvise   guard pages by MADV_GUARD_INSTALL (Linux 6.13): no extra VMAs, any number
 *   mprotect  guard pages by mprotect: two VMAs each, so only up to a budget
 *   canary    the lowest word is checked when the coroutine has ended */
#ifndef RUNTIME_STACKS_H
#define RUNTIME_STACKS_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

struct stacks {
    char *slab;
    size_t count, stack_bytes;
    const char *guard; /* static: "madvise", "mprotect" or "canary" */
};

/* Reserves count stacks of stack_bytes (rounded up to pages) each. guard is one of the
 * names above, or NULL for the first that is possible. EXIT_CODE_UNFIT. */
int stacks_init(struct stacks *stacks, size_t count, size_t stack_bytes,
                const char *guard, struct err *err);

/* The lowest usable address of stack index and its usable size. */
char *stacks_base(const struct stacks *stacks, size_t index, size_t *out_bytes);

/* True unless the canary shows that stack index has overflowed. */
bool stacks_intact(const struct stacks *stacks, size_t index);

void stacks_done(struct stacks *stacks); /* of a zeroed struct too */

#endif
