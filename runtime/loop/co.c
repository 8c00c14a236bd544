/* co.c: coroutines over a switch backend, with what the sanitizers need to follow; the
 * ucontext backend is here, fcontext in co_fcontext.c. See co.h. */
#include "runtime/loop/co.h"

#include <stdint.h>
#include <string.h>
#include <ucontext.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#elif defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

/* Valgrind has to be told that these are stacks; without it these calls do nothing. */
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(start, end) 0U
#define VALGRIND_STACK_DEREGISTER(id)       (void)(id)
#endif

/* The sanitizers keep a shadow of the stack in use: tell them before and after a switch.
 */
static void before_switch_to(struct co *co, void **out_saved)
{
    (void)out_saved;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(out_saved, co->stack, co->stack_size);
#elif defined(__SANITIZE_THREAD__)
    co->resumer_fiber = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(co->fiber, 0);
#else
    (void)co;
#endif
}

static void after_switch_to(void *saved)
{
    (void)saved;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(saved, NULL, NULL);
#endif
}

static void before_switch_back(struct co *co, void **out_saved)
{
    (void)out_saved;
#if defined(__SANITIZE_ADDRESS__)
    /* a NULL save slot tells the sanitizer that this stack is left for good */
    __sanitizer_start_switch_fiber(co->is_done ? NULL : out_saved, co->resumer_stack,
                                   co->resumer_stack_size);
#elif defined(__SANITIZE_THREAD__)
    __tsan_switch_to_fiber(co->resumer_fiber, 0);
#else
    (void)co;
#endif
}

static void after_switch_back(struct co *co, void *saved)
{
    (void)co;
    (void)saved;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(saved, &co->resumer_stack, &co->resumer_stack_size);
#endif
}

void co_init(struct co *co, const struct co_backend *backend, char *stack,
             size_t stack_size, void (*function)(void *arg), void *arg)
{
    *co = (struct co){.backend = backend,
                      .function = function,
                      .arg = arg,
                      .stack = stack,
                      .stack_size = stack_size};
#if defined(__SANITIZE_ADDRESS__)
    __asan_unpoison_memory_region(stack, stack_size); /* one used before has red zones */
#elif defined(__SANITIZE_THREAD__)
    co->fiber = __tsan_create_fiber(0);
#endif
    co->valgrind_id =
        (unsigned int)VALGRIND_STACK_REGISTER(stack, stack + stack_size - 1);
    backend->make(co);
}

void co_done(struct co *co)
{
#if defined(__SANITIZE_THREAD__)
    __tsan_destroy_fiber(co->fiber);
    co->fiber = NULL;
#endif
    VALGRIND_STACK_DEREGISTER(co->valgrind_id);
}

_Noreturn void co_enter(struct co *co)
{
    after_switch_back(co, NULL);
    co->function(co->arg);
    co->is_done = true;
    co_suspend(co);
    __builtin_unreachable(); /* a coroutine that is done is never resumed */
}

void co_resume(struct co *co)
{
    void *saved = NULL;
    before_switch_to(co, &saved);
    co->backend->switch_to(co);
    after_switch_to(saved);
}

void co_suspend(struct co *co)
{
    void *saved = NULL;
    before_switch_back(co, &saved);
    co->backend->switch_back(co);
    after_switch_back(co, saved);
}

/* makecontext passes ints only, so the pointer travels in two halves. */
static void ucontext_entry(unsigned int high, unsigned int low)
{
    co_enter((struct co *)(((uintptr_t)high << 16U << 16U) | low));
}

/* A ucontext_t is about 1 KB: it lives at the top of the coroutine's own stack. */
static void ucontext_make(struct co *co)
{
    size_t reserved = (sizeof(ucontext_t) + 63) / 64 * 64;
    ucontext_t *context = (ucontext_t *)(void *)(co->stack + co->stack_size - reserved);
    (void)getcontext(context);
    context->uc_stack.ss_sp = co->stack;
    context->uc_stack.ss_size = co->stack_size - reserved;
    context->uc_link = NULL;
    uintptr_t self = (uintptr_t)co;
    makecontext(context, (void (*)(void))(uintptr_t)ucontext_entry, 2,
                (unsigned int)(self >> 16U >> 16U), (unsigned int)self);
    co->context = context;
}

static void ucontext_switch_to(struct co *co)
{
    ucontext_t here;
    co->resumer = &here;
    (void)swapcontext(&here, co->context);
}

static void ucontext_switch_back(struct co *co)
{
    (void)swapcontext(co->context, co->resumer);
}

const struct co_backend co_backend_ucontext = {"ucontext", ucontext_make,
                                               ucontext_switch_to, ucontext_switch_back};

const struct co_backend *co_backend_find(const char *name)
{
#if defined(CO_HAVE_FCONTEXT)
    if (!name || !strcmp(name, "fcontext"))
        return &co_backend_fcontext;
#endif
    if (!name || !strcmp(name, "ucontext"))
        return &co_backend_ucontext;
    return NULL;
}
