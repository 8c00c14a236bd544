/* summary_md.c: verdicts and tables as Markdown, for a mail or a pull request. */
#include "report/page/summary.h"

#include "common/cleanup.h"
#include "common/format.h"
#include "common/json.h"
#include "common/markdown.h"
#include "common/memory.h"
#include "report/data/columns.h"
#include "report/data/load_expect.h"
#include "report/data/load_index.h"
#include "report/data/validity_notes.h"
#include "report/page/page.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define CALLS_MIN 0.005 /* of a request: less is chance */

static void put_ratio(FILE *out, const struct results *r, const struct scenario *s,
                      const struct cell *cell, enum metric_id id)
{
    const struct comparison *c = load_comparison(r, s, cell, id);
    if (!c || !isfinite(c->ratio)) {
        (void)fputs(!strcmp(cell->model, s->baseline) ? " baseline |" : " – |", out);
        return;
    }
    (void)fputc(' ', out);
    markdown_put(out, format_factor(load_factor(c), "paired by block").s);
    (void)fputs(c->verdict ? " " : "", out);
    markdown_put(out, c->verdict);
    (void)fputs(" |", out);
}

#define ROOM 3 /* columns of the table, each with its ratio */

/* The metrics of a scenario's table: the headline, then the others that decide. */
static struct columns columns_of(const struct scenario *s)
{
    struct columns columns = {.count = 0};
    size_t i = 0;
    json_t *key = NULL;
    columns_add(&columns, s, s->headline.metric, ROOM);
    json_array_foreach (json_object_get(s->verdict, "metrics"), i, key)
        columns_add(&columns, s, load_metric(s, json_string_value(key)), ROOM);
    columns_add(&columns, s, METRIC_CPU_PER_REQUEST, ROOM);
    columns_add(&columns, s, METRIC_TREE_MEMORY, ROOM);
    return columns;
}

static void put_head(FILE *out, const struct scenario *s, const struct columns *columns)
{
    (void)fputs("| model | in flight | n |", out);
    for (size_t i = 0; i < columns->count; i++) {
        (void)fputc(' ', out);
        markdown_put(out, load_name(s, columns->ids[i]).s);
        (void)fputs(" | × ", out);
        markdown_put(out, s->baseline);
        (void)fputs(" |", out);
    }
    (void)fputs(" p50 | p99 |\n|---|--:|--:|", out);
    for (size_t i = 0; i < columns->count; i++)
        (void)fputs("--:|--:|", out);
    (void)fputs("--:|--:|\n", out);
}

static void put_cell(FILE *out, const struct results *r, const struct scenario *s,
                     const struct cell *cell, const struct columns *columns)
{
    (void)fputs("| ", out);
    markdown_put(out, cell->model);
    (void)fprintf(out, " | %" PRIu64 " | %" PRIu64 " |", cell->concurrency,
                  cell->metrics[METRIC_WALL].n);
    if (!cell->has_summary) {
        (void)fprintf(out, " ");
        markdown_put(out, cell->status);
        (void)fputs(": ", out);
        markdown_put(out, cell->reason ? cell->reason : "no reason is given");
        for (size_t i = 0; i < columns->count; i++)
            (void)fputs(" | |", out);
        (void)fputs(" |\n", out);
        return;
    }
    for (size_t i = 0; i < columns->count; i++) {
        (void)fprintf(out, " %s |", columns_value(columns, s, cell, i).s);
        put_ratio(out, r, s, cell, columns->ids[i]);
    }
    (void)fprintf(out, " %s |", format_value(cell->latency.p50_ns, UNIT_NS).s);
    (void)fprintf(out, " %s |\n", format_value(cell->latency.p99_ns, UNIT_NS).s);
}

static void put_table(FILE *out, const struct results *r, const struct scenario *s)
{
    const struct columns columns = columns_of(s);
    if (s->rate_per_s > 0)
        (void)fprintf(out,
                      "Open loop, %" PRIu64
                      " requests/s, %s arrivals: p50 and p99 are of "
                      "the response time, from when a request was due.\n\n",
                      s->rate_per_s, s->arrivals);
    put_head(out, s, &columns);
    for (size_t i = 0; i < s->cell_count; i++)
        put_cell(out, r, s, &s->cells[i], &columns);
    (void)fputc('\n', out);
}

/* A paragraph in front of which there may be something in bold. */
static void put_text(FILE *out, const char *bold, const char *text)
{
    if (*bold) {
        (void)fputs("**", out);
        markdown_put(out, bold);
        (void)fputs(*text ? "**: " : "**", out);
    }
    markdown_put(out, text);
    (void)fputs(*bold || *text ? "\n\n" : "", out);
}

/* What older files lack is left out. */
static void put_answer(FILE *out, const struct scenario *s)
{
    const json_t *trust = json_object_get(s->verdict, "trust");
    put_text(out, json_text_of(s->verdict, "answer"), "");
    put_text(out, "", json_text_of(trust, "text"));
    put_text(out, "", json_text_of(trust, "stopped"));
}

static void put_prices(FILE *out, const struct scenario *s)
{
    size_t i = 0;
    json_t *price = NULL;
    json_array_foreach (s->prices, i, price)
        put_text(out, "", json_text_of(price, "text"));
}

/* All calls of a request in one line a model; few enough to read. */
static void put_syscalls(FILE *out, const struct scenario *s)
{
    bool is_first = true;
    for (size_t i = 0; i < s->cell_count; i++) {
        const struct cell *cell = &s->cells[i];
        json_t *by_name = json_object_get(cell->syscalls, "by_name");
        const char *name = NULL;
        json_t *value = NULL;
        if (!json_is_object(by_name) ||
            cell->concurrency != (cell->is_level ? 1 : s->concurrency_max))
            continue;
        (void)fputs(is_first ? "System calls per request:\n\n- " : "- ", out);
        markdown_put(out, cell->model);
        (void)fprintf(out, ": %s",
                      format_number(json_number_value(
                                        json_object_get(cell->syscalls, "per_request")))
                          .s);
        const char *between = " (";
        json_object_foreach (by_name, name, value) {
            if (json_number_value(value) < CALLS_MIN)
                continue;
            (void)fputs(between, out);
            markdown_put(out, name);
            (void)fprintf(out, " %s", format_number(json_number_value(value)).s);
            between = ", ";
        }
        (void)fputs(*between == ',' ? ")\n" : "\n", out);
        is_first = false;
    }
}

static void put_expectations(FILE *out, const struct results *r, const struct scenario *s)
{
    const char *says = NULL;
    for (size_t i = 0; i < r->expectation_count; i++) {
        const struct expectation *e = &r->expectations[i];
        if (strcmp(e->scenario, s->name) != 0)
            continue;
        if (!says)
            (void)fputs("What theory predicts:\n\n", out);
        if (!says || strcmp(says, e->says) != 0) {
            (void)fputs("- ", out);
            markdown_put(out, e->says);
            (void)fputc('\n', out);
        }
        says = e->says;
        (void)fprintf(out, "  - %s: ", load_outcomes[e->outcome]);
        markdown_put(out, e->inequality);
        (void)fputs(*e->measured ? ", measured " : "; ", out);
        markdown_put(out, *e->measured ? e->measured : e->reason);
        (void)fputc('\n', out);
    }
}

static void put_scenario(FILE *out, const struct results *r, const struct scenario *s)
{
    (void)fprintf(out, "\n## %s\n\n", s->name);
    const char *url = load_other_server(r, s);
    if (url)
        (void)fputs("Against another server: ", out);
    put_text(out, "", url ? url : s->question);
    put_answer(out, s);
    put_table(out, r, s);
    put_text(out, s->form, s->sentence);
    put_text(out, "", s->caveat);
    put_prices(out, s);
    put_text(out, "", url ? "" : s->why);
    put_syscalls(out, s);
    put_expectations(out, r, s);
}

void summary_md(const struct results *r, char **out_text, size_t *out_size)
{
    AUTO_FREE char *why = NULL;
    FILE *out = memory_stream(out_text, out_size);
    bool is_publishable = page_is_publishable(r, &why);
    (void)fputs("# concbench: ", out);
    markdown_put(out, r->run_id);
    (void)fprintf(out, "\n\n%s; %s; %zu warning%s; %" PRIu64 " block%s; publishable: %s",
                  tally_say(r->tally).s, tally_say_planned(r->tally).s, r->warning_count,
                  r->warning_count == 1 ? "" : "s", r->blocks, r->blocks == 1 ? "" : "s",
                  is_publishable ? "yes" : "no");
    if (why) {
        (void)fputs(" (", out);
        markdown_put(out, why);
        (void)fputc(')', out);
    }
    (void)fputs(".\n", out);
    struct validity_note notes[VALIDITY_NOTES_MAX];
    size_t count = validity_notes_find(r, notes);
    for (size_t i = 0; i < count; i++) {
        (void)fputs(i == 0 ? "\n" : "; ", out);
        markdown_put(out, notes[i].text);
    }
    (void)fputs(count > 0 ? ".\n" : "", out);
    for (size_t i = 0; i < r->warning_count; i++) {
        (void)fputs(i == 0 ? "\n- " : "- ", out);
        markdown_put(out, r->warnings[i].id);
        (void)fputs(*r->warnings[i].where ? " (" : "", out);
        markdown_put(out, r->warnings[i].where);
        (void)fputs(*r->warnings[i].where ? "): " : ": ", out);
        markdown_put(out, r->warnings[i].text);
        (void)fputc('\n', out);
    }
    for (size_t i = 0; i < r->scenario_count; i++)
        put_scenario(out, r, &r->scenarios[i]);
    memory_stream_close(out, out_text);
}
