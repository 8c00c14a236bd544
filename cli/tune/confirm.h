/* confirm: measures what a search found, afresh: an ordinary run, whose journal and
 * results.json hold only its own trials, with the search in the block `tune`.
 *
 * Its cells are, for each model, the number that was chosen, the best one (or, where that
 * is the same, twice as many), and half of the chosen one. All of them are one group, so
 * that in every block each is measured beside each other and any two are paired. */
#ifndef CLI_TUNE_CONFIRM_H
#define CLI_TUNE_CONFIRM_H

#include "cli/tune/search.h"

#define CONFIRM_BLOCKS     12
#define CONFIRM_BLOCKS_MAX 24
#define CONFIRM_TEXT_SIZE  256

/* "1,8,16": every number that is confirmed for some model, ascending. */
void confirm_numbers(const struct search *search, char out_text[CONFIRM_TEXT_SIZE]);

/* Makes of the plan of run, which was planned with these numbers, the plan of the
 * confirmation: its cells, the length of its trials and its blocks, as the time that is
 * left of the budget allows. EXIT_CODE_UNFIT when the search found nothing. */
int confirm_fit(const struct search *search, struct run *run, struct err *err);

#endif
