/* callbacks: the same event loop as `coroutines`, without coroutines.
 *
 *     loop       --+-start A-+-start B-+ epoll ... +-A is over: record, start again-+ ...
 *     client A     [request ....wait...............]                        [request ....
 *     client B               [request ....wait.............................
 *                  no stacks: what comes next is written down in a struct     time ->
 *
 * Control is inverted. No place in the code waits. Instead, the loop calls a function
 * when something is over, and that function has to find out what to do next. What a
 * coroutine keeps on its stack from one line to the next, a client keeps in its struct.
 * The loop over the tickets, three lines in `sequential`, becomes a state machine written
 * by hand. The clients and their loop are in loop/clients.c.
 *
 * What it costs: less memory than any other event-driven model, but the reader's
 * patience. A task of several steps needs a state for each step.
 *
 * What to look for in the results: the difference from `coroutines` is the price of a
 * stack and of two switches per request. It is next to nothing in CPU, and one page of
 * memory per request in flight.
 */
#include "runtime/loop/clients.h"
#include "runtime/runner.h"

/* The position of a client: it has no request in hand, has taken one, or has begun it. */
enum { IDLE, TAKEN, BEGUN };

/* The state says here what straight-line code says by the line it has reached. */
static void advance(struct client *client)
{
    for (bool waits = false; !waits;) {
        switch (client->position) {
        case IDLE:
            if (!worker_take(&client->worker)) {
                client_leaves(client);
                return;
            }
            client->position = TAKEN;
            waits = client_waits_until_due(client);
            break;
        case TAKEN:
            client->position = BEGUN;
            waits = client_begins(client);
            break;
        case BEGUN:
            waits = client_goes_on_waiting(client);
            if (!waits) {
                client_ends(client);
                client->position = IDLE;
            }
            break;
        default:
            return;
        }
    }
}

static int run_callbacks(struct run *run, struct err *err)
{
    return clients_run(run, advance, err);
}

int main(int argc, char **argv)
{
    const struct model model = {
        .name = "callbacks",
        .about = "the same loop, calling back: no stacks",
        .family = FAMILY_LOOPS,
        .shares_connections = true,
        .threads = runner_one_thread,
        .needs = {.fds = 1, .kib = 24, .kib_bare = 1},
        .run = run_callbacks,
    };
    return runner_main(argc, argv, &model);
}
