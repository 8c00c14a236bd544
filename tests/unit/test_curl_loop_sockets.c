/* Tests of runtime/loop/curl_loop with sockets that are not libcurl's: how often the kernel
 * is told of one, and that a number which comes back is not taken for the old one. */
#include "runtime/loop/curl_loop.h"

#include "common/clock.h"
#include "runtime/task/fetch.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#define TURNS    50
#define QUIET_MS 100

/* These stand in for libc's, to count. */
static uint64_t epoll_waits, epoll_ctls;

int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout)
{
    epoll_waits++;
    return (int)syscall(SYS_epoll_pwait, epfd, events, maxevents, timeout, NULL,
                        (size_t)0);
}

int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
    epoll_ctls++;
    return (int)syscall(SYS_epoll_ctl, epfd, op, fd, event);
}

struct fixture {
    struct curl_loop *loop;
    int ends[2];
    int ready; /* how often */
};

static void on_done(void *user, CURLcode code)
{
    struct fixture *f = user;
    assert_int_equal(code, CURLE_OK);
    f->ready++;
    curl_loop_stop(f->loop);
}

static void open_ends(struct fixture *f)
{
    assert_int_equal(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, f->ends), 0);
}

static void close_ends(struct fixture *f)
{
    assert_int_equal(close(f->ends[0]), 0);
    assert_int_equal(close(f->ends[1]), 0);
}

static struct fixture start(void)
{
    struct fixture f = {.loop = NULL};
    struct err err = {0};
    assert_int_equal(fetch_library_init(&err), 0);
    assert_int_equal(curl_loop_new(1, true, on_done, &f.loop, &err), 0);
    open_ends(&f);
    return f;
}

/* Waits for a byte, which is there a moment later, and takes it. */
static void take_byte(struct fixture *f, bool is_kept)
{
    const struct await await = {
        .kind = AWAIT_SOCKET, .fd = f->ends[0], .events = POLLIN, .is_kept = is_kept};
    int before = f->ready;
    char byte = 'x';
    assert_true(curl_loop_await(f->loop, await, f));
    assert_int_equal(write(f->ends[1], &byte, 1), 1);
    curl_loop_run(f->loop);
    assert_int_equal(f->ready, before + 1);
    assert_int_equal(read(f->ends[0], &byte, 1), 1);
}

static void finish(struct fixture *f)
{
    close_ends(f);
    curl_loop_free(f->loop);
}

static void test_a_kept_socket_is_announced_once(void **state)
{
    (void)state;
    struct fixture f = start();
    take_byte(&f, false);
    uint64_t before = epoll_ctls;
    for (int i = 0; i < TURNS; i++)
        take_byte(&f, true);
    assert_int_equal(epoll_ctls - before, 1);
    before = epoll_ctls;
    for (int i = 0; i < TURNS; i++)
        take_byte(&f, false);
    const uint64_t calls = epoll_ctls - before;
    assert_true(calls >= UINT64_C(2) * TURNS && calls <= UINT64_C(2) * TURNS + 1);
    finish(&f);
}

/* The other side closes it while nobody waits for it: the loop must sleep all the same.
 */
static void test_a_kept_socket_that_nobody_waits_for_is_let_go(void **state)
{
    (void)state;
    struct fixture f = start();
    take_byte(&f, true);
    assert_int_equal(shutdown(f.ends[1], SHUT_RDWR), 0);
    uint64_t before = epoll_waits;
    const struct await quiet = {.kind = AWAIT_TIME,
                                .due_ns = clock_ns() + QUIET_MS * NS_PER_MS};
    assert_true(curl_loop_await(f.loop, quiet, &f));
    curl_loop_run(f.loop);
    assert_int_equal(f.ready, 2);
    assert_true(epoll_waits > before && epoll_waits <= before + 20);
    const struct await again = {
        .kind = AWAIT_SOCKET, .fd = f.ends[0], .events = POLLIN, .is_kept = true};
    assert_true(curl_loop_await(f.loop, again, &f)); /* and it is not forgotten */
    curl_loop_run(f.loop);
    assert_int_equal(f.ready, 3);
    finish(&f);
}

static void test_a_number_that_comes_back_is_another_socket(void **state)
{
    (void)state;
    struct fixture f = start();
    for (int i = 0; i < TURNS; i++) {
        int number = f.ends[0];
        take_byte(&f, false);
        take_byte(&f, true);
        close_ends(&f);
        open_ends(&f);
        assert_int_equal(f.ends[0], number);
    }
    finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_kept_socket_is_announced_once),
        cmocka_unit_test(test_a_kept_socket_that_nobody_waits_for_is_let_go),
        cmocka_unit_test(test_a_number_that_comes_back_is_another_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
