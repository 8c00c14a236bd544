/* compare_table.c: columns as wide as their widest text; see compare_table.h. The last
 * text is never padded, so no line ends in blanks. */
#include "analysis/compare/compare_table.h"

#include "analysis/compare/compare_text.h"
#include "common/clean.h"
#include "common/memory.h"

#include <stdlib.h>
#include <string.h>

void compare_table_add(struct compare_table *table, const char *const *texts,
                       enum compare_tint tint)
{
    size_t count = (table->rows + 1) * table->columns;
    char **grown = realloc(table->texts, count * sizeof *grown);
    enum compare_tint *tints = realloc(table->tints, (table->rows + 1) * sizeof *tints);
    if (!grown || !tints)
        memory_exhausted();
    table->texts = grown;
    table->tints = tints;
    for (size_t i = 0; i < table->columns; i++) {
        char *copy = clean_dup(texts[i]);
        if (!copy)
            memory_exhausted();
        table->texts[table->rows * table->columns + i] = copy;
    }
    table->tints[table->rows++] = tint;
}

static void put_padding(FILE *out, size_t count)
{
    while (count-- > 0)
        (void)fputc(' ', out);
}

static const char *start_of(enum compare_tint tint)
{
    static const char *const starts[] = {"", "\033[32m", "\033[31m", "\033[2m"};
    return starts[tint];
}

static void put_row(const struct compare_table *table, size_t row, const size_t *widths,
                    bool is_colored, FILE *out)
{
    const char *start = is_colored ? start_of(table->tints[row]) : "";
    size_t end = table->columns; /* of what is not empty */
    while (end > 0 && !*table->texts[row * table->columns + end - 1])
        end--;
    (void)fputc(' ', out);
    for (size_t i = 0; i < end; i++) {
        const char *text = table->texts[row * table->columns + i];
        size_t padding = widths[i] - compare_text_width(text);
        bool is_last = i + 1 == end;
        (void)fputc(' ', out);
        put_padding(out, table->is_right[i] ? padding : 0);
        (void)fputs(is_last ? start : "", out);
        (void)fputs(text, out);
        (void)fputs(is_last && *start ? "\033[0m" : "", out);
        put_padding(out, is_last ? 0 : table->is_right[i] ? 1 : padding + 1);
    }
    (void)fputc('\n', out);
}

void compare_table_flush(struct compare_table *table, bool is_colored, FILE *out)
{
    size_t widths[COMPARE_COLUMNS_MAX] = {0};
    for (size_t i = 0; i < table->rows * table->columns; i++) {
        size_t width = compare_text_width(table->texts[i]);
        size_t column = i % table->columns;
        widths[column] = width > widths[column] ? width : widths[column];
    }
    for (size_t row = 0; row < table->rows; row++)
        put_row(table, row, widths, is_colored, out);
    for (size_t i = 0; i < table->rows * table->columns; i++)
        free(table->texts[i]);
    free(table->texts);
    free(table->tints);
    table->texts = NULL;
    table->tints = NULL;
    table->rows = 0;
}
