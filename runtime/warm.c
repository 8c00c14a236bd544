/* warm.c: see warm.h. */
#include "runtime/warm.h"

#include "common/clock.h"
#include "runtime/shared.h"
#include "runtime/task/task.h"
#include "runtime/worker.h"

/* At the line a worker looks again after so long. With many workers it looks less often,
 * so that those who wait do not disturb those who are still under way. */
#define LOOK_NS            NS_PER_MS
#define LOOK_NS_PER_WORKER (20 * NS_PER_US)

static uint64_t look_ns(const struct warm *warm)
{
    return LOOK_NS + warm->workers * LOOK_NS_PER_WORKER;
}

void warm_init(struct run *run)
{
    struct shared *shared = run->shared;
    shared->warm.workers = run->settings.concurrency;
    for (size_t i = 0; i < shared->recorder_count && run->settings.warm_requests; i++)
        shared->recorders[i].is_warm = true;
}

void warm_give_up(struct warm *warm)
{
    uint64_t not_yet = 0;
    (void)atomic_compare_exchange_strong(&warm->opens_ns, &not_yet, 1);
}

/* The last worker says when the line opens: late enough for all to know by then. The
 * others wait, so nobody else counts what is in flight. */
static void arrive(struct shared *shared)
{
    struct warm *warm = &shared->warm;
    uint64_t not_yet = 0;
    if (atomic_fetch_add(&warm->arrived, 1) + 1 < warm->workers)
        return;
    atomic_store(&shared->peak_in_flight, 0);
    (void)atomic_compare_exchange_strong(&warm->opens_ns, &not_yet,
                                         clock_ns() + 2 * look_ns(warm));
}

static bool take(struct worker *worker)
{
    struct shared *shared = worker->run->shared;
    worker->ticket = UINT64_MAX; /* no request of the run: in no trace */
    if (worker->warm_made < worker->run->settings.warm_requests &&
        !atomic_load(&shared->warm.opens_ns)) {
        worker->warm_made++;
        return true;
    }
    arrive(shared);
    worker->is_at_line = true;
    worker->due_ns = clock_ns() + look_ns(&shared->warm);
    return true;
}

void warm_renew(struct run *run, struct recorder *recorder)
{
    struct warm *warm = &run->shared->warm;
    if (!recorder->is_warm || !atomic_load(&warm->opens_ns))
        return;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        (void)atomic_fetch_add(&warm->outcomes[i], recorder->outcomes[i]);
    recorder_renew(recorder);
}

uint64_t warm_line_ns(const struct worker *worker)
{
    const struct warm *warm = &worker->run->shared->warm;
    const uint64_t opens_ns = atomic_load(&warm->opens_ns), now_ns = clock_ns();
    if (!opens_ns)
        return now_ns + look_ns(warm);
    return opens_ns > now_ns ? opens_ns : 0;
}

void warm_pass(struct worker *worker)
{
    worker->is_at_line = false;
    worker->due_ns = 0;
    worker->task = worker->run->task;
    warm_renew(worker->run, worker->recorder);
}

static struct await wait_at_line(const struct worker *worker)
{
    const uint64_t until_ns = warm_line_ns(worker);
    if (!until_ns)
        return (struct await){.kind = AWAIT_NOTHING};
    return (struct await){.kind = AWAIT_TIME, .due_ns = until_ns};
}

static struct await begin(struct worker *worker)
{
    return worker->is_at_line ? wait_at_line(worker) : worker->run->task->begin(worker);
}

static struct await more(struct worker *worker, CURLcode code)
{
    const struct task *task = worker->run->task;
    if (worker->is_at_line)
        return wait_at_line(worker);
    return task->more ? task->more(worker, code) : (struct await){.kind = AWAIT_NOTHING};
}

static void end(struct worker *worker, CURLcode code)
{
    if (worker->is_at_line)
        warm_pass(worker);
    else
        worker->run->task->end(worker, code);
}

static const struct task task_warm = {
    .name = "warm", .take = take, .begin = begin, .more = more, .end = end};

const struct task *warm_task(const struct run *run)
{
    const bool is_over = atomic_load(&run->shared->warm.opens_ns);
    return run->settings.warm_requests && !is_over ? &task_warm : run->task;
}
