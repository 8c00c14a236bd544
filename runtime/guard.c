/* guard.c: see guard.h. libcurl's own functions are set where it is started, fetch.c, and
 * libevent's in loop/base.c. */
#include "runtime/guard.h"

#include "common/json.h"
#include "common/memory.h"

#include <dlfcn.h>
#include <stddef.h>

/* It comes with libcurl, or does not: there is nothing to link with. */
static void guard_openssl(void)
{
    int (*set)(void *(*)(size_t, const char *, int),
               void *(*)(void *, size_t, const char *, int),
               void (*)(void *, const char *, int)) = NULL;
    *(void **)&set = dlsym(RTLD_DEFAULT, "CRYPTO_set_mem_functions");
    if (set)
        (void)set(memory_malloc_at, memory_realloc_at, memory_free_at);
}

void guard_libraries(void)
{
    json_end_without_memory();
    guard_openssl();
}
