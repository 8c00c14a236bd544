/* talk.c: see talk.h. */
#include "cli/show/talk.h"

#include "common/clean.h"
#include "common/fold.h"
#include "common/format.h"

#include <math.h>
#include <string.h>

#define BLOCKED_PART 0.05 /* of the time, from which on it is said */

void talk_guess(const struct replay *replay, const char *noun, char *out, size_t size)
{
    const size_t count = replay->models[0].trace.count;
    FILE *lines = fold_open(stdout, 80);
    (void)fputs("\n", lines);
    for (size_t m = 0; m < replay->count; m++)
        clean_print(lines, "%s%s", m > 0 ? ", " : "", replay->models[m].name);
    clean_print(lines, ":\nhow long does each of them take for %zu %s?\n", count,
                format_plural(noun, count != 1).s);
    fold_close(lines, stdout);
    (void)fputs("Type your guess, then Enter: ", stdout);
    (void)fflush(stdout);
    *out = '\0';
    if (!fgets(out, (int)size, stdin))
        return;
    bool is_whole = strchr(out, '\n');
    while (!is_whole) { /* the rest of a long one would be keys */
        const int c = getchar();
        is_whole = c == '\n' || c == EOF;
    }
    out[strcspn(out, "\n")] = '\0';
}

/* What explains the time, from the sums over all requests or all CPUs. */
static void say_why(FILE *out, const struct replay *replay,
                    const struct replay_model *model)
{
    const struct trace *trace = replay->is_by_cpu ? &model->cpus : &model->trace;
    double busy_ns = 0, blocked_ns = 0;
    for (size_t i = 0; i < trace->count; i++) {
        const struct trace_row *row = &trace->list[i];
        busy_ns += row->end_ns - row->start_ns;
        blocked_ns += row->returned_ns - row->call_ns;
    }
    const double end_ns = model->trace.end_ns;
    if (blocked_ns > BLOCKED_PART * end_ns)
        clean_print(out, "its loop blocked for %s of it\n",
                    format_percent(fmin(blocked_ns / end_ns, 1)).s);
    else if (replay->is_by_cpu)
        clean_print(out, "%.1f of %zu CPU%s busy\n", busy_ns / end_ns, model->lanes,
                    model->lanes == 1 ? "" : "s");
    else
        clean_print(out, "%.1f at a time\n", busy_ns / end_ns);
}

void talk_took(FILE *out, const struct replay *replay, const char *noun)
{
    const int width = (int)replay_name_width(replay);
    for (size_t m = 0; m < replay->count; m++) {
        const struct replay_model *model = &replay->models[m];
        const size_t count = model->trace.count;
        clean_print(out, "%-*s  %s for %zu %s, ", width, model->name,
                    format_value(model->trace.end_ns, UNIT_NS).s, count,
                    format_plural(noun, count != 1).s);
        say_why(out, replay, model);
    }
}
