/* clients.c: see clients.h. */
#include "runtime/loop/clients.h"

#include "common/clock.h"
#include "common/memory.h"
#include "runtime/loop/curl_loop.h"
#include "runtime/task/connections.h"
#include "runtime/task/task.h"

#include <stdlib.h>

struct clients {
    struct curl_loop *loop;
    struct client *list;
    size_t count, alive;
    client_advance_fn *advance;
};

bool client_waits_until_due(struct client *client)
{
    uint64_t due_ns = client->worker.due_ns;
    const struct await time = {.kind = AWAIT_TIME, .due_ns = due_ns};
    return due_ns > clock_ns() && curl_loop_await(client->clients->loop, time, client);
}

bool client_begins(struct client *client)
{
    client->code = CURLE_OK;
    return curl_loop_await(client->clients->loop,
                           client->worker.task->begin(&client->worker), client);
}

bool client_goes_on_waiting(struct client *client)
{
    const struct task *task = client->worker.task;
    return task->more &&
           curl_loop_await(client->clients->loop,
                           task->more(&client->worker, client->code), client);
}

void client_ends(struct client *client)
{
    client->worker.task->end(&client->worker, client->code);
}

void client_leaves(struct client *client)
{
    recorder_end(client->worker.recorder);
    if (--client->clients->alive == 0)
        curl_loop_stop(client->clients->loop);
}

static void on_done(void *user, CURLcode code)
{
    struct client *client = user;
    client->code = code;
    client->clients->advance(client);
}

static int make_clients(struct clients *clients, struct run *run, struct err *err)
{
    for (size_t i = 0; i < clients->count; i++) {
        struct client *client = &clients->list[i];
        client->clients = clients;
        int status = worker_init(&client->worker, run, 0, NULL, err);
        if (status)
            return status;
        curl_loop_adopt(clients->loop, worker_easy(&client->worker), client);
        curl_loop_adopt_together(clients->loop, worker_transfers(&client->worker));
        run->units_created++;
    }
    return 0;
}

static void run_all(struct clients *clients)
{
    clients->alive = clients->count;
    for (size_t i = 0; i < clients->count; i++)
        recorder_begin(clients->list[i].worker.recorder);
    for (size_t i = 0; i < clients->count; i++)
        clients->advance(&clients->list[i]);
    if (clients->alive > 0)
        curl_loop_run(clients->loop);
}

int clients_run(struct run *run, client_advance_fn *advance, struct err *err)
{
    struct clients clients = {.count = (size_t)run->settings.concurrency,
                              .advance = advance};
    clients.list = memory_calloc(clients.count, sizeof *clients.list);
    size_t transfers = clients.count * (size_t)run->settings.fan_out;
    int status = curl_loop_new(transfers, run->settings.rate_per_s > 0, on_done,
                               &clients.loop, err);
    if (!status) {
        connections_limit(run, 0, curl_loop_multi(clients.loop));
        status = make_clients(&clients, run, err);
    }
    if (!status) {
        run_all(&clients);
        status = curl_loop_error(clients.loop, err);
        run_add_knob(run, "event_method", curl_loop_method(clients.loop), 0);
    }
    for (size_t i = 0; i < clients.count; i++)
        worker_done(&clients.list[i].worker);
    curl_loop_free(clients.loop);
    free(clients.list);
    return status;
}
