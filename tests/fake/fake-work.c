/* fake-work.c: the modes of the fake runner that do known work, to test the accounts: CPU
 * time by its own clock, memory that only one worker touches. */
#include "fake.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

/* Memory with every page present. The kernel makes all of them in one call, because on
 * some virtual machines the first touch of a page costs 20 us. munmap frees it. */
static void *populate(size_t size)
{
    void *block = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (block == MAP_FAILED)
        abort();
    return block;
}

/* 30 MiB, and one second of CPU by its own clock. */
int fake_spin(const struct call *call)
{
    struct timespec t = {0};
    void *block = populate(30 * MIB);
    do {
        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    } while (t.tv_sec < 1);
    (void)munmap(block, 30 * MIB);
    return fake_good(call);
}

static void *spin_half(void *clock)
{
    struct timespec t = {0};
    do {
        (void)clock_gettime(*(const clockid_t *)clock, &t);
    } while (t.tv_sec == 0 && t.tv_nsec < 500000000);
    return NULL;
}

/* Half a second of CPU in each of: a child, a thread of that child, a thread. */
int fake_spin_tree(const struct call *call)
{
    clockid_t clock = CLOCK_THREAD_CPUTIME_ID;
    pthread_t thread;
    pid_t child = fork();
    if (pthread_create(&thread, NULL, spin_half, &clock))
        return 1;
    if (child == 0)
        (void)spin_half(&clock);
    (void)pthread_join(thread, NULL);
    if (child == 0)
        _exit(0);
    (void)wait(NULL);
    return fake_good(call);
}

/* One request after the other, a millisecond each. */
int fake_millisecond_each(const struct call *call)
{
    const struct timespec millisecond = {.tv_nsec = 1000000};
    for (unsigned long i = 0; i < call->requests; i++)
        (void)nanosleep(&millisecond, NULL);
    return fake_good(call);
}

/* A barrier for count threads, of whatever process of this tree. */
static pthread_barrier_t *make_barrier(unsigned long count)
{
    pthread_barrierattr_t attr;
    pthread_barrier_t *barrier = mmap(NULL, sizeof *barrier, PROT_READ | PROT_WRITE,
                                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (barrier == MAP_FAILED)
        abort();
    (void)pthread_barrierattr_init(&attr);
    (void)pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    (void)pthread_barrier_init(barrier, &attr, (unsigned)count);
    return barrier;
}

/* One child for each in flight, each with 16 MiB, all of them at once for half a second. */
int fake_hold(const struct call *call)
{
    const struct timespec half_second = {.tv_nsec = 500000000};
    pthread_barrier_t *barrier = make_barrier(call->concurrency);
    for (unsigned long i = 0; i < call->concurrency; i++) {
        if (fork() == 0) {
            (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
            void *block = populate(16 * MIB);
            (void)pthread_barrier_wait(barrier);
            (void)nanosleep(&half_second, NULL);
            (void)munmap(block, 16 * MIB);
            _exit(0);
        }
    }
    while (wait(NULL) > 0)
        ;
    return fake_good(call);
}

/* The three hold-* modes: for each in flight a worker with 32 MiB that only it touches,
 * all of them at once for a second. */
#define HOLD_BYTES   (32 * MIB)
#define HOLD_WORKERS 64

static void hold_on(void)
{
    const struct timespec second = {.tv_sec = 1};
    (void)nanosleep(&second, NULL);
}

static void *hold_together(void *barrier)
{
    void *block = populate(HOLD_BYTES);
    (void)pthread_barrier_wait(barrier);
    hold_on();
    (void)munmap(block, HOLD_BYTES);
    return NULL;
}

int fake_hold_processes(const struct call *call)
{
    pthread_barrier_t *barrier = make_barrier(call->concurrency);
    for (unsigned long i = 0; i < call->concurrency; i++) {
        if (fork() == 0) {
            (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
            (void)hold_together(barrier);
            _exit(0);
        }
    }
    while (wait(NULL) > 0)
        ;
    return fake_good(call);
}

int fake_hold_threads(const struct call *call)
{
    pthread_t threads[HOLD_WORKERS];
    pthread_barrier_t *barrier = make_barrier(call->concurrency);
    for (unsigned long i = 0; i < call->concurrency; i++) {
        if (pthread_create(&threads[i], NULL, hold_together, barrier))
            return 1;
    }
    for (unsigned long i = 0; i < call->concurrency; i++)
        (void)pthread_join(threads[i], NULL);
    return fake_good(call);
}

static ucontext_t main_context, contexts[HOLD_WORKERS];

static void hold_in_coroutine(int i)
{
    void *block = populate(HOLD_BYTES);
    (void)swapcontext(&contexts[i], &main_context);
    (void)munmap(block, HOLD_BYTES);
}

int fake_hold_coroutines(const struct call *call)
{
    static char stacks[HOLD_WORKERS][65536];
    for (unsigned long i = 0; i < call->concurrency; i++) {
        (void)getcontext(&contexts[i]);
        contexts[i].uc_stack = (stack_t){.ss_sp = stacks[i], .ss_size = sizeof stacks[i]};
        contexts[i].uc_link = &main_context;
        makecontext(&contexts[i], (void (*)(void))hold_in_coroutine, 1, (int)i);
        (void)swapcontext(&main_context, &contexts[i]);
    }
    hold_on();
    for (unsigned long i = 0; i < call->concurrency; i++)
        (void)swapcontext(&main_context, &contexts[i]);
    return fake_good(call);
}
