// cpp-asio: C++20 coroutines on one io_context, which one thread runs, with Boost.Asio and Boost.Beast.
//
//     io_context   [r1][r2][r3].....[r1][r3].....[r2]
//     coroutine 1  [send]...wait....[read]
//     coroutine 2      [send]....wait............[read]
//     coroutine 3          [send]...wait....[read]               time ->
//
// The `stackless` model as the language has it: a coroutine is an object on the heap with what lives
// across its `co_await`s, and has no stack. The compiler cuts the function into the pieces between them.
//
// What it costs: an allocation for each coroutine that is called and awaited, down to the library's own,
// and one for the operation that it waits for.
//
// What to look for in the results: no voluntary switches beyond those of the loop; memory per request in
// flight far below that of coroutines with stacks; CPU per request near that of `callbacks`.
#include "../contract.hpp"
#include "http.hpp"
#include "pipeline.hpp"

#include <new>

using contract::Run;

enum class Task { http, sleep, compute };

// The timer is what the coroutine sleeps on; asio::use_awaitable makes its end one of the coroutine's.
static asio::awaitable<void> work(Run &run, Task task, uint32_t worker, Http *client)
{
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (uint64_t made = 0; const auto ticket = run.take(worker, made); made++) {
        if (ticket->due_ns > contract::now_ns()) {
            timer.expires_at(asio::steady_timer::time_point(std::chrono::nanoseconds(ticket->due_ns)));
            co_await timer.async_wait(asio::use_awaitable);
        }
        const uint64_t start_ns = run.begin();
        contract::Outcome outcome;
        if (task == Task::http) {
            outcome = co_await client->fetch(worker);
        } else if (task == Task::sleep) {
            timer.expires_after(std::chrono::milliseconds(run.sleep_ms(*ticket)));
            co_await timer.async_wait(asio::use_awaitable);
        }
        run.compute();
        run.end(*ticket, start_ns, outcome);
    }
}

static void run_all(Run &run)
{
    const uint32_t workers = uint32_t(run.number("concurrency"));
    const Task task = run.task() == "http" ? Task::http : run.task() == "sleep" ? Task::sleep : Task::compute;
    asio::io_context loop(1); // one thread, which the library may rely on
    std::optional<Http> client; // its connections are the loop's
    if (task == Task::http)
        client.emplace(run);
    std::optional<Pipeline> pipeline;
    if (run.task() == "pipeline")
        pipeline.emplace(run, loop);
    while (run.next_part()) {
        for (uint32_t worker = 0; worker < workers; worker++)
            co_spawn(loop, pipeline ? pipeline->work(worker) : work(run, task, worker, client ? &*client : nullptr), asio::detached);
        loop.run();
        loop.restart();
    }
    run.finish(workers, {{"gcc", __VERSION__}, {"boost", BOOST_LIB_VERSION}, {"tls", OpenSSL_version(OPENSSL_VERSION)}});
}

int main(int argc, char **argv)
{
    try {
        Run run(argc, argv);
        run_all(run);
    } catch (const std::bad_alloc &) {
        contract::fail(3, "cpp-asio: out of memory");
    } catch (const std::exception &error) {
        contract::fail(1, std::string("cpp-asio: ") + error.what());
    }
    return 0;
}
