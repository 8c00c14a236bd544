# ruby-async: fibers of Ruby on one event loop, with the gems async and async-http.
#
#     loop      [r1][r2][r3].....[r1][r3].....[r2]
#     fiber 1   [send]...wait....[read]
#     fiber 2       [send]....wait............[read]
#     fiber 3           [send]...wait....[read]               time ->
#
# The `coroutines` model in Ruby. A task of async is a fiber, which has a stack of its own, so any
# function may wait, as in C; the loop (nio4r, libev) wakes it.
#
# What it costs: a machine stack for each request in flight, of which a few pages are touched, and a
# guard page, two mappings; and an HTTP client in Ruby.
#
# What to look for in the results: next to no voluntary switches; memory per request in flight beside
# that of ruby-threads; CPU per request, which is the interpreter's.
require_relative "../contract"
require_relative "../pipeline"
require "async"
require "async/barrier"
require "async/queue"

RUN = Contract.new
Console.logger.off! # a task that fails says so in its outcome

if RUN.task == "http"
  require "async/http"
  require "async/http/protocol/http11"

  # HTTP/1.1, its connections counted.
  module Counting
    def self.names = Async::HTTP::Protocol::HTTP11.names

    def self.client(peer)
      RUN.connected
      Async::HTTP::Protocol::HTTP11.client(peer)
    end
  end

  CLASSES = {
    Async::TimeoutError => "timeout", Errno::ETIMEDOUT => "timeout", SocketError => "resolve", OpenSSL::SSL::SSLError => "tls",
    Errno::ECONNREFUSED => "connect", Errno::EHOSTUNREACH => "connect", Errno::ENETUNREACH => "connect",
    Errno::ECONNRESET => "reset", Errno::EPIPE => "reset", Async::HTTP::Protocol::RequestFailed => "reset",
    ArgumentError => "protocol", NoMethodError => "protocol", Protocol::HTTP1::Error => "protocol"
  }.freeze
end

def class_of(error, has_head)
  return has_head ? "short" : "reset" if error.is_a?(EOFError)
  CLASSES.find { |kind, _| error.is_a?(kind) }&.last || "other"
end

# One GET after the other. The client has a pool of connections; it is that of one worker, as a shared one would
# connect for one after the other.
class Fetch
  def self.endpoints = RUN.urls.map { |url| Async::HTTP::Endpoint.parse(url, protocol: Counting, ssl_context: ssl_context) }

  def initialize(endpoint)
    @path = endpoint.path
    @client = Async::HTTP::Client.new(endpoint, retries: 1) # one try
    @headers = RUN.is?("keepalive") ? [] : [%w[connection close]]
  end

  def self.ssl_context
    context = OpenSSL::SSL::SSLContext.new
    trust = RUN.cacert.empty? ? {} : { ca_file: RUN.cacert }
    context.set_params(verify_mode: RUN.is?("insecure") ? OpenSSL::SSL::VERIFY_NONE : OpenSSL::SSL::VERIFY_PEER, **trust)
    context.alpn_protocols = Counting.names
    context
  end

  # [outcome, bytes of the body]
  def get(task)
    size, response = 0, nil
    task.with_timeout(RUN.timeout_s) do
      response = @client.get(@path, @headers)
      response.body&.each { |part| size += part.bytesize }
    end
    [response.status >= 400 ? "status" : "ok", size]
  rescue StandardError => error
    response&.close
    [class_of(error, response), 0]
  end
end

def work(task, worker, fetch)
  while (ticket = RUN.take(worker))
    wait = RUN.seconds_until(ticket)
    task.sleep(wait) if wait.positive?
    start = RUN.begin
    outcome, size = fetch ? fetch.get(task) : ["ok", 0]
    task.sleep(RUN.sleep_s(ticket)) if RUN.task == "sleep"
    RUN.compute
    RUN.end(ticket, start, outcome, size)
  end
end

# Task pipeline: a queue of async, which says whether a call would have to wait; no other task runs between. It knows
# no end, so each consumer finds a nil.
class Numbers < Async::LimitedQueue
  def put(item)
    RUN.note_wait(:producer_waits) if limited?
    enqueue(item)
  end

  def get
    RUN.note_wait(:consumer_waits) if empty?
    dequeue
  end

  def close = (RUN.concurrency - RUN.concurrency / 2).times { enqueue(nil) }
end

Async do
  pipeline = RUN.task == "pipeline" && Pipeline.new(RUN, Numbers.new(RUN.queue_slots))
  endpoints = RUN.task == "http" ? Fetch.endpoints : []
  fetches = endpoints.empty? ? [] : Array.new(RUN.concurrency) { |i| Fetch.new(endpoints[i % endpoints.size]) }
  while RUN.next_part?
    workers = Async::Barrier.new
    RUN.concurrency.times { |i| workers.async { |task| pipeline ? pipeline.work(i) : work(task, i, fetches[i]) } }
    workers.wait
  end
  RUN.finish(RUN.concurrency, "async" => Async::VERSION)
rescue FiberError, NoMemoryError => error
  Contract.fail(3, "ruby-async: #{error.message}")
end
