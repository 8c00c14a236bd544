/* compare_table: rows of text in aligned columns for a terminal. */
#ifndef ANALYSIS_COMPARE_TABLE_H
#define ANALYSIS_COMPARE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define COMPARE_COLUMNS_MAX (16 + 3)

enum compare_tint { COMPARE_PLAIN, COMPARE_GOOD, COMPARE_BAD, COMPARE_DIM };

/* An empty table is zero except for columns (and right). */
struct compare_table {
    size_t columns;                     /* of every row, at most COMPARE_COLUMNS_MAX */
    bool is_right[COMPARE_COLUMNS_MAX]; /* aligned to the right */
    char **texts;                       /* owned */
    enum compare_tint *tints;           /* owned; of each row's last column */
    size_t rows;
};

/* Adds a row; texts are copied, printable, valid UTF-8. */
void compare_table_add(struct compare_table *table, const char *const *texts,
                       enum compare_tint tint);

/* Writes it, indented by two, and empties it. The first row is the heading. */
void compare_table_flush(struct compare_table *table, bool is_colored, FILE *out);

#endif
