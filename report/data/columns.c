/* columns.c: see columns.h. */
#include "report/data/columns.h"

#include "common/format.h"
#include "report/data/load_index.h"

#include <math.h>
#include <stdio.h>

void columns_add(struct columns *columns, const struct scenario *s, enum metric_id id,
                 size_t room)
{
    double most = 0;
    for (size_t i = 0; i < columns->count; i++)
        if (columns->ids[i] == id)
            return;
    if (columns->count == room)
        return;
    for (size_t i = 0; i < s->cell_count; i++)
        most = fmax(most, s->cells[i].metrics[id].median);
    columns->most[columns->count] = most;
    columns->ids[columns->count++] = id;
}

struct text columns_value(const struct columns *columns, const struct scenario *s,
                          const struct cell *cell, size_t column)
{
    const enum metric_id id = columns->ids[column];
    const struct text value = format_metric(
        load_spec(s, id)->key, cell->metrics[id].median, columns->most[column]);
    struct text marked;
    (void)snprintf(marked.s, sizeof marked.s, "%s%.*s", columns_mark(cell, id),
                   (int)sizeof marked.s - 8, value.s);
    return marked;
}

const char *columns_mark(const struct cell *cell, enum metric_id id)
{
    return id == METRIC_TREE_MEMORY && cell->is_memory_least ? "≥\u00a0" : "";
}
