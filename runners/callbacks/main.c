/* callbacks: the same event loop as `coroutines`, without coroutines.
 *
 *     loop       --+-start A-+-start B-+ epoll ... +-A is over: record, start again-+ ...
 *     client A     [request ....wait...............]                        [request ....
 *     client B               [request ....wait.............................
 *                  no stacks: what comes next is written down in a struct     time ->
 *
 * Control is inverted. There is no place in the code that waits; there is a function that
 * the loop calls when something is over, and it must find out what to do next. What a
 * coroutine keeps on its stack, between one line and the next, a client keeps here in its
 * struct, and the loop over the tickets, three lines in `sequential`, is a state machine.
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
    enum { IDLE, TAKEN, BEGUN } state; /* of the request in hand */
};

static void leave(struct client *client)
{
    recorder_end(client->worker.recorder);
    if (--client->crowd->alive == 0)
        bridge_stop(client->crowd->bridge);
}

/* Begins the request in hand; true when there is something to wait for. */
static bool begin(struct client *client)
{
    struct bridge *bridge = client->crowd->bridge;
    struct await await = client->worker.run->task->begin(&client->worker);
    if (await.easy)
        bridge_start(bridge, await.easy);
    return await.easy ||
           (await.due_ns && bridge_call_at(bridge, await.due_ns, client) == 0);
}

/* In an open loop the request in hand may be due later; else it is due at once. */
static bool wait_until_due(struct client *client)
{
    uint64_t due_ns = client->worker.due_ns;
    return due_ns > clock_ns() &&
           bridge_call_at(client->crowd->bridge, due_ns, client) == 0;
}

/* From where the client stands to its next wait. What straight-line code says with its
 * position, the state says here. */
static void advance(struct client *client, CURLcode code)
{
    for (bool waits = false; !waits;) {
        switch (client->state) {
        case IDLE:
            if (!worker_take(&client->worker)) {
                leave(client);
                return;
            }
            client->state = TAKEN;
            waits = wait_until_due(client);
            break;
        case TAKEN:
            client->state = BEGUN;
            waits = begin(client);
            break;
        case BEGUN:
            client->worker.run->task->end(&client->worker, code);
            client->state = IDLE;
            break;
        }
    }
}

static void on_done(void *user, CURLcode code)
{
    advance(user, code);
}

static void on_due(void *user)
{
    advance(user, CURLE_OK);
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
        advance(&crowd->clients[i], CURLE_OK);
    if (crowd->alive > 0)
        bridge_loop(crowd->bridge);
}

static int run_callbacks(struct run *run, struct err *err)
{
    static const struct bridge_events events = {on_done, on_due};
    struct crowd crowd = {.count = (size_t)run->settings.concurrency};
    crowd.clients = calloc(crowd.count, sizeof *crowd.clients);
    if (!crowd.clients)
        return err_set(err, EXIT_CODE_UNFIT, "no memory for %zu clients", crowd.count);
    int status = bridge_new(crowd.count, run->settings.rate_per_s > 0, &events,
                            &crowd.bridge, err);
    if (!status)
        status = make_clients(&crowd, run, err);
    if (!status) {
        run_all(&crowd);
        run_add_knob(run, "event_method", bridge_method(crowd.bridge), 0);
    }
    for (size_t i = 0; i < crowd.count; i++)
        worker_done(&crowd.clients[i].worker);
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
