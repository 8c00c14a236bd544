/* expect_trials.c: see expect_trials.h. An event that is not in the trace, since its
 * request did not end, is in no order. */
#include "analysis/expect_trials.h"

#include "analysis/blocks.h"
#include "analysis/metrics.h"
#include "analysis/sentence.h"
#include "analysis/stats.h"
#include "common/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define REQUEST_MAX 10000 /* of a trace */
#define TRIALS_MAX  600   /* of a cell: one a block */

struct event {
    bool is_end;
    json_int_t request;
};

/* "start 3" or "end 3"; false: neither. */
static bool read_event(const char *text, struct event *out_event)
{
    const char *number = text;
    json_int_t request = 0;
    out_event->is_end = !strncmp(text, "end ", 4);
    if (!out_event->is_end && strncmp(text, "start ", 6) != 0)
        return false;
    number += out_event->is_end ? 4 : 6;
    const size_t digits = strspn(number, "0123456789");
    for (size_t i = 0; i < digits && digits <= 5; i++)
        request = request * 10 + (number[i] - '0');
    out_event->request = request;
    return digits > 0 && digits <= 5 && !number[digits] && request < REQUEST_MAX;
}

int expect_trace_check(const json_t *item, const char *at, const char *metric,
                       struct err *err)
{
    const bool has_order = json_object_get(item, EXPECT_TRACE);
    if (has_order == !strcmp(metric, EXPECT_TRACE))
        return 0;
    return err_set(err, EXIT_CODE_USAGE,
                   "%s." EXPECT_TRACE ": %s the metric " EXPECT_TRACE, at,
                   has_order ? "only with" : "missing; it is needed with");
}

/* The time of the event, or -1 when it is not in the trace. */
static json_int_t time_of(const json_t *trace, const struct event *event)
{
    size_t i = 0;
    json_t *span = NULL;
    json_array_foreach (trace, i, span) {
        if (json_integer_value(json_array_get(span, 0)) == event->request)
            return json_integer_value(json_array_get(span, event->is_end ? 2 : 1));
    }
    return -1;
}

static bool is_in_order(const json_t *trace, const json_t *order)
{
    json_int_t last = 0;
    size_t i = 0;
    json_t *text = NULL;
    json_array_foreach (order, i, text) {
        struct event event = {false, 0};
        (void)read_event(json_string_value(text), &event); /* it was checked */
        const json_int_t time = time_of(trace, &event);
        if (time < last)
            return false;
        last = time;
    }
    return true;
}

/* 1: in this order, 0: in another; NaN: the trial has no trace. */
static double order_of_trial(const json_t *document, const json_t *item)
{
    const json_t *trace = json_object_get(document, "trace_ns");
    if (!json_is_array(trace))
        return (double)NAN;
    return is_in_order(trace, json_object_get(item, EXPECT_TRACE)) ? 1 : 0;
}

static double failed_of_trial(const json_t *document, const json_t *item)
{
    const double requests = json_number_of(document, "requests");
    const double ok = json_number_of(document, "ok");
    (void)item;
    return requests > 0 ? (requests - ok) / requests : (double)NAN;
}

static const struct {
    const char *metric, *missing;
    bool is_mean; /* else the median */
    double (*of_trial)(const json_t *document, const json_t *item);
} table[] = {
    {EXPECT_TRACE, "a trial has no trace; options.trace asks for it", true,
     order_of_trial},
    {EXPECT_FAILED, "a trial does not report it", false, failed_of_trial},
};

static size_t row_of(const char *metric)
{
    size_t row = 0;
    while (row < COUNT_OF(table) && strcmp(table[row].metric, metric) != 0)
        row++;
    return row;
}

bool expect_trials_knows(const char *metric)
{
    return row_of(metric) < COUNT_OF(table);
}

static double mean(const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

double expect_trials_value(const json_t *cell, const json_t *item, const char *metric,
                           const char **out_reason)
{
    double values[TRIALS_MAX];
    const size_t row = row_of(metric);
    size_t count = 0;
    bool has_all = true;
    struct blocks blocks;
    blocks_of(json_object_get(cell, "trials"), &blocks);
    for (size_t i = 0; i < blocks.count && count < TRIALS_MAX; i++) {
        const json_t *trial = blocks.items[i].counting;
        if (!trial)
            continue;
        values[count] = table[row].of_trial(json_object_get(trial, "document"), item);
        has_all = has_all && isfinite(values[count]);
        count++;
    }
    blocks_done(&blocks);
    *out_reason = has_all ? "no valid trial" : table[row].missing;
    if (!count || !has_all)
        return (double)NAN;
    return table[row].is_mean ? mean(values, count) : stats_median(values, count);
}

json_t *expect_trace_words(const json_t *order)
{
    struct sentence text = {.used = 0};
    size_t i = 0;
    json_t *event = NULL;
    json_array_foreach (order, i, event)
        sentence_say(&text, "%s%s", i ? ", " : "", json_string_value(event));
    return json_string(text.bytes);
}
