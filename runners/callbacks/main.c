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
 * struct, and the loop over the tickets, three lines in `sequential`, is a state machine,
 * by hand. The clients and their loop are in loop/crowd.c.
 *
 * What it costs: the least memory of the event-driven models, and the reader's patience.
 * A task of several steps needs a state for each of them.
 *
 * What to look for in the results: against `coroutines`, the price of a stack and of two
 * switches per request: next to nothing in CPU, a page per request in flight in memory.
 */
#include "core/runner.h"
#include "loop/crowd.h"

/* Of a client: has it no request in hand, one that is not begun, or one under way? */
enum { IDLE, TAKEN, BEGUN };

/* What straight-line code says with the place where it is, the state says here. */
static void advance(struct client *client)
{
    for (bool waits = false; !waits;) {
        switch (client->position) {
        case IDLE:
            if (!worker_take(&client->worker)) {
                crowd_leave(client);
                return;
            }
            client->position = TAKEN;
            waits = crowd_waits_until_due(client);
            break;
        case TAKEN:
            client->position = BEGUN;
            waits = crowd_begins(client);
            break;
        case BEGUN:
            waits = crowd_goes_on_waiting(client);
            if (!waits) {
                crowd_ends(client);
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
    return crowd_run(run, advance, err);
}

int main(int argc, char **argv)
{
    const struct model model = {
        .name = "callbacks",
        .about = "One libevent loop that calls back; no stack per request.",
        .shares_connections = true,
        .threads = runner_one_thread,
        .fds_per_worker = 1,
        .run = run_callbacks,
    };
    return runner_main(argc, argv, &model);
}
