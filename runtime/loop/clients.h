/* clients: those of one event loop, many, without stacks of their own. It is for models
 * without a stack to remember where they were: each client keeps its position in its
 * struct.
 *
 *     clients_run  -->  advance(client)   until it has to wait, and again when that is over
 *
 * One thread only. */
#ifndef RUNTIME_CLIENTS_H
#define RUNTIME_CLIENTS_H

#include "common/err.h"
#include "runtime/worker.h"

#include <stdbool.h>

struct clients; /* opaque */

struct client {
    struct worker worker;
    struct clients *clients; /* borrowed */
    int position;            /* the model's: where advance goes on; 0 at first */
    CURLcode code;           /* of the transfer that is over */
};

/* Takes a client from where it stands to its next wait, or to its end. */
typedef void client_advance_fn(struct client *client);

/* Makes the clients, one per request in flight, and serves them until all have left.
 * EXIT_CODE_UNFIT. */
int clients_run(struct run *run, client_advance_fn *advance, struct err *err);

/* True when the request in hand is due later: return then, and go on when advance is
 * called again. A closed loop's requests are always due. */
bool client_waits_until_due(struct client *client);

/* Begins the request in hand. True when there is something to wait for: return then, and
 * go on when advance is called again. */
bool client_begins(struct client *client);

/* True when the request in hand has one more thing to wait for: as above. */
bool client_goes_on_waiting(struct client *client);

/* Ends the request in hand, and records it. */
void client_ends(struct client *client);

/* Ends the client, for which no request is left. */
void client_leaves(struct client *client);

#endif
