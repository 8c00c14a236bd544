// http.hpp: GET with Boost.Beast, on a connection for each worker, which is kept between its requests.
#pragma once

#include "../contract.hpp"

#include <utility> // Boost 1.74's awaitable.hpp needs it first

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/version.hpp>

#include <memory>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using asio::ip::tcp;

// What Beast reads a body into: nothing but its size.
struct counted_body {
    using value_type = uint64_t;
    struct reader {
        uint64_t &bytes;
        template <bool is_request, typename Fields>
        reader(http::header<is_request, Fields> &, value_type &value) : bytes(value) { bytes = 0; }
        void init(const boost::optional<uint64_t> &, error_code &error) { error = {}; }
        template <typename Buffers> size_t put(const Buffers &buffers, error_code &error)
        {
            error = {};
            bytes += beast::buffer_bytes(buffers);
            return beast::buffer_bytes(buffers);
        }
        void finish(error_code &error) { error = {}; }
    };
};

struct Url {
    bool is_https = false;
    std::string host, port, target, authority;

    explicit Url(const std::string &text)
    {
        const size_t begin = text.find("://") + 3, end = std::min(text.find_first_of("/?#", begin), text.size());
        authority = text.substr(begin, end - begin);
        is_https = begin == 8;
        target = text.substr(end, text.find('#', end) - end);
        if (target.empty() || target[0] != '/')
            target.insert(0, "/");
        const size_t close = authority.find(']'), colon = authority.find(':', close == authority.npos ? 0 : close);
        host = close == authority.npos ? authority.substr(0, colon) : authority.substr(1, close - 1);
        port = colon == authority.npos || colon + 1 == authority.size() ? is_https ? "443" : "80" : authority.substr(colon + 1);
        if (authority.find('@') != authority.npos)
            contract::fail(2, "a user name in the URL is not known to this runner");
    }
};

class Http {
public:
    explicit Http(contract::Run &run) : run_(run), connections_(run.number("concurrency"))
    {
        for (uint32_t i = 0; i < run.url_count(); i++)
            urls_.emplace_back(run.url(i));
        if (!urls_[0].is_https)
            return;
        tls_.set_verify_mode(run.number("insecure") ? asio::ssl::verify_none : asio::ssl::verify_peer);
        if (run.text("cacert").empty())
            tls_.set_default_verify_paths();
        else
            tls_.load_verify_file(run.text("cacert"));
    }

    // One GET. If a kept connection turns out to have ended before the answer began, it is made again on a new one.
    asio::awaitable<contract::Outcome> fetch(uint32_t worker)
    {
        const Url &url = urls_[worker % urls_.size()];
        auto &connection = connections_[worker];
        const auto deadline = std::chrono::steady_clock::now() + timeout_;
        const auto executor = co_await asio::this_coro::executor;
        for (;;) {
            const bool was_kept = connection != nullptr;
            Answer answer;
            if (!was_kept) {
                connection = std::make_unique<Connection>(executor, tls_, url.is_https);
                connection->tcp().expires_at(deadline);
                answer.outcome.failed = co_await open(*connection, url);
            }
            connection->tcp().expires_at(deadline);
            if (!answer.outcome.failed && url.is_https)
                answer = co_await exchange(*connection->secure, connection->buffer, url);
            else if (!answer.outcome.failed)
                answer = co_await exchange(*connection->plain, connection->buffer, url);
            if (!answer.is_kept)
                connection.reset();
            if (!was_kept || !answer.is_lost)
                co_return answer.outcome;
        }
    }

private:
    struct Connection {
        std::optional<beast::tcp_stream> plain;
        std::optional<beast::ssl_stream<beast::tcp_stream>> secure;
        beast::flat_buffer buffer;

        Connection(const asio::any_io_executor &executor, asio::ssl::context &tls, bool is_https)
        {
            is_https ? void(secure.emplace(executor, tls)) : void(plain.emplace(executor));
        }
        beast::tcp_stream &tcp() { return secure ? secure->next_layer() : *plain; }
    };

    struct Answer {
        contract::Outcome outcome;
        bool is_kept = false, is_lost = false; // the connection; lost: before the answer began
    };

    static auto into(error_code &error) { return asio::redirect_error(asio::use_awaitable, error); }

    // Connects; the class of the failure, or null.
    asio::awaitable<const char *> open(Connection &connection, const Url &url)
    {
        error_code error;
        const auto address = asio::ip::make_address(url.host, error);
        const bool is_numeric = !error;
        tcp::resolver::results_type found;
        if (is_numeric) {
            found = found.create(tcp::endpoint(address, uint16_t(std::stoul(url.port))), url.host, url.port);
        } else {
            tcp::resolver resolver(co_await asio::this_coro::executor);
            found = co_await resolver.async_resolve(url.host, url.port, into(error));
            if (error)
                co_return "resolve";
        }
        co_await connection.tcp().async_connect(found, into(error));
        if (error)
            co_return error == beast::error::timeout ? "timeout" : "connect";
        run_.connected();
        connection.tcp().socket().set_option(tcp::no_delay(true), error);
        if (!connection.secure)
            co_return nullptr;
        if (!is_numeric)
            SSL_set_tlsext_host_name(connection.secure->native_handle(), url.host.c_str());
        connection.secure->set_verify_callback(asio::ssl::host_name_verification(url.host));
        co_await connection.secure->async_handshake(asio::ssl::stream_base::client, into(error));
        co_return !error ? nullptr : error == beast::error::timeout ? "timeout" : "tls";
    }

    template <typename Stream> asio::awaitable<Answer> exchange(Stream &stream, beast::flat_buffer &buffer, const Url &url)
    {
        error_code error;
        http::request<http::empty_body> request(http::verb::get, url.target, 11);
        request.set(http::field::host, url.authority);
        request.set(http::field::user_agent, "concbench");
        request.keep_alive(is_keepalive_);
        co_await http::async_write(stream, request, into(error));
        if (error)
            co_return failure(error, false, buffer);
        for (bool is_answered = false;; is_answered = true) {
            http::response_parser<counted_body> parser;
            parser.body_limit(boost::none);
            parser.header_limit(300 * 1024);
            co_await http::async_read(stream, buffer, parser, into(error));
            if (error == asio::ssl::error::stream_truncated && parser.got_some())
                parser.put_eof(error = {});
            if (error)
                co_return failure(error, is_answered || parser.is_header_done(), buffer);
            const unsigned status = parser.get().result_int();
            if (status < 200 && status != 101) // interim
                continue;
            Answer answer;
            answer.outcome = {status == 101 ? "protocol" : status >= 400 ? "status" : nullptr, parser.get().body()};
            answer.is_kept = is_keepalive_ && parser.keep_alive() && buffer.size() == 0;
            co_return answer;
        }
    }

    // Beast parses a head when it is complete; how far one came that was cut off is in the buffer.
    static Answer failure(const error_code &error, bool is_answered, const beast::flat_buffer &buffer)
    {
        const std::string_view head(static_cast<const char *>(buffer.data().data()), buffer.size()), http_1 = "HTTP/1.";
        const bool has_line = is_answered || head.find('\n') != head.npos;
        const bool is_end = error == http::error::end_of_stream || error == http::error::partial_message ||
                            error == asio::ssl::error::stream_truncated || error == asio::error::eof;
        Answer answer;
        if (error == beast::error::timeout)
            answer.outcome.failed = "timeout";
        else if (is_end && !is_answered && head.substr(0, http_1.size()) != http_1.substr(0, head.size()))
            answer.outcome.failed = "protocol";
        else if (is_end)
            answer.outcome.failed = has_line ? "short" : "reset";
        else if (error.category() == asio::error::get_ssl_category())
            answer.outcome.failed = "tls";
        else if (error.category() == boost::system::system_category())
            answer.outcome.failed = "reset";
        else
            answer.outcome.failed = "protocol"; // Beast's own
        answer.is_lost = !has_line && std::string_view(answer.outcome.failed) == "reset";
        return answer;
    }

    contract::Run &run_;
    std::vector<Url> urls_;
    std::vector<std::unique_ptr<Connection>> connections_;
    asio::ssl::context tls_{asio::ssl::context::tls_client};
    const std::chrono::milliseconds timeout_{run_.number("timeout_ms")};
    const bool is_keepalive_ = run_.number("keepalive") != 0;
};
