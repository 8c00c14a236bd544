/* control.c: see control.h. */
#include "origin/control.h"

#include "common/clock.h"

#include <inttypes.h>
#include <stdio.h>

static void answer_stats(const struct control *control, struct answer_style style,
                         bool resets, struct answer *out_answer)
{
    struct stats_counts counts;
    stats_read(control->stats, resets, &counts);
    if (resets)
        freeze_arm(control->freeze, 0, 0);
    char text[480];
    (void)snprintf(text, sizeof text,
                   "{\"requests\": %" PRIu64 ", \"in_flight\": %" PRIu64
                   ", \"peak_in_flight\": %" PRIu64 ", \"connections\": %" PRIu64
                   ", \"bytes_received\": %" PRIu64 ", \"tls_handshakes\": %" PRIu64
                   ", \"tls_resumed\": %" PRIu64 ", \"cpu_ns\": %" PRIu64
                   ", \"threads\": %" PRIu64 "}\n",
                   counts.requests, counts.in_flight, counts.peak_in_flight,
                   counts.connections, counts.bytes_received, counts.tls_handshakes,
                   counts.tls_resumed, clock_process_cpu_ns(), control->threads);
    answer_json(out_answer, style, text);
}

static void answer_freeze(const struct control *control, const struct query *query,
                          struct answer_style style, struct answer *out_answer)
{
    char text[96];
    freeze_arm(control->freeze, query->after_ms, query->for_ms);
    (void)snprintf(text, sizeof text,
                   "{\"after_ms\": %" PRIu64 ", \"for_ms\": %" PRIu64 "}\n",
                   query->after_ms, query->for_ms);
    answer_json(out_answer, style, text);
}

void control_answer(const struct control *control, const struct query *query,
                    struct answer_style style, struct answer *out_answer)
{
    if (query->route == QUERY_FREEZE)
        answer_freeze(control, query, style, out_answer);
    else
        answer_stats(control, style, query->route == QUERY_STATS_RESET, out_answer);
}
