/* client.c: the states of a client and the clients of a loop; see client.h. */
#include "runtime/raw/client.h"

#include "common/clock.h"
#include "common/memory.h"
#include "runtime/shared.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_BYTE_EVERY 8 /* as in core/fetch.c */

static uint64_t timeout_ns(const struct clients *clients)
{
    return clients->run->settings.timeout_ms * NS_PER_MS;
}

int clients_init(struct clients *clients, struct run *run, int socket_flags,
                 struct err *err)
{
    *clients = (struct clients){.run = run,
                                .count = (size_t)run->settings.concurrency,
                                .socket_flags = socket_flags | SOCK_CLOEXEC};
    clients->in_flight = (struct link){&clients->in_flight, &clients->in_flight};
    (void)timers_init(&clients->due, 0);
    clients->list = memory_calloc(clients->count, sizeof *clients->list);
    for (size_t i = 0; i < clients->count; i++) {
        struct client *client = &clients->list[i];
        worker_attach(&client->worker, run, 0);
        worker_share_thread(&client->worker);
        client->clients = clients;
        client->index = i;
        client->fd = -1;
        client->need = CLIENT_REST;
        run->units_created++;
    }
    int status = target_init(&clients->target, &run->settings, err);
    for (size_t i = 0; i < clients->count && !status; i++)
        clients->list[i].request = target_request(&clients->target, i);
    if (!status && clients->target.lookup_ns)
        shared_add_phase(run->shared, PHASE_DNS, clients->target.lookup_ns);
    return status;
}

/* All requests have the same time limit, so the oldest is the first to be late. */
static struct client *oldest(const struct clients *clients)
{
    struct link *link = clients->in_flight.newer;
    return link == &clients->in_flight ? NULL : (struct client *)(void *)link;
}

uint64_t clients_next_ns(const struct clients *clients)
{
    const struct client *client = oldest(clients);
    uint64_t due_ns = timers_next_ns(&clients->due);
    uint64_t late_ns =
        client ? client->worker.start_ns + timeout_ns(clients) : UINT64_MAX;
    return due_ns < late_ns ? due_ns : late_ns;
}

static void begin(struct client *client)
{
    struct link *head = &client->clients->in_flight;
    shared_enter(client->worker.run->shared);
    client->worker.start_ns = clock_ns();
    client->link = (struct link){head->older, head};
    head->older->newer = &client->link;
    head->older = &client->link;
    http_parse_begin(&client->parse);
    client->requests++;
    client->attempt = client->sent = 0;
    client->first_address = client->clients->target.first;
    client->is_late = client->is_broken = client->has_waited = false;
    client->is_reused = client->fd >= 0;
    client->need = client->is_reused ? CLIENT_SEND : CLIENT_CONNECT;
}

static void unlink_client(struct client *client)
{
    client->link.older->newer = client->link.newer;
    client->link.newer->older = client->link.older;
}

struct client *clients_take_late(struct clients *clients, uint64_t now_ns)
{
    struct client *client = oldest(clients);
    if (!client || now_ns < client->worker.start_ns + timeout_ns(clients))
        return NULL;
    unlink_client(client);
    client->is_late = true;
    worker_note(&client->worker, OUTCOME_TIMEOUT,
                "timed out: no whole answer within %llu ms",
                (unsigned long long)clients->run->settings.timeout_ms);
    return client;
}

void clients_done(struct clients *clients)
{
    for (size_t i = 0; clients->list && i < clients->count; i++)
        client_close(&clients->list[i]);
    free(clients->list);
    timers_done(&clients->due);
    target_done(&clients->target);
    *clients = (struct clients){0};
}

static void take_next(struct client *client)
{
    struct worker *worker = &client->worker;
    if (!worker_take(worker)) {
        client->need = CLIENT_REST;
        client->clients->alive--;
        recorder_end(worker->recorder);
        return;
    }
    bool is_early =
        worker->due_ns > 0 && (worker->is_at_line || worker->due_ns > clock_ns());
    if (is_early && !timers_add(&client->clients->due, worker->due_ns, client))
        client->need = CLIENT_WAIT;
    else
        begin(client);
}

/* At the line of the warm requests a client waits again, or takes its first measured one.
 */
static void leave_line(struct client *client)
{
    uint64_t until_ns = warm_line_ns(&client->worker);
    if (until_ns && !timers_add(&client->clients->due, until_ns, client))
        return;
    warm_pass(&client->worker);
    take_next(client);
}

struct client *clients_take_due(struct clients *clients, uint64_t now_ns)
{
    struct client *client = timers_take(&clients->due, now_ns);
    if (client && client->worker.is_at_line)
        leave_line(client);
    else if (client)
        begin(client);
    return client;
}

void client_start(struct client *client)
{
    client->clients->alive++;
    recorder_begin(client->worker.recorder);
    take_next(client);
}

bool client_open(struct client *client)
{
    struct target *target = &client->clients->target;
    if (target->count == 0) {
        worker_note(&client->worker, OUTCOME_RESOLVE, "Could not resolve the host: %s",
                    gai_strerror(target->lookup_error));
        client_end(client, OUTCOME_RESOLVE);
        return false;
    }
    client->address =
        target_address(target, client->index, client->first_address + client->attempt);
    client->fd = socket(client->address.bytes.ss_family,
                        SOCK_STREAM | client->clients->socket_flags, 0);
    if (client->fd < 0) {
        worker_note(&client->worker, OUTCOME_CONNECT, "no socket: %s", strerror(errno));
        client_end(client, OUTCOME_CONNECT);
        return false;
    }
    const int on = 1;
    (void)setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    client->is_peer_done = false;
    client->connect_ns = clock_ns();
    return true;
}

void client_connected(struct client *client, int error)
{
    struct clients *clients = client->clients;
    if (error) {
        client_close(client);
        if (++client->attempt < clients->target.count) {
            client->need = CLIENT_CONNECT;
            return;
        }
        worker_note(&client->worker, OUTCOME_CONNECT, "Failed to connect: %s",
                    strerror(error));
        client_end(client, OUTCOME_CONNECT);
        return;
    }
    uint64_t now_ns = clock_ns();
    shared_add_phase(clients->run->shared, PHASE_CONNECT, now_ns - client->connect_ns);
    client->connect_ns = now_ns;
    client->worker.recorder->connections_opened++;
    clients->target.first =
        (client->first_address + client->attempt) % clients->target.count;
    client->need = CLIENT_SEND;
}

/* The connection is gone. If a kept connection ends before a status line is whole, the
 * server had closed it, and the request is sent once more. Otherwise the request fails.
 */
static void lose(struct client *client, int error)
{
    client_close(client);
    if (client->is_reused && !client->parse.has_status) {
        http_parse_begin(&client->parse);
        client->is_reused = client->is_broken = client->has_waited = false;
        client->sent = 0;
        client->need = CLIENT_CONNECT;
        return;
    }
    worker_note(&client->worker, OUTCOME_RESET, "the connection ended %s: %s",
                client->parse.is_final    ? "within the answer"
                : client->parse.has_begun ? "within the first line of the answer"
                                          : "before an answer",
                error ? strerror(error) : "closed by the server");
    client_end(client, OUTCOME_RESET);
}

const char *client_unsent(const struct client *client, size_t *out_size)
{
    *out_size = client->request->size - client->sent;
    return client->request->bytes + client->sent;
}

static void note_redirect(struct client *client)
{
    char location[HTTP_LOCATION_MAX_BYTES + 1] = "";
    const struct http_parse *parse = &client->parse;
    memcpy(location, parse->location, parse->location_size);
    worker_note_redirect(&client->worker, parse->status,
                         parse->location_size ? location : NULL);
}

static void end_complete(struct client *client)
{
    const unsigned status = client->parse.status;
    if (status >= 400)
        worker_note(&client->worker, OUTCOME_STATUS, "status %u", status);
    else if (status >= 300)
        note_redirect(client);
    client_end(client, status < 400 ? OUTCOME_OK : OUTCOME_STATUS);
}

static bool is_sent(const struct client *client)
{
    return client->sent == client->request->size;
}

void client_sent(struct client *client, ssize_t result)
{
    if (result < 0) {
        client->is_broken = true;
        client->error = (int)-result;
    }
    client->sent += result > 0 ? (size_t)result : 0;
    if (!client->is_broken && !is_sent(client))
        return;
    client->need = CLIENT_RECEIVE;
    if (client_has_answer(client))
        end_complete(client);
}

/* Whether the rest of the request must be sent. Like libcurl, a client stops sending at a
 * status of 300 or above. */
static bool needs_rest(const struct client *client)
{
    return !is_sent(client) && !client->is_broken && !client->is_peer_done &&
           client->parse.status < 300 && client->parse.is_keep_alive;
}

static void receive_end(struct client *client)
{
    enum http_eof eof = http_parse_eof(&client->parse);
    client->is_peer_done = true;
    if (client->is_broken || eof == HTTP_EOF_LOST) {
        lose(client, client->is_broken ? client->error : 0);
    } else if (eof == HTTP_EOF_COMPLETE) {
        end_complete(client);
    } else {
        worker_note(&client->worker, OUTCOME_SHORT,
                    "the server closed within the answer, after %llu bytes of the body",
                    (unsigned long long)client->parse.body_bytes);
        client_end(client, OUTCOME_SHORT);
    }
}

static void note_first_byte(const struct client *client)
{
    uint64_t from_ns = client->is_reused ? client->worker.start_ns : client->connect_ns;
    shared_add_phase(client->clients->run->shared, PHASE_FIRST_BYTE,
                     clock_ns() - from_ns);
}

void client_received(struct client *client, const char *bytes, ssize_t result)
{
    struct http_parse *parse = &client->parse;
    if (result < 0) {
        lose(client, client->is_broken ? client->error : (int)-result);
        return;
    }
    if (result == 0) {
        receive_end(client);
        return;
    }
    if (!parse->has_begun && client->requests % FIRST_BYTE_EVERY == 1 &&
        !client->worker.run->settings.post_bytes) /* as in core/fetch.c */
        note_first_byte(client);
    if (http_parse_feed(parse, bytes, (size_t)result) < (size_t)result)
        client->is_peer_done = true; /* more than was asked for, so it is not kept */
    if (parse->result == HTTP_BAD) {
        worker_note(&client->worker, OUTCOME_PROTOCOL, "%s", parse->reason);
        client_end(client, OUTCOME_PROTOCOL);
    } else if (parse->result == HTTP_DONE && !needs_rest(client))
        end_complete(client);
}

static bool can_stay(const struct client *client, enum outcome outcome)
{
    return (outcome == OUTCOME_OK || outcome == OUTCOME_STATUS) &&
           client->parse.result == HTTP_DONE && client->parse.is_keep_alive &&
           !client->is_peer_done && !client->is_broken && is_sent(client) &&
           !client->clients->run->settings.no_keepalive;
}

void client_end(struct client *client, enum outcome outcome)
{
    if (!can_stay(client, outcome))
        client_close(client);
    worker_work(&client->worker);
    uint64_t end_ns = clock_ns();
    shared_leave(client->worker.run->shared);
    if (!client->is_late)
        unlink_client(client);
    worker_record(&client->worker, outcome, client->worker.start_ns, end_ns,
                  client->parse.body_bytes);
    take_next(client);
}

void client_close(struct client *client)
{
    if (client->fd < 0)
        return;
    if (client->under_way) /* an operation would keep the socket open after close */
        (void)shutdown(client->fd, SHUT_RDWR);
    (void)close(client->fd);
    client->fd = -1;
    client->under_way = 0;
    client->closed++;
}
