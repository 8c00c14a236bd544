/* page_calls.c: two folded tables that help to explain the results: the system calls of a
 * request, and what the processor counted. */
#include "report/page/page.h"

#include "common/json.h"
#include "report/data/format.h"
#include "report/data/load_index.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define CALLS_MAX 512
#define CALLS_MIN 0.005 /* of a request: less is chance */
#define NAMES_MAX 10

struct call {
    const char *name;
    double most; /* of any model */
};

static const json_t *calls_of(const struct cell *cell)
{
    const json_t *calls = cell ? json_object_get(cell->syscalls, "by_name") : NULL;
    return json_is_object(calls) ? calls : NULL;
}

static const struct cell *cell_of(const struct scenario *s, size_t model)
{
    return load_cell(s, s->models[model], s->concurrency_max);
}

static size_t add_call(struct call *calls, size_t count, const char *name, double value)
{
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(calls[i].name, name)) {
            calls[i].most = value > calls[i].most ? value : calls[i].most;
            return count;
        }
    }
    if (count < CALLS_MAX)
        calls[count] = (struct call){name, value};
    return count < CALLS_MAX ? count + 1 : count;
}

static int compare_calls(const void *a, const void *b)
{
    const struct call *left = a, *right = b;
    int by_most = (left->most < right->most) - (left->most > right->most);
    return by_most ? by_most : strcmp(left->name, right->name);
}

/* The names that matter to any model, the most frequent first. */
static size_t find_calls(const struct scenario *s, struct call *out_calls)
{
    size_t count = 0;
    for (size_t m = 0; m < s->model_count; m++) {
        const char *name = NULL;
        json_t *value = NULL;
        json_t *calls = (json_t *)(uintptr_t)calls_of(cell_of(s, m));
        json_object_foreach (calls, name, value) {
            if (json_is_number(value) && json_number_value(value) >= CALLS_MIN)
                count = add_call(out_calls, count, name, json_number_value(value));
        }
    }
    qsort(out_calls, count, sizeof *out_calls, compare_calls);
    return count;
}

static void write_number_cell(struct html *html, const json_t *value)
{
    double number = json_is_number(value) ? json_number_value(value) : (double)NAN;
    html_raw(html, "<td>");
    if (fabs(number) < CALLS_MIN)
        html_raw(html, "0");
    else
        html_text(html, format_number(number).s);
    html_raw(html, "</td>");
}

static void write_calls_row(struct html *html, const struct page *page,
                            const struct scenario *s, const struct cell *cell,
                            const struct call *calls, size_t count)
{
    page_begin_row(html, page, s, cell);
    const json_t *by_name = calls_of(cell);
    if (!by_name) {
        const char *reason = json_text_or_null(cell->syscalls, "reason");
        html_raw(html, "<td class=\"list\"");
        char span[16];
        (void)snprintf(span, sizeof span, "%zu", count + 1);
        html_attr(html, "colspan", span);
        html_raw(html, ">");
        html_text(html, reason ? reason : "not counted");
        html_raw(html, "</td></tr>\n");
        return;
    }
    write_number_cell(html, json_object_get(cell->syscalls, "per_request"));
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_object_get(by_name, calls[i].name);
        if (value)
            write_number_cell(html, value);
        else
            html_raw(html, "<td>0</td>");
    }
    html_raw(html, "</tr>\n");
}

static void begin_table(struct html *html, const char *title)
{
    html_raw(html, "<details><summary>");
    html_text(html, title);
    html_raw(html, "</summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\"");
    html_attr(html, "aria-label", title);
    html_raw(html, "><table><caption>");
}

void page_write_syscalls(struct html *html, const struct page *page,
                         const struct scenario *s)
{
    struct call calls[CALLS_MAX];
    const struct cell *first = NULL;
    for (size_t m = 0; m < s->model_count && !first; m++) {
        const struct cell *cell = cell_of(s, m);
        first = cell && cell->syscalls ? cell : NULL;
    }
    if (!first)
        return; /* the run was without --syscalls */
    size_t count = find_calls(s, calls);
    if (count == 0) {
        const char *reason = json_text_or_null(first->syscalls, "reason");
        html_raw(html, "<p class=\"note\">System calls were not counted: ");
        html_text(html, reason ? reason : "no reason is given");
        html_raw(html, ".</p>\n");
        return;
    }
    count = count < NAMES_MAX ? count : NAMES_MAX;
    begin_table(html, "System calls per request");
    html_textf(html,
               "Why workers switch: what one more request costs at %" PRIu64
               " in flight, from a separate pass under a tracer. A worker that blocks "
               "pays one poll for each wait, a lock shows as futex, and an event loop "
               "shares one epoll_wait among all sockets that are ready. The calls of "
               "start-up cancel out.",
               s->concurrency_max);
    html_raw(html, "</caption>\n<thead><tr><th scope=\"col\">model</th><th "
                   "scope=\"col\">all</th>");
    for (size_t i = 0; i < count; i++)
        html_element(html, "th scope=\"col\"", calls[i].name);
    html_raw(html, "</tr></thead>\n<tbody>\n");
    const char *before = NULL;
    for (size_t m = 0; m < s->model_count; m++) {
        const struct cell *cell = cell_of(s, m);
        if (!cell || !cell->syscalls)
            continue;
        page_write_family(html, page, before, cell->model, count + 2);
        write_calls_row(html, page, s, cell, calls, count);
        before = cell->model;
    }
    html_raw(html, "</tbody></table></div></details>\n");
}

static const enum metric_id counted[] = {METRIC_INSTRUCTIONS, METRIC_CYCLES,
                                         METRIC_CACHE_MISSES, METRIC_BRANCH_MISSES,
                                         METRIC_ENERGY};
static const char *const headings[] = {"instructions", "cycles", "cache misses",
                                       "branch misses", "µJ"};

/* The kernel's own counters, which a virtual machine has too. */
static const struct {
    const char *key, *name;
} software[] = {{"context_switches", "context switches"},
                {"cpu_migrations", "migrations"},
                {"page_faults", "page faults"}};

static bool has_counts(const struct scenario *s)
{
    for (size_t m = 0; m < s->model_count; m++) {
        const struct cell *cell = cell_of(s, m);
        for (size_t i = 0; cell && i < COUNT_OF(counted); i++)
            if (isfinite(cell->metrics[counted[i]].median))
                return true;
        for (size_t i = 0; cell && i < COUNT_OF(software); i++)
            if (json_is_number(json_object_get(
                    json_object_get(cell->counters, software[i].key), "value")))
                return true;
    }
    return false;
}

static void write_counts_row(struct html *html, const struct page *page,
                             const struct scenario *s, const struct cell *cell)
{
    page_begin_row(html, page, s, cell);
    for (size_t i = 0; i < COUNT_OF(counted); i++)
        html_element(
            html, "td",
            format_value(cell->metrics[counted[i]].median, metric_specs[counted[i]].unit)
                .s);
    for (size_t i = 0; i < COUNT_OF(software); i++) {
        const json_t *value =
            json_object_get(json_object_get(cell->counters, software[i].key), "value");
        html_element(
            html, "td",
            format_value(json_is_number(value) ? json_number_value(value) : (double)NAN,
                         UNIT_COUNT)
                .s);
    }
    html_raw(html, "</tr>\n");
}

/* Says why the first model lacks counters, each reason once. */
static void write_reasons(struct html *html, const struct scenario *s)
{
    const char *said[COUNT_OF(counted)];
    size_t count = 0;
    const struct cell *cell = NULL;
    for (size_t m = 0; m < s->model_count && !cell; m++) {
        cell = cell_of(s, m);
        cell = cell && cell->has_summary ? cell : NULL;
    }
    for (size_t i = 0; cell && i < COUNT_OF(counted); i++) {
        const struct metric *metric = &cell->metrics[counted[i]];
        bool is_new = !isfinite(metric->median) && metric->reason;
        for (size_t k = 0; k < count && is_new; k++)
            is_new = strcmp(said[k], metric->reason) != 0;
        if (!is_new)
            continue;
        html_textf(html, "%s %s: %s", count ? ";" : "", metric_specs[counted[i]].name,
                   metric->reason);
        said[count++] = metric->reason;
    }
}

void page_write_counters(struct html *html, const struct page *page,
                         const struct scenario *s)
{
    bool is_known = false;
    for (size_t m = 0; m < s->model_count; m++) {
        const struct cell *cell = cell_of(s, m);
        is_known = is_known || (cell && cell->has_counters);
    }
    if (!is_known)
        return; /* a file from before there were counters */
    if (!has_counts(s)) {
        html_raw(html, "<p class=\"note\">Counters and energy are not known:");
        write_reasons(html, s);
        html_raw(html, ".</p>\n");
        return;
    }
    begin_table(html, "Counters and energy");
    html_textf(html,
               "At %" PRIu64
               " in flight, per request; the last three columns are for the "
               "whole trial. Counted in the warm block, in user space and kernel, over "
               "all threads and forks. The energy is that of the whole processor "
               "package.",
               s->concurrency_max);
    html_raw(html, "</caption>\n<thead><tr><th scope=\"col\">model</th>");
    for (size_t i = 0; i < COUNT_OF(counted); i++)
        html_element(html, "th scope=\"col\"", headings[i]);
    for (size_t i = 0; i < COUNT_OF(software); i++)
        html_element(html, "th scope=\"col\"", software[i].name);
    html_raw(html, "</tr></thead>\n<tbody>\n");
    const char *before = NULL;
    for (size_t m = 0; m < s->model_count; m++) {
        const struct cell *cell = cell_of(s, m);
        if (!cell || !cell->has_summary)
            continue;
        page_write_family(html, page, before, cell->model,
                          COUNT_OF(counted) + COUNT_OF(software) + 1);
        write_counts_row(html, page, s, cell);
        before = cell->model;
    }
    html_raw(html, "</tbody></table></div>\n<p class=\"note\">");
    write_reasons(html, s);
    html_raw(html, "</p></details>\n");
}
