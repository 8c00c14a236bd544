/* crowd.c: see crowd.h. */
#include "runtime/loop/crowd.h"

#include "common/clock.h"
#include "common/memory.h"
#include "runtime/loop/bridge.h"
#include "runtime/task/connections.h"
#include "runtime/task/task.h"

#include <stdlib.h>

struct crowd {
    struct bridge *bridge;
    struct client *clients;
    size_t count, alive;
    crowd_advance_fn *advance;
};

bool crowd_waits_until_due(struct client *client)
{
    uint64_t due_ns = client->worker.due_ns;
    const struct await time = {.kind = AWAIT_TIME, .due_ns = due_ns};
    return due_ns > clock_ns() && bridge_await(client->crowd->bridge, time, client);
}

bool crowd_begins(struct client *client)
{
    client->code = CURLE_OK;
    return bridge_await(client->crowd->bridge,
                        client->worker.run->task->begin(&client->worker), client);
}

bool crowd_goes_on_waiting(struct client *client)
{
    const struct task *task = client->worker.run->task;
    return task->more && bridge_await(client->crowd->bridge,
                                      task->more(&client->worker, client->code), client);
}

void crowd_ends(struct client *client)
{
    client->worker.run->task->end(&client->worker, client->code);
}

void crowd_leave(struct client *client)
{
    recorder_end(client->worker.recorder);
    if (--client->crowd->alive == 0)
        bridge_stop(client->crowd->bridge);
}

static void on_done(void *user, CURLcode code)
{
    struct client *client = user;
    client->code = code;
    client->crowd->advance(client);
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
        bridge_adopt_together(crowd->bridge, worker_transfers(&client->worker));
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
        crowd->advance(&crowd->clients[i]);
    if (crowd->alive > 0)
        bridge_loop(crowd->bridge);
}

int crowd_run(struct run *run, crowd_advance_fn *advance, struct err *err)
{
    struct crowd crowd = {.count = (size_t)run->settings.concurrency, .advance = advance};
    crowd.clients = memory_calloc(crowd.count, sizeof *crowd.clients);
    size_t transfers = crowd.count * (size_t)run->settings.fan_out;
    int status =
        bridge_new(transfers, run->settings.rate_per_s > 0, on_done, &crowd.bridge, err);
    if (!status) {
        connections_limit(run, 0, bridge_multi(crowd.bridge));
        status = make_clients(&crowd, run, err);
    }
    if (!status) {
        run_all(&crowd);
        status = bridge_error(crowd.bridge, err);
        run_add_knob(run, "event_method", bridge_method(crowd.bridge), 0);
    }
    for (size_t i = 0; i < crowd.count; i++)
        worker_done(&crowd.clients[i].worker);
    bridge_free(crowd.bridge);
    free(crowd.clients);
    return status;
}
