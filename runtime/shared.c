/* shared.c: see shared.h. */
#include "runtime/shared.h"

#include "common/memory.h"

#include <sys/mman.h>

static size_t shared_size(size_t recorder_count, size_t hists_per_recorder)
{
    return sizeof(struct shared) +
           recorder_count *
               (sizeof(struct recorder) + hists_per_recorder * sizeof(struct hist));
}

struct shared *shared_new(uint64_t requests, size_t recorder_count, bool is_open_loop)
{
    size_t per_recorder = is_open_loop ? 3 : 1;
    void *memory =
        mmap(NULL, shared_size(recorder_count, per_recorder), PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    struct shared *shared = memory;
    shared->tickets.total = requests;
    shared->recorder_count = recorder_count;
    struct hist *hists = (struct hist *)(void *)(shared->recorders + recorder_count);
    shared->hists_per_recorder = per_recorder;
    for (size_t i = 0; i < recorder_count; i++) {
        struct recorder *recorder = &shared->recorders[i];
        recorder->latency = &hists[i * per_recorder];
        recorder->response = is_open_loop ? recorder->latency + 1 : NULL;
        recorder->lag = is_open_loop ? recorder->latency + 2 : NULL;
    }
    return shared;
}

void shared_free(struct shared *shared)
{
    if (!shared)
        return;
    trace_free(shared->trace);
    channel_free(shared->channel);
    (void)munmap(shared, shared_size(shared->recorder_count, shared->hists_per_recorder));
}

void shared_add_phase(struct shared *shared, enum phase phase, uint64_t duration_ns)
{
    struct hist *hist = &shared->phases[phase];
    uint64_t *slot = duration_ns < HIST_LIMIT_NS ? &hist->counts[hist_index(duration_ns)]
                                                 : &hist->overflow;
    (void)__atomic_fetch_add(slot, 1, __ATOMIC_RELAXED);
}

void shared_note_stack(struct shared *shared, uint64_t used_bytes)
{
    uint64_t most = atomic_load(&shared->stack_used_bytes);
    while (used_bytes > most &&
           !atomic_compare_exchange_weak(&shared->stack_used_bytes, &most, used_bytes))
        continue;
}

void shared_fail(struct shared *shared, const struct err *err)
{
    int none = 0;
    if (atomic_compare_exchange_strong(&shared->has_error, &none, 1)) {
        shared->error = *err;
        atomic_store(&shared->has_error, 2);
    }
    atomic_store(&shared->tickets.taken, shared->tickets.total);
    schedule_use_up(&shared->schedule);
    warm_give_up(&shared->warm);
    if (shared->channel)
        channel_close(shared->channel);
}

static struct shared *shared_of_worker;

static int end_worker(const char *why)
{
    struct err err = {0};
    (void)err_set(&err, EXIT_CODE_INTERNAL, "%s", why);
    shared_fail(shared_of_worker, &err);
    return 1; /* the parent reports it */
}

void shared_enter_worker(struct shared *shared)
{
    shared_of_worker = shared;
    memory_on_end(end_worker);
}

int shared_error(const struct shared *shared, struct err *err)
{
    if (atomic_load(&shared->has_error) != 2)
        return 0;
    return err_set(err, shared->error.code, "%s", shared->error.text);
}
