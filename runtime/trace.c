/* trace.c: see trace.h. */
#include "runtime/trace.h"

#include <sys/mman.h>

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

void trace_free(struct trace *trace)
{
    if (trace)
        (void)munmap(trace, size_of(trace->count));
}
