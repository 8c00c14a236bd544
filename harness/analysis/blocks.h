/* blocks: which attempt of a block counts is common's, as the report asks it too; the
 * analysis asks for it by this name. */
#ifndef HARNESS_BLOCKS_H
#define HARNESS_BLOCKS_H

#include "common/blocks.h" /* IWYU pragma: export */

#endif
