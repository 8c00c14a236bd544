/* page_answer.c: the top of a scenario's section: the question, the answer, the few
 * numbers that people choose by, and one line that says how far to trust them. */
#include "report/page/page.h"

#include "common/format.h"
#include "common/json.h"
#include "report/data/columns.h"
#include "report/data/load_index.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define ROWS_MAX  7 /* more models than this: the best ones */
#define BEST_ROWS 4

struct answer_table {
    struct columns columns;
    const struct cell *rows[LOAD_MODELS_MAX];
    size_t row_count;
    size_t left_out; /* models */
};

/* The headline, what users of a server choose by, and the two costs. */
static void choose_columns(const struct scenario *s, struct answer_table *table)
{
    columns_add(&table->columns, s, s->headline.metric, COLUMNS_MAX);
    if (s->rate_per_s > 0)
        columns_add(&table->columns, s, METRIC_RESPONSE_P99, COLUMNS_MAX);
    else if (!strcmp(s->task, "http"))
        columns_add(&table->columns, s, METRIC_LATENCY_P99, COLUMNS_MAX);
    columns_add(&table->columns, s, METRIC_CPU_PER_REQUEST, COLUMNS_MAX);
    columns_add(&table->columns, s, METRIC_TREE_MEMORY, COLUMNS_MAX);
    if (!strcmp(s->task, "sleep"))
        columns_add(&table->columns, s, METRIC_LATE, COLUMNS_MAX);
}

static struct text heading_of(const struct scenario *s, enum metric_id id)
{
    if (id == METRIC_RESPONSE_P99 && id != s->headline.metric)
        return (struct text){"p99 response time"};
    if (id == METRIC_LATENCY_P99 && id != s->headline.metric)
        return (struct text){"p99"};
    if (id == METRIC_TREE_MEMORY && id != s->headline.metric)
        return (struct text){"memory"};
    return load_name(s, id);
}

static double headline_of(const struct scenario *s, const struct cell *cell)
{
    const double value = cell->metrics[s->headline.metric].median;
    return s->headline.is_less_better ? value : -value;
}

/* Whether the row stands among the best BEST_ROWS, or is the baseline's. */
static bool is_shown(const struct scenario *s, const struct answer_table *table,
                     const struct cell *cell)
{
    size_t before = 0;
    if (!strcmp(cell->model, s->baseline))
        return true;
    if (!cell->has_summary || !isfinite(headline_of(s, cell)))
        return false;
    for (size_t i = 0; i < table->row_count; i++)
        before += headline_of(s, table->rows[i]) < headline_of(s, cell);
    return before < BEST_ROWS;
}

static void choose_rows(const struct scenario *s, struct answer_table *table)
{
    struct answer_table all = {.row_count = 0};
    for (size_t m = 0; m < s->model_count; m++) {
        const struct cell *cell = load_cell(s, s->models[m], s->concurrency_max);
        if (cell)
            all.rows[all.row_count++] = cell;
    }
    for (size_t i = 0; i < all.row_count; i++)
        if (all.row_count <= ROWS_MAX || is_shown(s, &all, all.rows[i]))
            table->rows[table->row_count++] = all.rows[i];
    table->left_out = all.row_count - table->row_count;
}

/* Leaves out the columns of which no row has a value; the first always stays. */
static void drop_empty_columns(struct answer_table *table)
{
    struct columns *columns = &table->columns;
    size_t kept = 1;
    for (size_t c = 1; c < columns->count; c++) {
        bool has_value = false;
        for (size_t i = 0; i < table->row_count; i++)
            has_value =
                has_value || isfinite(table->rows[i]->metrics[columns->ids[c]].median);
        if (!has_value)
            continue;
        columns->ids[kept] = columns->ids[c];
        columns->most[kept++] = columns->most[c];
    }
    columns->count = kept;
}

/* Whether the verdict puts the model first in this metric, and some other behind it. */
static bool is_best(const struct scenario *s, const struct answer_table *table,
                    const struct cell *cell, enum metric_id id)
{
    const json_t *list =
        json_object_get(json_object_get(s->verdict, "unbeaten"), load_spec(s, id)->key);
    json_auto_t *model = json_string(cell->model);
    return json_array_size(list) < table->row_count && json_array_has(list, model);
}

static void write_ratio(struct html *html, const struct page *page,
                        const struct scenario *s, const struct cell *cell,
                        enum metric_id id)
{
    const struct comparison *c = load_comparison(page->results, s, cell, id);
    if (!c || !isfinite(c->ratio))
        return;
    const struct factor factor = load_factor(c);
    html_raw(html, " <small>");
    html_text(html, format_value(factor_shown(factor), UNIT_FACTOR).s);
    if (id == s->headline.metric && c->verdict && !strcmp(c->verdict, "inconclusive"))
        html_raw(html, ", not settled");
    html_raw(html, "</small>");
}

static void write_value(struct html *html, const struct page *page,
                        const struct scenario *s, const struct answer_table *table,
                        const struct cell *cell, size_t column)
{
    const enum metric_id id = table->columns.ids[column];
    const struct text value = columns_value(&table->columns, s, cell, column);
    html_raw(html, "<td");
    html_attr(html, "data-label", heading_of(s, id).s);
    html_raw(html, ">");
    if (is_best(s, table, cell, id))
        html_element(html, "b", value.s);
    else
        html_element(html, "span", value.s);
    write_ratio(html, page, s, cell, id);
    html_raw(html, "</td>");
}

static void write_row(struct html *html, const struct page *page,
                      const struct scenario *s, const struct answer_table *table,
                      const struct cell *cell)
{
    page_begin_row(html, page, s, cell);
    if (cell->has_summary) {
        for (size_t i = 0; i < table->columns.count; i++)
            write_value(html, page, s, table, cell, i);
    } else {
        html_raw(html, "<td class=\"list\" colspan=\"");
        html_textf(html, "%zu", table->columns.count);
        html_raw(html, "\">");
        html_textf(html, "%s: %s", cell->status,
                   cell->reason ? cell->reason : "no reason is given");
        html_raw(html, "</td>");
    }
    html_raw(html, "</tr>\n");
}

static void write_table(struct html *html, const struct page *page,
                        const struct scenario *s)
{
    struct answer_table table = {.row_count = 0};
    choose_columns(s, &table);
    choose_rows(s, &table);
    drop_empty_columns(&table);
    html_raw(html, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                   "aria-label=\"The answer in numbers\"><table class=\"answer cards\">"
                   "<thead><tr><th scope=\"col\">");
    html_textf(html, "at %s in flight",
               format_exact((double)s->concurrency_max, UNIT_COUNT).s);
    html_raw(html, "</th>");
    for (size_t i = 0; i < table.columns.count; i++)
        html_element(html, "th scope=\"col\"", heading_of(s, table.columns.ids[i]).s);
    html_raw(html, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < table.row_count; i++)
        write_row(html, page, s, &table, table.rows[i]);
    html_raw(html, "</tbody></table></div>\n");
    if (table.left_out > 0) {
        html_raw(html, "<p class=\"note\">");
        html_textf(html, "The best %d and %s are shown here; %zu more are listed below.",
                   BEST_ROWS, s->baseline, table.left_out);
        html_raw(html, "</p>\n");
    }
}

/* How far to trust it in one line, which unfolds to the reasons. */
static void write_trust(struct html *html, const struct page *page,
                        const struct scenario *s)
{
    const struct results *r = page->results;
    const json_t *trust = json_object_get(s->verdict, "trust");
    const size_t warnings = page_count_warnings(r, s);
    html_raw(html, "<details class=\"trust\"><summary><b");
    html_attr(html, "class", json_text_of(trust, "level"));
    html_raw(html, ">");
    html_prose(html, trust ? json_text_of(trust, "text") : s->form);
    html_raw(html, "</b>");
    if (*json_text_of(trust, "stopped")) {
        html_text(html, " · ");
        html_prose(html, json_text_of(trust, "stopped"));
    }
    if (warnings > 0)
        html_textf(html, " · %zu note%s", warnings, warnings == 1 ? "" : "s");
    if (s->model_count > 1)
        html_textf(html, " · × is against %s", s->baseline);
    html_raw(html, "</summary>\n<p>");
    page_write_sentence(html, s);
    html_raw(html, "</p>\n");
    if (*s->caveat)
        html_element(html, "p", s->caveat);
    page_write_warnings(html, r, s);
    html_raw(html, "</details>\n");
}

void page_write_sentence(struct html *html, const struct scenario *s)
{
    if (s->pieces)
        page_write_pieces(html, s->pieces);
    else
        html_prose(html, s->sentence);
}

void page_write_pieces(struct html *html, const json_t *pieces)
{
    size_t i = 0;
    json_t *piece = NULL;
    json_array_foreach (pieces, i, piece) {
        const char *interval = json_text_or_null(piece, "interval");
        const char *model = json_text_or_null(piece, "model");
        if (model)
            html_element(html, "b", model);
        else if (interval)
            html_element(html, "span class=\"ci\"", interval);
        else
            html_prose(html, json_text_of(piece, "text"));
    }
}

void page_write_question(struct html *html, const char *question, const char *url)
{
    if (url)
        html_raw(
            html,
            "<p class=\"question\">This is the load of the scenario against "
            "another server. What its text says about the origin does not apply.</p>\n");
    else
        html_element(html, "p class=\"question\"", question);
}

void page_write_answer(struct html *html, const struct page *page,
                       const struct scenario *s)
{
    const char *answer = json_text_of(s->verdict, "answer");
    const json_t *tune = load_tune(page->results, s);
    page_write_question(html,
                        tune           ? "How many workers does each model need?"
                        : *s->question ? s->question
                                       : s->title,
                        load_other_server(page->results, s));
    if (*answer)
        html_raw(html, "<h2>");
    else
        html_raw(html, "<h2 class=\"long\">");
    html_prose(html, *answer ? answer : s->sentence);
    html_raw(html, "</h2>");
    html_raw(html, "\n");
    if (tune)
        page_write_tune(html, page, s, tune);
    else
        write_table(html, page, s);
    write_trust(html, page, s);
}
