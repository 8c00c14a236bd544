/* co_fcontext.c: the switch by Boost.Context's assembly, about 5 ns. Its two C symbols
 * are in libboost_context.a and need no C++; their declarations are in no C header, so
 * they are here (Boost 1.61 and later). */
#include "runtime/loop/co.h"

struct transfer {
    void *context; /* of the side that was left */
    void *data;
};

extern struct transfer jump_fcontext(void *to, void *data);
extern void *make_fcontext(void *stack_top, size_t size, void (*entry)(struct transfer));

static void fcontext_entry(struct transfer from)
{
    struct co *co = from.data;
    co->resumer = from.context;
    co_enter(co);
}

static void fcontext_make(struct co *co)
{
    co->context =
        make_fcontext(co->stack + co->stack_size, co->stack_size, fcontext_entry);
}

static void fcontext_switch_to(struct co *co)
{
    co->context = jump_fcontext(co->context, co).context;
}

static void fcontext_switch_back(struct co *co)
{
    co->resumer = jump_fcontext(co->resumer, NULL).context;
}

const struct co_backend co_backend_fcontext = {"fcontext", fcontext_make,
                                               fcontext_switch_to, fcontext_switch_back};
