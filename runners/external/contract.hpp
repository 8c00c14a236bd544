// contract.hpp: what the runners in C++ share. runners/external/README.md says what a program is told
// and what it writes; what waiting means is the runner's business:
//
//     contract::Run run(argc, argv);
//     while (run.next_part()) {                      // warm requests, if any are wanted, then the others
//         // in each worker, all at once; worker: its number, from 0
//         for (uint64_t made = 0; auto ticket = run.take(worker, made); made++) {
//             // wait until ticket->due_ns, unless that is 0
//             const uint64_t start_ns = run.begin();
//             contract::Outcome outcome = ...;       // a failure class, or null; bytes of the body
//             run.compute();
//             run.end(*ticket, start_ns, outcome);
//         }
//     }
//     run.finish(units, {{"library", version}});
//
// All of it belongs to one thread.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

namespace contract {

constexpr uint64_t trace_max = 10000;

inline uint64_t clock_ns(clockid_t clock)
{
    timespec now{};
    clock_gettime(clock, &now);
    return uint64_t(now.tv_sec) * 1'000'000'000 + uint64_t(now.tv_nsec);
}

inline uint64_t now_ns() { return clock_ns(CLOCK_MONOTONIC); }
inline uint64_t cpu_ns() { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }

// Ends the program with one line on stderr.
[[noreturn]] inline void fail(int code, const std::string &text)
{
    std::fprintf(stderr, "%s\n", text.c_str());
    std::_Exit(code);
}

struct Ticket {
    uint64_t number;
    uint64_t due_ns; // 0: at once
    uint32_t worker;
};

// Task pipeline: a number that a producer has taken in hand, on its way through the queue.
struct Item {
    Ticket ticket;
    uint64_t start_ns, put_ns = 0, taken_ns = 0;
};

struct Outcome {
    const char *failed = nullptr; // class of the failure; null: ok
    uint64_t bytes = 0;
};

// Every power of two is cut into 64 buckets, as in common/hist.h.
class Histogram {
public:
    void add(uint64_t value)
    {
        sum_ += value;
        min_ = std::min(min_, value);
        max_ = std::max(max_, value);
        count_++;
        if (value >= limit) {
            overflow_++;
            return;
        }
        const unsigned shift = std::max(int(std::bit_width(value)) - 7, 0);
        counts_[shift * 64 + (value >> shift)]++;
    }

    // [[lower edge, count], ...]
    std::string buckets() const
    {
        std::string text;
        for (uint64_t i = 0; i < counts_.size(); i++) {
            const uint64_t shift = i < 128 ? 0 : i / 64 - 1, edge = (i - shift * 64) << shift;
            if (counts_[i])
                text += (text.empty() ? "[" : ",[") + std::to_string(edge) + "," + std::to_string(counts_[i]) + "]";
        }
        return "[" + text + "]";
    }

    std::string sum() const { return or_null(sum_); }
    std::string min() const { return or_null(min_); }
    std::string max() const { return or_null(max_); }
    uint64_t overflow() const { return overflow_; }

private:
    static constexpr uint64_t limit = uint64_t(1) << 37;
    std::string or_null(uint64_t value) const { return count_ ? std::to_string(value) : "null"; }

    std::array<uint64_t, 31 * 64 + 64> counts_{};
    uint64_t count_ = 0, overflow_ = 0, sum_ = 0, min_ = UINT64_MAX, max_ = 0;
};

inline uint64_t divide(uint64_t number, uint64_t tests)
{
    uint64_t found = 0;
    for (uint64_t divisor = 2; divisor < tests + 2; divisor++)
        found += number % divisor == 0;
    return found;
}

// What divide finds, from pairs of divisors up to the square root.
inline uint64_t divisors(uint64_t number, uint64_t tests)
{
    const auto counts = [tests](uint64_t divisor) { return uint64_t(divisor >= 2 && divisor < tests + 2); };
    uint64_t found = 0;
    for (uint64_t low = 1; low * low <= number; low++) {
        if (number % low == 0)
            found += counts(low) + (low * low < number ? counts(number / low) : 0);
    }
    return found;
}

// How many tests C++ makes here in a microsecond of CPU time, as common/work.c finds it.
inline double tests_per_us()
{
    constexpr uint64_t tests = 200'000;
    uint64_t best_ns = UINT64_MAX;
    for (int i = 0; i < 8; i++) {
        const uint64_t start_ns = cpu_ns();
        [[maybe_unused]] volatile uint64_t found = divide(start_ns, tests);
        best_ns = std::min(best_ns, std::max<uint64_t>(cpu_ns() - start_ns, 1));
    }
    return tests * 1e3 / double(best_ns);
}

class Run {
public:
    Run(int argc, char **argv)
    {
        for (const std::string_view word : std::vector<std::string_view>(argv + 1, argv + argc)) {
            const size_t equals = word.find('=');
            if (equals == word.npos)
                continue;
            const std::string key(word.substr(0, equals)), value(word.substr(equals + 1));
            key == "url" ? urls_.push_back(value) : void(told_[key] = value);
        }
        for (const char *c = told_["sleep_ms"].c_str(); *c; c += *c == ',') {
            char *end = nullptr;
            sleeps_ms_.push_back(std::strtoull(c, &end, 10));
            c = end;
        }
        requests_ = number("requests"), rate_ = number("rate"), warm_ = number("warm"), random_ = number("seed");
        is_traced_ = number("trace"), is_poisson_ = number("poisson");
        if (task() == "http" || task() == "cpu" || task() == "pipeline")
            work_ = number("work_us") ? uint64_t(double(number("work_us")) * tests_per_us()) : number("work");
    }

    const std::string &text(const std::string &key) const { return told_.at(key); }
    uint64_t number(const std::string &key) const { return std::strtoull(text(key).c_str(), nullptr, 10); }
    const std::string &task() const { return text("task"); }
    const std::string &url(uint32_t worker) const { return urls_[worker % urls_.size()]; }
    uint32_t url_count() const { return uint32_t(urls_.size()); }
    uint64_t sleep_ms(const Ticket &ticket) const { return sleeps_ms_[ticket.number % sleeps_ms_.size()]; }

    void compute() const
    {
        if (work_)
            [[maybe_unused]] volatile uint64_t found = divide(now_ns(), work_);
    }

    // Begins the warm requests, or those that count; false when both are over.
    bool next_part()
    {
        if (is_warm_)
            warm_end_ = part_;
        if (is_begun_ && !is_warm_)
            return false;
        is_warm_ = !is_begun_ && warm_ > 0;
        is_begun_ = true;
        part_ = Part{};
        if (is_traced_ && !is_warm_)
            part_.trace.reserve(std::min(requests_, trace_max));
        return true;
    }

    // The next request of this worker, which has had `made` in this part; nothing when there is none.
    std::optional<Ticket> take(uint32_t worker, uint64_t made)
    {
        if (is_warm_)
            return made == warm_ ? std::nullopt : std::optional(Ticket{made, 0, worker});
        if (part_.taken == requests_)
            return std::nullopt;
        return Ticket{part_.taken++, rate_ ? arrival() : 0, worker};
    }

    void connected() { part_.connections++; }

    uint64_t begin()
    {
        part_.peak = std::max(part_.peak, ++part_.in_flight);
        const uint64_t now = now_ns();
        if (!part_.first_ns)
            part_.first_ns = now, part_.cpu_ns = cpu_ns();
        return now;
    }

    Item item(const Ticket &ticket) { return {ticket, begin()}; }
    void note_producer_wait() { part_.producer_waits++; }
    void note_consumer_wait() { part_.consumer_waits++; }

    // Counts the number's divisors, and then again in another way.
    void answer(const Item &item, uint32_t consumer)
    {
        const uint64_t number = requests_ - item.ticket.number, found = divide(number, work_), now = now_ns();
        if (is_traced_ && item.taken_ns && item.ticket.number < trace_max)
            part_.passed.push_back(item);
        end({item.ticket.number, 0, consumer}, item.start_ns, {found == divisors(number, work_) ? nullptr : "other"}, now);
    }

    void end(const Ticket &ticket, uint64_t start_ns, const Outcome &outcome) { end(ticket, start_ns, outcome, now_ns()); }

    void end(const Ticket &ticket, uint64_t start_ns, const Outcome &outcome, uint64_t now)
    {
        const uint64_t due_ns = ticket.due_ns;
        part_.in_flight--;
        part_.last_ns = now;
        if (is_traced_ && !is_warm_ && ticket.number < trace_max)
            part_.trace.push_back({ticket, start_ns, now});
        if (due_ns)
            part_.lag.add(start_ns > due_ns ? start_ns - due_ns : 0);
        if (outcome.failed) {
            part_.failed[outcome.failed]++;
        } else {
            part_.ok++;
            part_.bytes += outcome.bytes;
            part_.latency.add(now - start_ns);
            if (due_ns)
                part_.response.add(now > due_ns ? now - due_ns : 0);
        }
        if (++part_.done == requests_ && !is_warm_)
            part_.cpu_ns = cpu_ns() - part_.cpu_ns;
    }

    // Writes the document and ends the program, which the loop's end would hold up for a lookup that nobody needs any
    // more. The knobs are the versions of what could bias a comparison.
    [[noreturn]] void finish(uint64_t units, const std::map<std::string, std::string> &knobs)
    {
        std::string text = told_.at("head");
        for (const auto &[name, value] : knobs)
            text += ",\"" + name + "\":\"" + value + "\"";
        text += "}" + document(units) + ",\"teardown_ns\":" + std::to_string(now_ns() - part_.last_ns) + "}\n";
        const int fd = int(number("result_fd"));
        for (size_t done = 0; done < text.size();) {
            const ssize_t wrote = write(fd, text.data() + done, text.size() - done);
            if (wrote < 0)
                fail(3, "cannot write the result document");
            done += size_t(wrote);
        }
        if (close(fd))
            fail(3, "cannot write the result document");
        std::_Exit(0);
    }

private:
    struct Row {
        Ticket ticket;
        uint64_t start_ns, end_ns;
    };

    // What a part of the run counts.
    struct Part {
        uint64_t taken = 0, in_flight = 0, peak = 0, done = 0, ok = 0, bytes = 0, connections = 0;
        uint64_t first_ns = 0, last_ns = 0, cpu_ns = 0, begin_ns = 0;
        double offset_ns = 0;
        std::map<std::string, uint64_t> failed;
        Histogram latency, response, lag;
        std::vector<Row> trace;
        uint64_t producer_waits = 0, consumer_waits = 0;
        std::vector<Item> passed;
    };

    uint64_t arrival()
    {
        if (!part_.begin_ns)
            part_.begin_ns = now_ns();
        const uint64_t due_ns = part_.begin_ns + uint64_t(part_.offset_ns);
        part_.offset_ns += (is_poisson_ ? -std::log(uniform()) : 1) * 1e9 / double(rate_);
        return due_ns;
    }

    // splitmix64, as in runtime/schedule.c: in (0, 1].
    double uniform()
    {
        uint64_t x = random_ += 0x9e3779b97f4a7c15;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        x ^= x >> 31;
        return double((x >> 11) + 1) * 0x1p-53;
    }

    static std::string object(const std::map<std::string, uint64_t> &counts)
    {
        std::string text;
        for (const auto &[name, count] : counts)
            text += (text.empty() ? "\"" : ",\"") + name + "\":" + std::to_string(count);
        return "{" + text + "}";
    }

    // What comes after the knobs, without the last brace.
    std::string document(uint64_t units)
    {
        const Part &p = part_;
        std::string text;
        const auto put = [&text](const char *key, const std::string &value) { text += std::string(",\"") + key + "\":" + value; };
        const auto count = [&put](const char *key, uint64_t value) { put(key, std::to_string(value)); };
        count("ok", p.ok), put("failed", object(p.failed)), count("bytes_received", p.bytes);
        count("connections_opened", p.connections), count("units_created", units), count("peak_in_flight", p.peak);
        count("setup_ns", p.first_ns - number("started_ns")), count("measured_ns", p.last_ns - p.first_ns);
        count("cpu_measured_ns", p.cpu_ns), put("latency_ns", p.latency.buckets()), count("overflow", p.latency.overflow());
        put("latency_sum_ns", p.latency.sum()), put("latency_min_ns", p.latency.min()), put("latency_max_ns", p.latency.max());
        if (warm_)
            count("warm_requests", warm_end_.done), put("warm_failed", object(warm_end_.failed));
        if (rate_) {
            put("response_ns", p.response.buckets()), count("response_overflow", p.response.overflow());
            put("response_max_ns", p.response.max()), put("lag_ns", p.lag.buckets()), count("lag_overflow", p.lag.overflow());
        }
        if (task() == "pipeline") {
            count("producer_waits", p.producer_waits), count("consumer_waits", p.consumer_waits);
            if (is_traced_)
                put("trace_queue_ns", passed());
        }
        if (is_traced_)
            put("trace_ns", rows([](const Row &row, uint64_t first) {
                    return std::vector<uint64_t>{row.start_ns - first, row.end_ns - first, row.ticket.worker};
                }));
        if (is_traced_ && rate_)
            put("trace_due_ns", rows([](const Row &row, uint64_t first) { return std::vector<uint64_t>{row.ticket.due_ns - first}; }));
        return text;
    }

    // Rows of trace_queue_ns.
    std::string passed()
    {
        std::string text;
        std::sort(part_.passed.begin(), part_.passed.end(), [](const Item &one, const Item &other) { return one.ticket.number < other.ticket.number; });
        for (const Item &item : part_.passed)
            text += (text.empty() ? "[" : ",[") + std::to_string(item.ticket.number) + "," + std::to_string(item.put_ns - part_.first_ns) + "," +
                    std::to_string(item.taken_ns - part_.first_ns) + "," + std::to_string(item.ticket.worker) + "]";
        return "[" + text + "]";
    }

    // [[request, what of(row, first) says, ...], ...] in the order of their numbers.
    template <typename Of> std::string rows(Of of)
    {
        std::sort(part_.trace.begin(), part_.trace.end(), [](const Row &one, const Row &other) { return one.ticket.number < other.ticket.number; });
        std::string text;
        for (const Row &row : part_.trace) {
            text += (text.empty() ? "[" : ",[") + std::to_string(row.ticket.number);
            for (const uint64_t value : of(row, part_.first_ns))
                text += "," + std::to_string(int64_t(value)); // due may be before the first start
            text += "]";
        }
        return "[" + text + "]";
    }

    std::map<std::string, std::string> told_;
    std::vector<std::string> urls_;
    std::vector<uint64_t> sleeps_ms_;
    uint64_t requests_ = 0, rate_ = 0, warm_ = 0, random_ = 0, work_ = 0;
    bool is_traced_ = false, is_poisson_ = false, is_begun_ = false, is_warm_ = false;
    Part part_, warm_end_;
};

} // namespace contract
