/* looks: when a run that goes on until it is settled looks at what it has, and at which
 * level it judges then.
 *
 * Whoever looks several times has several chances to err. The 5 % of a test are therefore
 * spent over the looks: each has a share, and the shares add up to 5 %. Whatever the
 * looks have to do with each other, an error at any of them is then no likelier than the
 * sum, also after Holm's correction at each. Sources: K. Lan and D. DeMets, "Discrete
 * sequential boundaries for clinical trials", 1983 (to spend an error over looks); E.
 * Slud and L. Wei, "Two-sample repeated significance tests based on the modified Wilcoxon
 * statistic", 1982 (shares that are fixed beforehand). */
#ifndef ANALYSIS_LOOKS_H
#define ANALYSIS_LOOKS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a run looks when it has made so many blocks. */
bool looks_is_due(size_t blocks);

/* The two-sided level of what is said after so many blocks: the share of the first look
 * at that number or later. A run that time ends between two looks takes the place of the
 * later one. */
double looks_level(size_t blocks);

/* The fewest blocks with which the smallest of `compared` Holm-corrected signed-rank
 * p-values can come below the level of what is said then. */
size_t looks_blocks_min(size_t compared);

#endif
