/* tally: how many trials a run made and how many of them are valid, in the one wording
 * that the terminal, the report, the index and the summaries share. */
#ifndef COMMON_TALLY_H
#define COMMON_TALLY_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct tally {
    uint64_t planned; /* timed trials */
    uint64_t run;     /* timed trials made, with all attempts */
    uint64_t valid;   /* of them */
    uint64_t failed;  /* blocks of a cell in which no attempt is valid */
};

/* Counts results (results.json, schema version 1): the trials of its cells and
 * controls. For a document without trials, the counts in its `run` are used. NULL
 * means no trials. */
struct tally tally_of(const json_t *results);

/* The sum of two. */
struct tally tally_add(struct tally a, struct tally b);

/* A short text by value: nothing to free. */
struct tally_text {
    char s[160];
};

/* "331 of 332 trials valid; every block has one", "12 of 16 trials valid; 2 blocks have
 * none", "332 of 332 trials valid". */
struct tally_text tally_say(struct tally tally);

/* Its parts: the numbers alone, "331 of 332", and the text after "trials valid". */
struct tally_text tally_say_counts(struct tally tally);
struct tally_text tally_say_blocks(struct tally tally);

/* "276 of 276 planned trials run, 1 repeated" */
struct tally_text tally_say_planned(struct tally tally);

#endif
