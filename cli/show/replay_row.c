/* replay_row.c: see replay_row.h. A column is a part of the time; its character says what
 * filled it. */
#include "cli/show/replay_row.h"

#include <math.h>
#include <string.h>

#define NAMED_MAX   26  /* requests that have a letter */
#define NAMED_LEAST 2.0 /* columns that a request with a letter takes */

/* How long what lasted in one column; begun: requests that begin in it. */
struct column {
    double open, answered, work, blocked;
    unsigned int begun;
    char name;
};

static void add_span(struct column *columns, size_t width, double column_ns,
                     const struct trace_span *span, double now_ns, bool is_over)
{
    const double end_ns = fmin(span->end_ns, now_ns);
    for (size_t c = (size_t)(span->start_ns / column_ns); c < width; c++) {
        const double from = fmax(span->start_ns, (double)c * column_ns);
        const double ns = fmin(end_ns, (double)(c + 1) * column_ns) - from;
        if (ns <= 0)
            return;
        if (span->state == TRACE_BLOCKED)
            columns[c].blocked += ns;
        else if (span->state == TRACE_WORK)
            columns[c].work += ns;
        else
            *(is_over ? &columns[c].answered : &columns[c].open) += ns;
    }
}

static char letter_of(const struct column *column, double whole_ns)
{
    const double enough = whole_ns / 2;
    const double wait = column->open + column->answered;
    if (column->begun == 1 && column->name && wait + column->work + column->blocked > 0)
        return column->name;
    if (column->blocked > 0 && column->blocked >= fmin(enough, wait))
        return '!';
    if (column->work > 0 && column->work >= fmin(enough, wait))
        return '#';
    if (wait < whole_ns / 4 && column->open <= 0)
        return ' ';
    return column->open > 0 ? '-' : '=';
}

void replay_row_draw(const struct replay *replay, const struct replay_model *model,
                     json_int_t lane, double now_ns, size_t width, char *out_text)
{
    struct column columns[REPLAY_WIDTH_MAX] = {{0}};
    const double column_ns = replay->end_ns / (double)width;
    const struct trace *trace = replay->is_by_cpu ? &model->cpus : &model->trace;
    const bool has_names = !replay->is_by_cpu && trace->count <= NAMED_MAX;
    for (size_t i = 0; i < trace->count; i++) {
        const struct trace_row *row = &trace->list[i];
        struct trace_span spans[TRACE_SPANS_MAX];
        const size_t count = trace_spans(row, spans);
        const size_t begin = (size_t)(row->start_ns / column_ns);
        for (size_t k = 0; k < count; k++) {
            if ((lane < 0 || spans[k].lane == lane) && spans[k].start_ns < now_ns)
                add_span(columns, width, column_ns, &spans[k], now_ns,
                         row->end_ns <= now_ns);
        }
        if ((lane >= 0 && row->lane != lane) || begin >= width || row->start_ns > now_ns)
            continue;
        columns[begin].begun++;
        if (has_names && row->request >= 0 && row->request < NAMED_MAX &&
            row->end_ns - row->start_ns >= NAMED_LEAST * column_ns)
            columns[begin].name = (char)('A' + row->request);
    }
    for (size_t c = 0; c < width; c++)
        out_text[c] = letter_of(&columns[c], column_ns);
    out_text[width] = '\0';
}
