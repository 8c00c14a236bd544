-- contract: what the runners in Lua share. runners/external/README.md says what a program is told and what it
-- writes; what waiting means is the runner's business:
--
--     local run = require("contract")
--     while run.next_part() do                      -- warm requests, if any are wanted, then the others
--       -- in each worker, all at once; worker: its number, from 0
--       for ticket in run.tickets(worker) do
--         -- wait run.seconds_until(ticket)
--         local start = run.begin()
--         local outcome, size = ...                 -- "ok" or a failure class; bytes of the body
--         run.compute()
--         run.finish_request(ticket, start, outcome, size)
--       end
--     end
--     run.finish(units, {library = "version"})
local cqueues = require("cqueues")

local TRACE_MAX, LIMIT_NS = 10000, 1 << 37
local run = {told = {}, urls = {}}
local sleeps, parts, random = {}, 0, 0
local part, warm_end, is_warm

local function now_ns() return math.floor(cqueues.monotime() * 1e9) end
local function cpu_ns() return math.floor(os.clock() * 1e9) end

-- Ends the program with one line on stderr.
function run.fail(code, text)
  io.stderr:write(text, "\n")
  os.exit(code)
end

-- Every power of two is cut into 64 buckets, as in common/hist.h.
local function histogram() return {counts = {}, overflow = 0, sum = 0} end

local function add(h, value)
  value = math.max(value, 0)
  h.sum = h.sum + value
  h.min, h.max = math.min(value, h.min or value), math.max(value, h.max or value)
  if value >= LIMIT_NS then
    h.overflow = h.overflow + 1
    return
  end
  local shift = 0
  while value >> shift >= 128 do shift = shift + 1 end
  local edge = value >> shift << shift
  h.counts[edge] = (h.counts[edge] or 0) + 1
end

local function divide(number, tests)
  local found = 0
  for divisor = 2, tests + 1 do
    if number % divisor == 0 then found = found + 1 end
  end
  return found
end

-- What divide finds, from pairs of divisors up to the square root.
local function divisors(number, tests)
  local found, low = 0, 1
  local function count(divisor)
    if divisor >= 2 and divisor < tests + 2 then found = found + 1 end
  end
  while low * low <= number do
    if number % low == 0 then
      count(low)
      if low * low < number then count(number // low) end
    end
    low = low + 1
  end
  return found
end

-- How many tests Lua makes here in a microsecond of CPU time, as common/work.c finds it.
local function tests_per_us()
  local best
  for _ = 1, 8 do
    local start = cpu_ns()
    divide(start, 20000)
    local took = math.max(cpu_ns() - start, 1)
    best = math.min(took, best or took)
  end
  return 20000e3 / best
end

for _, word in ipairs(arg) do
  local key, value = word:match("^([%w_]+)=(.*)$")
  if key == "url" then run.urls[#run.urls + 1] = value end
  run.told[key] = value
end
local told = run.told
for ms in told.sleep_ms:gmatch("%d+") do sleeps[#sleeps + 1] = tonumber(ms) / 1000 end
for digit in told.seed:gmatch("%d") do random = random * 10 + tonumber(digit) end -- modulo 2^64
run.task, run.timeout_s = told.task, tonumber(told.timeout_ms) / 1000
run.concurrency = math.tointeger(told.concurrency)
local requests, warm, rate = math.tointeger(told.requests), math.tointeger(told.warm), math.tointeger(told.rate)
local tests = 0
run.queue_slots = math.tointeger(told.queue_slots)
if run.task == "http" or run.task == "cpu" or run.task == "pipeline" then
  tests = told.work_us ~= "0" and math.floor(tonumber(told.work_us) * tests_per_us()) or math.tointeger(told.work)
end

function run.url(worker) return run.urls[worker % #run.urls + 1] end
function run.sleep_s(ticket) return sleeps[ticket.number % #sleeps + 1] end

function run.compute()
  if tests > 0 then divide(now_ns(), tests) end
end

-- Begins the warm requests, or those that count; false when both are over.
function run.next_part()
  if is_warm then warm_end = part end
  if parts == 2 then return false end
  is_warm = parts == 0 and warm > 0
  parts = is_warm and 1 or 2
  part = {taken = 0, in_flight = 0, peak = 0, done = 0, bytes = 0, connections = 0, offset = 0.0, failed = {}, failures = 0,
          latency = histogram(), response = histogram(), lag = histogram(), rows = {}, dues = {},
          waits = {producer_waits = 0, consumer_waits = 0}, producers_done = 0, passed = {}}
  return true
end

-- splitmix64, as in runtime/schedule.c: in (0, 1]. Lua's integers go round at 2^64.
local function uniform()
  random = random + 0x9e3779b97f4a7c15
  local x = random
  x = (x ~ x >> 30) * 0xbf58476d1ce4e5b9
  x = (x ~ x >> 27) * 0x94d049bb133111eb
  x = x ~ x >> 31
  return ((x >> 11) + 1) * 2.0 ^ -53
end

local function arrival()
  part.begin = part.begin or now_ns()
  local due = part.begin + math.floor(part.offset)
  part.offset = part.offset + (told.poisson == "1" and -math.log(uniform()) or 1) * 1e9 / rate
  return due
end

-- Iterates over the requests that this worker may make in this part.
function run.tickets(worker)
  local made = 0
  return function()
    made = made + 1
    if is_warm then return made <= warm and {number = TRACE_MAX + made, worker = worker} or nil end
    if part.taken == requests then return nil end
    part.taken = part.taken + 1
    return {number = part.taken - 1, worker = worker, due = rate > 0 and arrival() or nil}
  end
end

function run.seconds_until(ticket)
  return ticket.due and math.max(0, (ticket.due - now_ns()) / 1e9) or 0
end

function run.connected() part.connections = part.connections + 1 end

function run.begin()
  part.in_flight = part.in_flight + 1
  part.peak = math.max(part.peak, part.in_flight)
  local now = now_ns()
  if not part.first then part.first, part.cpu = now, cpu_ns() end
  return now
end

-- Task pipeline: a number that a producer has taken in hand, on its way through the queue.
function run.item(ticket) return {ticket = ticket, start = run.begin()} end
function run.is_put(item) item.put = now_ns() end
function run.is_taken(item) item.taken = now_ns() end
function run.note_wait(whose) part.waits[whose] = part.waits[whose] + 1 end

function run.is_last_producer()
  part.producers_done = part.producers_done + 1
  return part.producers_done == run.concurrency // 2
end

-- Counts the number's divisors, and then again in another way.
function run.answer(item, consumer)
  local number = requests - item.ticket.number
  local found = divide(number, tests)
  local now = now_ns()
  local outcome = found == divisors(number, tests) and "ok" or "other"
  part.passed[item.ticket.number] = item.taken and item
  run.finish_request({number = item.ticket.number, worker = consumer}, item.start, outcome, 0, now)
end

function run.finish_request(ticket, start, outcome, size, now)
  local p, due = part, ticket.due
  now = now or now_ns()
  p.in_flight, p.last, p.done = p.in_flight - 1, now, p.done + 1
  if told.trace == "1" and ticket.number < TRACE_MAX then
    p.rows[ticket.number] = {ticket.number, start - p.first, now - p.first, ticket.worker}
    p.dues[ticket.number] = {ticket.number, (due or 0) - p.first}
  end
  if due then add(p.lag, start - due) end
  if outcome == "ok" then
    p.bytes = p.bytes + size
    add(p.latency, now - start)
    if due then add(p.response, now - due) end
  else
    p.failures = p.failures + 1
    p.failed[outcome] = (p.failed[outcome] or 0) + 1
  end
  if p.done == requests and not is_warm then p.cpu = cpu_ns() - p.cpu end
end

-- JSON, as text.
local function members(pairs_)
  local all = {}
  for _, pair in ipairs(pairs_) do all[#all + 1] = ('"%s":%s'):format(pair[1], pair[2] == nil and "null" or pair[2]) end
  return table.concat(all, ",")
end

local function object(counts)
  local all = {}
  for key, count in pairs(counts) do all[#all + 1] = {key, count} end
  return "{" .. members(all) .. "}"
end

local function list(rows)
  local all = {}
  for _, row in ipairs(rows) do all[#all + 1] = "[" .. table.concat(row, ",") .. "]" end
  return "[" .. table.concat(all, ",") .. "]"
end

local function buckets(h)
  local all = {}
  for edge, count in pairs(h.counts) do all[#all + 1] = {edge, count} end
  table.sort(all, function(one, other) return one[1] < other[1] end)
  return list(all)
end

local function in_order(rows)
  local all = {}
  for number = 0, TRACE_MAX - 1 do all[#all + 1] = rows[number] end
  return list(all)
end

-- Rows of trace_queue_ns. A consumer may have a number before its producer has seen that it is put.
local function passed()
  local rows, first = {}, part.first
  for number = 0, TRACE_MAX - 1 do
    local item = part.passed[number]
    rows[number] = item and {number, math.min(item.put, item.taken) - first, item.taken - first, item.ticket.worker} or nil
  end
  return in_order(rows)
end

-- What comes after the knobs.
local function document(units)
  local p = part
  local all = {
    {"ok", p.done - p.failures}, {"failed", object(p.failed)}, {"bytes_received", p.bytes}, {"connections_opened", p.connections},
    {"units_created", units}, {"peak_in_flight", p.peak}, {"setup_ns", p.first - math.tointeger(told.started_ns)},
    {"measured_ns", p.last - p.first}, {"cpu_measured_ns", p.cpu}, {"latency_ns", buckets(p.latency)},
    {"overflow", p.latency.overflow}, {"latency_sum_ns", p.latency.min and p.latency.sum}, {"latency_min_ns", p.latency.min},
    {"latency_max_ns", p.latency.max}}
  local function put(key, value) all[#all + 1] = {key, value} end
  if warm_end then
    put("warm_requests", warm_end.done)
    put("warm_failed", object(warm_end.failed))
  end
  if rate > 0 then
    put("response_ns", buckets(p.response))
    put("response_overflow", p.response.overflow)
    put("response_max_ns", p.response.max)
    put("lag_ns", buckets(p.lag))
    put("lag_overflow", p.lag.overflow)
  end
  if run.task == "pipeline" then
    for key, count in pairs(p.waits) do put(key, count) end
    if told.trace == "1" then put("trace_queue_ns", passed()) end
  end
  if told.trace == "1" then
    put("trace_ns", in_order(p.rows))
    if rate > 0 then put("trace_due_ns", in_order(p.dues)) end
  end
  put("teardown_ns", now_ns() - p.last)
  return members(all)
end

-- Writes the document; the knobs are the versions of what could bias a comparison.
function run.finish(units, knobs)
  local own = {{"lua", ('"%s"'):format(_VERSION:match("[%d.]+"))}}
  for key, value in pairs(knobs) do own[#own + 1] = {key, ('"%s"'):format(value)} end
  local out, why = io.open("/dev/fd/" .. told.result_fd, "w")
  local is_written = out and out:write(told.head, ",", members(own), "},", document(units), "}\n") and out:close()
  if not is_written then run.fail(3, "cannot write the result document" .. (why and ": " .. why or "")) end
  os.exit(0)
end

return run
