/* stackless: coroutines that keep no stack, only the line they stopped at.
 *
 *     loop       --+--A--+-B-+--C--+ epoll ... +-B-+--A--+--C--+ epoll ...
 *     task A       [request ....wait...........]   [request ....wait....
 *     task B             [request ....wait.....][request ....wait....
 *     task C                 [request ....wait...........]  [request ....
 *                  AWAIT returns; the next call jumps to the line after it    time ->
 *
 * This is between `callbacks` and `coroutines`. The code reads from top to bottom again,
 * with a loop in it, but it is a function that returns at each wait and is called again
 * afterwards. A switch at its top jumps to where it was. These are protothreads (Dunkels,
 * Schmidt, Voigt, Ali: "Protothreads: simplifying event-driven programming of
 * memory-constrained embedded systems", 2006). Compilers of other languages make the same
 * out of `async` and `await`.
 *
 * What it costs: local variables do not survive an AWAIT, so whatever is needed later
 * lives in the client's struct, the context that a compiler would generate. Only this one
 * function can wait. A function that it calls cannot, because it has no stack to stay on.
 *
 * What to look for in the results: the memory of `callbacks`. `coroutines` needs a page
 * of stack per request in flight on top of it. */
#include "runtime/loop/clients.h"
#include "runtime/runner.h"

/* The whole trick: C allows a case label inside a loop that is inside the switch. */
#define BEGIN(client)                                                                    \
    switch ((client)->position) {                                                        \
    default:
#define AWAIT(client)                                                                    \
    do {                                                                                 \
        (client)->position = __LINE__;                                                   \
        return;                                                                          \
    case __LINE__:;                                                                      \
    } while (0)
#define END }

/* Compare worker_run and worker_perform in core/worker.c. */
static void perform_all(struct client *client)
{
    BEGIN(client);
    while (worker_take(&client->worker)) {
        if (client_waits_until_due(client))
            AWAIT(client);
        if (client_begins(client))
            AWAIT(client);
        while (client_goes_on_waiting(client))
            AWAIT(client);
        client_ends(client);
    }
    client_leaves(client);
    END
}

static int run_stackless(struct run *run, struct err *err)
{
    return clients_run(run, perform_all, err);
}

int main(int argc, char **argv)
{
    const struct model model = {
        .name = "stackless",
        .about = "the same loop, coroutines without stacks",
        .family = FAMILY_LOOPS,
        .shares_connections = true,
        .threads = runner_one_thread,
        .needs = {.fds = 1, .kib = 28, .kib_bare = 1},
        .run = run_stackless,
    };
    return runner_main(argc, argv, &model);
}
