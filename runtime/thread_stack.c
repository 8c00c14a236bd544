/* thread_stack.c: see thread_stack.h. */
#include "runtime/thread_stack.h"

#include <string.h>
#include <unistd.h>

uint64_t thread_stack_bytes(uint64_t asked)
{
    const long least = sysconf(_SC_THREAD_STACK_MIN);
    return least > 0 && asked < (uint64_t)least ? (uint64_t)least : asked;
}

int thread_stack_attributes(pthread_attr_t *out_attributes, uint64_t bytes)
{
    memset(out_attributes, 0, sizeof *out_attributes);
    const int status = pthread_attr_init(out_attributes);
    return status ? status
                  : pthread_attr_setstacksize(out_attributes,
                                              (size_t)thread_stack_bytes(bytes));
}
