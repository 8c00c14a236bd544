/* blocks: which attempt of a block counts. The rule is in common/, as the report needs it
 * too. */
#ifndef HARNESS_BLOCKS_H
#define HARNESS_BLOCKS_H

#include "common/blocks.h" /* IWYU pragma: export */

#endif
