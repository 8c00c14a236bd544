/* operation: what is under way in the ring for a client, and to which client a completion
 * belongs. Operations that were under way when a connection was closed complete later,
 * when their client may have another one. So a completion says to which connection it
 * belongs. */
#ifndef RUNNER_IO_URING_OPERATION_H
#define RUNNER_IO_URING_OPERATION_H

#include "ring.h"
#include "runtime/raw/client.h"

/* Bits of client->under_way. A PAIR, to send and then to receive, has one completion: a
 * PAIR when sending failed, else a RECEIVE. */
enum operation { CONNECT = 1, RECEIVE = 2, SEND = 4, PAIR = 8 | RECEIVE, CANCEL = 16 };

#define OPERATION_BITS 5
#define INDEX_BITS     32 /* of clients; what is left counts connections */

static inline enum operation operation_kind(uint64_t data)
{
    return (enum operation)(data & ((1U << OPERATION_BITS) - 1));
}

static inline uint32_t operation_client(uint64_t data)
{
    return (uint32_t)(data >> OPERATION_BITS);
}

static inline uint64_t operation_data(const struct client *client,
                                      enum operation operation)
{
    return (uint64_t)client->closed << (INDEX_BITS + OPERATION_BITS) |
           client->index << OPERATION_BITS | operation;
}

/* False when the connection of the operation has been closed. */
static inline bool operation_is_of(uint64_t data, const struct client *client)
{
    return data == operation_data(client, operation_kind(data)) && client->fd >= 0;
}

void operation_connect(struct ring *ring, struct client *client);

/* Sends what is left of the request, and receives unless the answer is there. */
void operation_send(struct ring *ring, struct client *client);

/* Receives, unless that is already under way. */
void operation_receive(struct ring *ring, struct client *client);

/* Ends all that is under way for the client. */
void operation_cancel(struct ring *ring, struct client *client);

#endif
