/* fork_join.c: see fork_join.h. */
#include "runtime/fork_join.h"

#include "common/clock.h"
#include "common/memory.h"
#include "runtime/shared.h"
#include "runtime/thread_stack.h"

#include <stdlib.h>
#include <string.h>

struct helper {
    pthread_t id;
    struct transfer *transfer;
    uint64_t cpu_ns; /* of its thread, when it has ended */
};

static void *helper_main(void *arg)
{
    struct helper *self = arg;
    self->transfer->code = curl_easy_perform(self->transfer->easy);
    self->cpu_ns = clock_thread_cpu_ns();
    return NULL;
}

/* Ends the run when the system refuses a thread: with fewer it would be another model. */
static void refused(struct fork_join *self, int status)
{
    struct err err = {0};
    (void)err_set(&err, EXIT_CODE_UNFIT,
                  "cannot make a thread for a sub-request: %s; lower -c",
                  strerror(status));
    shared_fail(self->run->shared, &err);
}

/* Makes a thread for each transfer but the first; returns how many it has made. */
static size_t fork_helpers(struct fork_join *self, struct transfers *together)
{
    size_t count = 0;
    pthread_attr_t attributes;
    int status = thread_stack_attributes(&attributes, self->run->settings.stack_bytes);
    while (!status && count + 1 < together->count) {
        struct helper *helper = &self->helpers[count];
        helper->transfer = &together->list[count + 1];
        status = pthread_create(&helper->id, &attributes, helper_main, helper);
        count += status == 0;
    }
    (void)pthread_attr_destroy(&attributes);
    if (status)
        refused(self, status);
    for (size_t i = count + 1; i < together->count; i++)
        together->list[i].code = CURLE_FAILED_INIT;
    return count;
}

static void perform_together(struct fork_join *self, struct transfers *together)
{
    size_t count = fork_helpers(self, together);
    together->list[0].code = curl_easy_perform(together->list[0].easy);
    for (size_t i = 0; i < count; i++) {
        (void)pthread_join(self->helpers[i].id, NULL);
        self->recorder->cpu_helpers_ns += self->helpers[i].cpu_ns;
    }
}

static CURLcode await(struct wait *wait, struct await what)
{
    if (what.kind != AWAIT_TRANSFERS)
        return wait_blocking.await(wait, what);
    perform_together((struct fork_join *)(void *)wait, what.together);
    return CURLE_OK;
}

void fork_join_init(struct fork_join *self, struct run *run, size_t recorder_index)
{
    *self = (struct fork_join){
        .wait = {await}, .run = run, .recorder = &run->shared->recorders[recorder_index]};
    size_t count = (size_t)run->settings.fan_out - 1;
    self->helpers = count ? memory_calloc(count, sizeof *self->helpers) : NULL;
}

void fork_join_done(struct fork_join *self)
{
    free(self->helpers);
    self->helpers = NULL;
}
