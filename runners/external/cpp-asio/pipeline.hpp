// pipeline.hpp: task pipeline. Boost 1.74 has no channel for coroutines yet, so the queue is a deque, with the timers of
// Asio's own example of a chat server: they never end, and who waits for one is woken when it is cancelled.
#pragma once

#include "../contract.hpp"

#include <boost/asio.hpp>
#include <deque>

namespace asio = boost::asio;

class Pipeline {
public:
    Pipeline(contract::Run &run, asio::io_context &loop)
        : run_(run), slots_(run.number("queue_slots")), workers_(uint32_t(run.number("concurrency"))), producers_left_(workers_ / 2),
          has_room_(loop, asio::steady_timer::time_point::max()), has_number_(loop, asio::steady_timer::time_point::max())
    {
    }

    // What a worker does. One alone needs no queue.
    asio::awaitable<void> work(uint32_t worker)
    {
        if (workers_ == 1) {
            while (const auto ticket = run_.take(worker, 0))
                run_.answer(run_.item(*ticket), worker);
        } else if (worker < workers_ / 2) {
            co_await produce(worker);
        } else {
            co_await consume(worker);
        }
    }

private:
    bool is_full() const { return items_.size() >= slots_; }
    bool is_open() const { return producers_left_ > 0; }

    // Its end is an error, as the timer's wait was cancelled.
    static asio::awaitable<void> wait_for(asio::steady_timer &timer)
    {
        boost::system::error_code is_cancelled;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, is_cancelled));
    }

    // Who is woken looks again, as another may have been faster.
    asio::awaitable<void> produce(uint32_t worker)
    {
        while (const auto ticket = run_.take(worker, 0)) {
            contract::Item item = run_.item(*ticket);
            if (is_full())
                run_.note_producer_wait();
            while (is_full())
                co_await wait_for(has_room_);
            item.put_ns = contract::now_ns();
            items_.push_back(item);
            has_number_.cancel_one();
        }
        if (--producers_left_ == 0)
            has_number_.cancel(); // all
    }

    asio::awaitable<void> consume(uint32_t worker)
    {
        while (is_open() || !items_.empty()) {
            if (items_.empty())
                run_.note_consumer_wait();
            while (items_.empty() && is_open())
                co_await wait_for(has_number_);
            if (items_.empty())
                continue;
            contract::Item item = items_.front();
            items_.pop_front();
            item.taken_ns = contract::now_ns();
            has_room_.cancel_one();
            run_.answer(item, worker);
        }
    }

    contract::Run &run_;
    const uint64_t slots_;
    const uint32_t workers_;
    uint32_t producers_left_;
    std::deque<contract::Item> items_;
    asio::steady_timer has_room_, has_number_;
};
