/* trace_cpus.c: see trace_cpus.h. */
#include "common/trace_cpus.h"

#include "common/memory.h"

#include <stdlib.h>

/* A computation begins or ends. */
struct change {
    double at_ns;
    unsigned int cpu;
    bool is_begin;
};

/* The number of the CPU in the list, at whose end it is added. */
static unsigned int number_of(struct trace_cpus *cpus, json_int_t cpu)
{
    unsigned int k = 0;
    while (k < cpus->count && k < TRACE_CPUS_MAX && cpus->list[k] != cpu)
        k++;
    if (k == cpus->count && k < TRACE_CPUS_MAX)
        cpus->list[cpus->count] = cpu;
    cpus->count += k == cpus->count;
    return k;
}

void trace_add_cpus(const struct trace *trace, struct trace_cpus *cpus)
{
    for (size_t i = 0; i < trace->count && cpus->count <= TRACE_CPUS_MAX; i++) {
        if (trace->list[i].cpu >= 0)
            (void)number_of(cpus, trace->list[i].cpu);
    }
}

/* What ends at a moment ends before what begins then. */
static int compare_changes(const void *a, const void *b)
{
    const struct change *x = a, *y = b;
    if (x->at_ns < y->at_ns || x->at_ns > y->at_ns)
        return x->at_ns < y->at_ns ? -1 : 1;
    return (int)x->is_begin - (int)y->is_begin;
}

/* The begins and ends of all computations that last, in the order of time; false: some
 * CPU is not known. */
static bool list_changes(const struct trace *trace, struct change *out, size_t *out_count)
{
    struct trace_cpus cpus = {.count = 0};
    *out_count = 0;
    for (size_t i = 0; i < trace->count; i++) {
        const struct trace_row *row = &trace->list[i];
        const unsigned int cpu =
            row->cpu < 0 ? TRACE_CPUS_MAX : number_of(&cpus, row->cpu);
        if (cpu >= TRACE_CPUS_MAX)
            return false;
        if (!(row->end_ns > row->work_ns))
            continue;
        out[(*out_count)++] = (struct change){row->work_ns, cpu, true};
        out[(*out_count)++] = (struct change){row->end_ns, cpu, false};
    }
    qsort(out, *out_count, sizeof *out, compare_changes);
    return true;
}

bool trace_by_cpu(const struct trace *trace, struct trace *out)
{
    struct change *changes = memory_calloc(2 * trace->count + 1, sizeof *changes);
    size_t count = 0, computing[TRACE_CPUS_MAX] = {0};
    double since_ns[TRACE_CPUS_MAX] = {0};
    unsigned int used = 0;
    *out = *trace;
    out->list = memory_calloc(trace->count + 1, sizeof *out->list);
    out->count = 0;
    const bool is_known = list_changes(trace, changes, &count);
    for (size_t i = 0; is_known && i < count; i++) {
        const struct change *now = &changes[i];
        if (now->is_begin && computing[now->cpu]++ == 0)
            since_ns[used++] = now->at_ns;
        if (now->is_begin || --computing[now->cpu] > 0)
            continue;
        const double from_ns = since_ns[--used];
        out->list[out->count++] = (struct trace_row){.start_ns = from_ns,
                                                     .work_ns = from_ns,
                                                     .call_ns = from_ns,
                                                     .returned_ns = from_ns,
                                                     .end_ns = now->at_ns,
                                                     .weight = 1,
                                                     .lane = used,
                                                     .producer = -1};
    }
    free(changes);
    return is_known;
}
