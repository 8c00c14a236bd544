# ruby-threads: a thread of Ruby for each request in flight, with net/http.
#
#     thread 1   [request ....wait....][request ....wait....]
#     thread 2   [request ....wait....][request ....wait....]
#     thread 3   [request ....wait....][request ....wait....]
#     the lock   1 2 3               1 2 3                       time ->
#
# The `threads` model in Ruby. A thread is one of the kernel, but only one at a time runs Ruby: whoever
# waits gives the interpreter's lock (GVL) to another. So waiting is done together, computing in turn.
#
# What it costs: a stack in the kernel's eyes and one of the interpreter for each request in flight, and
# the lock, which is handed over at each wait and each return from it.
#
# What to look for in the results: CPU per request, which is the interpreter's; that task cpu is no faster
# on two CPUs than on one.
require_relative "../contract"
require_relative "../pipeline"

RUN = Contract.new

if RUN.task == "http"
  require "net/http"
  require "openssl"

  # Counts its connections.
  class Client < Net::HTTP
    def connect
      super
      RUN.connected
    end
  end
end

CLASSES = {
  "timeout" => %w[Timeout::Error Errno::ETIMEDOUT], "resolve" => %w[SocketError], "tls" => %w[OpenSSL::SSL::SSLError],
  "connect" => %w[Errno::ECONNREFUSED Errno::EHOSTUNREACH Errno::ENETUNREACH], "reset" => %w[Errno::ECONNRESET Errno::EPIPE],
  "protocol" => %w[Net::HTTPBadResponse Net::HTTPHeaderSyntaxError Net::ProtocolError]
}.freeze

def class_of(error, has_head)
  names = error.class.ancestors.map(&:to_s)
  found, = CLASSES.find { |_, kinds| kinds.any? { |kind| names.include?(kind) } }
  found || (error.is_a?(EOFError) ? (has_head ? "short" : "reset") : "other")
end

# One GET after the other, on a connection of its own that is kept.
class Fetch
  def initialize(url)
    @uri = URI(url)
    @http = Client.new(@uri.hostname, @uri.port, nil) # nil: no proxy
    @http.max_retries = 0
    @http.keep_alive_timeout = 3600 # else two seconds
    @http.open_timeout = RUN.timeout_s
    return unless @uri.scheme == "https"
    @http.use_ssl = true
    @http.ca_file = RUN.cacert unless RUN.cacert.empty?
    @http.verify_mode = RUN.is?("insecure") ? OpenSSL::SSL::VERIFY_NONE : OpenSSL::SSL::VERIFY_PEER
  end

  # What is left of the time limit is that of the next read.
  def limit(deadline)
    left = (deadline - Contract.now_ns) / 1e9
    raise Net::ReadTimeout if left <= 0
    @http.read_timeout = left
  end

  # [outcome, bytes of the body]
  def get
    size, has_head = 0, false
    deadline = Contract.now_ns + (RUN.timeout_s * 1e9).to_i
    @http.start if RUN.is?("keepalive") && !@http.started?
    limit(deadline)
    response = @http.request(Net::HTTP::Get.new(@uri, "Accept-Encoding" => "identity")) do |answer|
      has_head = true
      answer.read_body do |part|
        size += part.bytesize
        limit(deadline)
      end
    end
    if response.content_length && size < response.content_length # net/http takes it for the end
      @http.finish if @http.started?
      return ["short", 0]
    end
    [response.code.to_i >= 400 ? "status" : "ok", size]
  rescue StandardError => error
    [class_of(error, has_head), 0]
  end
end

# Task pipeline: Ruby's SizedQueue, whose close lets those that wait for an item have nil. That a call would have to wait
# is an error if it is told not to.
class Numbers < SizedQueue
  def put(item)
    push(item, true)
  rescue ThreadError
    RUN.note_wait(:producer_waits)
    push(item)
  end

  def get
    pop(true)
  rescue ThreadError
    RUN.note_wait(:consumer_waits) unless closed?
    pop
  end
end

PIPELINE = RUN.task == "pipeline" && Pipeline.new(RUN, Numbers.new(RUN.queue_slots))
FETCHES = [] # in the warm part, and then in the other

def work(worker)
  fetch = FETCHES[worker] ||= Fetch.new(RUN.url(worker)) if RUN.task == "http"
  while (ticket = RUN.take(worker))
    wait = RUN.seconds_until(ticket)
    sleep(wait) if wait.positive?
    start = RUN.begin
    outcome, size = fetch ? fetch.get : ["ok", 0]
    sleep(RUN.sleep_s(ticket)) if RUN.task == "sleep"
    RUN.compute
    RUN.end(ticket, start, outcome, size)
  end
end

begin
  while RUN.next_part?
    gate = Queue.new
    workers = Array.new(RUN.concurrency) do |i|
      Thread.new do
        gate.pop
        PIPELINE ? PIPELINE.work(i) : work(i)
      end
    end
    gate.close # all begin together
    workers.each(&:join)
  end
rescue ThreadError, NoMemoryError => error
  Contract.fail(3, "ruby-threads: #{error.message}")
end
RUN.finish(RUN.concurrency)
