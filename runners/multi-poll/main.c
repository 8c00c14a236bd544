/* multi-poll: libcurl's own loop, curl_multi_poll, on one thread.
 *
 *     thread      poll(all sockets) ... look at every handle, poll(all sockets) ...
 *     client A    [request ....wait...............]
 *     client B    [request ....wait.......................]
 *                 each turn costs as much as there are handles            time ->
 *
 * The shortest way to have many requests in flight: give libcurl all the handles, ask it
 * to wait, and see which have finished. No event library, no threads, no coroutines.
 *
 * What it costs: a turn looks at all handles, O(n), where epoll names the ready ones.
 *
 * What to look for in the results: CPU per request grows with the requests in flight.
 * With `callbacks` and `coroutines` it falls. */
#include "common/clock.h"
#include "common/memory.h"
#include "runtime/runner.h"
#include "runtime/task/connections.h"
#include "runtime/task/task.h"
#include "runtime/worker.h"

#include <stdlib.h>

#define LONGEST_WAIT_MS 1000

struct client {
    struct worker worker;
    enum { IDLE, TAKEN, BEGUN } state; /* of the request in hand */
    uint64_t until_ns;                 /* the time it waits for; 0: none */
};

struct loop {
    CURLM *multi;
    struct client *clients;
    size_t count, alive;
    bool is_together; /* a request is several transfers, each known by its handle */
};

/* Starts transfers that are awaited together; false: none could be started. */
static bool begin_together(struct loop *loop, struct transfers *together, void *user)
{
    together->user = user;
    together->left = 0;
    for (size_t i = 0; i < together->count; i++) {
        struct transfer *transfer = &together->list[i];
        transfer->code = CURLE_FAILED_INIT; /* if it cannot even be added */
        together->left += curl_multi_add_handle(loop->multi, transfer->easy) == CURLM_OK;
    }
    return together->left > 0;
}

/* Starts what a request waits for; false: nothing. */
static bool start(struct loop *loop, struct client *client, struct await await,
                  CURLcode *code)
{
    if (await.kind == AWAIT_TIME)
        return (client->until_ns = await.due_ns) > 0;
    if (await.kind == AWAIT_CALL)
        await.call(await.arg);
    if (await.kind == AWAIT_TRANSFERS)
        return begin_together(loop, await.together, client);
    if (await.kind != AWAIT_TRANSFER)
        return false;
    *code = CURLE_FAILED_INIT; /* if it cannot even be added */
    return curl_multi_add_handle(loop->multi, await.easy) == CURLM_OK;
}

/* Takes the client from where it stands to its next wait, as in `callbacks`. */
static void advance(struct loop *loop, struct client *client, CURLcode code)
{
    struct worker *worker = &client->worker;
    const struct task *task = worker->task;
    client->until_ns = 0;
    for (bool waits = false; !waits;) {
        switch (client->state) {
        case IDLE:
            if (!worker_take(worker)) {
                recorder_end(worker->recorder);
                loop->alive--;
                return;
            }
            client->state = TAKEN;
            client->until_ns = worker->due_ns;
            waits = worker->due_ns > 0;
            break;
        case TAKEN:
            client->state = BEGUN;
            waits = start(loop, client, task->begin(worker), &code);
            break;
        case BEGUN:
            waits = task->more && start(loop, client, task->more(worker, code), &code);
            if (!waits) {
                task->end(worker, code);
                client->state = IDLE;
            }
            break;
        }
    }
}

/* Wakes the clients whose time has come; returns how many ms the others can wait. */
static int wake_due(struct loop *loop)
{
    uint64_t now_ns = clock_ns();
    uint64_t wait_ns = LONGEST_WAIT_MS * NS_PER_MS;
    for (size_t i = 0; i < loop->count; i++) {
        struct client *client = &loop->clients[i];
        if (client->until_ns && client->until_ns <= now_ns)
            advance(loop, client, CURLE_OK);
        uint64_t left_ns = client->until_ns > now_ns ? client->until_ns - now_ns : 0;
        if (client->until_ns && left_ns < wait_ns)
            wait_ns = left_ns; /* 0: the next one is already due */
    }
    return (int)(wait_ns / NS_PER_MS);
}

static void end_finished(struct loop *loop)
{
    int left = 0;
    const CURLMsg *message = NULL;
    while ((message = curl_multi_info_read(loop->multi, &left))) {
        void *of_easy = NULL;
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result;
        (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &of_easy);
        (void)curl_multi_remove_handle(loop->multi, easy);
        struct transfer *transfer = of_easy;
        if (loop->is_together)
            transfer->code = code;
        if (!loop->is_together)
            advance(loop, of_easy, code);
        else if (--transfer->together->left == 0)
            advance(loop, transfer->together->user, CURLE_OK);
    }
}

static void run_all(struct loop *loop)
{
    loop->alive = loop->count;
    for (size_t i = 0; i < loop->count; i++)
        recorder_begin(loop->clients[i].worker.recorder);
    for (size_t i = 0; i < loop->count; i++)
        advance(loop, &loop->clients[i], CURLE_OK);
    for (;;) {
        int running = 0, wait_ms = wake_due(loop);
        if (loop->alive == 0)
            return;
        (void)curl_multi_poll(loop->multi, NULL, 0, wait_ms, NULL);
        (void)curl_multi_perform(loop->multi, &running);
        end_finished(loop);
    }
}

static int make_clients(struct loop *loop, struct run *run, struct err *err)
{
    for (size_t i = 0; i < loop->count; i++) {
        struct client *client = &loop->clients[i];
        int status = worker_init(&client->worker, run, 0, NULL, err);
        if (status)
            return status;
        loop->is_together = worker_transfers(&client->worker) != NULL;
        (void)curl_easy_setopt(worker_easy(&client->worker), CURLOPT_PRIVATE, client);
        run->units_created++;
    }
    return 0;
}

static int run_multi_poll(struct run *run, struct err *err)
{
    struct loop loop = {.count = (size_t)run->settings.concurrency};
    loop.clients = memory_calloc(loop.count, sizeof *loop.clients);
    int status = make_clients(&loop, run, err);
    if (!status) {
        loop.multi = memory_must(curl_multi_init());
        (void)curl_multi_setopt(loop.multi, CURLMOPT_MAXCONNECTS,
                                (long)(loop.count * run->settings.fan_out));
        connections_limit(run, 0, loop.multi);
        run_all(&loop);
    }
    for (size_t i = 0; i < loop.count; i++)
        worker_done(&loop.clients[i].worker);
    (void)curl_multi_cleanup(loop.multi);
    free(loop.clients);
    return status;
}

int main(int argc, char **argv)
{
    const struct model model = {
        .name = "multi-poll",
        .about = "curl_multi_poll on one thread: looks at every handle",
        .family = FAMILY_LOOPS,
        .tasks = "http none sleep block cpu file fan-out spawn",
        .shares_connections = true,
        .threads = runner_one_thread,
        .needs = {.fds = 1, .kib = 24, .kib_bare = 1},
        .run = run_multi_poll,
    };
    return runner_main(argc, argv, &model);
}
