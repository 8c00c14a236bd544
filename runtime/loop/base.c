/* base.c: see base.h. */
#include "runtime/loop/base.h"

#include "common/memory.h"

#include <pthread.h>
#include <stdlib.h>

static void say_nothing(int severity, const char *text)
{
    (void)severity;
    (void)text;
}

static void prepare_library(void)
{
    event_set_mem_functions(memory_malloc, memory_realloc, free);
    event_set_log_callback(say_nothing);
}

struct event_base *base_new(bool has_precise_timers)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, prepare_library);
    struct event_config *config = event_config_new();
    if (!config)
        return NULL;
    (void)event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    if (has_precise_timers)
        (void)event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}
