/* columns: the metrics of a table about one scenario. All values of a column have one unit,
 * that of the largest in the scenario, also at other concurrencies: so a value reads the
 * same on the page, in summary.md and on the terminal. */
#ifndef REPORT_COLUMNS_H
#define REPORT_COLUMNS_H

#include "report/data/load.h"

#define COLUMNS_MAX 4

struct columns {
    enum metric_id ids[COLUMNS_MAX];
    double most[COLUMNS_MAX]; /* the largest value, which sets the unit */
    size_t count;
};

/* Adds a metric unless it is there, or there are `room` (at most COLUMNS_MAX) already. */
void columns_add(struct columns *columns, const struct scenario *scenario,
                 enum metric_id id, size_t room);

/* The median of a cell, in the column's unit. */
struct text columns_value(const struct columns *columns, const struct scenario *scenario,
                          const struct cell *cell, size_t column);

/* "≥ " before the memory of a cell that may have been more; else "". */
const char *columns_mark(const struct cell *cell, enum metric_id id);

#endif
