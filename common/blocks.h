/* blocks: which attempt of a block counts. Everything that asks whether a block has a
 * result, or which one, asks here.
 *
 * An invalid trial is repeated in its block, and so is a disturbed one, so a block may
 * hold several attempts of one cell. The one that counts is the last valid attempt that
 * nothing disturbed or, when all valid attempts were disturbed, the last of those. A
 * block without a valid attempt has failed. */
#ifndef COMMON_BLOCKS_H
#define COMMON_BLOCKS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define BLOCKS_MAX 200

struct block {
    json_int_t number;
    size_t attempts;
    const json_t *counting; /* borrowed; NULL: the block has failed */
};

struct blocks {
    struct block *items; /* owned; ascending in number */
    size_t count;
    size_t failed; /* of them */
};

/* Whether a later attempt at the trial takes the place of the one that counts so far
 * (NULL: none does). */
bool blocks_prefer(const json_t *counting, const json_t *later);

/* Whether something outside disturbed the trial. */
bool blocks_is_disturbed(const json_t *trial);

/* The blocks of one cell. trials: an array of its timed trials, in the order executed
 * within each block; the blocks themselves may come in any order. NULL, or anything but
 * an array, means no trials. An element that is not an object counts as an invalid
 * attempt. *out_blocks borrows from trials and must be given to blocks_done. */
void blocks_of(const json_t *trials, struct blocks *out_blocks);

void blocks_done(struct blocks *blocks); /* zeroed is fine */

#endif
