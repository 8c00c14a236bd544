/* run.c: see run.h. */
#include "runtime/run.h"

#include "runtime/shared.h"

void run_add_knob(struct run *run, const char *name, const char *text, uint64_t number)
{
    struct shared *shared = run->shared;
    if (shared->knob_count < SHARED_KNOBS_MAX)
        shared->knobs[shared->knob_count++] = (struct knob){name, text, number};
}
