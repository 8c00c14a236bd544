/* trace.c: see trace.h. */
#include "runtime/trace.h"

#include "common/clock.h"
#include "common/json.h"

#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *const callers[] = {[TRACE_CALLER_WORKER] = "worker",
                                      [TRACE_CALLER_LOOP] = "loop",
                                      [TRACE_CALLER_EXECUTOR] = "executor"};

static size_t size_of(size_t count)
{
    return sizeof(struct trace) + count * sizeof(struct span);
}

struct trace *trace_new(uint64_t requests)
{
    size_t count = requests < TRACE_REQUESTS_MAX ? (size_t)requests : TRACE_REQUESTS_MAX;
    void *memory = mmap(NULL, size_of(count), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    struct trace *trace = memory;
    trace->count = count;
    return trace;
}

void trace_work(struct span *span)
{
    span->cpu = sched_getcpu();
    span->work_ns = clock_ns();
}

static void perform_call(void *arg)
{
    struct span *span = arg;
    span->call_thread = gettid();
    span->call_ns = clock_ns();
    span->call(span->arg);
    span->returned_ns = clock_ns();
}

struct await trace_call(struct span *span, void (*call)(void *arg), void *arg)
{
    span->call = call;
    span->arg = arg;
    return (struct await){.kind = AWAIT_CALL, .call = perform_call, .arg = span};
}

/* A request that computed nothing has done so at its end. */
void trace_end(struct span *span, uint64_t start_ns, uint64_t end_ns, uint32_t lane,
               bool is_on_loop)
{
    if (!span->work_ns)
        trace_work(span);
    if (span->work_ns > end_ns)
        span->work_ns = end_ns;
    if (span->call_ns)
        span->caller = !is_on_loop                     ? TRACE_CALLER_WORKER
                       : span->call_thread == gettid() ? TRACE_CALLER_LOOP
                                                       : TRACE_CALLER_EXECUTOR;
    span->worker = lane;
    span->start_ns = start_ns;
    span->end_ns = end_ns;
}

/* A time from the first start on. */
static json_t *time_json(uint64_t time_ns, uint64_t origin_ns)
{
    return json_integer((json_int_t)(time_ns - origin_ns));
}

static json_t *add_row(json_t *document, const char *key, size_t request)
{
    json_t *rows = json_object_get(document, key), *row = json_array();
    if (!rows) {
        rows = json_array();
        json_put(document, key, rows);
    }
    json_push(row, json_uint(request));
    json_push(rows, row);
    return row;
}

static void put_span(const struct span *span, size_t request, uint64_t origin_ns,
                     json_t *document)
{
    json_t *row = add_row(document, "trace_ns", request);
    json_push(row, time_json(span->start_ns, origin_ns));
    json_push(row, time_json(span->end_ns, origin_ns));
    json_push(row, json_uint(span->worker));
    json_push(row, time_json(span->work_ns, origin_ns));
    json_push(row, span->cpu >= 0 ? json_integer(span->cpu) : json_null());
    if (span->caller) {
        row = add_row(document, "trace_calls_ns", request);
        json_push(row, time_json(span->call_ns, origin_ns));
        json_push(row, time_json(span->returned_ns, origin_ns));
        json_push(row, json_string(callers[span->caller]));
    }
    if (span->due_ns)
        json_push(add_row(document, "trace_due_ns", request),
                  time_json(span->due_ns, origin_ns));
    if (span->put_ns && span->taken_ns) {
        const bool is_late = span->put_ns > span->taken_ns; /* its producer was */
        row = add_row(document, "trace_queue_ns", request);
        json_push(row, time_json(is_late ? span->taken_ns : span->put_ns, origin_ns));
        json_push(row, time_json(span->taken_ns, origin_ns));
        json_push(row, json_uint(span->producer));
    }
}

void trace_put(const struct trace *trace, uint64_t origin_ns, json_t *document)
{
    json_put(document, "trace_ns", json_array());
    for (size_t i = 0; i < trace->count; i++) {
        if (trace->spans[i].end_ns) /* else it was lost with its worker */
            put_span(&trace->spans[i], i, origin_ns, document);
    }
}

void trace_free(struct trace *trace)
{
    if (trace)
        (void)munmap(trace, size_of(trace->count));
}
