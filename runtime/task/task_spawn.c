/* task_spawn.c: the task `spawn`: a request starts /bin/true and waits for its end.
 *
 *   fork          the child gets a copy of the page tables, and execve throws it away
 *   posix_spawn   the child borrows the address space until execve, as vfork does
 *
 * The pages are not copied, only the tables that say where they are: 8 bytes for each
 * page of 4 KiB that the process has touched. --heap-bytes touches some before the first
 * request. To wait for the child is a call that blocks. */
#include "runtime/task/task.h"

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/memory.h"
#include "runtime/shared.h"
#include "runtime/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM       "/bin/true"
#define PAGE_BYTES    4096
#define RESERVE_BYTES (UINT64_C(64) << 20) /* for everything else on the machine */

struct spawn {
    bool is_fork;
    int error;       /* of the request in hand: errno, or 0 */
    int state;       /* as waitpid says */
    uint64_t cpu_ns; /* of the child */
};

static uint64_t available_bytes(void)
{
    AUTO_FILE FILE *file = fopen("/proc/meminfo", "re");
    char line[128];
    uint64_t kib = UINT64_MAX >> 10; /* without /proc it is not known */
    while (file && fgets(line, sizeof line, file)) {
        if (!strncmp(line, "MemAvailable:", 13))
            kib = strtoull(line + 13, NULL, 10);
    }
    return kib << 10;
}

/* Runs before the workers. The heap has no huge pages, since one table entry for 2 MiB
 * would hide what a fork copies. */
static int check(const struct settings *settings, struct err *err)
{
    const uint64_t size = settings->heap_bytes, available = available_bytes();
    if (access(PROGRAM, X_OK))
        return err_set(err, EXIT_CODE_UNFIT, "task spawn starts " PROGRAM ": %s",
                       strerror(errno));
    if (size && (size > PTRDIFF_MAX || size + RESERVE_BYTES > available))
        return err_set(err, EXIT_CODE_UNFIT,
                       "--heap-bytes %" PRIu64 " leaves less than %d MiB of the %" PRIu64
                       " MiB of memory that are free: lower it",
                       size, (int)(RESERVE_BYTES >> 20), available >> 20);
    if (!size || settings->probe)
        return 0;
    char *heap = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (heap == MAP_FAILED)
        return err_set(err, EXIT_CODE_UNFIT, "--heap-bytes %" PRIu64 ": %s", size,
                       strerror(errno));
    (void)madvise(heap, (size_t)size, MADV_NOHUGEPAGE);
    for (uint64_t at = 0; at < size; at += PAGE_BYTES)
        heap[at] = 1;
    return 0;
}

static void note(struct run *run)
{
    run_add_knob(run, "heap_bytes", NULL, run->settings.heap_bytes);
    run_add_knob(run, "start_by", run->settings.start_by, 0);
}

static int init(struct worker *worker, struct err *err)
{
    struct spawn *spawn = memory_calloc(1, sizeof *spawn);
    spawn->is_fork = !strcmp(worker->run->settings.start_by, "fork");
    worker->state = spawn;
    return fetch_library_init(err); /* as in all tasks */
}

/* Returns 0 or an errno. */
static int start(bool is_fork, pid_t *out_pid)
{
    static char program[] = PROGRAM;
    char *const words[] = {program, NULL}, *const environment[] = {NULL};
    if (!is_fork)
        return posix_spawn(out_pid, PROGRAM, NULL, NULL, words, environment);
    *out_pid = fork();
    if (*out_pid == 0) {
        (void)execve(PROGRAM, words, environment);
        _exit(127);
    }
    return *out_pid < 0 ? errno : 0;
}

static uint64_t ns_of(struct timeval time)
{
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_usec * 1000;
}

/* The call that blocks. Any thread may make it. */
static void perform(void *arg)
{
    struct spawn *spawn = arg;
    struct rusage usage = {0};
    pid_t pid = 0, ended = 0;
    spawn->error = start(spawn->is_fork, &pid);
    if (spawn->error)
        return;
    do
        ended = wait4(pid, &spawn->state, 0, &usage);
    while (ended < 0 && errno == EINTR);
    spawn->error = ended < 0 ? errno : 0;
    spawn->cpu_ns = ns_of(usage.ru_utime) + ns_of(usage.ru_stime);
}

static struct await begin(struct worker *worker)
{
    shared_enter(worker->run->shared);
    worker->start_ns = clock_ns();
    return worker_call(worker, perform, worker->state);
}

static void end(struct worker *worker, CURLcode code)
{
    const struct spawn *spawn = worker->state;
    const bool is_ok = !spawn->error && spawn->state == 0;
    (void)code;
    uint64_t end_ns = clock_ns();
    shared_leave(worker->run->shared);
    if (spawn->error)
        worker_note(worker, OUTCOME_OTHER, "starting " PROGRAM ": %s",
                    strerror(spawn->error));
    else if (!is_ok)
        worker_note(worker, OUTCOME_OTHER, PROGRAM " ended with state %d", spawn->state);
    else
        worker->recorder->cpu_helpers_ns += spawn->cpu_ns;
    worker_record(worker, is_ok ? OUTCOME_OK : OUTCOME_OTHER, worker->start_ns, end_ns,
                  0);
}

static void done(struct worker *worker)
{
    free(worker->state);
    worker->state = NULL;
}

const struct task task_spawn = {.name = "spawn",
                                .check = check,
                                .note = note,
                                .init = init,
                                .begin = begin,
                                .end = end,
                                .done = done};
