/* trace_rows.c: see trace_rows.h. */
#include "harness/trial/trace_rows.h"

#include "common/array.h"
#include "common/json.h"

#include <stdbool.h>
#include <string.h>

#define ROWS_MAX 10000                        /* requests */
#define TIME_MAX INT64_C(1000000000000000000) /* 31 years */

/* A column is a whole number (i), one or null (n), a time that may be negative (t), or
 * who called (c). The columns from `least` on may be left out. */
static const struct table {
    const char *key, *columns;
    size_t least;
    const char *expected;
} tables[] = {
    {"trace_ns", "iiinnn", 3,
     "[request, start, end] and perhaps worker, work_start, cpu"},
    {"trace_calls_ns", "iiic", 4, "[request, start, end, \"worker|loop|executor\"]"},
    {"trace_due_ns", "it", 2, "[request, due]"},
    {"trace_queue_ns", "iiii", 4, "[request, put, taken, producer]"}};

static bool is_caller(const char *text)
{
    return text && (!strcmp(text, "worker") || !strcmp(text, "loop") ||
                    !strcmp(text, "executor"));
}

static bool is_cell(const json_t *cell, char column)
{
    const json_int_t value = json_integer_value(cell);
    if (column == 'c')
        return is_caller(json_string_value(cell));
    if (column == 'n' && json_is_null(cell))
        return true;
    return json_is_integer(cell) && value <= TIME_MAX &&
           value >= (column == 't' ? -TIME_MAX : 0);
}

static json_int_t at(const json_t *row, size_t column)
{
    return json_integer_value(json_array_get(row, column));
}

static bool is_row(const struct table *table, const json_t *row, json_int_t last)
{
    const size_t count = json_array_size(row);
    if (count < table->least || count > strlen(table->columns) || at(row, 0) <= last)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!is_cell(json_array_get(row, i), table->columns[i]))
            return false;
    }
    const bool has_work = json_is_integer(json_array_get(row, 4));
    return (count == 2 || at(row, 2) >= at(row, 1)) &&
           (!has_work || (at(row, 4) >= at(row, 1) && at(row, 4) <= at(row, 2)));
}

int trace_rows_check(const json_t *document, struct err *err)
{
    for (size_t t = 0; t < COUNT_OF(tables); t++) {
        json_t *rows = NULL;
        json_int_t last = -1;
        if (json_get_array(document, "", tables[t].key, ROWS_MAX, &rows, err))
            return -1;
        for (size_t i = 0; i < json_array_size(rows); i++) {
            const json_t *row = json_array_get(rows, i);
            if (!is_row(&tables[t], row, last))
                return err_set(err, EXIT_CODE_USAGE, "%s[%zu]: expected %s, by request",
                               tables[t].key, i, tables[t].expected);
            last = at(row, 0);
        }
    }
    return 0;
}

/* Whether the row in this place of count remains. */
static bool is_kept(size_t i, size_t count, size_t kept)
{
    const size_t first = kept / 2, parts = kept - first, rest = count - first;
    if (count <= kept || i < first)
        return true;
    const size_t part = (i - first) * parts / rest;
    const size_t begins = (part * rest + parts - 1) / parts;
    const size_t ends = ((part + 1) * rest + parts - 1) / parts;
    return i - first == (begins + ends) / 2;
}

void trace_rows_thin(json_t *document, size_t kept)
{
    const json_t *all = json_object_get(document, tables[0].key);
    const size_t count = json_array_size(all);
    bool remains[ROWS_MAX] = {false}; /* by request, which may be any number below */
    for (size_t i = 0; i < count; i++) {
        const json_int_t request = at(json_array_get(all, i), 0);
        if (request < ROWS_MAX)
            remains[request] = is_kept(i, count, kept);
    }
    for (size_t t = 0; t < COUNT_OF(tables); t++) {
        json_t *rows = json_object_get(document, tables[t].key), *row = NULL;
        json_auto_t *left = json_array();
        size_t i = 0;
        json_array_foreach (rows, i, row) {
            const json_int_t request = at(row, 0);
            if (request < ROWS_MAX && remains[request])
                json_push(left, json_incref(row));
        }
        if (rows)
            json_put(document, tables[t].key, json_incref(left));
    }
}
