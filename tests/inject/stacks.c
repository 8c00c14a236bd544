/* stacks.c: a C library whose threads need 128 KiB of stack, as glibc's do on arm64 and
 * ppc64el. What asks for less is refused there. test_thread_stacks.py preloads it. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#define STACK_MIN 131072

long sysconf(int name)
{
    static long (*next)(int);
    if (name == _SC_THREAD_STACK_MIN)
        return STACK_MIN;
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "sysconf");
    return next(name);
}

int pthread_attr_setstacksize(pthread_attr_t *attributes, size_t size)
{
    static int (*next)(pthread_attr_t *, size_t);
    if (size < STACK_MIN)
        return EINVAL;
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "pthread_attr_setstacksize");
    return next(attributes, size);
}
