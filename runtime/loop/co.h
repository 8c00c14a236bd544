/* co: stackful coroutines. A coroutine is a function with a stack of its own that can
 * stop in the middle (co_suspend) and be continued there later (co_resume).
 *
 *     resumer    co_resume ----+                +--> continues
 *                              v                |
 *     coroutine            runs ... co_suspend -+        (next co_resume goes on here)
 *
 * There is no scheduler here: the code that holds a coroutine resumes it, and control
 * comes back to that place. One thread only.
 *
 * Two backends do the switch itself: `fcontext`, Boost.Context's assembly (about 5 ns),
 * and `ucontext`, glibc's swapcontext, which makes a system call to save the signal mask
 * (about 160 ns), but is in every libc. */
#ifndef RUNTIME_CO_H
#define RUNTIME_CO_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

struct co {
    const struct co_backend *backend;
    void (*function)(void *arg);
    void *arg;
    void *context;            /* where it stopped: the backend's */
    void *resumer;            /* where its resumer stopped: the backend's */
    char *stack;              /* borrowed: the lowest address */
    size_t stack_size;        /* bytes */
    bool is_done;             /* function has returned */
    unsigned int valgrind_id; /* of the stack, when valgrind runs the program */
#if defined(__SANITIZE_ADDRESS__)
    const void *resumer_stack; /* what it has to be told of the other side */
    size_t resumer_stack_size;
#elif defined(__SANITIZE_THREAD__)
    void *fiber, *resumer_fiber; /* its names for both sides */
#endif
};

struct co_backend {
    const char *name;
    /* Sets co->context so that the first switch_to enters co_enter(co). */
    void (*make)(struct co *co);
    void (*switch_to)(struct co *co);   /* resumer -> coroutine */
    void (*switch_back)(struct co *co); /* coroutine -> resumer */
};

/* The backend of that name; NULL name: the default of this build. NULL when it is not
 * built in (fcontext needs libboost-context-dev). */
const struct co_backend *co_backend_find(const char *name);

/* Prepares co to run function(arg) on the given stack at its first co_resume. */
void co_init(struct co *co, const struct co_backend *backend, char *stack,
             size_t stack_size, void (*function)(void *arg), void *arg);

/* Continues co until it yields or its function returns (then co->is_done). */
void co_resume(struct co *co);

/* Stops the coroutine that calls it and continues its resumer. */
void co_suspend(struct co *co);

/* Releases what the sanitizers and valgrind hold; call when co is done. */
void co_done(struct co *co);

/* For backends only: the first thing that runs on a new stack. Never returns. */
_Noreturn void co_enter(struct co *co);

extern const struct co_backend co_backend_ucontext, co_backend_fcontext;

#endif
