/* stacks: many small coroutine stacks in one mapping. Virtual memory is reserved, pages
 * become resident as they are touched: a sleeping coroutine holds one page of 4 KiB.
 *
 * An overflow must not write into the neighbour's stack. In order of preference:
 *   madvise   guard pages by MADV_GUARD_INSTALL (Linux 6.13): no extra VMAs, any number
 *   mprotect  guard pages by mprotect: two VMAs each, so only up to a budget
 *   canary    the lowest line of the stack is checked after each run of the coroutine
 *
 * Stacks of less than a page are packed, one below the other:
 *
 *     | guard page | spare | stack 0 | stack 1 | ...            each grows downwards
 *
 * There is no room for a page between them, so canary is their only guard. The spare
 * part, which costs nothing while it is not used, is what stack 0 may damage. */
#ifndef RUNTIME_STACKS_H
#define RUNTIME_STACKS_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

#define STACKS_CANARY_BYTES 64 /* the lowest of a stack, which must not be used */

struct stacks {
    char *slab, *first; /* the mapping, and where stack 0 begins with its guard */
    size_t slab_bytes;
    size_t count, stack_bytes; /* stack_bytes: from one to the next */
    size_t guard_bytes;        /* of each stack: a page, or 0 where they are packed */
    bool has_canary;
    const char *guard; /* static: "madvise", "mprotect" or "canary" */
};

/* Reserves count stacks of stack_bytes each, rounded up to pages; what is less than a page
 * is rounded up to 64 bytes. guard is one of the names above, or NULL for the first that
 * is possible. EXIT_CODE_UNFIT. */
int stacks_init(struct stacks *stacks, size_t count, size_t stack_bytes,
                const char *guard, struct err *err);

/* The lowest usable address of stack index and its usable size. */
char *stacks_base(const struct stacks *stacks, size_t index, size_t *out_bytes);

/* True unless the canary shows that stack index has overflowed. */
bool stacks_intact(const struct stacks *stacks, size_t index);

/* How many bytes of stack index have been used since stacks_init: from its highest address
 * to the lowest word that is not zero. Pages that were never touched stay so. */
size_t stacks_used(const struct stacks *stacks, size_t index);

void stacks_done(struct stacks *stacks); /* of a zeroed struct too */

#endif
