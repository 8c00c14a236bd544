/* refuse: a library to preload, which makes the n-th call of one function fail, as a
 * system does that has no more of something.
 *
 *   REFUSE_CALL     malloc (and calloc, realloc, aligned), epoll_ctl, pthread_create,
 *                   fork (and posix_spawn), socket, mmap, write; EINTR: signals instead
 *   REFUSE_AT       the n-th call from main on, or every n microseconds a SIGALRM
 *   REFUSE_ONLY     set: this call; else it and all that follow
 *   REFUSE_PROGRAM  name of the program in which; others that it starts run as ever
 *   REFUSE_MARK     a file, made when the n-th call has come
 *
 * A child of fork goes on counting where its parent was. Nothing in here allocates. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static const char *wanted; /* NULL: nothing is refused */
static long at;
static bool only;
static const char *mark;
static atomic_long calls;

static bool refuses(const char *call)
{
    if (!wanted || strcmp(wanted, call) != 0)
        return false;
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (number == at && mark) {
        int saved = errno, fd = open(mark, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
        if (fd >= 0)
            (void)close(fd);
        errno = saved;
    }
    return only ? number == at : number >= at;
}

static void on_alarm(int number)
{
    (void)number;
}

static void begin(void)
{
    const char *program = getenv("REFUSE_PROGRAM"), *number = getenv("REFUSE_AT");
    const char *call = getenv("REFUSE_CALL");
    if (!call || !number || !program ||
        strcmp(program, program_invocation_short_name) != 0)
        return;
    at = strtol(number, NULL, 10);
    only = getenv("REFUSE_ONLY") != NULL;
    mark = getenv("REFUSE_MARK");
    if (strcmp(call, "EINTR") != 0) {
        wanted = call;
        return;
    }
    const struct sigaction action = {.sa_handler = on_alarm}; /* no SA_RESTART */
    const struct itimerval often = {{0, at}, {0, at}};
    (void)sigaction(SIGALRM, &action, NULL);
    (void)setitimer(ITIMER_REAL, &often, NULL);
}

/* What libraries do before main is theirs. */
typedef int main_fn(int argc, char **argv, char **environment);
static main_fn *real_main;

static int our_main(int argc, char **argv, char **environment)
{
    begin();
    return real_main(argc, argv, environment);
}

/* NOLINTBEGIN(bugprone-reserved-identifier): these names are the C library's */
int __libc_start_main(main_fn *main, int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end);
int __libc_start_main(main_fn *main, int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
    int (*real)(main_fn *, int, char **, void (*)(void), void (*)(void), void (*)(void),
                void *) = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "__libc_start_main");
    real_main = main;
    return real(our_main, argc, argv, init, fini, rtld_fini, stack_end);
}

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
/* NOLINTEND(bugprone-reserved-identifier) */

static bool refuses_memory(void)
{
    if (!refuses("malloc"))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return refuses_memory() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return refuses_memory() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return refuses_memory() ? NULL : __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return refuses_memory() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    void *memory = refuses_memory() ? NULL : __libc_memalign(alignment, size);
    if (!memory)
        return ENOMEM;
    *out = memory;
    return 0;
}

/* The function of that name behind this library. */
#define BEHIND(type, name, ...)                                                          \
    static type (*real)(__VA_ARGS__);                                                    \
    if (!real)                                                                           \
    *(void **)&real = dlsym(RTLD_NEXT, #name)

int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
    BEHIND(int, epoll_ctl, int, int, int, struct epoll_event *);
    if (!refuses("epoll_ctl"))
        return real(epoll, operation, fd, event);
    errno = ENOSPC;
    return -1;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*function)(void *), void *arg)
{
    BEHIND(int, pthread_create, pthread_t *, const pthread_attr_t *, void *(*)(void *),
           void *);
    return refuses("pthread_create") ? EAGAIN : real(thread, attributes, function, arg);
}

pid_t fork(void)
{
    BEHIND(pid_t, fork, void);
    if (!refuses("fork"))
        return real();
    errno = EAGAIN;
    return -1;
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const argv[],
                char *const environment[])
{
    BEHIND(int, posix_spawn, pid_t *, const char *, const posix_spawn_file_actions_t *,
           const posix_spawnattr_t *, char *const *, char *const *);
    return refuses("fork") ? EAGAIN
                           : real(pid, path, actions, attributes, argv, environment);
}

int socket(int domain, int type, int protocol)
{
    BEHIND(int, socket, int, int, int);
    if (!refuses("socket"))
        return real(domain, type, protocol);
    errno = EMFILE;
    return -1;
}

void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
    BEHIND(void *, mmap, void *, size_t, int, int, int, off_t);
    if (!refuses("mmap"))
        return real(address, size, protection, flags, fd, offset);
    errno = ENOMEM;
    return MAP_FAILED;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    BEHIND(ssize_t, write, int, const void *, size_t);
    if (!refuses("write"))
        return real(fd, bytes, size);
    errno = ENOSPC;
    return -1;
}
