/* callbacks: the same event loop as `coroutines`, without coroutines.
 *
 *     loop        --+-start A-+-start B-+ epoll ... +-A is over: record, start again-+
 * ... client A      [request ....wait...............] client B                [request
 * ....wait....................... no stacks: what comes next is written down in a struct
 * time ->
 *
 * Control is inverted. There is no place in the code that waits; there is a function that
 * begins a request and a function that the loop calls when it is over. What a coroutine
 * keeps on its stack, between one line and the next, a client keeps here in its struct,
 * and the loop over the tickets, three words in `sequential`, is spread over three
 * functions.
 *
 * What it costs: the least memory of the event-driven models, and the reader's patience.
 * A task of several steps needs a state for each of them.
 *
 * What to look for in the results: against `coroutines`, the price of a stack and of two
 * switches per request: next to nothing in CPU, a page per request in flight in memory.
 */
#include "common/clock.h"
#include "core/task.h"
#include "core/worker.h"
#include "loop/bridge.h"

#include <stdlib.h>

struct crowd {
    struct bridge *bridge;
    struct client *clients;
    size_t count, alive;
};

struct client {
    struct worker worker;
    struct crowd *crowd;
    struct event *timer; /* of an open loop; NULL until it is needed */
};

static void begin(struct client *client)
{
    const struct task *task = client->worker.run->task;
    bridge_start(client->crowd->bridge, task->begin(&client->worker));
}

static void wait_until_due(struct client *client);

/* The loop over the tickets, one turn of it. */
static void next(struct client *client)
{
    if (worker_take(&client->worker)) {
        wait_until_due(client);
        return;
    }
    recorder_end(client->worker.recorder);
    if (--client->crowd->alive == 0)
        bridge_stop(client->crowd->bridge);
}

static void on_due(evutil_socket_t fd, short what, void *user)
{
    (void)fd;
    (void)what;
    wait_until_due(user);
}

/* A closed loop is always due. A timer may be early, so the clock is asked again. */
static void wait_until_due(struct client *client)
{
    uint64_t due_ns = client->worker.due_ns;
    if (due_ns <= clock_ns() ||
        bridge_call_at(client->crowd->bridge, &client->timer, due_ns, on_due, client))
        begin(client);
}

static void on_done(void *user, CURLcode code)
{
    struct client *client = user;
    client->worker.run->task->end(&client->worker, code);
    next(client);
}

static int make_clients(struct crowd *crowd, struct run *run, struct err *err)
{
    for (size_t i = 0; i < crowd->count; i++) {
        struct client *client = &crowd->clients[i];
        client->crowd = crowd;
        int status = worker_init(&client->worker, run, 0, NULL, err);
        if (status)
            return status;
        bridge_adopt(crowd->bridge, client->worker.fetch.easy, client);
        run->units_created++;
    }
    return 0;
}

static void run_all(struct crowd *crowd)
{
    crowd->alive = crowd->count;
    for (size_t i = 0; i < crowd->count; i++)
        recorder_begin(crowd->clients[i].worker.recorder);
    for (size_t i = 0; i < crowd->count; i++)
        next(&crowd->clients[i]);
    if (crowd->alive > 0)
        bridge_loop(crowd->bridge);
}

static int run_callbacks(struct run *run, struct err *err)
{
    struct crowd crowd = {.count = (size_t)run->settings.concurrency};
    crowd.clients = calloc(crowd.count, sizeof *crowd.clients);
    if (!crowd.clients)
        return err_set(err, EXIT_CODE_UNFIT, "no memory for %zu clients", crowd.count);
    int status = bridge_new(crowd.count, run->settings.rate_per_s > 0, on_done,
                            &crowd.bridge, err);
    if (!status)
        status = make_clients(&crowd, run, err);
    if (!status) {
        run_all(&crowd);
        run_add_knob(run, "event_method", bridge_method(crowd.bridge), 0);
    }
    for (size_t i = 0; i < crowd.count; i++) {
        worker_done(&crowd.clients[i].worker);
        if (crowd.clients[i].timer)
            event_free(crowd.clients[i].timer);
    }
    bridge_free(crowd.bridge);
    free(crowd.clients);
    return status;
}

int main(int argc, char **argv)
{
    const struct model model = {
        .name = "callbacks",
        .about = "One libevent loop that calls back; no stack per request.",
        .threads = runner_one_thread,
        .fds_per_worker = 1,
        .run = run_callbacks,
    };
    return runner_main(argc, argv, &model);
}
