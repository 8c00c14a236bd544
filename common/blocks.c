/* blocks.c: see blocks.h. */
#include "common/blocks.h"

#include "common/cleanup.h"
#include "common/memory.h"

#include <stdlib.h>

struct attempt {
    json_int_t block;
    size_t at;
};

bool blocks_is_disturbed(const json_t *trial)
{
    return json_array_size(json_object_get(trial, "disturbed")) > 0;
}

bool blocks_prefer(const json_t *counting, const json_t *later)
{
    if (!json_is_true(json_object_get(later, "valid")))
        return false;
    return !counting || !blocks_is_disturbed(later) || blocks_is_disturbed(counting);
}

/* Orders trials by block, and within a block as executed. */
static int by_block(const void *a, const void *b)
{
    const struct attempt *x = a, *y = b;
    if (x->block != y->block)
        return x->block < y->block ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

void blocks_of(const json_t *trials, struct blocks *out_blocks)
{
    const size_t count = json_array_size(trials);
    AUTO_FREE struct attempt *attempts = memory_calloc(count + 1, sizeof *attempts);
    struct blocks blocks = {.items = memory_calloc(count + 1, sizeof *blocks.items)};
    for (size_t i = 0; i < count; i++) {
        const json_t *number = json_object_get(json_array_get(trials, i), "block");
        attempts[i] = (struct attempt){json_integer_value(number), i};
    }
    qsort(attempts, count, sizeof *attempts, by_block);
    for (size_t i = 0; i < count; i++) {
        const json_t *trial = json_array_get(trials, attempts[i].at);
        if (i == 0 || attempts[i].block != attempts[i - 1].block)
            blocks.items[blocks.count++].number = attempts[i].block;
        struct block *block = &blocks.items[blocks.count - 1];
        block->attempts++;
        if (blocks_prefer(block->counting, trial))
            block->counting = trial;
    }
    for (size_t i = 0; i < blocks.count; i++)
        blocks.failed += !blocks.items[i].counting;
    *out_blocks = blocks;
}

void blocks_done(struct blocks *blocks)
{
    free(blocks->items);
    *blocks = (struct blocks){.count = 0};
}
