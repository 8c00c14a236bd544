/* origin_ask.c: see origin_ask.h. */
#include "harness/servers/origin_ask.h"

#include "common/clock.h"
#include "harness/host/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define LOOK_MS              200
#define INTERRUPTED_LIMIT_MS UINT64_C(1000)

/* The body of a complete answer in text[0..size), terminated; NULL when more is needed.
 * *out_bad is set when this is not an answer to /stats. */
static const char *find_body(char *text, size_t size, size_t *out_length,
                             bool *out_is_bad)
{
    text[size] = '\0';
    const char *head_end = strstr(text, "\r\n\r\n");
    if (!head_end)
        return NULL;
    const char *field = strcasestr(text, "\r\nContent-Length:");
    if (strncmp(text, "HTTP/1.1 200", 12) != 0 || !field || field > head_end) {
        *out_is_bad = true;
        return NULL;
    }
    const char *body = head_end + 4;
    const size_t length = strtoul(field + strlen("\r\nContent-Length:"), NULL, 10);
    *out_is_bad = length > ORIGIN_ASK_SIZE_MAX;
    *out_length = length;
    return size - (size_t)(body - text) >= length ? body : NULL;
}

/* Until there is something to read. An interrupt leaves the origin a moment only, also
 * when it comes between two looks at it. */
static int wait_answer(int fd)
{
    const uint64_t start_ns = clock_ns();
    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        const int ready = poll(&wait, 1, LOOK_MS);
        const uint64_t limit_ms = interrupt_requested
                                      ? INTERRUPTED_LIMIT_MS
                                      : UINT64_C(1000) * ORIGIN_ASK_LIMIT_S;
        if (ready > 0)
            return 0;
        if (ready < 0 && errno != EINTR)
            return -errno;
        if (clock_ns() - start_ns >= limit_ms * NS_PER_MS)
            return interrupt_requested ? -EINTR : -EAGAIN;
    }
}

int origin_ask(int fd, const char *request, char *text, const char **out_body,
               size_t *out_length)
{
    const size_t request_size = strlen(request);
    if (send(fd, request, request_size, MSG_NOSIGNAL) != (ssize_t)request_size)
        return -EPIPE;
    size_t size = 0;
    bool is_bad = false;
    while (size < ORIGIN_ASK_SIZE_MAX) {
        const int late = wait_answer(fd);
        if (late)
            return late;
        ssize_t got = recv(fd, text + size, ORIGIN_ASK_SIZE_MAX - size, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : -EPIPE;
        size += (size_t)got;
        *out_body = find_body(text, size, out_length, &is_bad);
        if (*out_body && !is_bad)
            return 0;
        if (is_bad)
            break;
    }
    return -EPROTO;
}
