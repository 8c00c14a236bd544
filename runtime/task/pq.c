/* pq.c: one table lists the functions that are looked up in libpq; see pq.h. */
#include "runtime/task/pq.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#define LIBRARY "libpq.so.5"

#define ROW(name)                                                                        \
    {                                                                                    \
        "PQ" #name, offsetof(struct pq, name)                                            \
    }

struct pq pq;

static const struct {
    const char *name;
    size_t offset;
} functions[] = {
    ROW(clear),
    ROW(conninfoFree),
    ROW(conninfoParse),
    ROW(connectPoll),
    ROW(connectStart),
    ROW(consumeInput),
    ROW(errorMessage),
    ROW(finish),
    ROW(flush),
    ROW(getlength),
    ROW(getResult),
    ROW(getvalue),
    ROW(isBusy),
    ROW(libVersion),
    ROW(ntuples),
    ROW(resultErrorField),
    ROW(resultStatus),
    ROW(sendQuery),
    ROW(sendQueryPrepared),
    ROW(setNoticeProcessor),
    ROW(setnonblocking),
    ROW(socket),
    ROW(status),
};

/* libpq stays loaded to the end. RTLD_NOW: no symbol is looked up within a measured
 * request, or on the small stack of a coroutine. */
int pq_load(struct err *err)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return err_set(err, EXIT_CODE_UNFIT,
                       "task db needs " LIBRARY ": install the package libpq5");
    for (size_t i = 0; i < COUNT_OF(functions); i++) {
        void *address = dlsym(library, functions[i].name);
        if (!address)
            return err_set(err, EXIT_CODE_UNFIT, LIBRARY " has no %s: it is too old",
                           functions[i].name);
        /* POSIX, unlike C, says that an address fits a pointer to a function */
        memcpy((char *)&pq + functions[i].offset, &address, sizeof address);
    }
    return 0;
}
