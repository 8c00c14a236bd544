# contract: what the runners in Ruby share. runners/external/README.md says what a program is told
# and what it writes; what waiting means is the runner's business:
#
#     run = Contract.new
#     while run.next_part?                         # warm requests, if any are wanted, then the others
#       # in each worker, all at once; worker: its number, from 0
#       while (ticket = run.take(worker))
#         # wait run.seconds_until(ticket)
#         start = run.begin
#         outcome, size = ...                      # "ok" or a failure class; bytes of the body
#         run.compute
#         run.end(ticket, start, outcome, size)
#       end
#     end
#     run.finish(units, "gem" => version)
#
# Threads may share it.
class Contract
  TRACE_MAX = 10_000
  LIMIT_NS = 1 << 37
  MASK = 2**64 - 1

  Ticket = Struct.new(:number, :due, :worker)
  Item = Struct.new(:ticket, :start, :put, :taken) # a number on its way through a queue

  def self.now_ns = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)
  def self.cpu_ns = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID, :nanosecond)

  def self.fail(code, text)
    $stderr.puts text.lines.first.chomp
    exit!(code)
  end

  # Like common/hist.h: every power of two is cut into 64 buckets.
  class Histogram
    attr_reader :overflow, :sum, :min, :max

    def initialize
      @counts, @overflow, @sum, @min, @max = Hash.new(0), 0, 0, nil, nil
    end

    def add(value)
      value = 0 if value.negative?
      @sum += value
      @min = value if @min.nil? || value < @min
      @max = value if @max.nil? || value > @max
      return @overflow += 1 if value >= LIMIT_NS
      shift = value.bit_length > 7 ? value.bit_length - 7 : 0
      @counts[value >> shift << shift] += 1
    end

    def buckets = @counts.sort
    def sum_or_nil = @min && @sum
  end

  # What one part of the run counts.
  class Counts
    attr_accessor :taken, :in_flight, :peak, :done, :bytes, :connections, :first, :last, :begin, :offset, :cpu,
                  :producers_done
    attr_reader :failed, :latency, :response, :lag, :rows, :dues, :waits, :passed

    def initialize
      @taken = @in_flight = @peak = @done = @bytes = @connections = @offset = @cpu = @producers_done = 0
      @failed, @rows, @dues, @passed = Hash.new(0), [], [], []
      @waits = { producer_waits: 0, consumer_waits: 0 }
      @latency, @response, @lag = Histogram.new, Histogram.new, Histogram.new
    end
  end

  attr_reader :task, :concurrency, :urls, :timeout_s, :cacert, :queue_slots

  def initialize
    %w[INT TERM].each { |signal| trap(signal, "SYSTEM_DEFAULT") } # no exceptions of Ruby's
    pairs = ARGV.map { |word| word.split("=", 2) }
    @urls = pairs.select { |key, _| key == "url" }.map(&:last)
    @told = pairs.to_h
    @task, @cacert = @told["task"], @told["cacert"]
    @requests, @concurrency, @warm, @rate, @random, @started, @result_fd, @queue_slots =
      %w[requests concurrency warm rate seed started_ns result_fd queue_slots].map { |key| @told[key].to_i }
    @timeout_s = @told["timeout_ms"].to_i / 1000.0
    @sleeps = @told["sleep_ms"].split(",").map { |ms| ms.to_i / 1000.0 }
    @tests = @told["work_us"].to_i.positive? ? (@told["work_us"].to_i * tests_per_us).to_i : @told["work"].to_i
    @is_traced, @is_poisson = is?("trace"), is?("poisson")
    @lock, @parts = Mutex.new, 0
  end

  def is?(key) = @told[key] == "1"
  def url(worker) = @urls[worker % @urls.size]
  def sleep_s(ticket) = @sleeps[ticket.number % @sleeps.size]

  def divide(number, tests)
    found = 0
    divisor = 2
    while divisor < tests + 2
      found += 1 if (number % divisor).zero?
      divisor += 1
    end
    found
  end

  # What divide finds, from pairs of divisors up to the square root.
  def divisors(number, tests)
    (1..Integer.sqrt(number)).sum do |low|
      (number % low).zero? ? [low, number / low].uniq.count { |divisor| divisor.between?(2, tests + 1) } : 0
    end
  end

  # How many tests Ruby makes here in a microsecond of CPU time, as common/work.c finds it.
  def tests_per_us
    best = Array.new(8) do
      start = Contract.cpu_ns
      divide(start, 20_000)
      Contract.cpu_ns - start
    end.min
    20_000e3 / best
  end

  def compute
    divide(Contract.now_ns, @tests) if @tests.positive? && %w[http cpu].include?(@task)
  end

  # Begins the warm requests, or those that count; false when both are over.
  def next_part?
    @warm_end = { warm_requests: @counts.done, warm_failed: @counts.failed } if @made
    return false if @parts == 2
    @parts = @parts.zero? && @warm.positive? ? 1 : 2
    @made = @parts == 1 ? Array.new(@concurrency, 0) : nil
    @counts = Counts.new
    true
  end

  # The next request of this worker; nil when there is none.
  def take(worker)
    @lock.synchronize do
      if @made
        next if @made[worker] == @warm
        next Ticket.new(TRACE_MAX + (@made[worker] += 1), 0, worker)
      end
      next if @counts.taken == @requests
      @counts.taken += 1
      Ticket.new(@counts.taken - 1, @rate.positive? ? arrival : 0, worker)
    end
  end

  def arrival
    @counts.begin ||= Contract.now_ns
    due = @counts.begin + @counts.offset.to_i
    @counts.offset += (@is_poisson ? -Math.log(uniform) : 1) * 1e9 / @rate
    due
  end

  # splitmix64, as in runtime/schedule.c: in (0, 1].
  def uniform
    @random = x = (@random + 0x9e3779b97f4a7c15) & MASK
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9 & MASK
    x = (x ^ x >> 27) * 0x94d049bb133111eb & MASK
    x ^= x >> 31
    ((x >> 11) + 1) * 2.0**-53
  end

  # How long until the request is due; 0: it is.
  def seconds_until(ticket)
    return 0 if ticket.due.zero?
    left = (ticket.due - Contract.now_ns) / 1e9
    left.positive? ? left : 0
  end

  def connected = @lock.synchronize { @counts.connections += 1 }

  def begin
    @lock.synchronize do
      counts = @counts
      counts.in_flight += 1
      counts.peak = counts.in_flight if counts.in_flight > counts.peak
      now = Contract.now_ns
      counts.first, counts.cpu = now, Contract.cpu_ns unless counts.first
      now
    end
  end

  # Task pipeline: a number that a producer has taken in hand.
  def item(ticket) = Item.new(ticket, self.begin)
  def note_wait(whose) = @lock.synchronize { @counts.waits[whose] += 1 }
  def last_producer? = @lock.synchronize { (@counts.producers_done += 1) == @concurrency / 2 }

  # Counts the number's divisors, and then again in another way.
  def answer(item, consumer)
    number = @requests - item.ticket.number
    found = divide(number, @tests)
    now = Contract.now_ns
    outcome = found == divisors(number, @tests) ? "ok" : "other"
    @lock.synchronize { @counts.passed << item } if @is_traced && item.taken && item.ticket.number < TRACE_MAX
    self.end(Ticket.new(item.ticket.number, 0, consumer), item.start, outcome, 0, now)
  end

  def end(ticket, start, outcome, size, now = Contract.now_ns)
    @lock.synchronize do
      counts = @counts
      counts.in_flight -= 1
      counts.last = now
      note(ticket, start, now) if @is_traced
      counts.lag.add(start - ticket.due) unless ticket.due.zero?
      if outcome == "ok"
        counts.bytes += size
        counts.latency.add(now - start)
        counts.response.add(now - ticket.due) unless ticket.due.zero?
      else
        counts.failed[outcome] += 1
      end
      counts.done += 1
      counts.cpu = Contract.cpu_ns - counts.cpu if counts.done == @requests
    end
  end

  def note(ticket, start, now)
    return if ticket.number >= TRACE_MAX
    @counts.rows << [ticket.number, start - @counts.first, now - @counts.first, ticket.worker]
    @counts.dues << [ticket.number, ticket.due - @counts.first]
  end

  # Rows of trace_queue_ns. A consumer may have a number before its producer has seen that it is put.
  def passed
    first = @counts.first
    @counts.passed.map { |i| [i.ticket.number, [i.put, i.taken].min - first, i.taken - first, i.ticket.worker] }.sort
  end

  # The document without its head.
  def document(units)
    c = @counts
    all = {
      ok: c.done - c.failed.values.sum, failed: c.failed, bytes_received: c.bytes, connections_opened: c.connections,
      units_created: units, peak_in_flight: c.peak, setup_ns: c.first - @started, measured_ns: c.last - c.first,
      cpu_measured_ns: c.cpu, latency_ns: c.latency.buckets, overflow: c.latency.overflow,
      latency_sum_ns: c.latency.sum_or_nil, latency_min_ns: c.latency.min, latency_max_ns: c.latency.max
    }
    all.merge!(@warm_end) if @warm_end
    if @rate.positive?
      all.merge!(response_ns: c.response.buckets, response_overflow: c.response.overflow, response_max_ns: c.response.max,
                 lag_ns: c.lag.buckets, lag_overflow: c.lag.overflow)
    end
    all.merge!(c.waits) if @task == "pipeline"
    all[:trace_queue_ns] = passed if @is_traced && @task == "pipeline"
    all[:trace_ns] = c.rows.sort if @is_traced
    all[:trace_due_ns] = c.dues.sort if @is_traced && @rate.positive?
    all[:teardown_ns] = Contract.now_ns - c.last
    all
  end

  # Writes the document and ends the program; the knobs are the versions of what could bias a comparison.
  def finish(units, knobs = {})
    require "json" # part of Ruby; loaded after the last response
    own = JSON.generate({ "ruby" => RUBY_VERSION }.merge(knobs))
    out = IO.for_fd(@result_fd, "w")
    out.write(@told["head"], ",", own[1..], ",", JSON.generate(document(units))[1..], "\n")
    out.close
    exit!(0)
  rescue SystemCallError => error
    Contract.fail(3, "cannot write the result document: #{error.message}")
  end
end
