/* await: what a request waits for. A task says it; how it is waited for is the model's.
 */
#ifndef CORE_AWAIT_H
#define CORE_AWAIT_H

#include <curl/curl.h>
#include <stdint.h>

enum await_kind {
    AWAIT_NOTHING,
    AWAIT_TRANSFER, /* easy has been carried out */
    AWAIT_TIME,     /* clock_ns() is due_ns or later */
    AWAIT_SOCKET,   /* fd is ready for events, POLLIN or POLLOUT */
    AWAIT_CALL      /* call(arg), which blocks, has returned */
};

struct await {
    enum await_kind kind;
    union {
        CURL *easy; /* borrowed */
        uint64_t due_ns;
        struct {
            int fd; /* borrowed */
            short events;
        };
        struct {
            void (*call)(void *arg);
            void *arg;
        };
    };
};

#endif
