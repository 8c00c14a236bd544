/* blocks: which attempt of a block counts. The rule is in common/, as the report needs it
 * too. */
#ifndef ANALYSIS_BLOCKS_H
#define ANALYSIS_BLOCKS_H

#include "common/blocks.h" /* IWYU pragma: export */

#endif
